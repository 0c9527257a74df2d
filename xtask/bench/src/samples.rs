//! What was measured, and what is told of it.

use std::fmt;

/// The results of one subject over the rounds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
        self.0.sort_by(f64::total_cmp);
    }

    /// The middle one; of an even number the lower of the two.
    pub(crate) fn median(&self) -> f64 {
        self.0.get((self.0.len().saturating_sub(1)) / 2).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn sum(&self) -> f64 {
        self.0.iter().sum()
    }

    fn spread(&self) -> Option<(f64, f64)> {
        Some((*self.0.first()?, *self.0.last()?))
    }
}

/// The median, and the lowest and the highest.
impl fmt::Display for Samples {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.spread() {
            Some((low, high)) => write!(formatter, "{:.0} ({low:.0}–{high:.0})", self.median()),
            None => formatter.write_str("–"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        let mut samples = Samples::default();
        assert!(samples.median().is_nan());
        for value in [5.0, 1.0, 9.0] {
            samples.push(value);
        }
        assert_eq!(samples.to_string(), "5 (1–9)");
        samples.push(7.0);
        assert!((samples.median() - 5.0).abs() < f64::EPSILON);
    }
}
