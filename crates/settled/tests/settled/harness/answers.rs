use axum::http;
use reqwest::{Client, RequestBuilder, Response};
use settled_overheard::{Said, keep};

/// Sends a request to the program. An answer that is an error is kept, and handed on as it was.
pub(crate) async fn answer_to(request: RequestBuilder) -> Response {
    let answer = request.send().await.unwrap();
    if !answer.status().is_client_error() && !answer.status().is_server_error() {
        return answer;
    }
    let mut whole = http::Response::builder().status(answer.status()).version(answer.version());
    for (name, value) in answer.headers() {
        whole = whole.header(name, value);
    }
    let (status, headers) = (answer.status(), format!("{:?}", answer.headers()));
    let body = answer.bytes().await.unwrap();
    keep(Said::Answer, &format!("{status} {headers} {}", String::from_utf8_lossy(&body)));
    whole.body(body).unwrap().into()
}

/// What Prometheus is told at this address.
pub(crate) async fn metrics_at(addr: &str) -> Response {
    let answer = Client::new().get(format!("http://{addr}/metrics")).send().await.unwrap();
    let (headers, told) = (answer.headers().clone(), answer.text().await.unwrap());
    keep(Said::Metrics, &told);
    let mut whole = http::Response::new(told);
    *whole.headers_mut() = headers;
    whole.into()
}
