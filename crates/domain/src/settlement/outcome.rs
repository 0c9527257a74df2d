use crate::text_enum::{UnknownWord, text_enum};

/// What became of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its effects are committed, or it had nothing new to say.
    Processed,
    /// It was processed before, and changed nothing this time.
    Duplicate,
    /// It does not concern us.
    Ignored(IgnoreReason),
    /// It is kept with its payload, for a person to look at.
    Parked(ParkReason),
}

impl Outcome {
    /// The word that is stored and answered.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processed => "processed",
            Self::Duplicate => "duplicate",
            Self::Ignored(_) => "ignored",
            Self::Parked(_) => "parked",
        }
    }

    /// Reads back what [`as_str`](Self::as_str) and [`reason`](Self::reason) wrote of an event that is in the ledger.
    ///
    /// # Errors
    ///
    /// [`UnknownWord`] for anything else.
    pub fn from_words(outcome: &str, reason: Option<&str>) -> Result<Self, UnknownWord> {
        match (outcome, reason) {
            ("processed", None) => Ok(Self::Processed),
            ("ignored", Some(reason)) => reason.parse().map(Self::Ignored),
            ("parked", Some(reason)) => reason.parse().map(Self::Parked),
            _ => Err(UnknownWord { kind: "outcome of an event" }),
        }
    }

    /// The reason that is stored, if there is one.
    #[must_use]
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Processed | Self::Duplicate => None,
            Self::Ignored(reason) => Some(reason.as_str()),
            Self::Parked(reason) => Some(reason.as_str()),
        }
    }
}

text_enum! {
    /// Why an event does not concern us.
    IgnoreReason ("reason to ignore") {
        /// A type that we don't act on.
        UnhandledType = "unhandled_type",
        /// Test mode on a live installation, or the other way round.
        OtherMode = "other_mode",
        /// A connected account's event.
        OtherAccount = "other_account",
        /// About an object that our server did not make.
        NotOurs = "not_ours",
    }
}

text_enum! {
    /// Why an event is kept for a person to look at.
    ParkReason ("reason to park") {
        /// The body is not JSON, or not an event.
        UnreadableEvent = "unreadable_event",
        /// The object lacks a field that we need.
        UnreadableObject = "unreadable_object",
        /// The payment has another session.
        SessionMismatch = "session_mismatch",
        /// The session, subscription or invoice belongs to another customer.
        CustomerMismatch = "customer_mismatch",
        /// The session, invoice or refund is in another currency.
        CurrencyMismatch = "currency_mismatch",
        /// The session is about another amount than the one we quoted, or a refund about more than was paid.
        AmountMismatch = "amount_mismatch",
        /// The refund or dispute names another payment than the one we hold it for.
        PaymentMismatch = "payment_mismatch",
        /// The object is new to us, and its status is one that this version does not know.
        UnknownStatus = "unknown_status",
        /// The database refuses to store its effects, again and again.
        NotStorable = "not_storable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_of_an_outcome_is_read_back() {
        let ignored = IgnoreReason::ALL.iter().map(|reason| Outcome::Ignored(*reason));
        let parked = ParkReason::ALL.iter().map(|reason| Outcome::Parked(*reason));
        for outcome in ignored.chain(parked).chain([Outcome::Processed]) {
            assert_eq!(Outcome::from_words(outcome.as_str(), outcome.reason()), Ok(outcome));
        }
        for (outcome, reason) in [("duplicate", None), ("parked", None), ("parked", Some("x")), ("", Some("not_ours"))]
        {
            assert!(Outcome::from_words(outcome, reason).is_err(), "{outcome} {reason:?}");
        }
    }
}
