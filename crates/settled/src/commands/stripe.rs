//! What is set up at Stripe: the webhook endpoint.

use anyhow::{Context, Result, bail};
use secrecy::ExposeSecret;
use settled_domain::ports::IdSource;
use settled_engine::RandomIds;
use settled_stripe::{Difference, Operator, WebhookEndpoint};
use url::Url;

use crate::cli::{EndpointArgs, EndpointCommand, StripeCommand};
use crate::problems::Problems;
use crate::settings::check_account;

/// Where the service takes webhooks, below its public URL.
const PATH: &str = "api/webhook/stripe";

pub(crate) async fn run(command: StripeCommand) -> Result<()> {
    let StripeCommand::Endpoint(endpoint) = command;
    match endpoint.command {
        EndpointCommand::Create(args) => create(&args).await,
        EndpointCommand::Check(args) => check(&args).await,
    }
}

/// The address of the endpoint of a service with this public URL.
pub(crate) fn endpoint_url(public_url: &Url) -> String {
    format!("{}/{PATH}", public_url.as_str().trim_end_matches('/'))
}

async fn create(args: &EndpointArgs) -> Result<()> {
    let (operator, url) = operator(args)?;
    if let Some(there) = find(&operator, &url).await? {
        bail!(
            "{url} is registered already as {}: `settled stripe endpoint check` looks at it, and its secret is in Stripe's \
             Dashboard",
            there.id
        );
    }
    let key = format!("settled-endpoint-{}", RandomIds.new_uuid());
    let created = operator.create_endpoint(&url, &key).await.context("Stripe has not registered the endpoint")?;
    println!("{} is registered as {}. Stripe does not show this secret to programs again:\n", url, created.id);
    println!("  STRIPE_WEBHOOK_SECRET={}", created.secret.expose_secret());
    Ok(())
}

async fn check(args: &EndpointArgs) -> Result<()> {
    let (operator, url) = operator(args)?;
    let Some(endpoint) = find(&operator, &url).await? else {
        bail!("no endpoint of this account is {url}: `settled stripe endpoint create` registers it");
    };
    let differences = endpoint.differences();
    if differences.is_empty() {
        println!("{} ({url}) is as it should be.", endpoint.id);
        return Ok(());
    }
    println!("{} ({url}) is not as `settled stripe endpoint create` would make it:\n", endpoint.id);
    for difference in &differences {
        println!("  - {difference}");
    }
    if differences.iter().any(Difference::is_harmful) {
        bail!("news from Stripe are lost");
    }
    Ok(())
}

fn operator(args: &EndpointArgs) -> Result<(Operator, String)> {
    let mut problems = Problems::default();
    let account = check_account(&args.stripe, &mut problems);
    let public_url = problems.note("PUBLIC_URL", Url::parse(args.public_url.trim()));
    problems.into_result()?;
    let (Some(config), Some(public_url)) = (account, public_url) else {
        bail!("STRIPE_SECRET_KEY is needed: the built-in sandbox posts to the service by itself");
    };
    Ok((Operator::new(config)?, endpoint_url(&public_url)))
}

/// The endpoint with this address. One that is enabled comes before one that is not.
pub(crate) async fn find(operator: &Operator, url: &str) -> Result<Option<WebhookEndpoint>> {
    let endpoints = operator.list_endpoints().await.context("cannot ask Stripe for the account's webhook endpoints")?;
    let mut ours: Vec<_> = endpoints.into_iter().filter(|endpoint| is_same(&endpoint.url, url)).collect();
    ours.sort_by_key(|endpoint| endpoint.status != "enabled");
    Ok(ours.into_iter().next())
}

fn is_same(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}
