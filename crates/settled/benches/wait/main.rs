//! How long a customer waits between paying and seeing it, in a real browser: `cargo xtask wait`.
//!
//! Every case is measured twice in turns: with the page as it is, and with the same page where nothing can be streamed, so
//! that it asks every 2 s.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

#[path = "../../tests/settled/harness/answers.rs"]
#[expect(dead_code, reason = "tests read metrics, too")]
mod answers;
#[path = "../../tests/settled/browser/driver.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod driver;
#[path = "../../tests/settled/harness/process.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod process;
mod proxy;
mod purchase;
mod report;
#[path = "../../tests/settled/harness/shopper.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod shopper;
mod streams;
mod world;

use clap::Parser;
use futures_util::future::join_all;

use crate::answers::answer_to;
use crate::purchase::{CASES, Taken, Way};
use crate::report::Row;
use crate::shopper::Shopper;
use crate::world::{Backend, World};

/// What is measured.
#[derive(Parser)]
struct Options {
    /// How many purchases of each kind: case, way and database.
    #[arg(long, default_value_t = 100)]
    purchases: usize,
    /// How many streams are held open at once.
    #[arg(long, default_value_t = 5_000)]
    streams: usize,
    /// A PostgreSQL server on which databases may be created; without it only SQLite is measured.
    #[arg(long)]
    postgres: Option<String>,
    /// Said by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let backends: Vec<_> =
        [Some(Backend::Sqlite), options.postgres.map(Backend::Postgres)].into_iter().flatten().collect();
    for backend in &backends {
        let rows = measure_purchases(backend, options.purchases).await;
        print!("{}", report::purchases(backend.name(), &rows));
    }
    for backend in &backends {
        if options.streams > 0 {
            print!("{}", streams::measure(backend, options.streams).await);
        }
    }
}

async fn measure_purchases(backend: &Backend, purchases: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for case in CASES.iter().filter(|case| backend.can_have(case)) {
        eprintln!("{}: {}", backend.name(), case.name);
        let world = World::start(backend, case).await;
        let customers = (0..case.at_once).map(|n| {
            let share = purchases / case.at_once + usize::from(n < purchases % case.at_once);
            buy_in_turns(&world, world.customer(&format!("customer {n}")), share)
        });
        let [pushed, polled] = join_all(customers)
            .await
            .into_iter()
            .fold([Vec::new(), Vec::new()], |[a, b], [c, d]| [[a, c].concat(), [b, d].concat()]);
        rows.push(Row { case, way: Way::Push, taken: pushed });
        rows.push(Row { case, way: Way::Poll, taken: polled });
    }
    rows
}

/// So many purchases of one customer in a browser of their own, each the one way and then the other.
async fn buy_in_turns(world: &World, customer: Shopper, purchases: usize) -> [Vec<Taken>; 2] {
    let mut taken = [Vec::new(), Vec::new()];
    driver::browse(async |page| {
        purchase::prepare(&page, &customer).await;
        for _ in 0..purchases {
            for (way, taken) in [Way::Push, Way::Poll].into_iter().zip(&mut taken) {
                taken.push(purchase::buy(&page, world, &customer, way).await);
            }
        }
    })
    .await;
    taken
}
