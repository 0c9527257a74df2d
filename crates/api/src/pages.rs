//! The reference storefront and the pages that Stripe sends the customer back to. Each is a whole document that asks the
//! API like any other client; a host may use them, copy them, or leave them aside.

mod assets;
mod description;
mod loopback;
mod price_text;
mod prose;
mod returns;
mod storefront;
mod words;

use askama::Template;
use axum::response::Html;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::config::{ApiConfig, SandboxLogin};
use crate::error::ApiError;
use crate::router::Api;

/// The pages and their assets.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(storefront::get))
        .routes(routes!(returns::success))
        .routes(routes!(returns::cancel))
        .routes(routes!(assets::get))
        .routes(routes!(description::get))
}

/// What every page shows.
struct Frame {
    /// What links start with: empty at the root of a host.
    base: String,
    /// Nothing here is real, and the page says so.
    is_sandbox: bool,
}

impl Frame {
    fn new(config: &ApiConfig) -> Self {
        Self { base: config.base_path().to_owned(), is_sandbox: config.sandbox_login == SandboxLogin::Enabled }
    }
}

fn render(page: &impl Template) -> Result<Html<String>, ApiError> {
    page.render().map(Html).map_err(|error| ApiError::Internal(error.into()))
}
