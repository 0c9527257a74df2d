//! One signed request to the webhook endpoint.

use std::fmt;
use std::time::Duration;

use reqwest::{StatusCode, header};

use crate::signer;

const TIMEOUT: Duration = Duration::from_secs(20);

/// Knows where the endpoint is and how to sign for it.
#[derive(Clone)]
pub(crate) struct Poster {
    client: reqwest::Client,
    url: url::Url,
}

impl fmt::Debug for Poster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poster").finish_non_exhaustive()
    }
}

/// A poster to `url`.
///
/// # Errors
///
/// No HTTP client can be made, e.g. for want of file descriptors.
pub(crate) fn poster(url: url::Url) -> Result<Poster, reqwest::Error> {
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent("Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .build()?;
    Ok(Poster { client, url })
}

impl Poster {
    /// Posts `body`, signed for this attempt with each of `secrets`.
    ///
    /// # Errors
    ///
    /// No answer came.
    pub(super) async fn post(
        &self,
        secrets: &[String],
        timestamp: i64,
        body: String,
    ) -> Result<StatusCode, reqwest::Error> {
        let signature = signer::sign(secrets, timestamp, body.as_bytes());
        let answer = self
            .client
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(header::CACHE_CONTROL, "no-cache")
            .header("Stripe-Signature", signature)
            .body(body)
            .send()
            .await
            .map_err(reqwest::Error::without_url)?;
        Ok(answer.status())
    }
}
