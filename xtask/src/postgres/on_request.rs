//! Servers for tests that kill them, which nobody else may feel: made when a test asks, and removed when it ends.
//!
//! A test connects and is told the URL of a server of its own. Each line that it writes kills that server and starts it
//! again, and is answered by a line when the server is back. The server goes when the connection does.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use anyhow::{Context, Result};

use super::{Server, make};

/// Makes servers, one at a time, for who connects to its address. Dropped, it waits until the last one is removed.
pub(crate) struct OnRequest {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    serving: Option<JoinHandle<()>>,
}

impl OnRequest {
    pub(crate) fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
        let address = listener.local_addr().context("no free port")?;
        let is_over = Arc::new(AtomicBool::new(false));
        let is_over_there = Arc::clone(&is_over);
        let serving = thread::spawn(move || {
            for caller in listener.incoming().flatten().take_while(|_| !is_over_there.load(Ordering::Relaxed)) {
                // Who asks is told, and fails.
                let _ = serve(&caller, make);
            }
        });
        Ok(Self { address, is_over, serving: Some(serving) })
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }
}

impl Drop for OnRequest {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // So that it looks.
        let woken = TcpStream::connect(self.address);
        if let (Ok(_), Some(serving)) = (woken, self.serving.take()) {
            let _ = serving.join();
        }
    }
}

fn serve(mut caller: &TcpStream, make: impl FnOnce() -> Result<Server>) -> Result<()> {
    let mut server = tell(caller, make())?;
    writeln!(caller, "{}", server.url()).context("cannot answer")?;
    for request in BufReader::new(caller).lines() {
        request.context("cannot read the request")?;
        tell(caller, server.kill_and_start())?;
        writeln!(caller, "started again").context("cannot answer")?;
    }
    Ok(())
}

/// A failure is also told to the caller, in one line.
fn tell<T>(mut caller: &TcpStream, result: Result<T>) -> Result<T> {
    if let Err(error) = &result {
        writeln!(caller, "error: {}", format!("{error:#}").replace('\n', " ")).context("cannot answer")?;
    }
    result
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_server_that_cannot_be_made_is_told_in_one_line_and_the_connection_ends() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let caller = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (here, _) = listener.accept().unwrap();
        assert!(serve(&here, || bail!("no engine\nno programs")).is_err());
        drop(here);
        let told: Vec<_> = BufReader::new(caller).lines().map(Result::unwrap).collect();
        assert_eq!(told, ["error: no engine no programs"]);
    }

    #[test]
    fn it_ends_when_nobody_asks() {
        drop(OnRequest::start().unwrap());
    }
}
