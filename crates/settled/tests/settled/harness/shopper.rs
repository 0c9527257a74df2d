use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use super::answer_to;

/// A signed-in user with a browser's patience and no browser.
#[derive(Clone)]
pub(crate) struct Shopper {
    pub(crate) client: Client,
    pub(crate) url: String,
    pub(crate) token: String,
}

impl Shopper {
    /// Signs in by the sandbox's login.
    pub(crate) async fn sign_in(url: String, name: String) -> Self {
        let client = Client::builder().redirect(Policy::none()).pool_max_idle_per_host(0).build().unwrap();
        let login = client.post(format!("{url}/sandbox/login")).json(&json!({ "user_id": name })).send().await.unwrap();
        assert!(login.status().is_success(), "{login:?}");
        let cookie = login.headers()["set-cookie"].to_str().unwrap();
        let token = cookie.split_once('=').unwrap().1.split(';').next().unwrap().to_owned();
        Self { client, url, token }
    }

    /// A user whose token was made elsewhere.
    pub(crate) fn with_token(url: &str, token: &str) -> Self {
        let client = Client::builder().redirect(Policy::none()).pool_max_idle_per_host(0).build().unwrap();
        Self { client, url: url.to_owned(), token: token.trim().to_owned() }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        let request = self.client.post(format!("{}{path}", self.url)).bearer_auth(&self.token);
        answer_to(request.json(body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        answer_to(self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token)).await
    }

    pub(crate) async fn checkout(&self, price: &str) -> Value {
        let response = self.post("/api/checkout", &json!({ "price_id": price })).await;
        let status = response.status();
        let body: Value = response.json().await.unwrap();
        assert!(status.is_success(), "{status}: {body}");
        body
    }

    /// The code of the problem with which a checkout is refused.
    pub(crate) async fn checkout_refusal(&self, price: &str) -> String {
        let response = self.post("/api/checkout", &json!({ "price_id": price })).await;
        assert!(response.status().is_client_error(), "{response:?}");
        response.json::<Value>().await.unwrap()["code"].as_str().unwrap().to_owned()
    }

    /// Pays on the hosted page with this card, and returns where the browser is sent, or the page that came back.
    pub(crate) async fn pay(&self, checkout: &Value, card: &str) -> Result<String, String> {
        let page_url = checkout["url"].as_str().unwrap();
        let page = self.client.get(page_url).send().await.unwrap().text().await.unwrap();
        let mut form = fields_of(&page);
        for (name, value) in [
            ("email", "alice@example.com"),
            ("card_number", card),
            ("card_expiry", "12 / 34"),
            ("card_cvc", "123"),
            ("cardholder_name", "Alice Example"),
        ] {
            form.retain(|(held, _)| held != name);
            form.push((name.to_owned(), value.to_owned()));
        }
        let answer = self.client.post(page_url).form(&form).send().await.unwrap();
        match answer.status() {
            StatusCode::SEE_OTHER => Ok(answer.headers()["location"].to_str().unwrap().to_owned()),
            _ => Err(answer.text().await.unwrap()),
        }
    }

    pub(crate) async fn status_of(&self, checkout: &Value) -> Value {
        let session = checkout["session_id"].as_str().unwrap();
        let response = self.get(&format!("/api/payment-status?session_id={session}")).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }

    pub(crate) async fn subscription(&self) -> Value {
        self.get("/api/subscription-status").await.json().await.unwrap()
    }

    /// Asks until the subscription has this status.
    pub(crate) async fn await_subscription(&self, status: &str) -> Value {
        until(status, async || {
            let said = self.subscription().await;
            (said["status"] == status).then_some(said)
        })
        .await
    }

    /// Asks until the payment has this status.
    pub(crate) async fn await_status(&self, checkout: &Value, status: &str) -> Value {
        until(status, async || {
            let said = self.status_of(checkout).await;
            (said["status"] == status).then_some(said)
        })
        .await
    }
}

/// The hidden fields of the page's form.
pub(crate) fn fields_of(page: &str) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let start = tag.find(&format!("{name}=\""))? + name.len() + 2;
        Some(tag[start..].split('"').next()?.to_owned())
    };
    page.split("<input")
        .skip(1)
        .filter_map(|tag| tag.split('>').next())
        .filter(|tag| tag.contains("type=\"hidden\""))
        .filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())))
        .collect()
}

/// Asks again and again until there is an answer; fails the test after a minute.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(answer) = ask().await {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("waited in vain for: {what}");
}
