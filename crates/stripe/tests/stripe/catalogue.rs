use serde_json::{Value, json};
use settled_domain::ports::{GatewayError, PriceAnswer, StripeGateway};
use wiremock::matchers::{method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer};

use crate::double::{answering, answering_in_turn, api, error, ok, requests};

fn price(id: &str, amount: i64) -> Value {
    json!({
        "id": id, "active": true, "currency": "usd", "billing_scheme": "per_unit", "unit_amount": amount,
        "recurring": { "interval": "month", "interval_count": 1, "usage_type": "licensed" },
        "product": { "id": "prod_1", "active": true, "name": "Basic", "metadata": {} },
    })
}

fn page(prices: &[Value], has_more: bool) -> Value {
    json!({ "object": "list", "data": prices, "has_more": has_more })
}

#[tokio::test]
async fn quote_price_asks_for_the_product_in_the_same_call() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/v1/prices/price_1"))
        .and(query_param("expand[0]", "product"))
        .respond_with(ok(&price("price_1", 1900)))
        .expect(1)
        .mount(&server)
        .await;
    let PriceAnswer::Quoted(quote) = api(&server).quote_price(&"price_1".parse().unwrap()).await.unwrap() else {
        panic!("not quoted");
    };
    assert_eq!((quote.unit.minor_units, quote.product_name.as_str()), (1900, "Basic"));
}

#[tokio::test]
async fn a_retired_price_is_not_available() {
    let mut retired = price("price_1", 1900);
    retired["active"] = json!(false);
    let server = answering(ok(&retired)).await;
    let answer = api(&server).quote_price(&"price_1".parse().unwrap()).await.unwrap();
    assert_eq!(answer, PriceAnswer::NotAvailable);
}

#[tokio::test]
async fn list_quotes_reads_every_page_and_gives_the_cheapest_first() {
    let server = MockServer::start().await;
    Mock::given(path("/v1/prices"))
        .and(query_param("active", "true"))
        .and(query_param("expand[0]", "data.product"))
        .and(query_param_is_missing("starting_after"))
        .respond_with(ok(&page(&[price("price_c", 300), price("price_b", 200)], true)))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path("/v1/prices"))
        .and(query_param("starting_after", "price_b"))
        .respond_with(ok(&page(&[price("price_d", 200), price("price_a", 100)], false)))
        .expect(1)
        .mount(&server)
        .await;
    let quotes = api(&server).list_quotes(3).await.unwrap();
    let ids: Vec<_> = quotes.iter().map(|quote| quote.price_id.as_str()).collect();
    assert_eq!(ids, ["price_a", "price_b", "price_d"]);
}

#[tokio::test]
async fn a_price_that_cannot_be_sold_or_read_is_left_out() {
    let mut metered = price("price_b", 200);
    metered["recurring"]["usage_type"] = json!("metered");
    let server = answering(ok(&page(&[json!({ "id": "price_x" }), metered, price("price_a", 100)], false))).await;
    let quotes = api(&server).list_quotes(10).await.unwrap();
    assert_eq!(quotes.len(), 1);
}

#[tokio::test]
async fn a_list_without_end_is_given_up() {
    let server = answering(ok(&page(&[price("price_a", 100)], true))).await;
    let answer = api(&server).list_quotes(10).await;
    assert!(matches!(answer, Err(GatewayError::Ambiguous(_))));
    assert_eq!(requests(&server).await.len(), 10);
}

#[tokio::test]
async fn everybody_who_asks_within_a_minute_shares_one_question() {
    let server = answering(ok(&page(&[price("price_a", 100), price("price_b", 200)], false))).await;
    let api = api(&server);
    let (first, second, third) = tokio::join!(api.list_quotes(1), api.list_quotes(2), api.list_quotes(9));
    assert_eq!((first.unwrap().len(), second.unwrap().len(), third.unwrap().len()), (1, 2, 2));
    api.list_quotes(5).await.unwrap();
    assert_eq!(requests(&server).await.len(), 1);
}

#[tokio::test]
async fn a_failure_is_shared_but_not_kept() {
    let revoked = error(401, &json!({ "type": "invalid_request_error" }));
    let server = answering_in_turn(vec![revoked, ok(&page(&[price("price_a", 100)], false))]).await;
    let api = api(&server);
    let (first, second) = tokio::join!(api.list_quotes(1), api.list_quotes(1));
    assert!(matches!(first, Err(GatewayError::Unauthorized { status: 401 })));
    assert!(matches!(second, Err(GatewayError::Unauthorized { status: 401 })));
    assert_eq!(api.list_quotes(1).await.unwrap().len(), 1);
}
