use serde_json::json;
use settled_domain::listing::Window;
use settled_domain::ports::StripeGateway;
use settled_domain::sweep::ListedKind;
use time::macros::datetime;
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer};

use crate::double::{answering, api, ok, requests};

const WINDOW: Window = Window { from: datetime!(2026-11-24 09:00:00 UTC), until: datetime!(2026-11-24 09:58:00 UTC) };

#[tokio::test]
async fn list_objects_asks_for_what_was_created_in_the_window_also_if_it_has_ended() {
    for (kind, route, id) in [
        (ListedKind::Subscriptions, "/v1/subscriptions", "sub_1"),
        (ListedKind::Invoices, "/v1/invoices", "in_1"),
        (ListedKind::Refunds, "/v1/refunds", "re_1"),
        (ListedKind::Disputes, "/v1/disputes", "dp_1"),
    ] {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path(route))
            .and(query_param("created[gte]", "1795510800"))
            .and(query_param("created[lte]", "1795514280"))
            .respond_with(ok(&json!({ "data": [{ "id": id, "customer": { "id": "cus_1" } }], "has_more": false })))
            .mount(&server)
            .await;
        let page = api(&server).list_objects(kind, &WINDOW, None).await.unwrap();
        assert_eq!(page.items[0].object.object_id(), id);
        assert_eq!(page.items[0].customer_id, "cus_1".parse().ok());
        assert_eq!(page.next, None);
        let query = requests(&server).await[0].url.query().unwrap().to_owned();
        assert_eq!(query.contains("status=all"), kind == ListedKind::Subscriptions, "{query}");
    }
}

#[tokio::test]
async fn list_objects_goes_on_after_the_last_one_and_skips_what_nobody_could_ask_for() {
    let server = answering(ok(&json!({ "data": [{ "id": "in_1" }, {}, { "id": "sub_9" }], "has_more": true }))).await;
    let api = api(&server);
    let page = api.list_objects(ListedKind::Invoices, &WINDOW, None).await.unwrap();
    assert_eq!(page.items.len(), 1);
    api.list_objects(ListedKind::Invoices, &WINDOW, page.next).await.unwrap();
    let query = requests(&server).await[1].url.query().unwrap().to_owned();
    assert!(query.contains("starting_after=sub_9"), "{query}");
}
