//! Registering webhook endpoints. The sandbox remembers them and answers for them as Stripe does; it posts its events to
//! the one endpoint that it was started for.
//!
//! <https://docs.stripe.com/api/webhook_endpoints>

use serde_json::{Value, json};

use crate::errors::StripeError;
use crate::ids;
use crate::objects::{Resource, WebhookEndpoint};
use crate::params::Params;
use crate::store::Change;

/// An account has no more of them in test mode: <https://docs.stripe.com/webhooks#register-webhook>.
const MAX_ENDPOINTS: usize = 16;

/// `POST /v1/webhook_endpoints`: the only answer that holds the secret.
pub(crate) fn create(change: &mut Change<'_>, params: &mut Params) -> Result<Value, StripeError> {
    params.refuse_unsimulated(&["connect"])?;
    let url = address(&params.required_text("url")?)?;
    let enabled_events = event_types(params)?.ok_or_else(|| StripeError::missing("enabled_events"))?;
    let endpoint = WebhookEndpoint {
        id: ids::object_id("we_1", 23),
        created: change.now,
        url,
        enabled_events,
        api_version: params.text("api_version")?.map(version).transpose()?,
        description: params.text("description")?,
        metadata: params.new_metadata("metadata")?,
        disabled: false,
        deleted: false,
    };
    std::mem::take(params).finish()?;
    let there = change.state.webhook_endpoints.oldest_first().filter(|endpoint| !endpoint.deleted).count();
    if there >= MAX_ENDPOINTS {
        let message = format!("You have reached the maximum of {MAX_ENDPOINTS} test webhook endpoints.");
        return Err(StripeError::invalid(message));
    }
    let secret = ids::secret("whsec_").map_err(|_| StripeError::internal())?;
    change.put(&endpoint);
    let mut body = endpoint.render(change.state);
    body["secret"] = json!(secret);
    Ok(body)
}

/// `POST /v1/webhook_endpoints/{id}`: everything but the version.
pub(crate) fn update(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let mut endpoint: WebhookEndpoint = change.find(id)?;
    if let Some(url) = params.text("url")? {
        endpoint.url = address(&url)?;
    }
    if let Some(enabled_events) = event_types(params)? {
        endpoint.enabled_events = enabled_events;
    }
    if let Some(description) = params.clearable_text("description")? {
        endpoint.description = Some(description).filter(|description| !description.is_empty());
    }
    endpoint.disabled = params.boolean("disabled")?.unwrap_or(endpoint.disabled);
    endpoint.metadata = params.metadata("metadata")?.applied_to(&endpoint.metadata, "metadata")?;
    std::mem::take(params).finish()?;
    change.put(&endpoint);
    Ok(endpoint.render(change.state))
}

/// `DELETE /v1/webhook_endpoints/{id}`.
pub(crate) fn delete(change: &mut Change<'_>, id: &str) -> Result<Value, StripeError> {
    let mut endpoint: WebhookEndpoint = change.find(id)?;
    endpoint.deleted = true;
    change.put(&endpoint);
    Ok(json!({ "id": id, "object": "webhook_endpoint", "deleted": true }))
}

fn address(text: &str) -> Result<String, StripeError> {
    let refuse = |message: &str| StripeError::invalid(message).with_code("url_invalid").with_param("url");
    let url = url::Url::parse(text)
        .map_err(|_| refuse("Not a valid URL. An explicit scheme (such as https) must be provided."))?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(text.to_owned())
    } else {
        Err(refuse("Invalid URL: the scheme must be http or https."))
    }
}

/// `*`, or names like `checkout.session.completed`. Which names there are, only Stripe knows.
fn event_types(params: &mut Params) -> Result<Option<Vec<String>>, StripeError> {
    if !params.has("enabled_events") {
        return Ok(None);
    }
    let types = params.texts("enabled_events")?;
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
    let is_type = |text: &String| text == "*" || (text.contains('.') && text.split('.').all(is_word));
    match types.iter().find(|text| !is_type(text)) {
        Some(wrong) => {
            let shown: String = wrong.chars().take(50).collect();
            Err(StripeError::invalid(format!("Invalid enabled_events: {shown} is no event type."))
                .with_param("enabled_events"))
        }
        None if types.is_empty() => Err(StripeError::empty("enabled_events")),
        None => Ok(Some(types)),
    }
}

/// `2026-09-30.endive`, or a date alone.
fn version(text: String) -> Result<String, StripeError> {
    let (date, name) = text.split_once('.').unwrap_or((&text, "name"));
    let is_date = date.len() == 10
        && date
            .bytes()
            .enumerate()
            .all(|(place, it)| if place == 4 || place == 7 { it == b'-' } else { it.is_ascii_digit() });
    if is_date && !name.is_empty() && name.bytes().all(|it| it.is_ascii_lowercase()) {
        Ok(text)
    } else {
        let shown: String = text.chars().take(50).collect();
        Err(StripeError::invalid(format!("Invalid API version: {shown}")).with_param("api_version"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_dates_with_or_without_a_name() {
        for text in ["2026-09-30.endive", "2023-10-16"] {
            assert_eq!(version(text.to_owned()).unwrap(), text);
        }
        for wrong in ["", "latest", "2026-9-30", "2026-09-30.", "2026-09-30.Endive", "20260930ab"] {
            assert!(version(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn addresses_are_of_the_web() {
        assert!(address("http://127.0.0.1:3000/api/webhook/stripe").is_ok());
        for wrong in ["shop.example/hook", "ftp://shop.example", "mailto:a@b.example"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
