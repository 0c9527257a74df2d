use clap::{Args, Subcommand};

use super::StripeArgs;

/// What is set up at Stripe.
#[derive(Debug, Args)]
pub(crate) struct StripeCommandArgs {
    #[command(subcommand)]
    pub(crate) command: StripeCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StripeCommand {
    /// The webhook endpoint.
    Endpoint(EndpointCommandArgs),
}

#[derive(Debug, Args)]
pub(crate) struct EndpointCommandArgs {
    #[command(subcommand)]
    pub(crate) command: EndpointCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EndpointCommand {
    /// Register the webhook endpoint at Stripe, for exactly the events that have an effect, and print its signing secret.
    Create(EndpointArgs),
    /// Compare the webhook endpoint at Stripe with what it should be; fails when news are lost.
    Check(EndpointArgs),
}

#[derive(Debug, Args)]
pub(crate) struct EndpointArgs {
    /// The origin under which Stripe reaches the service; the endpoint is below it.
    #[arg(long, env = "PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: String,

    #[command(flatten)]
    pub(crate) stripe: StripeArgs,
}
