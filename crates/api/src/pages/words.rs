//! What the success page says, in each state that it can be in. The page shows one of them from the start and carries the
//! others along for its script, so that the words stand in one place.

use settled_domain::payment::{Payment, PaymentStatus};

use crate::routes::amount;

/// What the page says in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words {
    /// Names the words for the script.
    pub(super) name: &'static str,
    /// The state that they are about.
    pub(super) state: &'static str,
    pub(super) headline: &'static str,
    pub(super) message: &'static str,
    /// Something is still awaited, and the page looks for it.
    pub(super) waits: bool,
    /// The page has stopped looking, and there may be news.
    pub(super) can_look_again: bool,
}

const fn waiting(state: &'static str, headline: &'static str, message: &'static str) -> Words {
    Words { name: state, state, headline, message, waits: true, can_look_again: false }
}

const fn said(state: &'static str, headline: &'static str, message: &'static str) -> Words {
    Words { name: state, state, headline, message, waits: false, can_look_again: false }
}

const fn resting(state: &'static str, headline: &'static str, message: &'static str) -> Words {
    Words { name: state, state, headline, message, waits: false, can_look_again: true }
}

pub(super) const PENDING: Words = waiting("pending", "Confirming your payment", "This usually takes a moment.");

/// The webhook is late.
const ASKING: Words = waiting(
    "asking",
    "Confirming your payment",
    "The confirmation is a little late, so we are asking Stripe ourselves. There is nothing for you to do.",
);

/// Stripe has answered, and has not been paid yet.
const ASKED: Words = waiting(
    "asked",
    "Confirming your payment",
    "We have asked Stripe, where this payment is not complete yet. We keep asking, and this page shows it when it is.",
);

pub(super) const UNREACHABLE: Words = waiting(
    "unreachable",
    "Confirming your payment",
    "We cannot reach the server just now and keep trying. Your payment does not depend on this page.",
);

const SUCCEEDED: Words =
    said("succeeded", "Payment received", "Thank you. Everything is settled, and you can close this page.");

/// Success for which nothing had to be paid: a trial, or a code that takes everything off.
const NOTHING_DUE: Words = Words {
    name: "nothing_due",
    headline: "You’re all set",
    message: "Nothing was due today. Everything is settled, and you can close this page.",
    ..SUCCEEDED
};

const PROCESSING: Words = resting(
    "processing",
    "Your bank is working on it",
    "You are done here. This way of paying takes a few days to be confirmed; you won’t be charged twice, and it is safe to \
     close this page.",
);

const FAILED: Words = said(
    "failed",
    "The payment did not go through",
    "It was declined, so nothing was bought. You can go back to the shop and try again.",
);

const EXPIRED: Words =
    said("expired", "This checkout has expired", "Nothing was charged. You can go back to the shop and start again.");

pub(super) const TIMEOUT: Words = resting(
    "timeout",
    "It takes a little longer than usual",
    "You won’t be charged twice, and it is safe to close this page. We keep asking Stripe, and as soon as the payment is \
     confirmed, it will show in your account.",
);

pub(super) const UNAUTHORIZED: Words = resting(
    "unauthorized",
    "You are signed out",
    "Your payment is safe. Sign in again and come back to this page to see how it stands.",
);

pub(super) const NOT_FOUND: Words = said(
    "not_found",
    "We don’t know this payment",
    "The address of this page does not belong to a payment of yours. If you have paid with another account, sign in with \
     that one.",
);

/// All of them.
pub(super) const WORDS: &[Words] = &[
    PENDING,
    ASKING,
    ASKED,
    UNREACHABLE,
    SUCCEEDED,
    NOTHING_DUE,
    PROCESSING,
    FAILED,
    EXPIRED,
    TIMEOUT,
    UNAUTHORIZED,
    NOT_FOUND,
];

impl Words {
    pub(super) fn of(payment: &Payment) -> Self {
        match payment.status() {
            PaymentStatus::Creating | PaymentStatus::Pending => PENDING,
            PaymentStatus::Processing => PROCESSING,
            PaymentStatus::Succeeded if amount(payment.record()).minor_units == 0 => NOTHING_DUE,
            PaymentStatus::Succeeded => SUCCEEDED,
            PaymentStatus::Failed => FAILED,
            PaymentStatus::Expired => EXPIRED,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn all_words_have_a_name_and_a_message_of_their_own() {
        let states: BTreeSet<_> = WORDS.iter().map(|words| words.name).collect();
        let messages: BTreeSet<_> = WORDS.iter().map(|words| words.message).collect();
        assert_eq!((states.len(), messages.len()), (WORDS.len(), WORDS.len()));
    }
}
