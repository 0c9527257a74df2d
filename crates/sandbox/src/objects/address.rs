//! Postal addresses; nobody enters one in the sandbox.

use serde_json::{Value, json};

/// An address with nothing in it.
pub(super) fn empty() -> Value {
    json!({
        "city": null,
        "country": null,
        "line1": null,
        "line2": null,
        "postal_code": null,
        "state": null,
    })
}
