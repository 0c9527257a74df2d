use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::database::Kind;
use crate::life;
use crate::log;
use crate::story::{self, Background, Told, World};

/// As many as a test run has time for; `cargo xtask converge` runs more.
const SEEDS: u64 = 24;

/// The number that this variable holds, or the default.
fn number(variable: &str, default: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "this is where `cargo xtask converge` tells which seeds are wanted")]
    let text = std::env::var(variable);
    text.map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

/// Tells the story of one seed, on SQLite.
pub(crate) fn tell(seed: u64) -> Told {
    tell_on(Kind::Sqlite, seed)
}

/// Tells it with every event lost and nobody who asks.
pub(crate) fn neglect(seed: u64) -> Told {
    let plan = serde_json::json!({ "seed": seed, "deliveries": { "chance": { "drop": 1.0 } } });
    let chance = fastrand::Rng::with_seed(seed);
    block_on(story::tell_under(plan, chance, Kind::Sqlite, seed, Background::Rests, World::live))
}

/// Tells of somebody who pays by a debit that fails, of which no event tells.
pub(crate) fn fail_unheard(price: &'static str) -> Told {
    let unmade = serde_json::json!([{ "event": "checkout.session.async_payment_failed", "fault": "unmade" }]);
    let plan = serde_json::json!({ "deliveries": { "listed": unmade } });
    let chance = fastrand::Rng::with_seed(1);
    let life = async |world: &mut World| life::fail_to_pay(world, price).await;
    block_on(story::tell_under(plan, chance, Kind::Sqlite, 1, Background::Works, life))
}

/// Tells it with every event only naming its object, and most answers lagging behind.
pub(crate) fn name_only(seed: u64) -> Told {
    let plan = serde_json::json!({
        "seed": seed, "deliveries": { "chance": { "thin": 1.0 } }, "calls": { "chance": { "lag": 0.7 } }
    });
    let chance = fastrand::Rng::with_seed(seed);
    block_on(story::tell_under(plan, chance, Kind::Sqlite, seed, Background::Works, World::live))
}

fn tell_on(kind: Kind, seed: u64) -> Told {
    block_on(story::tell(kind, seed))
}

/// One thread for everything, so that nothing depends on which is quicker.
fn block_on(story: impl Future<Output = Told>) -> Told {
    log::keep();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(story)
}

/// Tells the stories of many seeds, on every core, until one does not end well.
pub(crate) fn run(kind: Kind) {
    let from = number("SETTLED_CONVERGE_FROM", 1);
    let until = from + number("SETTLED_CONVERGE_SEEDS", SEEDS);
    let tells = number("SETTLED_CONVERGE_TELL", 0) > 0;
    let next = AtomicU64::new(from);
    let failed = AtomicBool::new(false);
    let report = Mutex::new(None);
    let work = || {
        while !failed.load(Ordering::SeqCst) {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if seed >= until {
                return;
            }
            let told = std::panic::catch_unwind(|| tell_on(kind, seed));
            if let Some(told) = told.as_ref().ok().filter(|_| tells) {
                println!("seed {seed} on {}\n{}", kind.name(), in_words(told));
            }
            let said = match told {
                Ok(told) if told.differences.is_empty() => continue,
                Ok(told) => in_words(&told),
                Err(_) => "  it panicked; see above".to_owned(),
            };
            failed.store(true, Ordering::SeqCst);
            report.lock().unwrap().get_or_insert((seed, said));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    if let Some((seed, said)) = report.into_inner().unwrap() {
        let database = kind.name();
        panic!(
            "seed {seed} does not converge on {database}\n{said}\n\
             again: cargo xtask converge --seeds 1 --from {seed} --database {database}\n"
        );
    }
    println!("seeds {from} to {} converge on {}", until - 1, kind.name());
}

fn in_words(told: &Told) -> String {
    let lines = |lines: &[String]| format!("  {}\n", lines.join("\n  "));
    format!(
        "its plan:\n{:#}\nwhat happened, by the second:\n{}what differs:\n{}",
        told.plan,
        lines(&told.log),
        lines(&told.differences)
    )
}
