use clap::{Args, Subcommand, ValueEnum, value_parser};

use super::DatabaseArgs;

#[derive(Debug, Args)]
pub(crate) struct EventsArgs {
    #[command(subcommand)]
    pub(crate) command: EventsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EventsCommand {
    /// List events, the newest first; without an option those that are parked.
    List(EventsListArgs),
    /// Show what is known of one event.
    Show(EventsShowArgs),
    /// Settle parked events again, after what was wrong has been put right. Each has its effect once.
    Replay(EventsReplayArgs),
}

#[derive(Debug, Args)]
pub(crate) struct EventsListArgs {
    /// What became of them.
    #[arg(long, value_enum, value_name = "OUTCOME", default_value_t = OutcomeChoice::Parked)]
    pub(crate) outcome: OutcomeChoice,

    /// Parked for this reason, such as `amount_mismatch`.
    #[arg(long, value_name = "REASON")]
    pub(crate) reason: Option<String>,

    /// How many.
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = value_parser!(u32).range(1..=1_000))]
    pub(crate) limit: u32,

    /// Only those that came before this one: the next page.
    #[arg(long, value_name = "EVENT")]
    pub(crate) before: Option<String>,

    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutcomeChoice {
    /// Kept for a person to look at.
    Parked,
    /// Had their effect, or nothing new to say.
    Processed,
    /// Did not concern us.
    Ignored,
    /// Whatever became of them.
    All,
}

#[derive(Debug, Args)]
pub(crate) struct EventsShowArgs {
    /// The event, evt_….
    #[arg(value_name = "EVENT")]
    pub(crate) id: String,

    /// Print the body of a parked event as it came, and nothing else. It holds personal data.
    #[arg(long)]
    pub(crate) payload: bool,

    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
}

#[derive(Debug, Args)]
#[group(id = "which", required = true, multiple = false, args = ["id", "all_of_reason"])]
pub(crate) struct EventsReplayArgs {
    /// The event, evt_….
    #[arg(value_name = "EVENT")]
    pub(crate) id: Option<String>,

    /// All that are parked for this reason, such as `unreadable_object`.
    #[arg(long, value_name = "REASON")]
    pub(crate) all_of_reason: Option<String>,

    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A session (cs_…), a payment (its UUID), a subscription (sub_…), an event (evt_…), or a user.
    #[arg(value_name = "WHAT")]
    pub(crate) subject: String,

    /// It is a user, whatever it looks like.
    #[arg(long)]
    pub(crate) user: bool,

    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
}
