//! Which crate may use what.

/// What one crate may use in its normal dependencies (not those of tests and build scripts).
pub(crate) struct Rule {
    pub(crate) package: &'static str,
    /// Our own crates that it may use.
    pub(crate) ours: &'static [&'static str],
    /// Other people's crates that it may name.
    pub(crate) others: Others,
    /// What must not be reached, neither directly nor through other crates.
    pub(crate) never_reaches: &'static [&'static str],
}

pub(crate) enum Others {
    Any,
    Only(&'static [&'static str]),
}

const DOMAIN: &[&str] = &["settled-domain"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        package: "settled-domain",
        ours: &[],
        others: Others::Only(&["async-trait", "mockall", "serde", "thiserror", "time", "tracing", "uuid"]),
        never_reaches: &["tokio*", "axum*", "sqlx*", "async-stripe*"],
    },
    Rule {
        package: "settled-store-contract",
        ours: DOMAIN,
        others: Others::Any,
        never_reaches: &["sqlx*", "axum*", "async-stripe*"],
    },
    Rule { package: "settled-sqlite", ours: DOMAIN, others: Others::Any, never_reaches: &["axum*", "async-stripe*"] },
    Rule { package: "settled-postgres", ours: DOMAIN, others: Others::Any, never_reaches: &["axum*", "async-stripe*"] },
    Rule { package: "settled-stripe", ours: DOMAIN, others: Others::Any, never_reaches: &["axum*", "sqlx*"] },
    Rule {
        package: "settled-engine",
        ours: DOMAIN,
        others: Others::Any,
        never_reaches: &["axum*", "sqlx*", "async-stripe*"],
    },
    Rule { package: "settled-sandbox", ours: &[], others: Others::Any, never_reaches: &["sqlx*", "async-stripe*"] },
    Rule { package: "settled-api", ours: DOMAIN, others: Others::Any, never_reaches: &["sqlx*", "async-stripe*"] },
    Rule {
        package: "settled",
        ours: &[
            "settled-api",
            "settled-domain",
            "settled-engine",
            "settled-postgres",
            "settled-sandbox",
            "settled-sqlite",
            "settled-store-contract",
            "settled-stripe",
        ],
        others: Others::Any,
        never_reaches: &[],
    },
    Rule {
        package: "settled-fuzz",
        ours: &["settled-api", "settled-domain", "settled-stripe"],
        others: Others::Any,
        never_reaches: &[],
    },
    Rule {
        package: "settled-bench",
        ours: &["settled-api", "settled-domain", "settled-engine", "settled-postgres", "settled-stripe"],
        others: Others::Any,
        never_reaches: &[],
    },
    Rule { package: "settled-overheard", ours: &[], others: Others::Only(&[]), never_reaches: &[] },
    Rule { package: "xtask", ours: &["settled-overheard"], others: Others::Any, never_reaches: &[] },
];

/// The rule of `package`, if it has one.
pub(crate) fn rule_of(package: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.package == package)
}
