//! The description of the API, made from the routes themselves: a route that is added with `routes!` is in it.

mod problems;
mod schemas;

pub(crate) use problems::{problems, refusals};
pub(crate) use schemas::{payment_statuses, settled_by, subscription_statuses, webhook_outcomes};

use utoipa::ToSchema;
use utoipa::openapi::header::Header;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::server::Server;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, InfoBuilder, KnownFormat, LicenseBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr,
    SchemaFormat, Type,
};

use crate::config::ApiConfig;
use crate::error::ErrorCode;

/// The tags, with what their routes have in common.
const TAGS: [(&str, &str); 5] = [
    ("payments", "Buying, and how a payment stands. For a signed-in user, about what is theirs."),
    ("subscriptions", "Whether a user may use the product."),
    ("stripe", "What Stripe calls."),
    ("operations", "For whoever runs the service."),
    ("pages", "The reference storefront, its sandbox, and this description."),
];

const ABOUT: &str = "Payments and subscriptions by Stripe Checkout. Everything is answered from the service's own \
     database; amounts and prices come from Stripe's catalogue, never from the client.\n\n\
     Errors are `application/problem+json` (RFC 9457) with a `code` out of a closed list. Unknown fields and parameters \
     are refused. New fields may be added to answers, new codes to the list.";

/// What is true of the API as a whole; the routes are added to it.
pub(crate) fn frame(config: &ApiConfig) -> OpenApi {
    let licence = LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title("Settled")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(licence))
        .build();
    let tags = TAGS.map(|(name, text)| TagBuilder::new().name(name).description(Some(text)).build());
    let mut components = Components::new();
    components.add_security_scheme("bearer", bearer());
    components.add_security_scheme("cookie", cookie(config));
    components.headers.insert("RequestId".into(), request_id().into());
    components.headers.insert("RetryAfter".into(), retry_after().into());
    components.headers.insert("Authenticate".into(), authenticate().into());
    components.schemas.insert(problems::Problem::name().into_owned(), problems::schema());
    components.schemas.insert(ErrorCode::name().into_owned(), problems::codes());
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new(config.public_url.as_str().trim_end_matches('/'))]))
        .tags(Some(tags))
        .components(Some(components))
        .build()
}

/// The finished text, made once for all requests.
pub(crate) struct Description {
    pub(crate) json: String,
}

impl Description {
    /// Adds what the routes have in common, and writes it down with sorted members: however `serde_json` was built, and
    /// in whatever order routes were added, the text is the same.
    pub(crate) fn of(mut document: OpenApi) -> Self {
        complete(&mut document);
        // Writing fails only for maps whose keys are not text, and there are none.
        let mut document = serde_json::to_value(document).unwrap_or_default();
        document.sort_all_objects();
        Self { json: format!("{document:#}\n") }
    }
}

/// Every answer has the request's id, and who needs not be signed in is told so.
fn complete(document: &mut OpenApi) {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        operation.security.get_or_insert_default();
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                let shared = Ref::new("#/components/headers/RequestId");
                response.headers.insert("X-Request-Id".into(), RefOr::Ref(shared));
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, head, patch, trace, .. } = item;
    [get, put, post, delete, options, head, patch, trace].into_iter().flatten()
}

fn bearer() -> SecurityScheme {
    let text = "A JSON Web Token whose `sub` is the user's id.";
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").description(Some(text));
    SecurityScheme::Http(scheme.build())
}

fn cookie(config: &ApiConfig) -> SecurityScheme {
    let text =
        "The same token in a cookie, which is what the pages use; looked at only without an `Authorization` header.";
    SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(config.cookie_name(), text)))
}

fn request_id() -> Header {
    let uuid =
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
    described(uuid, "The number of the request, which is also in the log and in the problem, if there is one.")
}

fn retry_after() -> Header {
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
    described(seconds, "In how many seconds trying again makes sense. Not for every code.")
}

fn authenticate() -> Header {
    described(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["Bearer"])), "How to sign in.")
}

fn described(schema: ObjectBuilder, text: &str) -> Header {
    let mut header = Header::new(schema);
    header.description = Some(text.to_owned());
    header
}
