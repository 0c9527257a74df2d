use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};

use settled_sandbox::{JournalError, Sandbox, SandboxConfig, SandboxError};

use crate::world::{Endpoint, LIFETIME, PAYS, PRO, World, kind};

#[tokio::test]
async fn sessions_secrets_and_idempotency_keys_survive() {
    let world = World::start().await;
    let session = world.post_with_key("/v1/checkout/sessions", "k1", PRO).await.body;
    let secrets = (world.sandbox.secret_key().to_owned(), world.sandbox.webhook_secret().to_owned());
    let world = world.restart_with(|_| {}).await;
    assert_eq!(world.sandbox.secret_key(), secrets.0);
    assert_eq!(world.sandbox.webhook_secret(), secrets.1);
    let again = world.post_with_key("/v1/checkout/sessions", "k1", PRO).await.body;
    assert_eq!(again["id"], session["id"]);
    let path = format!("/v1/checkout/sessions/{}", session["id"].as_str().unwrap());
    let read = world.get(&path).await.body;
    assert_eq!(world.pay(&read, PAYS).await.status(), 303);
}

#[tokio::test]
async fn undelivered_events_are_delivered_by_the_next_run_and_delivered_ones_are_not() {
    let mut endpoint = Endpoint::answering(200).await;
    let url = endpoint.url.clone();
    let world = World::start_for(&endpoint).await;
    let session = world.session(LIFETIME).await;
    // The redirect comes when the completion was answered.
    world.pay(&session, PAYS).await;
    world.post("/sandbox/deliveries/hold", &[]).await;
    world.post("/v1/customers", &[("name", "held")]).await;
    endpoint.waiting();
    let world = world.restart_with(|config| config.forward_to = Some(url)).await;
    let held = loop {
        let delivered = endpoint.next().await;
        assert_ne!(kind(&delivered.event), "checkout.session.completed");
        if kind(&delivered.event) == "customer.created" {
            break delivered;
        }
    };
    assert_eq!(held.event["data"]["object"]["name"], "held");
    world.sandbox.shutdown().await;
}

#[tokio::test]
async fn a_torn_last_line_is_dropped() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    let journal = world.journal();
    let world = world
        .restart_with(|_| {
            let mut file = std::fs::OpenOptions::new().append(true).open(&journal).unwrap();
            file.write_all(br#"{"record":"session","of":{"id":"cs_te"#).unwrap();
        })
        .await;
    let customer = world.post("/v1/customers", &[]).await;
    assert_eq!(customer.status, 200);
    let world = world.restart_with(|_| {}).await;
    let list = world.get("/v1/checkout/sessions").await.body;
    assert_eq!(list["data"][0]["id"], session["id"]);
    let list = world.get("/v1/customers").await.body;
    assert_eq!(list["data"][0]["id"], customer.body["id"]);
}

#[tokio::test]
async fn a_journal_in_use_is_refused() {
    let world = World::start().await;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let second = Sandbox::start(SandboxConfig::new(listen, world.journal())).await;
    assert!(matches!(second, Err(SandboxError::Journal(JournalError::InUse { .. }))));
}

#[tokio::test]
async fn something_else_than_a_journal_is_refused_by_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.jsonl");
    std::fs::write(&path, "hello\n").unwrap();
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let started = Sandbox::start(SandboxConfig::new(listen, path.clone())).await;
    assert!(matches!(started, Err(SandboxError::Journal(JournalError::Corrupt { line: 1, .. }))));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "hello\n");
}

#[tokio::test]
async fn a_taken_port_is_refused_before_the_journal_is_touched() {
    let world = World::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.jsonl");
    let taken = world.sandbox.base_url().strip_prefix("http://").unwrap().parse().unwrap();
    let second = Sandbox::start(SandboxConfig::new(taken, path.clone())).await;
    assert!(matches!(second, Err(SandboxError::Listen { .. })));
    assert!(!path.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn the_journal_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let world = World::start().await;
    let mode = std::fs::metadata(world.journal()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let world = World::start().await;
    let shown = format!("{:?}", world.sandbox);
    assert!(!shown.contains(world.sandbox.secret_key()));
    assert!(!shown.contains(world.sandbox.webhook_secret()));
}
