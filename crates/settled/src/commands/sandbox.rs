use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use settled_sandbox::{FaultPlan, Sandbox, SandboxConfig};

use super::stop_requested;
use crate::cli::SandboxArgs;
use crate::logging;

/// Runs the sandbox alone, and tells the key and the signing secret that go with it.
pub(crate) async fn run(args: &SandboxArgs) -> Result<()> {
    let _logs = logging::start(&args.log)?;
    let listen = args.sandbox_addr.parse().context("SANDBOX_ADDR must be HOST:PORT with a numeric host")?;
    let config = SandboxConfig {
        forward_to: args.forward_to.clone(),
        redirect_hold: Duration::from_secs(args.redirect_hold_s),
        faults: args.faults.as_deref().map(read_plan).transpose()?,
        ..SandboxConfig::new(listen, args.journal.clone())
    };
    let sandbox = Sandbox::start(config).await.context("cannot start the sandbox")?;
    println!("The Stripe sandbox is ready; no money moves.\n");
    println!("  STRIPE_API_BASE={}", sandbox.base_url());
    println!("  STRIPE_SECRET_KEY={}", sandbox.secret_key());
    println!("  STRIPE_WEBHOOK_SECRET={}\n", sandbox.webhook_secret());
    match &args.forward_to {
        Some(url) => println!("Events are posted to {url}."),
        None => println!("Events are posted nowhere: say where with --forward-to URL."),
    }
    println!("Stop with Ctrl-C.");
    stop_requested().await;
    sandbox.shutdown().await;
    Ok(())
}

fn read_plan(file: &Path) -> Result<FaultPlan> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {} (--faults)", file.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is no fault plan (--faults)", file.display()))
}
