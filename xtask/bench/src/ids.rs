//! Ids shaped and ordered like Stripe's: a prefix, and characters that grow with time. Where an index takes them in order, a
//! benchmark with random ids would measure something else. They are decimal, so that SQL can write them too.

/// Digits after the prefix.
pub(crate) const DIGITS: usize = 18;

/// The id of object number `n`, always the same.
pub(crate) fn stripe_id(prefix: &str, n: u64) -> String {
    format!("{prefix}1S{n:018}")
}

/// The same in SQL, of the number that an expression gives.
pub(crate) fn stripe_id_in_sql(prefix: &str, n: &str) -> String {
    format!("('{prefix}1S' || lpad(({n})::text, {DIGITS}, '0'))")
}

/// A UUID whose beginning grows with `n`, as version 7 has it.
pub(crate) fn uuid(n: u64) -> String {
    // Odd, so that different numbers stay different.
    let random = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (high, low) = (n >> 16, n & 0xffff);
    format!("{high:08x}-{low:04x}-7{:03x}-8{:03x}-{:012x}", random & 0xfff, (random >> 12) & 0xfff, random >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_with_their_number_and_look_like_stripes() {
        let ids: Vec<_> = [0, 1, 61, 62, 10_000_000].map(|n| stripe_id("sub_", n)).into();
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.iter().all(|id| id.len() == 24 && id.parse::<settled_domain::ids::SubscriptionId>().is_ok()));
    }

    #[test]
    fn uuids_grow_with_their_number_and_can_be_read() {
        let ids: Vec<_> = [0, 1, 65_535, 65_536, 10_000_000].map(uuid).into();
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.iter().all(|id| id.len() == 36 && id.parse::<settled_domain::ids::PaymentId>().is_ok()), "{ids:?}");
    }
}
