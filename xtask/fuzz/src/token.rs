use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode, header};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use settled_api::{ApiConfig, AuthConfig, RateLimits, Readiness, token as tokens};
use settled_domain::checkout::{Assortment, PromotionCodes, ReturnUrls};
use settled_domain::ids::UserId;
use settled_domain::mock::{MockClock, MockIdSource, MockIntake, MockStore, MockStripeGateway};
use settled_domain::{Policy, Ports, Settled};
use sha2::Sha256;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;
use uuid::Uuid;

const SECRET: &str = "a secret that the fuzzer does not know";
/// Far in the future, because tokens are checked against the real clock.
const NOW: OffsetDateTime = datetime!(2100-01-01 12:00 UTC);

static ROUTER: LazyLock<Router> = LazyLock::new(router);
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));
/// A token that lets alice in.
static VALID: LazyLock<String> = LazyLock::new(|| {
    let alice = UserId::new("alice").expect("a name");
    tokens::issue(&auth(), &alice, Duration::hours(1), NOW).expect("a token")
});

/// A letter for the way in, and the text that goes there: `h` for the header, `c` for the cookie, `p` for the payload of a
/// token that is signed with our secret. `TOKEN` in the first two is replaced by a valid token.
///
/// # Panics
///
/// When anybody is let in without a valid token of ours, or anything breaks.
pub fn token(data: &[u8]) {
    let Some((way, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text).replace("TOKEN", &VALID);
    let (name, value, may_enter) = match way {
        b'h' => (header::AUTHORIZATION, text.clone(), text.contains(VALID.as_str())),
        b'c' => (header::COOKIE, text.clone(), text.contains(VALID.as_str())),
        b'p' => (header::AUTHORIZATION, format!("Bearer {}", signed(&text)), may_be_claims(&text)),
        _ => return,
    };
    let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) else { return };
    let request = Request::get("/api/subscription-status").header(name, value).body(Body::empty()).expect("a request");
    let response = RUNTIME.block_on(ROUTER.clone().oneshot(request)).expect("the router never fails");
    match response.status() {
        StatusCode::UNAUTHORIZED => {}
        StatusCode::OK => assert!(may_enter, "a stranger was let in"),
        other => panic!("{other}"),
    }
    if way == &b'h' && text == format!("Bearer {}", VALID.as_str()) {
        assert_eq!(response.status(), StatusCode::OK, "a valid token was refused");
    }
}

/// The least that a payload needs to name somebody for a while.
fn may_be_claims(payload: &str) -> bool {
    let names_somebody = payload.contains("sub") || payload.contains("\\u");
    payload.trim_start().starts_with('{') && names_somebody
}

fn signed(payload: &str) -> String {
    let head = BASE64_URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"HS256"}"#);
    let message = format!("{head}.{}", BASE64_URL_SAFE_NO_PAD.encode(payload));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any key will do");
    mac.update(message.as_bytes());
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn auth() -> AuthConfig {
    AuthConfig::new(SECRET.into()).expect("long enough")
}

/// The whole router, over a store in which nobody has a subscription.
fn router() -> Router {
    let (mut store, mut clock, mut ids) = (MockStore::new(), MockClock::new(), MockIdSource::new());
    store.expect_list_user_subscriptions().returning(|_, _, _| Ok(Vec::new()));
    clock.expect_now().return_const(NOW);
    ids.expect_new_uuid().returning(Uuid::nil);
    let ports = Ports {
        store: Arc::new(store),
        gateway: Arc::new(MockStripeGateway::new()),
        clock: Arc::new(clock),
        ids: Arc::new(ids),
    };
    let policy = Policy {
        return_urls: ReturnUrls { success: "http://shop.test/success".into(), cancel: "http://shop.test/".into() },
        past_due_grace: Duration::ZERO,
        assortment: Assortment::Everything,
        promotion_codes: PromotionCodes::NotTaken,
    };
    let settled = Settled::new(ports, Arc::new(MockIntake::new()), policy);
    let config = ApiConfig::new("http://shop.test".parse().expect("a URL"), auth()).expect("a public URL");
    // One user asks thousands of times a second.
    let unlimited = RateLimits { reads_per_minute: None, writes_per_minute: None };
    settled_api::router(settled, Readiness::new(), config.with_rate_limits(unlimited))
}
