//! JavaScript for a browser's page, run by Node, while somebody pays.

use std::{fs, process::Command, time::Duration};

use anyhow::{Context, Result, bail};

use super::Runner;
use crate::{
    documents::{
        bounded,
        world::{TOKEN_SECRET, World},
    },
    process,
};

/// A page that waits longer than this for a payment has missed it.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) fn run(runner: &Runner, world: &World, text: &str) -> Result<()> {
    // Asked for first, so that what the script itself fails with is not taken for a lack of Node.
    process::capture(Command::new("node").arg("--version"))
        .context("scripts need Node 20 or later (Debian, Ubuntu: apt-get install nodejs)")?;
    let file = world.desk().join("page.mjs");
    fs::write(&file, text).context("cannot write the script")?;
    let mut settled = Command::new(&runner.binary);
    let token = process::capture(settled.args(["token", "--user", "bob"]).env("AUTH_JWT_SECRET", TOKEN_SECRET))?;
    let mut node = Command::new("node");
    node.arg(&file).env("TOKEN", token.trim());
    let mut paid = Ok(());
    let outcome = bounded::run(&mut node, PATIENCE, |line| {
        if let Some(page) = payment_page(line) {
            paid = pay(page);
            if paid.is_err() {
                bail!("the customer could not pay");
            }
        }
        Ok(())
    });
    paid?;
    outcome
}

/// The address of the hosted page, where a line has one.
fn payment_page(line: &str) -> Option<&str> {
    line.split_whitespace().find(|word| word.starts_with("http://") && word.contains("/c/pay/"))
}

/// Fills in the form as a customer does.
fn pay(page: &str) -> Result<()> {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--max-time", "30"]);
    for field in [
        "email=bob@example.com",
        "card_number=4242 4242 4242 4242",
        "card_expiry=12 / 34",
        "card_cvc=123",
        "cardholder_name=Bob Example",
    ] {
        curl.args(["--data-urlencode", field]);
    }
    process::capture(curl.arg(page)).map(drop).context("cannot pay on the hosted page")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_found_in_what_the_script_prints() {
        let page = "http://127.0.0.1:12111/c/pay/cs_test_1";
        assert_eq!(payment_page(&format!("pay here: {page} !")), Some(page));
        assert_eq!(payment_page("pending http://127.0.0.1:3000/"), None);
    }
}
