use serde_json::{Value, json};
use settled_domain::event::{EventContent, EventSource};
use settled_domain::listing::Window;
use settled_domain::ports::{GatewayError, StripeGateway};
use settled_domain::settlement::ParkReason;
use time::OffsetDateTime;
use time::macros::datetime;
use wiremock::matchers::{method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::double::{answering, api, error, ok, requests, session};

const NOW: OffsetDateTime = datetime!(2026-11-24 10:00:00.5 UTC);
const WINDOW: Window = Window { from: datetime!(2026-11-24 09:00:00 UTC), until: datetime!(2026-11-24 09:58:00 UTC) };

fn event(id: &str, object: &Value) -> Value {
    json!({
        "id": id, "object": "event", "type": "checkout.session.completed", "created": 1_790_086_340,
        "livemode": false, "api_version": "2026-09-30.endive", "data": { "object": object },
    })
}

fn page(events: &[Value], has_more: bool) -> ResponseTemplate {
    ok(&json!({ "object": "list", "data": events, "has_more": has_more, "url": "/v1/events" }))
}

#[tokio::test]
async fn list_events_reads_them_as_webhooks_that_the_sweep_has_found() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/v1/events"))
        .and(query_param("created[gte]", "1795510800"))
        .and(query_param("created[lte]", "1795514280"))
        .and(query_param("limit", "100"))
        .and(query_param("types[]", "checkout.session.completed"))
        .and(query_param_is_missing("starting_after"))
        .respond_with(page(&[event("evt_1", &session("complete"))], false))
        .mount(&server)
        .await;
    let found = api(&server).list_events(&WINDOW, None, NOW).await.unwrap();
    let [event] = &found.items[..] else { panic!("one event: {found:?}") };
    assert_eq!((event.id.as_str(), event.source, event.received_at), ("evt_1", EventSource::Sweep, NOW));
    assert!(matches!(event.content, EventContent::CheckoutSession(..)));
    assert!(event.payload.as_bytes().starts_with(b"{"), "kept in case that it has to be parked");
}

#[tokio::test]
async fn list_events_goes_on_after_the_last_event_of_the_page_until_there_are_no_more() {
    let server = MockServer::start().await;
    let first: Vec<_> = ["evt_3", "evt_2"].map(|id| event(id, &session("complete"))).into();
    Mock::given(query_param("starting_after", "evt_2"))
        .respond_with(page(&[event("evt_1", &session("complete"))], false))
        .with_priority(1)
        .mount(&server)
        .await;
    Mock::given(query_param("types[]", "checkout.session.completed"))
        .respond_with(page(&first, true))
        .with_priority(2)
        .mount(&server)
        .await;
    Mock::given(path("/v1/events")).respond_with(page(&[], false)).with_priority(3).mount(&server).await;
    let (api, mut ids, mut mark) = (api(&server), Vec::new(), None);
    loop {
        let found = api.list_events(&WINDOW, mark, NOW).await.unwrap();
        ids.extend(found.items.iter().map(|event| event.id.to_string()));
        mark = found.next;
        if mark.is_none() {
            break;
        }
    }
    assert_eq!(ids, ["evt_3", "evt_2", "evt_1"]);
}

#[tokio::test]
async fn an_event_of_the_list_that_cannot_be_read_is_one_to_be_parked() {
    let server = answering(page(&[event("evt_1", &json!({ "id": 7 }))], false)).await;
    let found = api(&server).list_events(&WINDOW, None, NOW).await.unwrap();
    assert_eq!(found.items[0].id.as_str(), "evt_1");
    assert_eq!(found.items[0].content, EventContent::Unreadable(ParkReason::UnreadableObject));
}

#[tokio::test]
async fn a_key_that_may_not_read_events_is_told_so() {
    let server = answering(error(403, &json!({ "type": "invalid_request_error" }))).await;
    let refused = api(&server).list_events(&WINDOW, None, NOW).await;
    assert!(matches!(refused, Err(GatewayError::Unauthorized { status: 403 })), "{refused:?}");
    assert_eq!(requests(&server).await.len(), 1);
}

#[tokio::test]
async fn a_list_without_its_data_is_ambiguous() {
    let server = answering(ok(&json!({ "object": "list" }))).await;
    let answer = api(&server).list_events(&WINDOW, None, NOW).await;
    assert!(matches!(answer, Err(GatewayError::Ambiguous(_))), "{answer:?}");
}
