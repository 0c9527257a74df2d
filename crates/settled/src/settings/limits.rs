use std::num::NonZeroU32;

use settled_api::RateLimits;
use settled_domain::checkout::Assortment;
use settled_domain::ids::PriceId;

use crate::cli::LimitArgs;
use crate::problems::Problems;

/// How often a user may ask.
pub(super) fn rate_limits(args: &LimitArgs) -> RateLimits {
    RateLimits {
        reads_per_minute: NonZeroU32::new(args.reads_per_minute),
        writes_per_minute: NonZeroU32::new(args.writes_per_minute),
    }
}

/// What a user may buy. A list that names nothing is a mistake, and not the wish to sell everything.
pub(super) fn assortment(args: &LimitArgs, problems: &mut Problems) -> Assortment {
    let Some(prices) = &args.allowed_prices else {
        return Assortment::Everything;
    };
    let named = prices.iter().map(|price| price.trim()).filter(|price| !price.is_empty());
    let read = named.map(PriceId::new).collect::<Result<Vec<_>, _>>();
    let prices = problems.note("ALLOWED_PRICES", read).unwrap_or_default();
    if prices.is_empty() {
        problems.add("ALLOWED_PRICES names no price: unset it to sell every active price");
    }
    Assortment::only(prices)
}
