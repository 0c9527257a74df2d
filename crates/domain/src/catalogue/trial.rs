use std::fmt;
use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

/// How many days of a new subscription are free, from 1 to [`TrialDays::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct TrialDays(NonZeroU16);

/// A number of days that no trial has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a trial lasts from 1 to {} days", TrialDays::MAX)]
pub struct InvalidTrial;

impl TrialDays {
    /// The longest trial that Stripe gives:
    /// <https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-subscription_data-trial_period_days>.
    pub const MAX: u16 = 730;

    /// The number of days.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0.get()
    }
}

impl TryFrom<u16> for TrialDays {
    type Error = InvalidTrial;

    fn try_from(days: u16) -> Result<Self, InvalidTrial> {
        NonZeroU16::new(days).filter(|days| days.get() <= Self::MAX).map(Self).ok_or(InvalidTrial)
    }
}

impl From<TrialDays> for u16 {
    fn from(days: TrialDays) -> Self {
        days.get()
    }
}

impl fmt::Display for TrialDays {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_lasts_from_one_day_to_two_years() {
        for days in [1, 14, TrialDays::MAX] {
            assert_eq!(TrialDays::try_from(days).map(TrialDays::get), Ok(days));
        }
        for days in [0, TrialDays::MAX + 1, u16::MAX] {
            assert_eq!(TrialDays::try_from(days), Err(InvalidTrial));
        }
    }
}
