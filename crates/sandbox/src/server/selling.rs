//! The routes of what is sold and to whom: products, prices, coupons, customers, sessions.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};

use super::App;
use super::mutations::{Outcome, mutate};
use super::reads::{self, list, retrieve};
use super::request::Call;
use crate::checkout::{create, expire, payment_page};
use crate::discounts::{codes, coupons};
use crate::objects::{Coupon, Customer, Price, Product, PromotionCode, Session};
use crate::{customers, products};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/products", get(list::<Product>).post(create_product))
        .route("/products/{id}", get(retrieve::<Product>).post(update_product))
        .route("/prices", get(list::<Price>).post(create_price))
        .route("/prices/{id}", get(retrieve::<Price>).post(update_price))
        .route("/coupons", get(list::<Coupon>).post(create_coupon))
        .route("/coupons/{id}", get(retrieve::<Coupon>).post(update_coupon).delete(delete_coupon))
        .route("/promotion_codes", get(list::<PromotionCode>).post(create_code))
        .route("/promotion_codes/{id}", get(retrieve::<PromotionCode>).post(update_code))
        .route("/customers", get(list::<Customer>).post(create_customer))
        .route("/customers/{id}", get(retrieve::<Customer>).post(update_customer).delete(delete_customer))
        .route("/customers/{id}/payment_methods", get(reads::payment_methods_of))
        .route("/checkout/sessions", get(list::<Session>).post(create_session))
        .route("/checkout/sessions/{id}", get(retrieve::<Session>))
        .route("/checkout/sessions/{id}/expire", post(expire_session))
        .route("/checkout/sessions/{id}/line_items", get(reads::line_items))
        .route("/payment_pages/{id}", get(reads::payment_page))
        .route("/payment_pages/{id}/confirm", post(confirm_page))
}

async fn create_product(State(app): State<App>, call: Call) -> Outcome {
    mutate(&app, call, products::create_product).await
}

async fn update_product(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| products::update_product(change, &id, params)).await
}

async fn create_price(State(app): State<App>, call: Call) -> Outcome {
    mutate(&app, call, products::create_price).await
}

async fn update_price(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| products::update_price(change, &id, params)).await
}

async fn create_coupon(State(app): State<App>, call: Call) -> Outcome {
    mutate(&app, call, coupons::create).await
}

async fn update_coupon(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| coupons::update(change, &id, params)).await
}

async fn delete_coupon(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| {
        std::mem::take(params).finish()?;
        coupons::delete(change, &id)
    })
    .await
}

async fn create_code(State(app): State<App>, call: Call) -> Outcome {
    mutate(&app, call, codes::create).await
}

async fn update_code(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| codes::update(change, &id, params)).await
}

async fn create_customer(State(app): State<App>, call: Call) -> Outcome {
    mutate(&app, call, customers::create).await
}

async fn update_customer(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| customers::update(change, &id, params)).await
}

async fn delete_customer(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| {
        std::mem::take(params).finish()?;
        customers::delete(change, &id)
    })
    .await
}

async fn create_session(State(app): State<App>, call: Call) -> Outcome {
    mutate(&app, call, create::create).await
}

async fn expire_session(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| {
        std::mem::take(params).finish()?;
        expire::expire(change, &id)
    })
    .await
}

async fn confirm_page(State(app): State<App>, Path(id): Path<String>, call: Call) -> Outcome {
    mutate(&app, call, |change, params| payment_page::confirm(change, &id, params)).await
}
