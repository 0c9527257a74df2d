use serde_json::Value;

use crate::world::{PRO, Params, World};

const SESSIONS: &str = "/v1/checkout/sessions";

/// A subscription to Pro with one parameter replaced or added.
async fn refused_session(name: &str, value: &str) -> Value {
    let world = World::start().await;
    let mut params: Vec<_> = PRO.iter().copied().filter(|(key, _)| *key != name).collect();
    params.push((name, value));
    refused(&world, SESSIONS, &params).await
}

async fn refused(world: &World, path: &str, params: Params<'_>) -> Value {
    let answer = world.post(path, params).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.body["error"]["type"], "invalid_request_error");
    assert_eq!(world.event_types().await, [""; 0]);
    answer.body["error"].clone()
}

#[tokio::test]
async fn payment_method_types_is_an_unknown_parameter() {
    let error = refused_session("payment_method_types[0]", "card").await;
    assert_eq!(error["code"], "parameter_unknown");
    assert_eq!(error["param"], "payment_method_types");
}

#[tokio::test]
async fn an_inactive_price_is_named() {
    let error = refused_session("line_items[0][price]", "price_retired").await;
    assert_eq!(error["param"], "line_items[0][price]");
}

#[tokio::test]
async fn an_unknown_price_is_missing() {
    let error = refused_session("line_items[0][price]", "price_nope").await;
    assert_eq!(error["code"], "resource_missing");
    assert_eq!(error["param"], "line_items[0][price]");
    assert_eq!(error["message"], "No such price: 'price_nope'");
}

#[tokio::test]
async fn a_quantity_is_a_whole_number_from_one() {
    for quantity in ["0", "-1", "1.5", "many", "99999999999999999999"] {
        let error = refused_session("line_items[0][quantity]", quantity).await;
        assert_eq!(error["code"], "parameter_invalid_integer", "{quantity}");
        assert_eq!(error["param"], "line_items[0][quantity]");
    }
}

#[tokio::test]
async fn an_amount_of_nine_digits_is_too_large() {
    let error = refused_session("line_items[0][quantity]", "999999").await;
    assert_eq!(error["code"], "amount_too_large");
}

#[tokio::test]
async fn a_recurring_price_cannot_be_paid_once() {
    let error = refused_session("mode", "payment").await;
    assert!(error["message"].as_str().unwrap().contains("recurring price"));
}

#[tokio::test]
async fn a_success_url_is_a_url() {
    for url in ["javascript:alert(1)", "/success", "//evil.example", "http://a.example/\r\nx: y"] {
        let error = refused_session("success_url", url).await;
        assert_eq!(error["code"], "url_invalid", "{url}");
    }
}

#[tokio::test]
async fn what_is_not_simulated_is_refused_and_not_ignored() {
    let error = refused_session("subscription_data[transfer_data][destination]", "acct_1").await;
    assert_eq!(error["param"], "subscription_data[transfer_data]");
}

#[tokio::test]
async fn an_email_address_has_two_sides() {
    let world = World::start().await;
    for email in ["ada", "@example.com", "ada@", "a b@example.com"] {
        let error = refused(&world, "/v1/customers", &[("email", email)]).await;
        assert_eq!(error["code"], "email_invalid", "{email}");
    }
}

#[tokio::test]
async fn an_unknown_customer_is_missing() {
    let error = refused_session("customer", "cus_nope").await;
    assert_eq!(error["code"], "resource_missing");
}

#[tokio::test]
async fn a_session_lives_thirty_minutes_to_a_day() {
    for at in ["1", "4102444800"] {
        let error = refused_session("expires_at", at).await;
        assert_eq!(error["param"], "expires_at");
    }
}

#[tokio::test]
async fn missing_parameters_are_named() {
    let world = World::start().await;
    let error = refused(&world, SESSIONS, &[("mode", "payment")]).await;
    assert_eq!(error["code"], "parameter_missing");
    assert_eq!(error["param"], "line_items");
}

#[tokio::test]
async fn an_unknown_id_is_404() {
    let world = World::start().await;
    for path in ["/v1/prices/price_x", "/v1/checkout/sessions/cs_x", "/v1/events/evt_x"] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.body["error"]["code"], "resource_missing");
    }
}

#[tokio::test]
async fn an_unknown_route_and_method_are_404() {
    let world = World::start().await;
    for answer in [world.get("/v1/nope").await, world.delete("/v1/prices").await] {
        assert_eq!(answer.status, 404);
        let message = answer.body["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("Unrecognized request URL"), "{message}");
    }
}

#[tokio::test]
async fn a_missing_or_wrong_key_is_401() {
    let world = World::start().await;
    let url = world.url("/v1/prices");
    let without = world.client.get(&url).send().await.unwrap();
    assert_eq!(without.status(), 401);
    let wrong = world.client.get(&url).bearer_auth("sk_test_wrong_key_abcd");
    let wrong = wrong.send().await.unwrap();
    assert_eq!(wrong.status(), 401);
    let text = wrong.text().await.unwrap();
    assert!(text.contains("Invalid API Key provided: sk_test_"), "{text}");
    assert!(!text.contains("wrong_key"), "{text}");
}

#[tokio::test]
async fn the_key_also_works_as_the_user_of_basic_auth() {
    let world = World::start().await;
    let request = world.client.get(world.url("/v1/account"));
    let request = request.basic_auth(world.sandbox.secret_key(), Some(""));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn a_body_that_is_too_large_or_not_a_form_is_refused() {
    let world = World::start().await;
    let url = world.url("/v1/customers");
    let large = "a".repeat(70_000);
    let form = world.client.post(&url).form(&[("name", &large)]);
    assert_eq!(world.send(form).await.status, 413);
    let json = world.client.post(&url).header("content-type", "application/json").body("{}");
    assert_eq!(world.send(json).await.status, 400);
}

#[tokio::test]
async fn every_answer_names_its_request_and_version() {
    let world = World::start().await;
    let answer = world.get("/v1/prices").await;
    assert_eq!(answer.headers["stripe-version"], "2026-09-30.endive");
    assert!(answer.headers["request-id"].to_str().unwrap().starts_with("req_"));
    assert!(answer.headers["date"].to_str().unwrap().ends_with(" GMT"));
}
