use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
};

/// A password for a server that lives as long as a run of the tests. Others on this machine must not know it.
pub(super) fn random() -> String {
    let number = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", number(), number())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_and_differ() {
        assert_eq!(random().len(), 32);
        assert_ne!(random(), random());
    }
}
