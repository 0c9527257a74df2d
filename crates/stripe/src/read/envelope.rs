use serde::Deserialize;
use serde_json::value::RawValue;
use settled_domain::ids::{AccountId, EventId};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Unreadable, is_plain, unreadable};

/// What is around the object of every event, whatever its type.
#[derive(Debug)]
pub(crate) struct Envelope<'a> {
    pub(crate) id: EventId,
    pub(crate) event_type: String,
    pub(crate) object_id: Option<String>,
    pub(crate) api_version: Option<String>,
    pub(crate) livemode: Option<bool>,
    pub(crate) account: Option<AccountId>,
    pub(crate) created: OffsetDateTime,
    pub(crate) kind: EnvelopeKind<'a>,
}

/// The two kinds of events: <https://docs.stripe.com/event-destinations#events-overview>.
#[derive(Debug)]
pub(crate) enum EnvelopeKind<'a> {
    /// An event that carries its object, as JSON.
    Snapshot(&'a str),
    /// An event that only names its object.
    Thin,
}

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(borrow)]
    object: Option<std::borrow::Cow<'a, str>>,
}

/// <https://docs.stripe.com/api/events/object>
#[derive(Deserialize)]
struct Snapshot<'a> {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    api_version: Option<String>,
    livemode: Option<bool>,
    account: Option<String>,
    created: i64,
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    object: &'a RawValue,
}

/// <https://docs.stripe.com/api/v2/core/events/object>
#[derive(Deserialize)]
struct Thin {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    livemode: Option<bool>,
    context: Option<String>,
    created: String,
    related_object: Option<Named>,
    /// The event that carries the object, of which this one is the twin.
    snapshot_event: Option<String>,
}

/// An object that may have an id: the invoice in `invoice.upcoming` has none.
#[derive(Deserialize)]
struct Named {
    id: Option<String>,
}

impl<'a> Envelope<'a> {
    /// Reads what is around the object. Depth is no danger: what is skipped is skipped without recursion, and what is
    /// read is shallow.
    pub(crate) fn read(payload: &'a [u8]) -> Result<Self, Unreadable> {
        let json = std::str::from_utf8(payload).map_err(|_| unreadable("the body as UTF-8"))?;
        let not_an_event = |_| unreadable("the body as an event");
        let kind: Kind<'_> = serde_json::from_str(json).map_err(not_an_event)?;
        match kind.object.as_deref() {
            Some("v2.core.event") => serde_json::from_str::<Thin>(json).map_err(not_an_event)?.into_envelope(),
            None | Some("event") => serde_json::from_str::<Snapshot<'a>>(json).map_err(not_an_event)?.into_envelope(),
            Some(_) => Err(unreadable("the body as an event")),
        }
    }
}

impl<'a> Snapshot<'a> {
    fn into_envelope(self) -> Result<Envelope<'a>, Unreadable> {
        let object = self.data.object.get();
        // An object that is not even an object is the reader's affair, if there is a reader for the type.
        let named = serde_json::from_str::<Named>(object).ok().and_then(|named| named.id);
        Ok(Envelope {
            id: event_id(self.id)?,
            event_type: plain(self.event_type)?,
            object_id: named.map(plain).transpose()?,
            api_version: self.api_version.map(plain).transpose()?,
            livemode: self.livemode,
            // Taking a connected account's event for one of our own would be worse than parking it.
            account: self.account.map(AccountId::new).transpose().map_err(|_| unreadable("the event's account"))?,
            created: OffsetDateTime::from_unix_timestamp(self.created).map_err(|_| unreadable("the event's time"))?,
            kind: EnvelopeKind::Snapshot(object),
        })
    }
}

impl Thin {
    fn into_envelope(self) -> Result<Envelope<'static>, Unreadable> {
        let created = OffsetDateTime::parse(&self.created, &Rfc3339).map_err(|_| unreadable("the event's time"))?;
        Ok(Envelope {
            // Twins are known by one id, so that the second one has no effect.
            id: event_id(self.snapshot_event.unwrap_or(self.id))?,
            event_type: plain(self.event_type)?,
            object_id: self.related_object.and_then(|named| named.id).map(plain).transpose()?,
            api_version: None,
            livemode: self.livemode,
            account: self.context.and_then(|context| AccountId::new(context).ok()),
            created: created.truncate_to_second(),
            kind: EnvelopeKind::Thin,
        })
    }
}

fn event_id(text: String) -> Result<EventId, Unreadable> {
    EventId::new(text).map_err(|_| unreadable("the event's id"))
}

fn plain(text: String) -> Result<String, Unreadable> {
    if is_plain(&text) { Ok(text) } else { Err(unreadable("a name in the event")) }
}
