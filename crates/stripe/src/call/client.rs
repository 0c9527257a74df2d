use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response, redirect};
use secrecy::ExposeSecret;
use settled_domain::ports::GatewayError;
use stripe_client_core::StripeMethod;
use url::Url;

use super::failure::{Failure, NotUsable, Retry};
use super::reply::Reply;
use crate::config::{ConfigError, RetryPolicy, StripeConfig};
use crate::requests::Call;

/// The API version that our calls are made in and answered in.
pub const API_VERSION: &str = "2026-09-30.endive";
const USER_AGENT: &str = concat!("settled/", env!("CARGO_PKG_VERSION"));
/// A longer answer is not read to its end.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;
/// Stripe is reached within this, or not at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

static STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");
static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Sends calls to Stripe.
pub(crate) struct Client {
    http: reqwest::Client,
    /// Ends in a slash.
    base: Url,
    retries: RetryPolicy,
}

impl Client {
    pub(crate) fn new(config: StripeConfig) -> Result<Self, ConfigError> {
        let mut key = HeaderValue::try_from(format!("Bearer {}", config.secret_key.expose_secret()))
            .map_err(|_| ConfigError::SecretKey)?;
        key.set_sensitive(true);
        let headers = HeaderMap::from_iter([
            (header::AUTHORIZATION, key),
            (STRIPE_VERSION.clone(), HeaderValue::from_static(API_VERSION)),
        ]);
        let mut http = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .default_headers(headers)
            // Whoever redirects us would be given the key.
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            // How often a call is tried is decided below.
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT.min(config.call_timeout))
            .timeout(config.call_timeout);
        if config.api_base.scheme() == "http" {
            // The sandbox needs no TLS, and so no CA certificates of the system.
            http = http.tls_certs_only([]);
        }
        let mut base = config.api_base;
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Ok(Self { http: http.build().map_err(ConfigError::Client)?, base, retries: config.retries })
    }

    /// Sends a call until there is an answer with a 2xx, the attempts or the time are used up, or another attempt would
    /// be wrong.
    pub(crate) async fn send(&self, call: &Call) -> Result<Reply, GatewayError> {
        let delays = ExponentialBuilder::new()
            .with_min_delay(self.retries.first_delay)
            .with_max_times(self.retries.attempts.saturating_sub(1))
            .with_jitter();
        let attempts = (|| self.attempt(call))
            .retry(delays)
            .when(|failure| failure.retry != Retry::Never)
            .adjust(|failure, delay| self.wait(failure.retry, delay))
            .notify(|failure, delay| {
                let path = call.request.path.as_str();
                tracing::debug!(path, error = %failure.error, ?delay, "stripe is asked again");
            });
        match tokio::time::timeout(self.retries.whole, attempts).await {
            Ok(answer) => answer.map_err(|failure| failure.error),
            Err(_) => Err(NotUsable::OutOfTime.into()),
        }
    }

    /// How long to wait before the next attempt; `None` gives up.
    fn wait(&self, retry: Retry, delay: Option<Duration>) -> Option<Duration> {
        match retry {
            Retry::Never => None,
            Retry::Later => delay,
            Retry::After(asked) if asked > self.retries.longest_retry_after => None,
            // Those who were told the same time don't come back in the same moment.
            Retry::After(asked) => delay.map(|delay| asked.saturating_add(delay)),
        }
    }

    async fn attempt(&self, call: &Call) -> Result<Reply, Failure> {
        let mut request = self.http.request(method(call.request.method), self.url(call));
        if let Some(key) = &call.key {
            request = request.header(&IDEMPOTENCY_KEY, key);
        }
        if let Some(body) = &call.request.body {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.clone());
        }
        let response = request.send().await.map_err(Failure::no_answer)?;
        let reply = read(response).await?;
        if reply.status.is_success() { Ok(reply) } else { Err(Failure::from_reply(&reply, call.key.is_some())) }
    }

    fn url(&self, call: &Call) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}v1{}", self.base.path(), call.request.path));
        url.set_query(call.request.query.as_deref().filter(|query| !query.is_empty()));
        url
    }
}

fn method(method: StripeMethod) -> Method {
    match method {
        StripeMethod::Get => Method::GET,
        StripeMethod::Post => Method::POST,
        StripeMethod::Delete => Method::DELETE,
    }
}

async fn read(mut response: Response) -> Result<Reply, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Failure::no_answer)? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(Failure::too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { status: response.status(), headers: std::mem::take(response.headers_mut()), body })
}
