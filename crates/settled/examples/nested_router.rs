//! A host application of its own, with Settled's router nested under `/billing`.
//!
//! `cargo run -p settled --example nested_router` serves until Ctrl-C; with `-- --once` it buys something over HTTP and
//! ends. It keeps its database in a temporary folder, and Stripe is played by the built-in sandbox.

use std::error::Error;
use std::sync::Arc;

use axum::{Router, routing::get};
use reqwest::{Client, redirect};
use settled_api::{ApiConfig, AuthConfig, Readiness, token};
use settled_domain::checkout::{Assortment, PromotionCodes, ReturnUrls};
use settled_domain::ids::UserId;
use settled_domain::ports::{Clock, Store, StripeGateway};
use settled_domain::{Policy, Ports};
use settled_engine::{Engine, EngineSettings, RandomIds, SystemClock};
use settled_sandbox::{Sandbox, SandboxConfig};
use settled_sqlite::SqliteStore;
use settled_stripe::{Backend, StripeApi, StripeConfig};
use time::Duration;
use tokio::net::TcpListener;
use url::Url;

/// The secret that your own sign-in signs its tokens with: HS256, the user's id in `sub`.
const TOKEN_SECRET: &str = "an-example-secret-that-nobody-should-use";

/// The router to nest, and the tasks that work beside it; `public_url` ends with the path of the nest.
async fn billing(
    store: Arc<dyn Store>,
    gateway: Arc<dyn StripeGateway>,
    public_url: Url,
) -> Result<(Router, Engine), Box<dyn Error>> {
    let asked = gateway.fetch_installation().await?;
    let home = store.claim_installation(&asked).await?;
    if home != asked {
        return Err("this database belongs to another Stripe account".into());
    }
    let ports = Ports { store, gateway, clock: Arc::new(SystemClock), ids: Arc::new(RandomIds) };
    let engine = Engine::start(ports, home, EngineSettings::default());
    let return_urls = ReturnUrls {
        success: format!("{public_url}/success?session_id={{CHECKOUT_SESSION_ID}}"),
        cancel: format!("{public_url}/cancel"),
    };
    let policy = Policy {
        return_urls,
        past_due_grace: Duration::hours(72),
        assortment: Assortment::Everything,
        promotion_codes: PromotionCodes::Taken,
    };
    let settled = engine.settled(policy);
    let config = ApiConfig::new(public_url, AuthConfig::new(TOKEN_SECRET.into())?)?;
    Ok((settled_api::router(settled, Readiness::new(), config), engine))
}

/// The sandbox, and the gateway that talks to it. With a Stripe account, the gateway alone is needed:
/// `StripeApi::new(StripeConfig::new(key, webhook_secrets))`.
async fn sandbox(journal: std::path::PathBuf, webhook: String) -> Result<(Sandbox, StripeApi), Box<dyn Error>> {
    let config = SandboxConfig { forward_to: Some(webhook), ..SandboxConfig::new(([127, 0, 0, 1], 0).into(), journal) };
    let sandbox = Sandbox::start(config).await?;
    let config = StripeConfig {
        api_base: sandbox.base_url().parse()?,
        backend: Backend::Sandbox,
        ..StripeConfig::new(sandbox.secret_key().into(), vec![sandbox.webhook_secret().into()])
    };
    Ok((sandbox, StripeApi::new(config)?))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let public_url: Url = format!("http://{}/billing", listener.local_addr()?).parse()?;
    let webhook = format!("{public_url}/api/webhook/stripe");
    let (sandbox, stripe) = sandbox(folder.path().join("sandbox.journal"), webhook).await?;
    let store = SqliteStore::open(&format!("sqlite://{}", folder.path().join("shop.db").display())).await?;

    let (billing, engine) = billing(Arc::new(store.clone()), Arc::new(stripe), public_url.clone()).await?;
    let shop = Router::new().route("/", get(async || "the shop")).nest("/billing", billing);

    println!("the shop is open: {public_url}/");
    let server = axum::serve(listener, shop).into_future();
    tokio::select! {
        ended = server => ended?,
        bought = buy_once(&public_url), if std::env::args().any(|arg| arg == "--once") => bought?,
        _ = tokio::signal::ctrl_c() => {}
    }
    let _ = engine.shutdown(std::time::Duration::from_secs(10)).await;
    sandbox.shutdown().await;
    store.close().await;
    Ok(())
}

/// A customer: clicks, pays on the hosted page, and is back when the payment is settled.
async fn buy_once(billing: &Url) -> Result<(), Box<dyn Error>> {
    let auth = AuthConfig::new(TOKEN_SECRET.into())?;
    let token = token::issue(&auth, &UserId::new("alice")?, Duration::minutes(5), SystemClock.now())?;
    let client = Client::builder().redirect(redirect::Policy::none()).build()?;
    assert_eq!(client.get(billing.join("/")?).send().await?.text().await?, "the shop");

    let order = serde_json::json!({ "price_id": "price_basic_monthly" });
    let checkout = client.post(format!("{billing}/api/checkout")).bearer_auth(&token).json(&order).send().await?;
    let checkout: serde_json::Value = checkout.error_for_status()?.json().await?;
    let page = checkout["url"].as_str().ok_or("no page to pay on")?;
    let card = [
        ("email", "alice@example.com"),
        ("card_number", "4242 4242 4242 4242"),
        ("card_expiry", "12 / 34"),
        ("card_cvc", "123"),
        ("cardholder_name", "Alice Example"),
    ];
    let paid = client.post(page).form(&card).send().await?;
    let back = paid.headers().get("location").ok_or("not paid")?.to_str()?;
    assert!(back.starts_with(&format!("{billing}/success?session_id=cs_")), "{back}");

    let session = checkout["session_id"].as_str().ok_or("no session")?;
    let status = format!("{billing}/api/payment-status?session_id={session}");
    let status: serde_json::Value = client.get(status).bearer_auth(&token).send().await?.json().await?;
    assert_eq!(status["status"], "succeeded", "settled before the customer was back");
    println!("alice has paid for {session}");
    Ok(())
}
