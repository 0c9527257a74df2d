//! What may go wrong, as it is described: by status, with the codes that the operation may answer and a whole problem as
//! the example of each.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::schema::AllOfBuilder;
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::error::{ErrorCode, example};

/// The request's number in the examples.
const REQUEST_ID: &str = "01936a1c-0b5e-7c3a-9d2f-4b8e6a10c7d4";

/// Why a request was not answered with what it asked for (RFC 9457).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it only describes what problem_details writes; the tests compare the two")]
pub(super) struct Problem {
    /// Always `about:blank`: the code says which kind it is.
    #[serde(rename = "type")]
    #[schema(pattern = "^about:blank$")]
    kind: String,
    /// The status in words.
    title: String,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What a person should know. Not for programs: the words may change.
    detail: String,
    code: ErrorCode,
    /// The number of the request, as in the header `X-Request-Id` and in the log.
    #[schema(format = Uuid)]
    request_id: String,
    /// Where the user can pay the open invoice; only with `already_subscribed`.
    #[schema(nullable = false, format = "uri")]
    pay_url: Option<String>,
}

/// Names a type that describes the problems of one route by their codes.
macro_rules! refusals {
    ($visible:vis $name:ident { $($code:ident),* $(,)? }) => {
        $visible struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
                $crate::openapi::problems(&[$($crate::error::ErrorCode::$code),*])
            }
        }
    };
}
pub(crate) use refusals;

/// The answers with these codes, and with those that any route may answer.
pub(crate) fn problems(codes: &[ErrorCode]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status = BTreeMap::<u16, Vec<ErrorCode>>::new();
    for code in codes.iter().copied().chain([ErrorCode::Internal, ErrorCode::Timeout]) {
        by_status.entry(code.status().as_u16()).or_default().push(code);
    }
    by_status.into_iter().map(|(status, codes)| (status.to_string(), answer(&codes).into())).collect()
}

fn answer(codes: &[ErrorCode]) -> Response {
    let words: Vec<Value> = codes.iter().map(|code| json!(code)).collect();
    let only_these =
        ObjectBuilder::new().property("code", ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)));
    let schema = AllOfBuilder::new().item(Ref::from_schema_name(Problem::name())).item(only_these);
    let mut content = ContentBuilder::new().schema(Some(schema));
    for code in codes {
        let value = serde_json::to_value(example(*code, REQUEST_ID)).ok();
        content = content.examples_from_iter([(word(*code), ExampleBuilder::new().value(value).build())]);
    }
    let text = codes.iter().map(|code| format!("`{}`: {}.", word(*code), code.detail())).collect::<Vec<_>>().join(" ");
    let mut response =
        ResponseBuilder::new().description(text).content("application/problem+json", content.build()).build();
    let mut add = |name: &str, component: &str| {
        response.headers.insert(name.into(), RefOr::Ref(Ref::new(format!("#/components/headers/{component}"))));
    };
    if codes.iter().any(|code| code.retry_after_s().is_some()) {
        add("Retry-After", "RetryAfter");
    }
    if codes.contains(&ErrorCode::Unauthorized) {
        add("WWW-Authenticate", "Authenticate");
    }
    response
}

/// The list of the codes with their statuses and meanings.
pub(super) fn codes() -> RefOr<Schema> {
    let RefOr::T(Schema::Object(mut schema)) = ErrorCode::schema() else {
        return ErrorCode::schema();
    };
    let words = schema.enum_values.iter().flatten();
    let codes = words.filter_map(|word| serde_json::from_value::<ErrorCode>(word.clone()).ok());
    let lines = codes.map(|code| format!("- `{}` ({}): {}", word(code), code.status().as_u16(), code.detail()));
    let list = lines.collect::<Vec<_>>().join("\n");
    schema.description = Some(format!("What went wrong, as a word that programs may act on.\n\n{list}"));
    schema.into()
}

pub(super) fn schema() -> RefOr<Schema> {
    Problem::schema()
}

fn word(code: ErrorCode) -> String {
    json!(code).as_str().unwrap_or_default().to_owned()
}
