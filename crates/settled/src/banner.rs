//! What a person reads when the service has started: what runs where, in plain words.

use std::fmt;

/// The facts of one start.
pub(crate) struct Banner<'a> {
    pub(crate) public_url: &'a str,
    pub(crate) listen_addr: std::net::SocketAddr,
    pub(crate) database_url: &'a str,
    /// `None` when a Stripe account is used.
    pub(crate) sandbox: Option<SandboxFacts<'a>>,
    /// The mode of the account: `test` or `live`.
    pub(crate) mode: &'a str,
}

/// Where the sandbox is.
pub(crate) struct SandboxFacts<'a> {
    pub(crate) url: &'a str,
    pub(crate) journal: String,
}

impl fmt::Display for Banner<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let public_url = self.public_url.trim_end_matches('/');
        writeln!(formatter, "\n  Settled is ready.\n")?;
        writeln!(formatter, "  Open      {public_url}/")?;
        writeln!(formatter, "  Listens   {}", self.listen_addr)?;
        writeln!(formatter, "  Database  {}", self.database_url)?;
        match &self.sandbox {
            Some(sandbox) => {
                writeln!(
                    formatter,
                    "  Stripe    the built-in sandbox at {} (kept in {})",
                    sandbox.url, sandbox.journal
                )?;
                writeln!(formatter, "\n  This is a sandbox: no account, no network, and no money moves.")?;
                writeln!(formatter, "  Pay with card 4242 4242 4242 4242; 4000 0000 0000 0002 is declined.")?;
                writeln!(formatter, "  Refunds, late payments and held webhooks: the dashboard at {}/", sandbox.url)?;
                writeln!(formatter, "  With STRIPE_SECRET_KEY set, a real Stripe account is used instead.")?;
            }
            None if self.mode == "live" => {
                writeln!(formatter, "  Stripe    your account in LIVE mode: real money moves")?;
            }
            None => writeln!(formatter, "  Stripe    your account in {} mode: no money moves", self.mode)?,
        }
        writeln!(formatter, "\n  Stop with Ctrl-C.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn banner<'a>(sandbox: Option<SandboxFacts<'a>>, mode: &'a str) -> String {
        let listen_addr = ([127, 0, 0, 1], 3000).into();
        Banner { public_url: "http://127.0.0.1:3000/", listen_addr, database_url: "sqlite://settled.db", sandbox, mode }
            .to_string()
    }

    #[test]
    fn the_sandbox_says_that_no_money_moves_and_which_card_pays() {
        let facts = SandboxFacts { url: "http://127.0.0.1:12111", journal: "settled.db.sandbox".into() };
        let text = banner(Some(facts), "sandbox");
        for words in ["no money moves", "http://127.0.0.1:3000/", "http://127.0.0.1:12111/", "4242 4242 4242 4242"] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }

    #[test]
    fn a_live_account_says_that_real_money_moves() {
        assert!(banner(None, "live").contains("real money moves"));
        assert!(banner(None, "test").contains("no money moves"));
    }
}
