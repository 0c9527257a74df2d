//! Each change of a payment as a server-sent event: <https://html.spec.whatwg.org/multipage/server-sent-events.html>.
//!
//! There is nothing to replay: whoever connects, again or for the first time, is told the state as it is now. So what the
//! browser sends as `Last-Event-ID` is not even read.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use settled_domain::ids::SessionId;
use settled_domain::payment::Payment;
use settled_domain::ports::Clock;
use settled_domain::waiting::{PaymentWatch, WatchError};
use tokio::time::{Instant, sleep_until};
use utoipa::IntoParams;

use super::payment_status::{PaymentAnswer, Refusals};
use crate::current_user::CurrentUser;
use crate::error::ApiError;
use crate::extract::Params;
use crate::measures::{self, Way};
use crate::readiness::Readiness;
use crate::router::Api;
use crate::waiters::Place;

/// How often a silent stream shows that it is alive, so that nothing in between takes it for dead.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);
/// Then the browser has to come again: a page that is left open holds nothing for ever.
const LONGEST_STREAM: Duration = Duration::from_mins(10);
/// Who comes again after that may come at once.
const RETRY_AFTER_ITS_TIME: Duration = Duration::from_secs(1);
/// When this process stops, those who waited at it shall not all come again in the same moment.
const RETRY_AFTER_A_STOP_MS: std::ops::Range<u64> = 500..3_000;
/// Time for a database to come back.
const RETRY_AFTER_A_FAILURE: Duration = Duration::from_secs(5);
/// There is nothing more to hear; this is for clients that come again all the same.
const RETRY_AFTER_THE_LAST_WORD: Duration = Duration::from_mins(10);

/// Not for this stream: <https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering>.
const NO_BUFFERING: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Question {
    /// The Checkout Session, as `POST /api/checkout` and the URL of the success page name it.
    #[param(value_type = String, pattern = "^cs_[A-Za-z0-9_-]+$", max_length = 255, example = "cs_test_1")]
    session_id: SessionId,
}

/// How a payment stands, and each change of it as it happens.
///
/// Server-sent events: first one that tells the state as it is now, then one for each change. Each is of type `status`; its
/// `data` is what `/api/payment-status` answers, its `id` a number that grows. `Last-Event-ID` is not needed: there is
/// nothing to replay. The stream ends after `succeeded`, `failed` or `expired`, after ten minutes, and with the token;
/// `retry` then says when to come again. A silent stream sends a comment every 15 s. A user may have ten at once, requests
/// with `wait` included.
#[utoipa::path(
    get,
    path = "/api/payment-status/stream",
    operation_id = "followPaymentStatus",
    tag = "payments",
    security(("bearer" = []), ("cookie" = [])),
    params(Question),
    responses(
        (
            status = 200, description = "The events.",
            headers(("X-Accel-Buffering" = String, description = "`no`: a proxy must not hold the events back.")),
            body = String, content_type = "text/event-stream",
            example = "event: status\nid: 2\ndata: {\"session_id\":\"cs_test_1\",\"status\":\"pending\"}\n\n",
        ),
        Refusals,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    CurrentUser { user_id, until }: CurrentUser,
    Params(Question { session_id }): Params<Question>,
) -> Result<impl IntoResponse, ApiError> {
    let payment = api.settled.get_payment_status_by_session_id(&user_id, &session_id).await?;
    let payment = payment.ok_or(ApiError::PaymentNotFound)?;
    let place = api.waiters.admit(&user_id)?;
    let watch = api.settled.watch_payment(payment)?;
    let clock = Arc::clone(&api.settled.ports().clock);
    // Who has been signed out meanwhile hears nothing more.
    let left = Duration::try_from(until - clock.now()).unwrap_or_default();
    let listener = Listener {
        watch,
        readiness: api.readiness.clone(),
        ends_at: Instant::now() + LONGEST_STREAM.min(left),
        clock,
        next: Next::Snapshot,
        _place: place,
    };
    Ok(([NO_BUFFERING], Sse::new(listener.events()).keep_alive(KeepAlive::new().interval(HEARTBEAT_EVERY))))
}

/// One open stream. It holds the payment as it was told last, and reads it again only when the client has taken that: a
/// client that never reads costs what the connection buffers and no more.
struct Listener {
    watch: PaymentWatch,
    readiness: Readiness,
    clock: Arc<dyn Clock>,
    ends_at: Instant,
    next: Next,
    _place: Place,
}

/// What comes next in the stream.
enum Next {
    Snapshot,
    Change,
    Nothing,
}

/// Why a stream ends before the last word.
enum Ending {
    TimeIsUp,
    Stopping,
    Failed,
}

impl Listener {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut listener| async move {
            let event = listener.next_event().await?;
            Some((Ok(event), listener))
        })
    }

    async fn next_event(&mut self) -> Option<Event> {
        match self.next {
            Next::Snapshot => Some(self.tell()),
            Next::Change => match self.wait().await {
                None => {
                    measures::shown(self.watch.payment(), self.clock.now(), Way::Stream);
                    Some(self.tell())
                }
                Some(ending) => {
                    self.next = Next::Nothing;
                    Some(Event::default().retry(ending.retry_after()))
                }
            },
            Next::Nothing => None,
        }
    }

    /// Waits for the next change; `None` when there is one.
    async fn wait(&mut self) -> Option<Ending> {
        tokio::select! {
            biased;
            () = self.readiness.drained() => Some(Ending::Stopping),
            changed = self.watch.changed() => changed.err().map(Ending::of),
            () = sleep_until(self.ends_at) => Some(Ending::TimeIsUp),
        }
    }

    fn tell(&mut self) -> Event {
        let payment = self.watch.payment();
        let event = status_event(payment);
        if payment.status().is_final() {
            self.next = Next::Nothing;
            return event.retry(RETRY_AFTER_THE_LAST_WORD);
        }
        self.next = Next::Change;
        event
    }
}

fn status_event(payment: &Payment) -> Event {
    let event = Event::default().event("status").id(payment.version().to_string());
    // The answer is made of texts and numbers alone, which always can be written.
    event.json_data(PaymentAnswer::from(payment)).unwrap_or_default()
}

impl Ending {
    fn of(error: WatchError) -> Self {
        match error {
            WatchError::Feed(_) => Self::Stopping,
            error => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a stream of statuses ends early");
                Self::Failed
            }
        }
    }

    fn retry_after(&self) -> Duration {
        match self {
            Self::TimeIsUp => RETRY_AFTER_ITS_TIME,
            Self::Stopping => Duration::from_millis(fastrand::u64(RETRY_AFTER_A_STOP_MS)),
            Self::Failed => RETRY_AFTER_A_FAILURE,
        }
    }
}
