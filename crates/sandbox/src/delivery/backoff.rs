//! How long to wait before the next attempt.

use std::time::Duration;

const FIRST_MS: u64 = 1_000;
const MOST_MS: u64 = 60_000;

/// 1, 2, 4 … 60 seconds after attempts 0, 1, 2 …, each up to a quarter shorter or longer, so that
/// what failed together does not come back together.
pub(super) fn delay(attempt: u32) -> Duration {
    let base = FIRST_MS.saturating_mul(1 << attempt.min(16)).min(MOST_MS);
    Duration::from_millis(fastrand::u64(base - base / 4..=base + base / 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_minute() {
        for (attempt, seconds) in [(0, 1), (1, 2), (3, 8), (6, 60), (u32::MAX, 60)] {
            let base = Duration::from_secs(seconds);
            let range = base * 3 / 4..=base * 5 / 4;
            assert!(range.contains(&delay(attempt)), "attempt {attempt}");
        }
    }
}
