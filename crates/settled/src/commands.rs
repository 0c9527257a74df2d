//! One file per command.

pub(crate) mod doctor;
pub(crate) mod events;
pub(crate) mod explain;
pub(crate) mod migrate;
pub(crate) mod sandbox;
pub(crate) mod serve;
pub(crate) mod stripe;
pub(crate) mod token;

/// Waits until the process is asked to stop: by Ctrl-C, or by a supervisor.
async fn stop_requested() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
