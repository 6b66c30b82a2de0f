//! Host names: the rule that repository URLs and callback origins share.

/// Whether a text is a domain name and no address: at least two labels of 1 to 63 letters, digits and
/// inner hyphens, the last of which begins with a letter, so that it is a number in no base. In any
/// case; without a port, a trailing dot, or a limit on the whole length.
#[must_use]
pub fn is_domain_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.contains('.')
        && host.split('.').all(is_label)
        && host
            .rsplit('.')
            .next()
            .is_some_and(|last| last.starts_with(|c: char| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_addresses() {
        let longest = format!("{}.com", "a".repeat(63));
        for name in ["github.com", "a-b.Example", "1.x", "xn--80ak6aa92e.com", &longest] {
            assert!(is_domain_name(name), "{name}");
        }
        let longer = format!("{}.com", "a".repeat(64));
        for other in [
            "",
            ".",
            "localhost",
            "127.0.0.1",
            "0x7f.1",
            "1.0x7f.0",
            "[::1]",
            "a..b",
            ".a.b",
            "a.b.",
            "-a.b",
            "a-.b",
            "a.b:443",
            "a.b/c",
            "u@a.b",
            "a_b.c",
            "\u{e4}.de",
            &longer,
        ] {
            assert!(!is_domain_name(other), "{other}");
        }
    }
}
