use reqwest::Method;
use serde_json::Value;
use settled_domain::checkout::{CheckoutError, Order};
use settled_domain::ids::{PaymentId, PriceId, SessionId, UserId};
use settled_domain::money::Quantity;

use crate::story::World;
use crate::stripe::{Params, rows, text};

/// A user of ours.
pub(crate) struct Shopper {
    pub(crate) user: UserId,
    /// Every payment that we know of.
    pub(crate) payments: Vec<PaymentId>,
    /// Every customer that Stripe was told to make for this user.
    pub(crate) customers: Vec<String>,
    /// The page that the browser is on.
    page: Option<(String, SessionId)>,
}

impl Shopper {
    pub(crate) fn new(number: usize) -> Self {
        let user = UserId::new(format!("user-{number}")).unwrap();
        Self { user, payments: Vec::new(), customers: Vec::new(), page: None }
    }
}

const PRICES: [&str; 5] =
    ["price_basic_monthly", "price_trial_monthly", "price_pro_monthly", "price_lifetime", "price_lifetime"];

/// Cards that pay, that are declined, that fail at the renewal, that are disputed, and whose refund fails or waits.
const CARDS: [&str; 9] = [
    "4242424242424242",
    "4242424242424242",
    "4242424242424242",
    "4000000000000002",
    "4000000000000341",
    "4000000000000341",
    "4000000000000259",
    "4000000000005126",
    "4000000000007726",
];
/// Bank accounts that pay, that are closed and that are empty.
const ACCOUNTS: [&str; 3] = ["000123456789", "000111111116", "000222222227"];

/// Something that this user, their bank or somebody at the Dashboard does.
pub(crate) async fn act(world: &mut World, shopper: &mut Shopper) {
    let said = match world.chance.u8(..20) {
        0..=3 => buy(world, shopper).await,
        4..=8 if shopper.page.is_none() => buy(world, shopper).await,
        4..=8 => pay(world, shopper).await,
        9 => come_back(world, shopper).await,
        10 | 11 => change_plan(world, shopper).await,
        12 => cancel_or_not(world, shopper).await,
        13 => end_now(world, shopper).await,
        14 | 15 => refund(world, shopper).await,
        16 => dispute(world, shopper).await,
        17 => fail_a_refund(world).await,
        18 => sell_by_hand(world, shopper).await,
        _ if world.chance.u8(..4) == 0 => delete_customer(world, shopper).await,
        _ => sell_to_a_stranger(world).await,
    };
    world.note(&format!("{}: {said}", shopper.user.as_str()));
}

/// Two of three pay at once.
async fn buy(world: &mut World, shopper: &mut Shopper) -> String {
    let mut said = check_out(world, shopper).await;
    if shopper.page.is_some() && world.chance.u8(..3) > 0 {
        said = format!("{said}, {}", pay(world, shopper).await);
    }
    said
}

async fn check_out(world: &mut World, shopper: &mut Shopper) -> String {
    let price = PRICES[world.chance.usize(..PRICES.len())];
    let quantity = if world.chance.u8(..4) == 0 { 3 } else { 1 };
    order(world, shopper, price, quantity).await
}

async fn order(world: &World, shopper: &mut Shopper, price: &str, quantity: i64) -> String {
    let order = Order { price_id: PriceId::new(price).unwrap(), quantity: Quantity::new(quantity).unwrap() };
    let checkout = match world.service.settled.create_checkout_session(&shopper.user, &order).await {
        Ok(checkout) => checkout,
        Err(error @ CheckoutError::Store(_)) => panic!("{error:?}"),
        Err(error) => return format!("checkout of {quantity} {price}: {error}"),
    };
    if !shopper.payments.contains(&checkout.payment_id) {
        shopper.payments.push(checkout.payment_id);
    }
    let row = world.service.ports.store.find_payment(checkout.payment_id).await.unwrap().unwrap();
    let customer = row.record().customer_id.as_str().to_owned();
    if shopper.customers.last() != Some(&customer) {
        shopper.customers.push(customer);
    }
    let said = format!("checkout of {quantity} {price}: {}", checkout.session_id);
    shopper.page = Some((checkout.url, checkout.session_id));
    said
}

async fn pay(world: &mut World, shopper: &mut Shopper) -> String {
    if shopper.page.is_none() {
        return "nothing to pay".to_owned();
    }
    if world.chance.u8(..5) == 0 {
        let number = ACCOUNTS[world.chance.usize(..ACCOUNTS.len())];
        return pay_by(world, shopper, Means::Account, number).await;
    }
    let number = CARDS[world.chance.usize(..CARDS.len())];
    pay_by(world, shopper, Means::Card, number).await
}

#[derive(Debug, Clone, Copy)]
enum Means {
    Card,
    Account,
}

async fn pay_by(world: &World, shopper: &Shopper, means: Means, number: &str) -> String {
    let Some((page, session)) = &shopper.page else {
        return "nothing to pay".to_owned();
    };
    let card: Params<'_> = &[
        ("email", "ada@example.com"),
        ("card_number", number),
        ("card_expiry", "12 / 40"),
        ("card_cvc", "123"),
        ("cardholder_name", "Ada Lovelace"),
    ];
    let account: Params<'_> = &[
        ("email", "ada@example.com"),
        ("payment_method", "us_bank_account"),
        ("routing_number", "110000000"),
        ("account_number", number),
        ("account_holder", "Ada Lovelace"),
    ];
    let form = match means {
        Means::Card => card,
        Means::Account => account,
    };
    let status = world.stripe.pay(page, form).await;
    format!("pays {session} with {number}: {status}")
}

/// A whole life: the account that is to pay is closed, and nobody comes back.
pub(crate) async fn fail_to_pay(world: &mut World, price: &str) -> Vec<Shopper> {
    let mut shopper = Shopper::new(0);
    let ordered = order(world, &mut shopper, price, 1).await;
    world.note(&ordered);
    let paid = pay_by(world, &shopper, Means::Account, ACCOUNTS[1]).await;
    world.note(&paid);
    world.pass(4 * 86_400).await;
    let truth = world.stripe.truth().await;
    let outcomes: Vec<_> = rows(&truth["sessions"]).map(|session| text(session, "outcome")).collect();
    world.note(&outcomes.join(", "));
    vec![shopper]
}

/// The success page asks, which puts Stripe up to be asked.
async fn come_back(world: &mut World, shopper: &mut Shopper) -> String {
    let Some((_, session)) = &shopper.page else {
        return "has nowhere to come back to".to_owned();
    };
    let payment = world.service.settled.get_payment_status_by_session_id(&shopper.user, session).await.unwrap();
    let status = payment.map(|payment| payment.status());
    world.service.work().await;
    format!("comes back to {session}: {status:?}")
}

/// One of the user's subscriptions that has not ended.
async fn a_subscription(world: &mut World, shopper: &Shopper) -> Option<String> {
    let truth = world.stripe.truth().await;
    let mine = rows(&truth["subscriptions"]).filter(|row| {
        shopper.customers.iter().any(|customer| text(row, "customer") == customer)
            && !matches!(text(row, "status"), "canceled" | "incomplete_expired")
    });
    let ids: Vec<_> = mine.map(|row| text(row, "id").to_owned()).collect();
    world.chance.choice(ids)
}

async fn change_plan(world: &mut World, shopper: &Shopper) -> String {
    let Some(id) = a_subscription(world, shopper).await else {
        return "has no subscription to change".to_owned();
    };
    let path = format!("/v1/subscriptions/{id}");
    let item = text(&world.stripe.get(&path).await["items"]["data"][0], "id").to_owned();
    let (field, value) = match world.chance.u8(..3) {
        0 => ("items[0][price]", "price_basic_monthly"),
        1 => ("items[0][price]", "price_pro_monthly"),
        _ => ("items[0][quantity]", ["1", "2", "7"][world.chance.usize(..3)]),
    };
    let params: Params<'_> = &[("items[0][id]", &item), (field, value), ("proration_behavior", "none")];
    let answer = world.stripe.post(&path, params).await;
    format!("{id} gets {field}={value}: {}", outcome(&answer))
}

async fn cancel_or_not(world: &mut World, shopper: &Shopper) -> String {
    let Some(id) = a_subscription(world, shopper).await else {
        return "has no subscription to cancel".to_owned();
    };
    let cancel = if world.chance.u8(..3) == 0 { "false" } else { "true" };
    let answer = world.stripe.post(&format!("/v1/subscriptions/{id}"), &[("cancel_at_period_end", cancel)]).await;
    format!("{id} gets cancel_at_period_end={cancel}: {}", outcome(&answer))
}

async fn end_now(world: &mut World, shopper: &Shopper) -> String {
    let Some(id) = a_subscription(world, shopper).await else {
        return "has no subscription to end".to_owned();
    };
    let answer = world.stripe.call(Method::DELETE, &format!("/v1/subscriptions/{id}"), &[]).await;
    format!("{id} is canceled now: {}", outcome(&answer))
}

/// One of the user's charges that succeeded.
async fn a_charge(world: &mut World, shopper: &Shopper) -> Option<(String, i64)> {
    let customer = shopper.customers.last()?;
    let list = world.stripe.call(Method::GET, "/v1/charges", &[("customer", customer), ("limit", "100")]).await;
    let paid = rows(&list["data"]).filter(|charge| text(charge, "status") == "succeeded");
    let charges: Vec<_> =
        paid.map(|charge| (text(charge, "id").to_owned(), charge["amount"].as_i64().unwrap())).collect();
    world.chance.choice(charges)
}

async fn refund(world: &mut World, shopper: &Shopper) -> String {
    let Some((charge, amount)) = a_charge(world, shopper).await else {
        return "has nothing to be refunded".to_owned();
    };
    let amount = if world.chance.bool() { amount } else { world.chance.i64(1..=amount) }.to_string();
    let answer = world.stripe.post("/v1/refunds", &[("charge", &charge), ("amount", &amount)]).await;
    format!("{amount} of {charge} are refunded: {}", outcome(&answer))
}

async fn dispute(world: &mut World, shopper: &Shopper) -> String {
    let truth = world.stripe.truth().await;
    let open: Vec<_> = rows(&truth["disputes"]).map(|row| text(row, "id").to_owned()).collect();
    if let Some(id) = world.chance.choice(open).filter(|_| world.chance.bool()) {
        let answer = if world.chance.bool() {
            world.stripe.post(&format!("/v1/disputes/{id}/close"), &[]).await
        } else {
            let evidence: Params<'_> = &[("evidence[uncategorized_text]", "winning_evidence")];
            world.stripe.post(&format!("/v1/disputes/{id}"), evidence).await
        };
        return format!("{id} is answered: {}", outcome(&answer));
    }
    let Some((charge, _)) = a_charge(world, shopper).await else {
        return "has nothing to dispute".to_owned();
    };
    let answer = world.stripe.post(&format!("/sandbox/charges/{charge}/dispute"), &[]).await;
    format!("disputes {charge}: {}", outcome(&answer))
}

async fn fail_a_refund(world: &mut World) -> String {
    let truth = world.stripe.truth().await;
    let refunds: Vec<_> = rows(&truth["refunds"]).map(|row| text(row, "id").to_owned()).collect();
    let Some(id) = world.chance.choice(refunds) else {
        return "no refund can fail".to_owned();
    };
    let answer = world.stripe.post(&format!("/sandbox/refunds/{id}/fail"), &[]).await;
    format!("{id} fails: {}", outcome(&answer))
}

/// Somebody at the Dashboard gives our customer a subscription with a trial.
async fn sell_by_hand(world: &mut World, shopper: &Shopper) -> String {
    let Some(customer) = shopper.customers.last() else {
        return "is no customer yet".to_owned();
    };
    let days = world.chance.i64(1..20).to_string();
    let answer = subscribe(world, customer, &[("trial_period_days", &days)]).await;
    format!("is given {} for {days} days on trial", outcome(&answer))
}

async fn subscribe(world: &World, customer: &str, more: Params<'_>) -> Value {
    let method = world.stripe.post("/v1/payment_methods/pm_card_visa/attach", &[("customer", customer)]).await;
    let params: Params<'_> = &[
        ("customer", customer),
        ("items[0][price]", "price_basic_monthly"),
        ("default_payment_method", text(&method, "id")),
    ];
    world.stripe.post("/v1/subscriptions", &[params, more].concat()).await
}

/// The account serves others, too, of whom we know nothing.
async fn sell_to_a_stranger(world: &mut World) -> String {
    let customer = world.stripe.post("/v1/customers", &[("name", "A stranger")]).await;
    let answer = subscribe(world, text(&customer, "id"), &[]).await;
    format!("a stranger buys {}", outcome(&answer))
}

async fn delete_customer(world: &mut World, shopper: &mut Shopper) -> String {
    let Some(customer) = shopper.customers.last() else {
        return "is no customer yet".to_owned();
    };
    let answer = world.stripe.call(Method::DELETE, &format!("/v1/customers/{customer}"), &[]).await;
    format!("{customer} is deleted: {}", outcome(&answer))
}

/// The id of what was made, or why nothing was.
fn outcome(answer: &Value) -> String {
    match answer["error"]["message"].as_str() {
        Some(refusal) => format!("refused, {refusal}"),
        None => answer["id"].as_str().unwrap_or("done").to_owned(),
    }
}
