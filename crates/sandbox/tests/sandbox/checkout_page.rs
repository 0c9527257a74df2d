use crate::world::{LIFETIME, PAYS, PRO, World};

async fn page(world: &World, url: &str) -> (u16, String) {
    let response = world.client.get(url).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn the_page_shows_what_is_bought_and_for_how_much() {
    let world = World::start().await;
    let session = world.session(PRO).await;
    let (status, html) = page(&world, session["url"].as_str().unwrap()).await;
    assert_eq!(status, 200);
    for expected in [
        "Subscribe to Pro",
        "$49.00",
        "per month",
        "no money moves",
        "4242 4242 4242 4242",
        r#"id="payment-form""#,
        r#"id="pay""#,
        r#"id="cancel" href="http://127.0.0.1:3000/cancel""#,
        r#"name="email""#,
        r#"name="card_number""#,
        r#"name="card_expiry""#,
        r#"name="card_cvc""#,
        r#"name="cardholder_name""#,
    ] {
        assert!(html.contains(expected), "{expected} is not in {html}");
    }
}

#[tokio::test]
async fn the_pages_policy_allows_the_form_to_lead_to_the_shop_and_no_script() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    let response = world.client.get(session["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(
        response.headers()["content-security-policy"],
        "default-src 'none'; style-src 'self'; form-action 'self' http://127.0.0.1:3000; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let style = world.client.get(world.url("/assets/checkout.css")).send().await.unwrap();
    assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
}

#[tokio::test]
async fn wrong_fields_are_explained_and_tied_to_their_inputs() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    let response = world.pay(&session, "4242 4242 4242 4241").await;
    assert_eq!(response.status(), 422);
    let html = response.text().await.unwrap();
    assert!(html.contains("Your card number is invalid."), "{html}");
    assert!(html.contains(r#"aria-describedby="card_number-error""#), "{html}");
    assert!(html.contains(r#"value="ada@example.com""#), "{html}");
    assert!(html.contains(r#"value="Ada Lovelace""#), "{html}");
    assert!(!html.contains("4242 4242 4242 4241"), "a card number is never shown again");
}

#[tokio::test]
async fn what_was_typed_is_escaped() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    let fields = [("email", "\"><script>alert(1)</script>")];
    let request = world.client.post(session["url"].as_str().unwrap()).form(&fields);
    let html = request.send().await.unwrap().text().await.unwrap();
    assert!(!html.contains("<script>"), "{html}");
}

#[tokio::test]
async fn the_customers_email_is_filled_in() {
    let world = World::start().await;
    let params = [LIFETIME, &[("customer_email", "bob@example.com")]].concat();
    let session = world.session(&params).await;
    let (_, html) = page(&world, session["url"].as_str().unwrap()).await;
    assert!(html.contains(r#"value="bob@example.com""#), "{html}");
}

#[tokio::test]
async fn a_paid_session_says_so() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    world.pay(&session, PAYS).await;
    let (status, html) = page(&world, session["url"].as_str().unwrap()).await;
    assert_eq!(status, 200);
    assert!(html.contains("all done here"), "{html}");
}

#[tokio::test]
async fn an_unknown_session_is_404() {
    let world = World::start().await;
    let (status, html) = page(&world, &world.url("/c/pay/cs_test_nope")).await;
    assert_eq!(status, 404);
    assert!(html.contains("Page not found"), "{html}");
}

#[tokio::test]
async fn the_number_of_a_card_is_kept_nowhere() {
    let world = World::start().await;
    let session = world.session(LIFETIME).await;
    world.pay(&session, PAYS).await;
    let journal = std::fs::read_to_string(world.journal()).unwrap();
    assert!(!journal.contains("4242424242424242") && !journal.contains(PAYS));
}
