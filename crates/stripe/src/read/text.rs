use url::Url;

/// The longest word of Stripe's that is stored, in bytes.
const MAX_BYTES: usize = 255;

/// Not empty, not overlong, and without the control characters (NUL above all) that databases refuse.
pub(crate) fn is_plain(text: &str) -> bool {
    (1..=MAX_BYTES).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// The text, if a browser may be sent there.
pub(crate) fn web_address(text: Option<String>) -> Option<String> {
    text.filter(|text| {
        !text.chars().any(char::is_control)
            && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_without_control_characters_are_plain() {
        assert!(is_plain("checkout.session.completed"));
        for text in ["", "a\0b", "a\nb", &"a".repeat(256)] {
            assert!(!is_plain(text), "{text:?}");
        }
    }

    #[test]
    fn a_browser_is_only_sent_to_web_addresses() {
        let page = "https://checkout.stripe.com/c/pay/cs_test_1#fid".to_owned();
        assert_eq!(web_address(Some(page.clone())), Some(page));
        for text in ["javascript:alert(1)", "/pay", "https://", "https://a.test/\0", ""] {
            assert_eq!(web_address(Some(text.to_owned())), None, "{text:?}");
        }
    }
}
