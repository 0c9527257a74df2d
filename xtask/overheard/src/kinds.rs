/// What nobody must see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A key of Stripe's.
    Key,
    /// A secret with which webhooks are signed.
    SigningSecret,
    /// A JSON Web Token.
    Token,
    /// A signature of a webhook.
    Signature,
    /// An e-mail address.
    Email,
    /// The number of a card.
    Card,
    /// A part of what Stripe sent.
    Payload,
    /// Anything else that was set as a secret.
    Setting,
}

impl Kind {
    /// Each of them.
    pub const ALL: [Self; 8] = [
        Self::Key,
        Self::SigningSecret,
        Self::Token,
        Self::Signature,
        Self::Email,
        Self::Card,
        Self::Payload,
        Self::Setting,
    ];

    /// As a person would say it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Key => "a key",
            Self::SigningSecret => "a signing secret",
            Self::Token => "a token",
            Self::Signature => "a signature",
            Self::Email => "an e-mail address",
            Self::Card => "the number of a card",
            Self::Payload => "a payload",
            Self::Setting => "a secret setting",
        }
    }
}

/// What begins a key; more must follow, so that a text may say what keys begin with.
const KEYS: [&str; 4] = ["sk_test_", "sk_live_", "rk_test_", "rk_live_"];
/// What begins the numbers of Stripe's cards for tests.
const CARDS: [&str; 2] = ["4242", "4000"];
/// Fields that Stripe's objects have and nothing of ours.
const FIELDS: [&str; 4] = ["pending_webhooks", "customer_details", "billing_details", "payment_method_types"];

/// The kinds of secrets that a word shows by its form.
pub(crate) fn kind_of(word: &str) -> Option<Kind> {
    let goes_on = |prefix: &str| word.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty());
    if KEYS.iter().any(|prefix| goes_on(prefix)) {
        return Some(Kind::Key);
    }
    if goes_on("whsec_") {
        return Some(Kind::SigningSecret);
    }
    if word.starts_with("eyJ") && word.split('.').count() >= 3 {
        return Some(Kind::Token);
    }
    if word.strip_prefix("v1=").is_some_and(|digest| digest.len() >= 32) {
        return Some(Kind::Signature);
    }
    if CARDS.iter().any(|prefix| word.starts_with(prefix)) && word.len() == 16 && is_number(word) {
        return Some(Kind::Card);
    }
    if FIELDS.contains(&word) || word.starts_with("marker-") {
        return Some(Kind::Payload);
    }
    is_email(word).then_some(Kind::Email)
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_email(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.split('.').count() > 1 && host.split('.').all(|label| !label.is_empty())
    })
}

/// The words of a text: what stands between anything that none of the secrets above contains.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_within = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.' | '@' | '=' | '+');
    let words = text.split(move |it| !is_within(it)).map(|word| word.trim_end_matches('.'));
    words.filter(|word| !word.is_empty()).flat_map(|word| {
        // `name=value` is two words, and the signature of a webhook is one.
        let value = word.split_once('=').map(|(_, value)| value);
        [Some(word), value].into_iter().flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds_in(text: &str) -> Vec<Kind> {
        words(text).filter_map(kind_of).collect()
    }

    #[test]
    fn each_kind_is_known_wherever_it_stands() {
        for (text, kind) in [
            (r#"{"key":"sk_test_4eC39HqL"}"#, Kind::Key),
            ("STRIPE_SECRET_KEY=rk_live_4eC39HqL", Kind::Key),
            (r#"secrets: ["whsec_1", "#, Kind::SigningSecret),
            ("Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbg", Kind::Token),
            ("settled_token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbg; Path=/", Kind::Token),
            ("t=1,v1=00112233445566778899aabbccddeeff", Kind::Signature),
            (r#"\"email\":\"alice@example.com\","#, Kind::Email),
            ("It went to alice+shop@mail.example.com.", Kind::Email),
            (r#""card_number=4242424242424242""#, Kind::Card),
            (r#"{\"pending_webhooks\":1}"#, Kind::Payload),
            ("a note: marker-7f3a91c2.", Kind::Payload),
        ] {
            assert_eq!(kinds_in(text), [kind], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for text in [
            "the key begins with sk_test_ or rk_test_, the secret with whsec_",
            "session_id=cs_test_4eC39HqL evt_1 sub_1 cus_1",
            "v1=00 is no digest",
            "took 4242424242 ns, 42424242424242421 ns, id 4242abcd42424242",
            "@media print, npm @stripe/cli, name@ and @host",
            "eyJ is how tokens begin",
            "the customer and its details",
        ] {
            assert_eq!(kinds_in(text), [], "{text}");
        }
    }
}
