use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::response::IntoResponse;
use settled_domain::Settled;
use tower_http::csrf::ProtectionError;
use utoipa_axum::router::OpenApiRouter;

use crate::config::ApiConfig;
use crate::error::ApiError;
use crate::layers::REQUEST_TIMEOUT;
use crate::limits::Limits;
use crate::measures::Landings;
use crate::openapi::Description;
use crate::readiness::Readiness;
use crate::routes::MAX_WAIT;
use crate::waiters::Waiters;
use crate::{layers, openapi, pages, routes};

/// What the handlers share. One pointer, because axum clones it for every request.
#[derive(Clone)]
pub(crate) struct Api(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) settled: Settled,
    pub(crate) readiness: Readiness,
    pub(crate) config: ApiConfig,
    pub(crate) limits: Limits,
    pub(crate) description: Description,
    pub(crate) waiters: Waiters,
    pub(crate) landings: Landings,
}

impl Deref for Api {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// All routes, ready to be served, or nested in another axum application at the path of the public URL.
///
/// The layers that the routes need (request ids, limits, timeout, error bodies) are inside.
pub fn router(settled: Settled, readiness: Readiness, config: ApiConfig) -> Router {
    let ids = Arc::clone(&settled.ports().ids);
    let csrf = config.csrf.clone().with_rejection_response(|_: ProtectionError| ApiError::CrossOrigin.into_response());
    // Browsers never post webhooks, so the guard against them stays away from that route.
    let (routes, document) = OpenApiRouter::with_openapi(openapi::frame(&config))
        .merge(routes::for_users(&config))
        .merge(pages::routes())
        .layer(layers::timeout(REQUEST_TIMEOUT))
        // These wait because they are asked to.
        .merge(routes::for_those_who_wait().layer(layers::timeout(REQUEST_TIMEOUT + MAX_WAIT)))
        .layer(csrf)
        .merge(routes::for_machines().layer(layers::timeout(REQUEST_TIMEOUT)))
        .split_for_parts();
    let api = Api(Arc::new(Shared {
        settled,
        readiness,
        limits: Limits::new(config.rate_limits),
        config,
        description: Description::of(document),
        waiters: Waiters::default(),
        landings: Landings::default(),
    }));
    let routes = routes
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .with_state(api.clone());
    layers::wrap(routes, &api.config, ids)
}
