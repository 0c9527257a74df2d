//! The account that the sandbox pretends to be, with the secrets of its API and webhooks.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Made at the first start and kept in the journal.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Installation {
    pub(crate) account: String,
    pub(crate) secret_key: String,
    pub(crate) webhook_secret: String,
}

impl fmt::Debug for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Installation").field("account", &self.account).finish_non_exhaustive()
    }
}

impl Installation {
    /// <https://docs.stripe.com/api/accounts/object>
    pub(crate) fn render(&self) -> Value {
        json!({
            "id": self.account,
            "object": "account",
            "business_profile": {
                "annual_revenue": null,
                "estimated_worker_count": null,
                "mcc": null,
                "minority_owned_business_designation": null,
                "name": "Settled sandbox",
                "specified_commercial_transactions_act_url": null,
                "support_address": null,
                "support_email": null,
                "support_phone": null,
                "support_url": null,
                "url": null,
            },
            "business_type": null,
            "capabilities": { "card_payments": "active", "transfers": "active" },
            "charges_enabled": true,
            "controller": { "type": "account" },
            "country": "US",
            "default_currency": "usd",
            "details_submitted": true,
            "email": null,
            "payouts_enabled": true,
            "settings": settings(),
            "type": "standard",
        })
    }
}

fn settings() -> Value {
    json!({
        "branding": {
            "icon": null,
            "logo": null,
            "primary_color": null,
            "secondary_color": null,
        },
        "card_payments": {
            "statement_descriptor_prefix": null,
            "statement_descriptor_prefix_kana": null,
            "statement_descriptor_prefix_kanji": null,
        },
        "dashboard": { "display_name": "Settled sandbox", "timezone": "Etc/UTC" },
        "payments": {
            "statement_descriptor": null,
            "statement_descriptor_kana": null,
            "statement_descriptor_kanji": null,
            "statement_descriptor_prefix_kana": null,
            "statement_descriptor_prefix_kanji": null,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let installation = Installation {
            account: "acct_1".to_owned(),
            secret_key: "sk_test_hidden".to_owned(),
            webhook_secret: "whsec_hidden".to_owned(),
        };
        assert!(!format!("{installation:?}").contains("hidden"));
    }
}
