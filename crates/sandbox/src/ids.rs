//! Ids in Stripe's looks, and secrets from the operating system's randomness.

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// `prefix` followed by `length` letters and digits, e.g. `cus_QXg1o8vcGmoR32`.
///
/// Ids are not secrets: they only have to be different.
pub(crate) fn object_id(prefix: &str, length: usize) -> String {
    let tail = (0..length).map(|_| char::from(ALPHABET[fastrand::usize(..ALPHABET.len())]));
    prefix.chars().chain(tail).collect()
}

/// A secret of 192 random bits after `prefix`, e.g. `whsec_…`.
///
/// # Errors
///
/// The operating system has no randomness to give.
pub(crate) fn secret(prefix: &str) -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{prefix}{}", hex::encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_carry_their_prefix_and_differ() {
        let first = object_id("cus_", 14);
        assert!(first.starts_with("cus_") && first.len() == 18);
        assert_ne!(first, object_id("cus_", 14));
    }

    #[test]
    fn secrets_carry_192_bits() {
        assert_eq!(secret("whsec_").unwrap().len(), "whsec_".len() + 48);
    }
}
