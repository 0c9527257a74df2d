use std::env;
use std::sync::Once;

use settled_overheard::{FOLDER, LogWriter};
use tracing_subscriber::EnvFilter;

/// All that is ours, and of others only what they complain of: they tell of every query and every connection.
const FILTER: &str = "debug,sqlx=warn,hyper_util=warn,reqwest=warn,h2=warn";

/// Keeps what is logged, if anybody wants to search it.
pub(crate) fn keep() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if env::var_os(FOLDER).is_some() {
            let builder = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(FILTER));
            builder.with_ansi(false).with_writer(|| LogWriter).init();
        }
    });
}
