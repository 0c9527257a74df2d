use std::str::FromStr;

use uuid::Uuid;

use crate::ids::{EventId, InvalidId, PaymentId, SessionId, SubscriptionId, UserId};

/// What a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A Checkout Session.
    Session(SessionId),
    /// A payment.
    Payment(PaymentId),
    /// A subscription.
    Subscription(SubscriptionId),
    /// An event.
    Event(EventId),
    /// Everything of a user.
    User(UserId),
}

impl FromStr for Subject {
    type Err = InvalidId;

    /// Tells by the looks what an id is of: `cs_…`, `sub_…`, `evt_…`, a UUID for a payment; anything else is a user.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text.starts_with("cs_") {
            SessionId::new(text).map(Self::Session)
        } else if text.starts_with("sub_") {
            SubscriptionId::new(text).map(Self::Subscription)
        } else if text.starts_with("evt_") {
            EventId::new(text).map(Self::Event)
        } else if let Ok(uuid) = Uuid::try_parse(text) {
            Ok(Self::Payment(PaymentId::from_uuid(uuid)))
        } else {
            UserId::new(text).map(Self::User)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_by_its_looks_what_it_is_of() {
        let subject = |text: &str| text.parse::<Subject>().unwrap();
        assert!(matches!(subject("cs_test_1"), Subject::Session(_)));
        assert!(matches!(subject("sub_1"), Subject::Subscription(_)));
        assert!(matches!(subject("evt_1"), Subject::Event(_)));
        assert!(matches!(subject("0198d2c0-5f5b-7c3e-9b1a-2f6f1d1c9a11"), Subject::Payment(_)));
        for user in ["alice", "auth0|5f7c8ec7", "customer 7"] {
            assert_eq!(subject(user), Subject::User(UserId::new(user).unwrap()));
        }
    }

    #[test]
    fn what_cannot_be_an_id_is_refused() {
        for text in ["", "cs_", "sub_a b", "evt_../x", "a\nb"] {
            assert!(text.parse::<Subject>().is_err(), "{text:?}");
        }
    }
}
