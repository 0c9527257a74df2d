//! What was logged, test by test: each has a thread of its own.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use settled_overheard::{Said, keep as overhear};
use tracing_subscriber::filter::LevelFilter;

thread_local! {
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct ThisThread;

impl io::Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        overhear(Said::Log, &String::from_utf8_lossy(bytes));
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps everything, for all tests at once: a subscriber of one thread can be deaf to what another thread met first.
pub(crate) fn keep() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_ansi(false).with_writer(|| ThisThread).init();
    });
}

pub(crate) fn of_this_test() -> String {
    LOG.with_borrow(|log| String::from_utf8(log.clone()).unwrap())
}
