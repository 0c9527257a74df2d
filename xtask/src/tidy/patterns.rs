//! Names with an optional star at the end.

/// Whether `name` is one of `patterns`; `sqlx*` stands for every name that starts with `sqlx`.
pub(crate) fn any_matches(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *pattern,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_matches_itself_only() {
        assert!(any_matches(&["tokio"], "tokio"));
        assert!(!any_matches(&["tokio"], "tokio-util"));
    }

    #[test]
    fn a_star_stands_for_any_ending() {
        assert!(any_matches(&["serde", "sqlx*"], "sqlx"));
        assert!(any_matches(&["serde", "sqlx*"], "sqlx-core"));
        assert!(!any_matches(&["sqlx*"], "my-sqlx"));
    }
}
