//! What the API answers when it refuses, in Stripe's words.
//!
//! <https://docs.stripe.com/api/errors>, <https://docs.stripe.com/error-codes>

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::objects::Decline;

/// A refusal: Stripe's error object and the status it comes with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StripeError {
    pub(crate) status: StatusCode,
    pub(crate) kind: &'static str,
    pub(crate) code: Option<&'static str>,
    pub(crate) param: Option<String>,
    pub(crate) message: String,
    /// Further fields of the error, e.g. the PaymentIntent that was declined.
    /// Boxed, because every `Result` would be as large.
    details: Box<Map<String, Value>>,
}

impl StripeError {
    /// A 400 about the request as a whole.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "invalid_request_error",
            code: None,
            param: None,
            message: message.into(),
            details: Box::default(),
        }
    }

    pub(crate) fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub(crate) fn with_param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn unknown_parameters(names: &[String]) -> Self {
        let noun = if names.len() == 1 { "parameter" } else { "parameters" };
        let error =
            Self::invalid(format!("Received unknown {noun}: {}", names.join(", "))).with_code("parameter_unknown");
        match names.first() {
            Some(first) => error.with_param(first),
            None => error,
        }
    }

    pub(crate) fn missing(param: &str) -> Self {
        Self::invalid(format!("Missing required param: {param}.")).with_code("parameter_missing").with_param(param)
    }

    pub(crate) fn empty(param: &str) -> Self {
        Self::invalid(format!(
            "You passed an empty string for '{param}'. We assume empty values are an attempt to \
             unset a parameter; however '{param}' cannot be unset. You should remove '{param}' \
             from your request or supply a non-empty value."
        ))
        .with_code("parameter_invalid_empty")
        .with_param(param)
    }

    /// Something real that Stripe takes and this sandbox does not act upon yet.
    pub(crate) fn not_simulated(param: &str) -> Self {
        Self::invalid(format!(
            "The sandbox does not simulate `{param}`: Stripe takes it, but nothing here would act \
             on it."
        ))
        .with_param(param)
    }

    /// 404: the id in the path names nothing. Stripe has its own names for the ids in its paths.
    pub(crate) fn no_such(object: &str, id: &str) -> Self {
        let param = match object {
            "payment_intent" => "intent",
            "checkout.session" => "session",
            "coupon" | "dispute" | "invoice" | "payment_method" | "price" | "promotion_code" | "refund" => object,
            _ => "id",
        };
        Self::no_such_reference(object, id, param).with_status(StatusCode::NOT_FOUND)
    }

    /// 400: an id in a parameter names nothing.
    pub(crate) fn no_such_reference(object: &str, id: &str, param: &str) -> Self {
        Self::invalid(format!("No such {object}: '{id}'")).with_code("resource_missing").with_param(param)
    }

    pub(crate) fn unrecognized_url(method: &str, path: &str) -> Self {
        Self::invalid(format!(
            "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we \
             can help at https://support.stripe.com/."
        ))
        .with_status(StatusCode::NOT_FOUND)
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::invalid(message).with_status(StatusCode::UNAUTHORIZED)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::invalid(message).with_status(StatusCode::FORBIDDEN)
    }

    pub(crate) fn too_large() -> Self {
        Self::invalid("The request body is too large.").with_status(StatusCode::PAYLOAD_TOO_LARGE)
    }

    /// 402 (or 400, when it was not the card's fault): a payment was tried and failed.
    pub(crate) fn declined(decline: Decline, details: Map<String, Value>) -> Self {
        let is_card = decline.error_type() == "card_error";
        let mut error = Self::invalid(decline.message()).with_code(decline.code()).with_status(if is_card {
            StatusCode::PAYMENT_REQUIRED
        } else {
            StatusCode::BAD_REQUEST
        });
        error.kind = decline.error_type();
        error.details = Box::new(details);
        if let Some(code) = decline.decline_code() {
            error.details.insert("decline_code".to_owned(), json!(code));
        }
        error
    }

    /// The key was used before with other parameters.
    pub(crate) fn idempotency_mismatch(key: &str) -> Self {
        let mut error = Self::invalid(format!(
            "Keys for idempotent requests can only be used with the same parameters they were \
             first used with. Try using a key other than '{key}' if you meant to execute a \
             different request."
        ));
        error.kind = "idempotency_error";
        error
    }

    /// The first request with this key is not answered yet.
    pub(crate) fn idempotency_in_use(key: &str) -> Self {
        let mut error = Self::invalid(format!(
            "There is currently another in-progress request using this Idempotent Key: {key}. \
             Please try again later."
        ))
        .with_code("idempotency_key_in_use")
        .with_status(StatusCode::CONFLICT);
        error.kind = "idempotency_error";
        error
    }

    /// 429.
    ///
    /// <https://docs.stripe.com/rate-limits>
    pub(crate) fn too_many() -> Self {
        Self::invalid(
            "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
        )
        .with_code("rate_limit")
        .with_status(StatusCode::TOO_MANY_REQUESTS)
    }

    /// 500: the journal could not be written. What was asked may or may not survive a restart.
    pub(crate) fn internal() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            kind: "api_error",
            code: None,
            param: None,
            message: "An unknown error occurred.".to_owned(),
            details: Box::default(),
        }
    }

    /// Stripe's error object.
    pub(crate) fn body(&self) -> Value {
        let mut error = (*self.details).clone();
        if let Some(code) = self.code {
            error.insert("code".to_owned(), json!(code));
            let page = code.replace('_', "-");
            error.insert("doc_url".to_owned(), json!(format!("https://stripe.com/docs/error-codes/{page}")));
        }
        error.insert("message".to_owned(), json!(self.message));
        if let Some(param) = &self.param {
            error.insert("param".to_owned(), json!(param));
        }
        error.insert("type".to_owned(), json!(self.kind));
        json!({ "error": error })
    }
}

impl IntoResponse for StripeError {
    fn into_response(self) -> Response {
        (self.status, axum::Json(self.body())).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_code_parameter_and_page() {
        assert_eq!(
            StripeError::missing("mode").body(),
            json!({"error": {
                "type": "invalid_request_error",
                "code": "parameter_missing",
                "doc_url": "https://stripe.com/docs/error-codes/parameter-missing",
                "message": "Missing required param: mode.",
                "param": "mode",
            }})
        );
    }

    #[test]
    fn a_missing_object_is_404_in_the_path_and_400_in_a_parameter() {
        assert_eq!(StripeError::no_such("price", "price_x").status, StatusCode::NOT_FOUND);
        assert_eq!(
            StripeError::no_such_reference("price", "price_x", "line_items[0][price]").status,
            StatusCode::BAD_REQUEST
        );
    }
}
