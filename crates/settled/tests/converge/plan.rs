use serde_json::{Map, Value, json};

/// The secret that takes the place of the first one, in plans that roll it. The service knows both.
pub(crate) const ROLLED_SECRET: &str = "whsec_after_the_roll";

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// A plan that the seed thinks of: some of the faults, some of them often.
pub(crate) fn random(seed: u64, chance: &mut fastrand::Rng) -> Value {
    let mut plan = json!({
        "seed": seed,
        "for_s": DAY * chance.i64(1..=20),
        "deliveries": deliveries(chance),
        "calls": calls(chance),
    });
    // What else happens under a seed does not depend on this.
    plan["deliveries"]["listed"] = unmade(chance);
    plan
}

/// Now and then Stripe makes no event at all. Whoever waits for a payment is asked for by the sweep.
fn unmade(chance: &mut fastrand::Rng) -> Value {
    let kinds = ["completed", "expired", "async_payment_succeeded", "async_payment_failed"];
    let chosen: Vec<_> = kinds.into_iter().filter(|_| chance.u8(..4) == 0).collect();
    chosen.iter().map(|kind| json!({ "event": format!("checkout.session.{kind}"), "fault": "unmade" })).collect()
}

fn deliveries(chance: &mut fastrand::Rng) -> Value {
    let faults = [
        ("drop", 0.5),
        ("unknown_status", 0.2),
        ("duplicate", 0.4),
        ("shuffle", 1.0),
        ("delay", 0.3),
        ("twin", 0.3),
        ("old_shape", 1.0),
        ("thin", 0.4),
        ("thin_twin", 0.4),
    ];
    let mut plan = json!({
        "chance": some_of(&faults, chance),
        "delay_up_to_s": chance.i64(HOUR..12 * HOUR),
        "shuffle_within_s": chance.i64(1..120),
        "duplicates_within_s": chance.i64(1..2 * DAY),
        "retry_up_to_s": chance.i64(HOUR..4 * HOUR),
    });
    if chance.u8(..4) == 0 {
        plan["burst_s"] = json!(chance.i64(2..600));
    }
    if chance.u8(..4) == 0 {
        plan["skew_up_to_s"] = json!(chance.i64(1..5));
    }
    if chance.u8(..3) == 0 {
        plan["outages"] = json!([{ "from_s": chance.i64(0..2 * DAY), "for_s": chance.i64(HOUR..2 * DAY) }]);
    }
    if chance.u8(..4) == 0 {
        plan["rolled_secret"] = json!({
            "secret": ROLLED_SECRET, "from_s": chance.i64(0..2 * DAY), "overlap_s": chance.i64(0..DAY)
        });
    }
    plan
}

fn calls(chance: &mut fastrand::Rng) -> Value {
    let faults = [
        ("too_many", 0.3),
        ("too_many_retry_after", 0.3),
        ("failed", 0.2),
        ("failed_afterwards", 0.2),
        ("bad_gateway", 0.3),
        ("cut", 0.2),
        ("reset", 0.2),
        ("lag", 0.3),
    ];
    let mut faults = some_of(&faults, chance);
    // It costs real time.
    if chance.u8(..8) == 0 {
        faults.insert("silence".to_owned(), json!(0.02));
    }
    json!({ "chance": faults, "retry_after_s": chance.i64(1..300) })
}

/// Half of the faults, each with a chance up to its own.
fn some_of(faults: &[(&str, f64)], chance: &mut fastrand::Rng) -> Map<String, Value> {
    let mut chosen = Map::new();
    for (fault, most) in faults {
        let likely = (chance.f64() * most * 100.0).round() / 100.0;
        if chance.bool() {
            chosen.insert((*fault).to_owned(), json!(likely));
        }
    }
    chosen
}
