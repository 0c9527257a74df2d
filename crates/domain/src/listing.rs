//! Stripe's lists, page by page.

use time::{Duration, OffsetDateTime};

/// A stretch of Stripe's time, in whole seconds; the first and the last one belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first second.
    pub from: OffsetDateTime,
    /// The last second.
    pub until: OffsetDateTime,
}

impl Window {
    /// Its two halves, the earlier one first; `None` for a single second.
    #[must_use]
    pub fn halves(&self) -> Option<(Self, Self)> {
        let seconds = (self.until - self.from).whole_seconds();
        if seconds < 1 {
            return None;
        }
        let middle = self.from + Duration::seconds(seconds / 2);
        let later = Self { from: middle + Duration::SECOND, until: self.until };
        Some((Self { from: self.from, until: middle }, later))
    }
}

/// Where the next page begins. Only the gateway that gave it knows what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageMark(pub String);

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it, in no order that can be relied on.
    pub items: Vec<T>,
    /// Where the next one begins, if there is one.
    pub next: Option<PageMark>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::SECOND;

    #[test]
    fn the_halves_of_a_window_have_each_second_once() {
        for seconds in [1, 2, 3, 60, 61] {
            let window = Window { from: SECOND, until: SECOND + Duration::seconds(seconds) };
            let (earlier, later) = window.halves().unwrap();
            assert_eq!((earlier.from, later.until), (window.from, window.until));
            assert_eq!(earlier.until + Duration::SECOND, later.from);
            assert!(earlier.from <= earlier.until && later.from <= later.until, "{seconds}");
        }
        assert_eq!(Window { from: SECOND, until: SECOND }.halves(), None);
    }
}
