use std::collections::BTreeSet;
use std::{env, fs};

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::Value;
use settled_api::SandboxLogin;
use settled_domain::settlement::Outcome;
use settled_domain::subscription::SubscriptionStatus;

use crate::app::{App, Backend, Reply, config};
use crate::contract::DOCUMENT;
use crate::{checkout, health, payment_status, rows, subscription_status, webhook};

/// As `cargo run` serves it.
fn app() -> App {
    Backend::default().app_with(config("http://127.0.0.1:3000").with_sandbox_login(SandboxLogin::Enabled))
}

async fn visit(app: &App, path: &str) -> Reply {
    app.send(Request::get(path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_description_in_the_repository_is_the_one_that_is_served() {
    let reply = visit(&app(), "/openapi.json").await;
    assert_eq!(reply.header(header::CONTENT_TYPE), Some("application/json"));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    if env::var_os("UPDATE_OPENAPI").is_some() {
        fs::write(path, reply.text()).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap();
    assert!(
        kept == reply.text(),
        "the API has changed; look at the difference after `UPDATE_OPENAPI=1 cargo test -p settled-api --test api description`"
    );
}

/// The paths that a router has, as its debug output tells: axum has no other way to ask.
fn paths_of(app: &App) -> BTreeSet<String> {
    let shown = format!("{:?}", app.router);
    shown
        .split("RouteId(")
        .skip(1)
        .filter_map(|rest| rest.split_once("): \"")?.1.split('"').next())
        // What axum answers with the fallback.
        .filter(|path| !path.starts_with("/{*"))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn every_route_is_described_and_every_description_has_its_route() {
    let app = app();
    let described: BTreeSet<String> = DOCUMENT["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(paths_of(&app), described);
    for (path, methods) in DOCUMENT["paths"].as_object().unwrap() {
        let request = Request::builder().method(Method::PATCH).uri(path.replace("{name}", "x"));
        let reply = app.send(request.body(Body::empty()).unwrap()).await;
        let allowed: BTreeSet<&str> =
            reply.header(header::ALLOW).unwrap().split(',').filter(|method| *method != "HEAD").collect();
        let methods: Vec<String> = methods.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
        assert_eq!(allowed, methods.iter().map(String::as_str).collect(), "{path}");
    }
}

#[tokio::test]
async fn every_example_of_an_answer_is_a_real_one() {
    let subscribed = || vec![rows::subscription(SubscriptionStatus::Active)];
    let real = [
        checkout::click_for_the_first_time().await,
        checkout::click_again().await,
        payment_status::ask_about_a_settled_payment().await,
        subscription_status::ask_with(subscribed()).await,
        subscription_status::ask_with(Vec::new()).await,
        webhook::deliver_with(Outcome::Processed).await,
        health::ask_a_healthy_process("/healthz").await,
        health::ask_a_healthy_process("/readyz").await,
        app().post("/sandbox/login", r#"{"user_id":"bob"}"#).await,
    ];
    let mut unused: Vec<(u16, Value)> = real.iter().map(|reply| (reply.status.as_u16(), reply.json())).collect();
    for (status, example) in examples() {
        let place = unused.iter().position(|real| *real == (status, example.clone()));
        unused.remove(place.unwrap_or_else(|| panic!("nobody is answered {status} and {example:#}")));
    }
    assert_eq!(unused, []);
}

/// The examples of all answers that are not problems: those are written by what answers them.
fn examples() -> Vec<(u16, Value)> {
    let operations =
        DOCUMENT["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let answers = operations.flat_map(|operation| operation["responses"].as_object().unwrap());
    let mut examples = Vec::new();
    for (status, answer) in answers {
        let content = &answer["content"]["application/json"];
        let named = content["examples"].as_object().into_iter().flat_map(|named| named.values().map(|it| &it["value"]));
        let all = content.get("example").into_iter().chain(named);
        examples.extend(all.map(|value| (status.parse().unwrap(), value.clone())));
    }
    examples
}

#[tokio::test]
async fn every_code_is_listed_with_its_status() {
    let codes = &DOCUMENT["components"]["schemas"]["ErrorCode"];
    let list = codes["description"].as_str().unwrap();
    for code in codes["enum"].as_array().unwrap() {
        assert!(list.contains(&format!("- `{}` (", code.as_str().unwrap())), "{code}");
    }
}

#[tokio::test]
async fn the_description_names_the_public_url_and_its_cookie_and_no_route_that_is_not_there() {
    let app = Backend::default().app_with(config("https://shop.test/billing"));
    let document = visit(&app, "/openapi.json").await.json();
    assert_eq!(document["servers"][0]["url"], "https://shop.test/billing");
    assert_eq!(document["components"]["securitySchemes"]["cookie"]["name"], "__Host-settled_token");
    assert!(document["paths"].get("/sandbox/login").is_none());
}

#[tokio::test]
async fn the_page_shows_every_operation_code_and_schema_and_needs_no_script() {
    let reply = visit(&app(), "/docs").await;
    assert_eq!(reply.status, 200);
    let html = reply.text();
    for operation in DOCUMENT["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
    {
        assert!(html.contains(&format!("id=\"{}\"", operation["operationId"].as_str().unwrap())), "{operation}");
    }
    for name in DOCUMENT["components"]["schemas"].as_object().unwrap().keys() {
        assert!(html.contains(&format!("id=\"schema-{name}\"")), "{name}");
    }
    for code in DOCUMENT["components"]["schemas"]["ErrorCode"]["enum"].as_array().unwrap() {
        assert!(html.contains(code.as_str().unwrap()), "{code}");
    }
    assert!(!html.contains("<script") && !html.contains(" style="));
}

#[tokio::test]
async fn the_page_shows_code_links_and_lists_as_what_they_are() {
    let reply = visit(&app(), "/docs").await;
    let html = reply.text();
    assert!(html.contains("or, with <code>wait</code>, as soon as it is no longer <code>pending</code>"));
    assert!(html.contains(r#"<a href="https://docs.stripe.com/api/events/object">"#));
    assert!(html.contains("<li><code>invalid_request</code> (400): "));
    // What may be in examples is left as it is.
    let outside = html.split("<pre").map(|part| part.split("</pre>").last().unwrap());
    for part in outside {
        assert!(!part.contains('`') && !part.contains("&#60;https"), "{part}");
    }
}
