use serde::Deserialize;
use settled_domain::dispute::DisputeSnapshot;
use settled_domain::ids::DisputeId;
use settled_domain::money::Currency;

use super::refund::{amount, charge_id, intent_id};
use super::{Expandable, Unreadable, unreadable};

/// A dispute as JSON: <https://docs.stripe.com/api/disputes/object>.
#[derive(Debug, Deserialize)]
pub(crate) struct DisputeObject {
    id: String,
    amount: i64,
    currency: String,
    charge: Option<Expandable>,
    payment_intent: Option<Expandable>,
    status: Option<String>,
}

/// Reads a dispute out of JSON.
pub(crate) fn read_dispute(json: &str) -> Result<DisputeSnapshot, Unreadable> {
    serde_json::from_str::<DisputeObject>(json).map_err(|_| unreadable("a dispute"))?.try_into()
}

impl TryFrom<DisputeObject> for DisputeSnapshot {
    type Error = Unreadable;

    fn try_from(object: DisputeObject) -> Result<Self, Unreadable> {
        Ok(Self {
            id: DisputeId::new(object.id).map_err(|_| unreadable("a dispute's id"))?,
            charge_id: charge_id(object.charge)?,
            payment_intent_id: intent_id(object.payment_intent)?,
            amount_minor: amount(object.amount)?,
            currency: Currency::new(&object.currency).map_err(|_| unreadable("a dispute's currency"))?,
            status: object.status.and_then(|word| word.parse().ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use settled_domain::dispute::DisputeStatus;

    use super::*;

    fn json(status: &str) -> String {
        format!(
            r#"{{"id":"du_1","object":"dispute","amount":500,"currency":"eur","charge":{{"id":"ch_1"}},
                "payment_intent":"pi_1","reason":"fraudulent","status":"{status}"}}"#
        )
    }

    #[test]
    fn a_dispute_is_read() {
        let read = read_dispute(&json("lost")).unwrap();
        assert_eq!((read.id.as_str(), read.amount_minor, read.currency.as_str()), ("du_1", 500, "eur"));
        assert_eq!(read.charge_id.unwrap().as_str(), "ch_1");
        assert_eq!(read.payment_intent_id.unwrap().as_str(), "pi_1");
    }

    #[test]
    fn every_documented_dispute_status_is_known_and_another_is_none() {
        let words = [
            "warning_needs_response",
            "warning_under_review",
            "warning_closed",
            "needs_response",
            "under_review",
            "won",
            "lost",
            "prevented",
            "appeal_needs_response",
            "appeal_under_review",
            "charge_refunded",
        ];
        for word in words {
            assert_eq!(read_dispute(&json(word)).unwrap().status.map(DisputeStatus::as_str), Some(word));
        }
        assert_eq!(read_dispute(&json("escalated")).unwrap().status, None);
    }

    #[test]
    fn a_dispute_without_what_we_need_is_refused() {
        for json in ["{}", "1", r#"{"id":"du_1","amount":-1,"currency":"usd"}"#, r#"{"id":"du_1","amount":1}"#] {
            assert!(read_dispute(json).is_err(), "{json}");
        }
    }
}
