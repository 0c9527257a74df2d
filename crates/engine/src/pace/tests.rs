use std::sync::Arc;

use futures_util::future::join_all;
use settled_domain::mock::MockStripeGateway;
use settled_domain::ports::StripeGateway;

use super::*;
use crate::examples::clock;

fn pace(per_second: u16) -> Arc<Pace> {
    Arc::new(Pace::new(&CallSettings { per_second: per_second.try_into().unwrap() }))
}

fn refusal(seconds: Option<i64>) -> GatewayError {
    GatewayError::RateLimited { retry_after: seconds.map(time::Duration::seconds) }
}

/// When each of so many turns came, in milliseconds.
async fn turns(pace: &Pace, count: usize) -> Vec<u128> {
    let begun = Instant::now();
    let turn = |_| async move {
        pace.turn().await.unwrap();
        begun.elapsed().as_millis()
    };
    join_all((0..count).map(turn)).await
}

#[tokio::test(start_paused = true)]
async fn one_seconds_worth_of_calls_comes_at_once_and_the_others_one_by_one() {
    let all = turns(&pace(4), 8).await;
    // Timers are whole milliseconds.
    assert_eq!(all, [0, 0, 0, 0, 250, 500, 750, 1000]);
}

#[tokio::test(start_paused = true)]
async fn a_rest_saves_up_no_more_than_one_second() {
    let pace = pace(2);
    turns(&pace, 2).await;
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(turns(&pace, 4).await, [0, 0, 500, 1000]);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_stripes_pauses_everybody_for_at_least_as_long_as_it_asks() {
    let pace = pace(10);
    pace.note(Some(&refusal(Some(30))));
    let Err(GatewayError::RateLimited { retry_after: Some(left) }) = pace.turn().await else { panic!("no pause") };
    assert!(left >= time::Duration::seconds(30) && left <= time::Duration::seconds(31), "{left}");
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert!(pace.turn().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn after_a_pause_nobody_bursts_in() {
    let pace = pace(4);
    pace.note(Some(&refusal(Some(2))));
    tokio::time::sleep(pace.pause_left().unwrap()).await;
    let all = turns(&pace, 4).await;
    assert!(all[1] >= 240 && all[3] >= 740, "{all:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_time_the_pause_doubles_until_stripe_answers_again() {
    let pace = pace(10);
    for longest_s in [1, 2, 4, 8] {
        pace.note(Some(&refusal(None)));
        let left = pace.pause_left().unwrap();
        let longest = Duration::from_secs(longest_s);
        assert!(left >= longest / 2 && left <= longest, "{left:?}");
        tokio::time::sleep(left).await;
    }
    pace.note(None);
    pace.note(Some(&refusal(None)));
    assert!(pace.pause_left().unwrap() <= Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn an_hour_is_the_longest_pause() {
    let pace = pace(10);
    pace.note(Some(&refusal(Some(1_000_000_000))));
    assert!(pace.pause_left().unwrap() <= LONGEST_PATIENCE + FIRST_PAUSE);
}

#[tokio::test(start_paused = true)]
async fn a_paced_gateway_asks_nothing_during_a_pause_that_its_own_call_brought_about() {
    let mut inner = MockStripeGateway::new();
    inner.expect_fetch_installation().once().returning(|| Err(refusal(Some(5))));
    let gateway = PacedGateway::new(Arc::new(inner), pace(10), Arc::new(clock()));
    for _ in 0..3 {
        assert!(matches!(gateway.fetch_installation().await, Err(GatewayError::RateLimited { .. })));
    }
}
