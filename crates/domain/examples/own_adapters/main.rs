//! A host that takes the rules alone: its own database, its own Stripe, its own clock, and no async runtime.
//!
//! `cargo run -p settled-domain --example own_adapters` walks one user through checkout, webhook and status.

mod ambient;
mod paper_stripe;
mod store;

use std::error::Error;
use std::sync::Arc;

use ambient::{Counter, WallClock};
use paper_stripe::PaperStripe;
use settled_domain::checkout::{Assortment, Order, PromotionCodes, ReturnUrls};
use settled_domain::ids::{PriceId, UserId};
use settled_domain::money::Quantity;
use settled_domain::payment::PaymentStatus;
use settled_domain::settlement::Outcome;
use settled_domain::subscription::SubscriptionStatus;
use settled_domain::webhook::DirectIntake;
use settled_domain::{Policy, Ports, Settled};
use store::MemoryStore;
use time::Duration;

/// The use cases over these adapters.
async fn wire(store: Arc<MemoryStore>, stripe: Arc<PaperStripe>) -> Result<Settled, Box<dyn Error>> {
    let ports = Ports { store, gateway: stripe, clock: Arc::new(WallClock), ids: Arc::new(Counter::default()) };
    let asked = ports.gateway.fetch_installation().await?;
    let home = ports.store.claim_installation(&asked).await?;
    if home != asked {
        return Err("this database belongs to another Stripe account".into());
    }
    let intake = Arc::new(DirectIntake::new(ports.store.clone(), ports.clock.clone(), home));
    let return_urls = ReturnUrls {
        success: "https://shop.example/thanks?session_id={CHECKOUT_SESSION_ID}".to_owned(),
        cancel: "https://shop.example/".to_owned(),
    };
    let policy = Policy {
        return_urls,
        past_due_grace: Duration::ZERO,
        assortment: Assortment::Everything,
        promotion_codes: PromotionCodes::NotTaken,
    };
    Ok(Settled::new(ports, intake, policy))
}

#[pollster::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stripe = Arc::new(PaperStripe::default());
    let settled = wire(Arc::new(MemoryStore::default()), stripe.clone()).await?;
    let alice = UserId::new("alice")?;
    let order = Order { price_id: PriceId::new("price_monthly")?, quantity: Quantity::ONE };

    // The click on Subscribe, and a second one: there is one session.
    let checkout = settled.create_checkout_session(&alice, &order).await?;
    let again = settled.create_checkout_session(&alice, &order).await?;
    assert_eq!(checkout.session_id, again.session_id);
    let payment = settled.get_payment_status_by_session_id(&alice, &checkout.session_id).await?;
    assert_eq!(payment.map(|payment| payment.status()), Some(PaymentStatus::Pending));

    // The customer pays, and Stripe posts its webhooks, each of them twice.
    for webhook in stripe.pay(&checkout.session_id) {
        let first = settled.handle_stripe_webhook(webhook.body.as_bytes(), &webhook.signature).await?;
        assert_eq!(first, Outcome::Processed);
        let second = settled.handle_stripe_webhook(webhook.body.as_bytes(), &webhook.signature).await?;
        assert_eq!(second, Outcome::Duplicate);
    }
    assert!(settled.handle_stripe_webhook(b"evt_9 paid cs_1", "forged").await.is_err());

    // The success page asks, and so does the product.
    let payment = settled.get_payment_status_by_session_id(&alice, &checkout.session_id).await?;
    assert_eq!(payment.map(|payment| payment.status()), Some(PaymentStatus::Succeeded));
    let standing = settled.get_user_subscription_status(&alice, None).await?;
    assert!(standing.access);
    assert_eq!(standing.subscription.map(|held| held.status()), Some(SubscriptionStatus::Active));

    // A session id is not a credential.
    let mallory = UserId::new("mallory")?;
    assert_eq!(settled.get_payment_status_by_session_id(&mallory, &checkout.session_id).await?, None);

    println!("alice has paid for {} and may use the product", checkout.session_id);
    Ok(())
}
