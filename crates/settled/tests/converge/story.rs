use std::net::Ipv4Addr;

use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::check::{self, Watch};
use crate::database::{Database, Kind};
use crate::life::{self, Shopper};
use crate::plan;
use crate::service::Service;
use crate::stripe::Stripe;

const DAY: i64 = 86_400;
/// The longest that is slept through at once while nothing happens.
const STRIDE_MAX_S: i64 = 6 * 3_600;
/// Stripe gives up on a delivery after three days; some more, and everything has been tried.
const AFTERMATH_S: i64 = 5 * DAY;
/// Longer than any doubt waits before it is asked about.
const QUIET_S: i64 = 900;

/// What came of a seed.
pub(crate) struct Told {
    pub(crate) plan: Value,
    /// What happened, line by line.
    pub(crate) log: Vec<String>,
    /// Empty when our rows equal Stripe's.
    pub(crate) differences: Vec<String>,
}

/// A Stripe, our service, and the time that both live in.
pub(crate) struct World {
    pub(crate) stripe: Stripe,
    pub(crate) service: Service,
    background: Background,
    pub(crate) chance: fastrand::Rng,
    pub(crate) log: Vec<String>,
    /// What must not happen on the way.
    pub(crate) watch: Watch,
}

/// What our side does when nobody calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Background {
    Works,
    /// Nothing, as if its tasks had died.
    Rests,
}

/// Tells the story of a seed.
pub(crate) async fn tell(kind: Kind, seed: u64) -> Told {
    let mut chance = fastrand::Rng::with_seed(seed);
    let plan = plan::random(seed, &mut chance);
    tell_under(plan, chance, kind, seed, Background::Works, World::live).await
}

/// Tells the story of this life under this plan.
pub(crate) async fn tell_under(
    plan: Value,
    chance: fastrand::Rng,
    kind: Kind,
    seed: u64,
    background: Background,
    life: impl AsyncFnOnce(&mut World) -> Vec<Shopper>,
) -> Told {
    // Nothing here has to outlive a power cut: where there is a file system in memory, nobody waits for a disk.
    let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
    let database = Database::create(kind, &folder).await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let endpoint = format!("http://{}/api/webhook/stripe", listener.local_addr().unwrap());
    let stripe = Stripe::start(&folder, endpoint, &plan).await;
    let service = Service::start(listener, database.store(), &stripe, seed).await;
    let mut world = World { stripe, service, background, chance, log: Vec::new(), watch: Watch::default() };
    let shoppers = life(&mut world).await;
    world.calm_down().await;
    let mut differences = std::mem::take(&mut world.watch.broken);
    differences.extend(check::compare(&world, &shoppers).await);
    let World { stripe, log, .. } = world;
    stripe.sandbox.shutdown().await;
    database.close().await;
    Told { plan, log, differences }
}

impl World {
    /// A few users do this and that, for some weeks.
    pub(crate) async fn live(&mut self) -> Vec<Shopper> {
        let mut shoppers: Vec<_> = (0..self.chance.usize(2..=4)).map(Shopper::new).collect();
        for _ in 0..self.chance.usize(15..=40) {
            let who = self.chance.usize(..shoppers.len());
            life::act(self, &mut shoppers[who]).await;
            let pause = match self.chance.u8(..10) {
                0..=3 => 0,
                4..=6 => self.chance.i64(1..60),
                7 => self.chance.i64(60..7_200),
                8 => self.chance.i64(7_200..2 * DAY),
                _ => self.chance.i64(DAY..20 * DAY),
            };
            // Without time to pass, what follows comes in the same second and before anything is delivered.
            if pause > 0 {
                self.pass(pause).await;
            }
            self.watch(&shoppers).await;
        }
        shoppers
    }

    /// Everything that is under way arrives, and everything in doubt is asked about.
    async fn calm_down(&mut self) {
        self.stripe.end_faults().await;
        self.pass(AFTERMATH_S).await;
        loop {
            let before = self.stripe.truth().await["events"].as_array().map_or(0, Vec::len);
            self.pass(QUIET_S).await;
            if self.stripe.truth().await["events"].as_array().map_or(0, Vec::len) == before {
                return;
            }
        }
    }

    /// Lets time pass; what is due on either side is done in its second.
    pub(crate) async fn pass(&mut self, seconds: i64) {
        let target = self.stripe.clock.now() + seconds;
        let mut stride = 1;
        loop {
            let now = self.stripe.clock.now();
            let due = self.stripe.sandbox.next_due().await.filter(|due| *due <= target.min(now + stride));
            let next = due.unwrap_or_else(|| target.min(now + stride)).max(now);
            self.stripe.sandbox.advance_to(next).await;
            if self.background == Background::Works {
                self.service.work().await;
            }
            stride = if due.is_some() { 2 } else { (stride * 3).min(STRIDE_MAX_S) };
            if next >= target {
                return;
            }
        }
    }

    pub(crate) fn note(&mut self, line: &str) {
        self.log.push(format!("{:>9} {line}", self.stripe.clock.now() - crate::stripe::START));
    }

    async fn watch(&mut self, shoppers: &[Shopper]) {
        let mut watch = std::mem::take(&mut self.watch);
        watch.look(self, shoppers).await;
        self.watch = watch;
    }
}
