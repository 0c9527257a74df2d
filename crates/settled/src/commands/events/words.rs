use settled_domain::settlement::{IgnoreReason, Outcome, ParkReason};

/// What an outcome means, in words for somebody who has not read the code.
pub(crate) const fn plain_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Processed => "its effects are committed, or it had nothing new to say",
        Outcome::Duplicate => "it had come before",
        Outcome::Ignored(reason) => ignored(reason),
        Outcome::Parked(reason) => parked(reason),
    }
}

const fn ignored(reason: IgnoreReason) -> &'static str {
    match reason {
        IgnoreReason::UnhandledType => "a type that is not acted on",
        IgnoreReason::OtherMode => "of test mode on a live installation, or the other way round",
        IgnoreReason::OtherAccount => "of a connected account",
        IgnoreReason::NotOurs => "about something that was not bought here",
    }
}

const fn parked(reason: ParkReason) -> &'static str {
    match reason {
        ParkReason::UnreadableEvent => "the body is not an event that this version can read",
        ParkReason::UnreadableObject => "the object lacks a field that is needed, or has another one in its place",
        ParkReason::SessionMismatch => "the payment has another session",
        ParkReason::CustomerMismatch => "it belongs to another customer than our row",
        ParkReason::CurrencyMismatch => "it is in another currency than what was quoted; nothing was credited",
        ParkReason::AmountMismatch => "it is about another amount than what was quoted; nothing was credited",
        ParkReason::PaymentMismatch => "it names another payment than the one that we hold it for",
        ParkReason::UnknownStatus => "it is new to us, and in a status that this version does not know",
        ParkReason::NotStorable => "the database refuses its effects, again and again",
    }
}
