//! Whether an answer is one that the description promises. Every answer of these tests is looked at.

use std::sync::LazyLock;

use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::app::Reply;

/// The document of the repository; that it is the one that is served is a test of its own.
pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../../docs/openapi.json")).unwrap());

/// Panics unless the description has this answer. Of paths and methods that it does not have, only problems are expected.
#[track_caller]
pub(crate) fn check(method: &Method, path: &str, reply: &Reply) {
    let what = format!("{method} {path} answered {}: {}", reply.status, String::from_utf8_lossy(&reply.body));
    let is_not_there = reply.status == 404 && reply.json()["code"] == "not_found";
    let operation = match operation(method, path) {
        // Outside the sandbox its login is not found.
        Some(operation) if path != "/sandbox/login" || !is_not_there => operation,
        _ => {
            assert!(matches!(reply.status.as_u16(), 200 | 404 | 405), "{what}");
            return;
        }
    };
    let answer = &operation["responses"][reply.status.as_str()];
    assert!(answer.is_object(), "no such status is described: {what}");
    for name in answer["headers"].as_object().into_iter().flatten().map(|(name, _)| name) {
        let may_be_missing = name == "Retry-After";
        assert!(may_be_missing || reply.headers.contains_key(name.as_str()), "{name} is missing: {what}");
    }
    if reply.headers.contains_key(header::RETRY_AFTER) {
        assert!(answer["headers"]["Retry-After"].is_object(), "Retry-After is not described: {what}");
    }
    let content_type = reply.header(header::CONTENT_TYPE).and_then(|it| it.split(';').next());
    let Some(content_type) = content_type else {
        assert!(answer["content"].is_null(), "a body is described: {what}");
        return;
    };
    let content = &answer["content"][content_type];
    assert!(content.is_object(), "{content_type} is not described: {what}");
    if content_type.ends_with("json") {
        let errors = errors_of(&content["schema"], &reply.json());
        assert!(errors.is_empty(), "not as described: {errors:#?}: {what}");
    }
}

fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let paths = &DOCUMENT["paths"];
    let path = if path.starts_with("/assets/") { "/assets/{name}" } else { path };
    paths[path].get(method.as_str().to_lowercase())
}

fn errors_of(schema: &Value, answer: &Value) -> Vec<String> {
    let mut whole = schema.clone();
    // So that references lead somewhere.
    whole["components"] = DOCUMENT["components"].clone();
    let validator = jsonschema::options().should_validate_formats(true).build(&whole).unwrap();
    validator.iter_errors(answer).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// An answer with something more than is described, and one with something less, are noticed.
#[test]
fn an_answer_that_is_not_as_described_is_noticed() {
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    let mut problem = DOCUMENT["paths"]["/healthz"]["get"]["responses"]["500"]["content"]["application/problem+json"]
        ["examples"]["internal"]["value"]
        .clone();
    assert_eq!(errors_of(&schema, &problem), [""; 0]);
    problem["surprise"] = json!(1);
    assert_eq!(errors_of(&schema, &problem).len(), 1);
    problem.as_object_mut().unwrap().retain(|member, _| member != "surprise" && member != "code");
    assert_eq!(errors_of(&schema, &problem).len(), 1);
}
