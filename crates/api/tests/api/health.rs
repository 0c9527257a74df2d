use axum::body::Body;
use axum::http::{Request, header};

use crate::app::{App, Backend, Reply};
use crate::rows;

async fn ask(app: &App, path: &str) -> Reply {
    app.send(Request::get(path).body(Body::empty()).unwrap()).await
}

pub(crate) async fn ask_a_healthy_process(path: &str) -> Reply {
    let mut backend = Backend::default();
    backend.store.expect_check_ready().returning(|| Ok(()));
    ask(&backend.app(), path).await
}

#[tokio::test]
async fn a_process_is_alive_whatever_its_database_does() {
    let reply = ask(&Backend::default().app(), "/healthz").await;
    assert_eq!((reply.status.as_u16(), reply.text()), (200, r#"{"status":"alive"}"#));
}

#[tokio::test]
async fn a_process_is_ready_when_its_database_is() {
    let mut backend = Backend::default();
    backend.store.expect_check_ready().once().returning(|| Ok(()));
    let reply = ask(&backend.app(), "/readyz").await;
    assert_eq!((reply.status.as_u16(), reply.text()), (200, r#"{"status":"ready"}"#));
}

#[tokio::test]
async fn a_process_whose_database_is_away_or_not_migrated_is_not_ready() {
    for error in [rows::database_away(), rows::damaged_row()] {
        let mut backend = Backend::default();
        backend.store.expect_check_ready().return_once(|| Err(error));
        let reply = ask(&backend.app(), "/readyz").await;
        assert_eq!(reply.problem(), (503, "database_unavailable".into()));
        assert!(!reply.text().contains(rows::INSIDE));
    }
}

#[tokio::test]
async fn a_process_that_drains_is_alive_but_not_ready() {
    let app = Backend::default().app();
    app.readiness.drain();
    let reply = ask(&app, "/readyz").await;
    assert_eq!(reply.problem(), (503, "draining".into()));
    assert_eq!(reply.header(header::RETRY_AFTER), Some("5"));
    assert_eq!(ask(&app, "/healthz").await.status, 200);
}
