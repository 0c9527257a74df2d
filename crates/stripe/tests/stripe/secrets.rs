use std::error::Error;
use std::fmt::Write;

use serde_json::json;
use settled_domain::ports::StripeGateway;
use settled_stripe::{ConfigError, StripeApi, StripeConfig};
use wiremock::ResponseTemplate;

use crate::double::{SECRET_KEY, answering, api, config, error, params, session_id};

fn refused(secrets: Vec<&str>) -> ConfigError {
    let secrets = secrets.into_iter().map(Into::into).collect();
    StripeApi::new(StripeConfig::new("sk_test_1".into(), secrets)).unwrap_err()
}

#[test]
fn a_blank_or_damaged_signing_secret_is_refused_by_its_number() {
    for secret in ["", " ", "\t\n", "whsec_1\n", "whsec_ 1", "\u{a0}", "whsec_\0"] {
        let error = refused(vec!["whsec_good", secret]);
        assert!(matches!(error, ConfigError::WebhookSecret { number: 2 }), "{secret:?}");
        assert!(!error.to_string().contains("whsec_1"));
    }
}

#[test]
fn no_signing_secret_at_all_is_refused() {
    assert!(matches!(refused(Vec::new()), ConfigError::NoWebhookSecret));
}

/// The error with all that it came from, in both of its forms.
fn everything_said(error: &dyn Error) -> String {
    let mut said = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(error) = source {
        write!(said, " {error} {error:?}").unwrap();
        source = error.source();
    }
    said
}

#[tokio::test]
async fn no_error_shows_the_key_a_payload_or_an_address() {
    let private = json!({
        "type": "invalid_request_error", "code": "email_invalid", "message": "zoe@example.com is no address",
    });
    let answers = [
        error(400, &private),
        error(401, &json!({ "message": format!("Invalid API Key provided: {SECRET_KEY}") })),
        error(500, &private),
        error(429, &private),
        ResponseTemplate::new(200).set_body_string(r#"{"id":"cs_test_1","amount_total":"zoe@example.com"}"#),
        ResponseTemplate::new(200).set_body_string(r#"{"id":"cs_test_1","customer":"zoe@example.com"}"#),
        ResponseTemplate::new(502).set_body_string("zoe@example.com"),
    ];
    for answer in answers {
        let server = answering(answer).await;
        let api = api(&server);
        for error in [
            api.create_checkout_session(&params(), "key-1").await.unwrap_err(),
            api.fetch_checkout_session(&session_id()).await.unwrap_err(),
        ] {
            let said = everything_said(&error);
            assert!(!said.contains("DoNotShowMe") && !said.contains("zoe@example.com"), "{said}");
        }
    }
}

#[tokio::test]
async fn a_failed_connection_does_not_show_the_object_that_was_asked_for() {
    // Nothing listens on port 1.
    let api = StripeApi::new(config("http://127.0.0.1:1/")).unwrap();
    let said = everything_said(&api.fetch_checkout_session(&session_id()).await.unwrap_err());
    assert!(!said.contains("cs_test_1") && !said.contains("DoNotShowMe"), "{said}");
}

#[test]
fn debug_shows_no_secret() {
    let config = StripeConfig::new(SECRET_KEY.into(), vec!["whsec_DoNotShowMe".into()]);
    let said = format!("{config:?} {:?}", StripeApi::new(config.clone()).unwrap());
    assert!(!said.contains("DoNotShowMe"), "{said}");
}
