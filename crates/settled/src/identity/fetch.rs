use std::time::Duration;

use async_trait::async_trait;
use reqwest::{StatusCode, redirect};
use settled_api::token::{KeySet, NotAKeySet};
use url::Url;

use super::KeySource;

/// A provider that takes longer is away.
pub(super) const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Certificates beside the keys make sets large, but not as large as this.
const MAX_BYTES: usize = 256 * 1024;

/// Why there are no keys. The messages name no address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("no answer")]
    NoAnswer(#[source] reqwest::Error),
    #[error("no answer in time")]
    TooSlow,
    #[error("the answer is a {0}")]
    Status(StatusCode),
    #[error("the answer is too long")]
    TooLong,
    #[error(transparent)]
    NotAKeySet(#[from] NotAKeySet),
}

/// The URL cannot be a provider's.
#[derive(Debug, thiserror::Error)]
#[error("it must be an https URL without user and password; http only to this machine")]
pub(crate) struct UnsafeUrl;

/// A JSON Web Key Set on the web. Whoever could change it on the way could sign in as anybody, so it comes by https.
pub(crate) struct Document {
    client: reqwest::Client,
    url: Url,
}

/// Refuses what could be changed on the way.
pub(crate) fn check_url(url: &Url, is_loopback: bool) -> Result<(), UnsafeUrl> {
    let is_private = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
    let is_bare = url.has_host() && url.username().is_empty() && url.password().is_none();
    if is_private && is_bare { Ok(()) } else { Err(UnsafeUrl) }
}

impl Document {
    pub(crate) fn new(url: Url) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .https_only(url.scheme() == "https")
            // Where keys come from is said by the settings alone.
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(FETCH_TIMEOUT);
        // Without TLS no CA certificates of the system are needed.
        let client = if url.scheme() == "http" { client.tls_certs_only([]) } else { client };
        Ok(Self { client: client.build()?, url })
    }
}

#[async_trait]
impl KeySource for Document {
    async fn fetch(&self) -> Result<KeySet, FetchError> {
        let no_answer = |error: reqwest::Error| FetchError::NoAnswer(error.without_url());
        let mut response = self.client.get(self.url.clone()).send().await.map_err(no_answer)?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(FetchError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(KeySet::from_json(&body)?)
    }
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::any;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    async fn fetched(answer: ResponseTemplate) -> Result<KeySet, FetchError> {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(answer).mount(&server).await;
        Document::new(server.uri().parse().unwrap()).unwrap().fetch().await
    }

    fn set(body: &str) -> ResponseTemplate {
        ResponseTemplate::new(200).set_body_string(body)
    }

    #[tokio::test]
    async fn a_key_set_is_read_and_what_is_none_is_refused() {
        assert!(fetched(set(r#"{"keys":[]}"#)).await.unwrap().is_empty());
        for body in ["", "[]", "{}", "<html>", r#"{"keys":{}}"#] {
            assert!(matches!(fetched(set(body)).await, Err(FetchError::NotAKeySet(_))), "{body}");
        }
    }

    #[tokio::test]
    async fn an_endless_answer_is_not_read_to_its_end() {
        let endless = format!(r#"{{"keys":[],"pad":"{}"}}"#, "x".repeat(MAX_BYTES));
        assert!(matches!(fetched(set(&endless)).await, Err(FetchError::TooLong)));
    }

    #[tokio::test]
    async fn a_redirect_or_an_error_is_no_key_set() {
        let elsewhere = MockServer::start().await;
        Mock::given(any()).respond_with(set(r#"{"keys":[]}"#)).expect(0).mount(&elsewhere).await;
        let redirect = ResponseTemplate::new(302).insert_header("location", elsewhere.uri().as_str());
        for answer in [redirect, ResponseTemplate::new(500), ResponseTemplate::new(204)] {
            assert!(matches!(fetched(answer).await, Err(FetchError::Status(_))));
        }
    }

    #[tokio::test]
    async fn nobody_there_is_told_without_the_address() {
        // Nothing listens on port 1.
        let source = Document::new("http://127.0.0.1:1/keys?tenant=hush".parse().unwrap()).unwrap();
        let error = source.fetch().await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
    }

    #[test]
    fn keys_come_by_https_or_from_this_machine() {
        let check = |url: &str, is_loopback| check_url(&url.parse().unwrap(), is_loopback).is_ok();
        assert!(check("https://idp.example/jwks.json", false));
        assert!(check("http://127.0.0.1:8080/jwks.json", true));
        assert!(!check("http://idp.example/jwks.json", false));
        assert!(!check("file:///etc/keys.json", false));
        assert!(!check("https://user:hush@idp.example/jwks.json", false));
    }
}
