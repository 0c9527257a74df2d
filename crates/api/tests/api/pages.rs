use axum::body::Body;
use axum::http::{Request, header};
use settled_api::SandboxLogin;
use settled_domain::catalogue::{Quote, TrialDays};
use settled_domain::money::{Currency, Money};
use settled_domain::payment::CheckoutMode;
use settled_domain::ports::GatewayError;

use crate::app::{App, Backend, Reply, config};
use crate::rows;

fn selling(quotes: Vec<Quote>) -> Backend {
    let mut backend = Backend::default();
    backend.gateway.expect_list_quotes().returning(move |_| Ok(quotes.clone()));
    backend
}

fn lifetime() -> Quote {
    Quote {
        price_id: "price_lifetime".parse().unwrap(),
        unit: Money::new(30_000, Currency::new("jpy").unwrap()),
        mode: CheckoutMode::Payment,
        recurrence: None,
        trial: None,
        product_name: "Lifetime".into(),
        product_description: None,
        product_slot: None,
    }
}

async fn visit(app: &App, path: &str) -> Reply {
    app.send(Request::get(path).body(Body::empty()).unwrap()).await
}

/// The values of this attribute, in order.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    html.split(&format!(" {name}=\"")).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn the_storefront_shows_each_price_with_a_button() {
    let reply = visit(&selling(vec![rows::quote(), lifetime()]).app(), "/").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header(header::CONTENT_TYPE), Some("text/html; charset=utf-8"));
    let html = reply.text();
    assert_eq!(attributes(html, "data-price-id"), ["price_basic_monthly", "price_lifetime"]);
    assert_eq!(attributes(html, "data-minor-units"), ["1900", "30000"]);
    for text in [">19.00 USD<", ">a month<", ">Subscribe<", ">30000 JPY<", ">once<", ">Buy<", "All you need to begin."]
    {
        assert!(html.contains(text), "{text}");
    }
}

#[tokio::test]
async fn a_trial_is_shown_and_promised_to_new_subscribers_only() {
    let trial = Quote { trial: TrialDays::try_from(14).ok(), ..rows::quote() };
    let html = visit(&selling(vec![trial, lifetime()]).app(), "/").await.text().to_owned();
    assert_eq!(html.matches("New subscribers: 14 days free").count(), 1, "{html}");
}

#[tokio::test]
async fn who_types_another_name_of_this_machine_is_sent_to_the_one_that_the_cookie_will_belong_to() {
    let visit_as = async |host: &str, login: SandboxLogin, public_url: &str| {
        let sandbox = config(public_url).with_sandbox_login(login);
        let request = Request::get("/").header(header::HOST, host).body(Body::empty()).unwrap();
        let reply = selling(Vec::new()).app_with(sandbox).send(request).await;
        reply.header(header::LOCATION).map(str::to_owned)
    };
    let here = "http://127.0.0.1:3000";
    let sent = Some("http://127.0.0.1:3000/".to_owned());
    assert_eq!(visit_as("localhost:3000", SandboxLogin::Enabled, here).await, sent);
    assert_eq!(visit_as("[::1]:3000", SandboxLogin::Enabled, here).await, sent);
    assert_eq!(visit_as("127.0.0.1:3000", SandboxLogin::Enabled, here).await, None);
    assert_eq!(visit_as("localhost:3001", SandboxLogin::Enabled, here).await, None, "another program's port");
    assert_eq!(visit_as("shop.example:3000", SandboxLogin::Enabled, here).await, None);
    assert_eq!(visit_as("localhost:3000", SandboxLogin::Enabled, "https://shop.example").await, None);
    assert_eq!(visit_as("localhost:3000", SandboxLogin::Disabled, here).await, None);
}

#[tokio::test]
async fn the_storefront_knows_who_is_signed_in() {
    let html = selling(Vec::new()).app().get("/").await.text().to_owned();
    assert!(html.contains(r#"<strong id="user">alice</strong>"#));
    let html = visit(&selling(Vec::new()).app(), "/").await.text().to_owned();
    assert!(!html.contains("id=\"user\""));
}

#[tokio::test]
async fn only_the_sandbox_has_a_sign_in_form_and_a_banner() {
    let html = visit(&selling(Vec::new()).app(), "/").await.text().to_owned();
    assert!(html.contains("no money moves") && html.contains(r#"id="login-form""#));
    assert!(html.contains(r#"name="user_id" value="alice""#));
    let html = visit(&selling(Vec::new()).app_with(config("http://shop.test")), "/").await.text().to_owned();
    assert!(!html.contains("no money moves") && !html.contains("login-form"));
    assert!(html.contains("You are not signed in."));
}

#[tokio::test]
async fn without_stripe_the_storefront_says_so_kindly() {
    let mut backend = Backend::default();
    backend.gateway.expect_list_quotes().return_once(|_| Err(GatewayError::Ambiguous(rows::INSIDE.into())));
    let reply = visit(&backend.app(), "/").await;
    assert_eq!(reply.status, 503);
    assert!(reply.text().contains("We cannot show our prices just now"));
    assert!(!reply.text().contains(rows::INSIDE));
}

#[tokio::test]
async fn with_nothing_to_sell_the_storefront_says_so() {
    let reply = visit(&selling(Vec::new()).app(), "/").await;
    assert!(reply.text().contains("There is nothing for sale at the moment."));
}

#[tokio::test]
async fn what_others_wrote_is_text_and_never_markup() {
    let hostile = "<script>alert(\"1\")</script>";
    let quote = Quote { product_name: hostile.into(), product_description: Some(hostile.into()), ..rows::quote() };
    let app = selling(vec![quote]).app();
    let token = crate::app::token_of("\"><b>mallory</b>");
    let request = Request::get("/").header(header::AUTHORIZATION, format!("Bearer {token}"));
    let reply = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.text().contains("<script>") && !reply.text().contains("<b>mallory"));
    assert!(reply.text().contains("mallory"));
}

#[tokio::test]
async fn the_success_page_has_the_hooks_that_its_script_needs() {
    let reply = visit(&Backend::default().app(), "/success?session_id=cs_test_1&utm_source=mail").await;
    assert_eq!(reply.status, 200);
    let html = reply.text();
    for id in ["status", "headline", "message", "details", "amount", "amount-row", "subscription", "subscription-row"] {
        assert!(attributes(html, "id").contains(&id), "{id}");
    }
    assert!(html.contains(r#"id="look-again" class="button" hidden"#));
    assert!(html.contains(r#"<p id="message" class="lead" role="status">"#));
    assert!(html.contains(r#"<template id="words">"#));
    assert!(!html.contains("cs_test_1"), "the page repeats what the URL says");
}

#[tokio::test]
async fn the_cancel_page_says_that_nothing_was_charged() {
    let reply = visit(&Backend::default().app(), "/cancel").await;
    assert_eq!(reply.status, 200);
    assert!(reply.text().contains("<h1 id=\"headline\">Nothing was charged</h1>"));
}

#[tokio::test]
async fn the_pages_hold_nothing_that_the_content_security_policy_forbids() {
    let app = selling(vec![rows::quote(), lifetime()]).app();
    for path in ["/", "/success", "/cancel"] {
        let reply = visit(&app, path).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(reply.header(header::CONTENT_SECURITY_POLICY).unwrap(), @"default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
        }
        let html = reply.text().to_lowercase();
        for forbidden in
            ["<style", " style=", " onclick=", " onload=", " onsubmit=", "javascript:", "http://", "https://"]
        {
            assert!(!html.contains(forbidden), "{path}: {forbidden}");
        }
        let inline = html.split("<script").skip(1).filter(|script| !script.contains("></script>"));
        assert_eq!(inline.count(), 0, "{path}");
    }
}

#[tokio::test]
async fn every_asset_that_a_page_or_a_module_names_is_served_with_its_type() {
    let app = selling(vec![rows::quote()]).app();
    let mut paths = Vec::new();
    for page in ["/", "/success", "/cancel"] {
        let html = visit(&app, page).await.text().to_owned();
        paths.extend([attributes(&html, "href"), attributes(&html, "src")].concat().iter().map(ToString::to_string));
    }
    paths.retain(|path| path.starts_with("/assets/"));
    let mut seen = 0;
    while seen < paths.len() {
        let reply = visit(&app, &paths[seen]).await;
        assert_eq!(reply.status, 200, "{}", paths[seen]);
        let expected = match paths[seen].rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("ts") => "text/plain; charset=utf-8",
            Some("svg") => "image/svg+xml",
            other => panic!("no type is known for {other:?}"),
        };
        assert_eq!(reply.header(header::CONTENT_TYPE), Some(expected));
        let imported = reply.text().split(" from \"./").skip(1).filter_map(|rest| rest.split('"').next());
        for path in imported.map(|name| format!("/assets/{name}")).collect::<Vec<_>>() {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        seen += 1;
    }
    assert!(paths.iter().any(|path| path == "/assets/success.js"));
}
