use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use serde::Deserialize;
use serde_json::Value;

use super::prose::{Block, Piece, blocks, pieces};
use super::{Frame, render};
use crate::error::ApiError;
use crate::openapi::refusals;
use crate::router::Api;

/// The description for people. It needs no script, so it is at home under the content security policy, and nothing is
/// loaded from elsewhere.
#[derive(Template)]
#[template(path = "description.html")]
struct Page {
    frame: Frame,
    document: Document,
}

/// What the page shows of an OpenAPI document.
#[derive(Deserialize)]
struct Document {
    info: Info,
    tags: Vec<Tag>,
    paths: BTreeMap<String, BTreeMap<String, Operation>>,
    components: Components,
}

#[derive(Deserialize)]
struct Info {
    version: String,
    description: String,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
    description: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operation {
    #[serde(rename = "operationId")]
    id: String,
    summary: String,
    #[serde(default)]
    description: String,
    tags: Vec<String>,
    #[serde(default)]
    security: Vec<Value>,
    #[serde(default)]
    parameters: Vec<Parameter>,
    request_body: Option<Answer>,
    responses: BTreeMap<String, Answer>,
}

#[derive(Deserialize)]
struct Parameter {
    name: String,
    r#in: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    description: String,
    schema: Value,
}

/// The body of a request, or an answer.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    description: String,
    #[serde(default)]
    content: BTreeMap<String, Content>,
}

#[derive(Deserialize)]
struct Content {
    schema: Value,
    example: Option<Value>,
    #[serde(default)]
    examples: BTreeMap<String, Example>,
}

#[derive(Deserialize)]
struct Example {
    value: Value,
}

#[derive(Deserialize)]
struct Components {
    schemas: BTreeMap<String, Schema>,
}

#[derive(Deserialize)]
struct Schema {
    #[serde(default)]
    description: String,
    #[serde(default)]
    properties: BTreeMap<String, Value>,
    #[serde(default)]
    required: Vec<String>,
}

impl Document {
    /// The operations with this tag: method, path and the rest.
    fn tagged(&self, tag: &str) -> Vec<(String, &str, &Operation)> {
        let all = self.paths.iter().flat_map(|(path, methods)| {
            methods.iter().map(|(method, operation)| (method.to_uppercase(), path.as_str(), operation))
        });
        all.filter(|(_, _, operation)| operation.tags.iter().any(|it| it == tag)).collect()
    }
}

impl Content {
    /// Each example with its name, which is empty if it is the only one.
    fn shown(&self) -> Vec<(&str, String)> {
        let one = self.example.iter().map(|value| ("", format!("{value:#}")));
        one.chain(self.examples.iter().map(|(name, example)| (name.as_str(), format!("{:#}", example.value)))).collect()
    }

    /// The name of the schema, if it has one.
    fn schema_name(&self) -> Option<&str> {
        name_in(&self.schema).or_else(|| self.schema["allOf"].as_array()?.iter().find_map(name_in))
    }
}

fn name_in(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

/// A schema in a few words: `string, date-time or null`.
fn kind(schema: &Value) -> String {
    if let Some(name) = name_in(schema) {
        return name.to_owned();
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(|word| word.as_str().unwrap_or("null")).collect::<Vec<_>>().join(", ");
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        one => one.as_str().unwrap_or("anything").to_owned(),
    };
    match schema["format"].as_str() {
        Some(format) => format!("{types} ({format})"),
        None => types,
    }
}

refusals!(Refusals {});

/// This description, for people.
#[utoipa::path(
    get,
    path = "/docs",
    operation_id = "getDescriptionPage",
    tag = "pages",
    responses((status = 200, description = "The page.", body = String, content_type = "text/html"), Refusals),
)]
pub(crate) async fn get(State(api): State<Api>) -> Result<Html<String>, ApiError> {
    let document = serde_json::from_str(&api.description.json).map_err(|error| ApiError::Internal(error.into()))?;
    render(&Page { frame: Frame::new(&api.config), document })
}
