//! `GET /success`: what is said before any script has run.

use std::num::NonZeroU32;

use settled_api::RateLimits;
use settled_domain::payment::PaymentStatus::{self, Expired, Failed, Pending, Processing, Succeeded};
use settled_domain::subscription::SubscriptionStatus;

use crate::app::{App, Backend, Reply, config};
use crate::rows;
use crate::watched::{backend, resting};

const LANDED: &str = "/success?session_id=cs_test_1";

fn app(status: PaymentStatus) -> App {
    resting(status).0.app()
}

fn state(reply: &Reply) -> &str {
    let (_, rest) = reply.text().split_once("data-status=\"").unwrap();
    rest.split('"').next().unwrap()
}

fn refresh(reply: &Reply) -> Option<&str> {
    let (_, rest) = reply.text().split_once("<noscript><meta http-equiv=\"refresh\" content=\"")?;
    rest.split('"').next()
}

#[tokio::test]
async fn a_settled_payment_is_shown_with_its_amount_and_nothing_turns() {
    let reply = app(Succeeded).get(LANDED).await;
    assert_eq!((reply.status.as_u16(), state(&reply)), (200, "succeeded"));
    let html = reply.text();
    assert!(html.contains("<h1 id=\"headline\" tabindex=\"-1\">Payment received</h1>"));
    assert!(html.contains("aria-busy=\"false\""));
    assert!(html.contains("data-minor-units=\"1900\" data-currency=\"usd\">19.00 USD</dd>"));
    assert_eq!(refresh(&reply), None);
}

#[tokio::test]
async fn a_trial_is_not_thanked_for_a_payment() {
    let free = rows::payment(|row| {
        row.status = Succeeded;
        row.settled_at = Some(rows::SETTLED);
        row.total_minor = Some(0);
    });
    let reply = backend(vec![Ok(free)]).0.app().get(LANDED).await;
    assert_eq!(state(&reply), "succeeded");
    assert!(reply.text().contains("<p id=\"message\" class=\"lead\" role=\"status\">Nothing was due today."));
}

#[tokio::test]
async fn a_settled_subscription_says_how_it_stands() {
    for (access, words) in [(true, ">Active</dd>"), (false, ">Being set up</dd>")] {
        let paid = rows::payment(|row| {
            row.status = Succeeded;
            row.settled_at = Some(rows::SETTLED);
            row.subscription_id = Some("sub_1".parse().unwrap());
        });
        let (mut backend, _) = backend(vec![Ok(paid)]);
        let status = if access { SubscriptionStatus::Active } else { SubscriptionStatus::Incomplete };
        backend.store.expect_list_user_subscriptions().returning(move |_, _, _| Ok(vec![rows::subscription(status)]));
        assert!(backend.app().get(LANDED).await.text().contains(words));
    }
}

#[tokio::test]
async fn each_state_is_said_in_the_first_paint_and_only_an_open_one_waits() {
    for (status, waits) in [(Pending, true), (Processing, false), (Failed, false), (Expired, false)] {
        let reply = app(status).get(LANDED).await;
        assert_eq!(state(&reply), status.as_str());
        assert_eq!(reply.text().contains("aria-busy=\"true\""), waits);
        assert_eq!(refresh(&reply).is_some(), waits);
    }
}

#[tokio::test]
async fn strangers_and_wrong_addresses_learn_nothing() {
    let app = app(Succeeded);
    let stranger = axum::http::Request::get(LANDED).body(axum::body::Body::empty()).unwrap();
    assert_eq!(state(&app.send(stranger).await), "unauthorized");
    let mallory = axum::http::Request::get(LANDED)
        .header("authorization", format!("Bearer {}", crate::app::token_of("mallory")))
        .body(axum::body::Body::empty())
        .unwrap();
    assert_eq!(state(&app.send(mallory).await), "not_found");
    for query in ["", "?session_id=", "?session_id=%3Cscript%3E", "?session_id=sub_1", "?session_id=%ff"] {
        let reply = app.get(&format!("/success{query}")).await;
        assert_eq!((reply.status.as_u16(), state(&reply)), (200, "not_found"), "{query}");
        assert!(!reply.text().contains("<script>"), "{query}");
    }
}

#[tokio::test]
async fn without_scripts_the_page_comes_again_more_and_more_seldom_and_not_for_ever() {
    let app = app(Pending);
    let mut uri = LANDED.to_owned();
    let (mut came, mut waited_s, mut calm) = (0, 0, None);
    loop {
        let reply = app.get(&uri).await;
        if state(&reply) == "timeout" && calm.is_none() {
            calm = Some(waited_s);
        }
        let Some((after_s, query)) = refresh(&reply).and_then(|refresh| refresh.split_once("; url=")) else { break };
        came += 1;
        waited_s += after_s.parse::<u32>().unwrap();
        uri = format!("/success{}", query.replace("&#38;", "&").replace("&amp;", "&"));
    }
    assert_eq!(calm, Some(30));
    assert_eq!(came, 45);
    assert!((600..=660).contains(&waited_s), "{waited_s}");
}

#[tokio::test]
async fn a_database_out_of_reach_is_said_kindly_and_the_page_comes_again() {
    let mut backend = Backend::default();
    backend.store.expect_get_payment_status_by_session_id().returning(|_, _| Err(rows::database_away()));
    let reply = backend.app().get(LANDED).await;
    assert_eq!((reply.status.as_u16(), state(&reply)), (503, "unreachable"));
    assert_eq!(reply.header("retry-after"), Some("5"));
    assert!(refresh(&reply).is_some());
    assert!(!reply.text().contains(rows::INSIDE));
}

#[tokio::test]
async fn who_asks_too_often_is_not_taken_for_a_stranger_and_the_page_comes_again() {
    let limits = RateLimits { reads_per_minute: NonZeroU32::new(1), ..RateLimits::default() };
    let app = resting(Succeeded).0.app_with(config("http://shop.test").with_rate_limits(limits));
    assert_eq!(state(&app.get(LANDED).await), "succeeded");
    let reply = app.get(LANDED).await;
    assert_eq!((reply.status.as_u16(), state(&reply)), (429, "unreachable"));
    assert!(reply.header("retry-after").is_some());
    assert!(refresh(&reply).is_some());
}

#[tokio::test]
async fn the_words_of_every_state_come_with_the_page_for_its_script() {
    let reply = app(Pending).get(LANDED).await;
    for state in [
        "pending",
        "asking",
        "asked",
        "unreachable",
        "succeeded",
        "nothing_due",
        "processing",
        "failed",
        "expired",
        "timeout",
        "unauthorized",
        "not_found",
    ] {
        assert!(reply.text().contains(&format!("<div data-words=\"{state}\"")), "{state}");
    }
}
