use std::time::Duration;

/// How long to wait after a failure: `first`, doubled with each of the `failures` before, but not beyond `longest`. The
/// second half of it is random, so that those who failed together do not come back together.
pub(crate) fn delay_after(failures: u32, first: Duration, longest: Duration) -> Duration {
    let doubled = first.saturating_mul(2_u32.saturating_pow(failures)).min(longest);
    let half = doubled / 2;
    half + half.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest_and_half_of_them_is_random() {
        let delays = [(0, 2), (1, 4), (3, 16), (8, 300), (u32::MAX, 300)];
        for (failures, seconds) in delays {
            let full = Duration::from_secs(seconds);
            for _ in 0..50 {
                let delay = delay_after(failures, Duration::from_secs(2), Duration::from_mins(5));
                assert!(delay >= full / 2 && delay <= full, "{delay:?} after {failures} failures");
            }
        }
    }
}
