//! Secrets are masked before they leave the process.
//!
//! What trufflehog found is masked by value ([`mask_values`]); code shown by any tool is masked by
//! shape ([`redact`]): the well-known prefixes, private-key blocks, and long unbroken words beside
//! a word such as `key`, `token` or `secret`. A masked secret keeps its first four characters and
//! its length, enough to recognise one's own: `AKIA…(20)`.

/// Characters of a secret that stay readable.
const SHOWN: usize = 4;
/// A shorter piece is no secret, and hiding it would only riddle the text.
const MIN_PIECE: usize = 8;
/// An unbroken word this long beside a telling word is taken for a secret.
const MIN_TOKEN: usize = 20;

const PREFIXES: [&str; 18] = [
    "AKIA",
    "ASIA",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xapp-",
    "sk-",
    "sk_live_",
    "rk_live_",
    "AIza",
    "npm_",
];
const TELLING: [&str; 9] =
    ["key", "token", "secret", "passw", "credential", "auth", "bearer", "apikey", "webhook"];

/// A secret as it may be shown: its first characters and its length.
#[must_use]
pub fn mask(secret: &str) -> String {
    let shown: String = secret.chars().take(SHOWN).filter(|c| !c.is_control()).collect();
    let length = secret.chars().count();
    // Of a short secret, four characters would be most of it.
    if length < 2 * SHOWN { format!("…({length})") } else { format!("{shown}…({length})") }
}

/// Replaces every value, and every longer piece of one, by its masked form.
#[must_use]
pub fn mask_values(text: &str, values: &[&str]) -> String {
    let mut pieces: Vec<&str> = values
        .iter()
        .flat_map(|value| {
            std::iter::once(*value).chain(value.split(|c: char| c == ':' || c.is_whitespace()))
        })
        .map(str::trim)
        .filter(|piece| piece.len() >= MIN_PIECE)
        .collect();
    pieces.sort_by_key(|piece| std::cmp::Reverse(piece.len()));
    pieces.dedup();
    pieces.into_iter().fold(text.to_owned(), |text, piece| text.replace(piece, &mask(piece)))
}

/// Masks what looks like a secret in code that is shown.
#[must_use]
pub fn redact(code: &str) -> String {
    let mut in_key_block = false;
    let lines: Vec<String> = code
        .split('\n')
        .map(|line| {
            let begins = line.contains("-----BEGIN ") && line.contains("PRIVATE KEY");
            let ends = line.contains("-----END ");
            let hide = (in_key_block || begins) && !(begins && line.trim().ends_with("-----"));
            in_key_block = (in_key_block || begins) && !ends;
            if hide && !ends { mask(line.trim()) } else { redact_line(line) }
        })
        .collect();
    lines.join("\n")
}

fn redact_line(line: &str) -> String {
    let lower = line.to_lowercase();
    let telling = TELLING.iter().any(|word| lower.contains(word));
    words(line)
        .map(|word| {
            let known = PREFIXES.iter().any(|prefix| {
                word.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 2 * MIN_PIECE)
            });
            if known || (telling && looks_random(word)) { mask(word) } else { word.to_owned() }
        })
        .collect()
}

/// A run of letters and digits of both kinds, as keys are and names in code rarely are.
fn looks_random(word: &str) -> bool {
    word.len() >= MIN_TOKEN
        && word.bytes().any(|b| b.is_ascii_digit())
        && word.bytes().any(|b| b.is_ascii_alphabetic())
        && !word.contains("://")
}

/// Splits a line into words of token characters and what lies between, losing nothing.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/' | '=');
    let mut rest = line;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let kind = is_token(first);
        let end = rest.find(|c| is_token(c) != kind).unwrap_or(rest.len());
        let (word, tail) = rest.split_at_checked(end)?;
        rest = tail;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Built from parts, so that this file holds nothing that looks like a key.
    fn aws_like() -> String {
        format!("AKIA{}", "IOSFODNN7EXAMPLE")
    }

    #[test]
    fn a_masked_secret_keeps_four_characters_and_its_length() {
        assert_eq!(mask(&aws_like()), "AKIA…(20)");
        assert_eq!(mask("hunter2"), "…(7)");
        assert_eq!(mask(""), "…(0)");
    }

    #[test]
    fn g36_code_that_is_shown_holds_no_key() {
        let key = aws_like();
        let random = "a1B2".repeat(8);
        let block = format!(
            "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\nlet x = 1;",
            "Q2Fu".repeat(12)
        );
        for (code, hidden) in [
            (format!("const k = '{key}';"), key.as_str()),
            (format!("api_token: \"{random}\""), random.as_str()),
            (block, "Q2FuQ2Fu"),
        ] {
            let shown = redact(&code);
            assert!(!shown.contains(hidden), "{shown}");
        }
        assert!(
            redact("-----BEGIN X PRIVATE KEY-----\nabc\n-----END X-----\nlet x = 1;")
                .ends_with("let x = 1;")
        );
    }

    #[test]
    fn ordinary_code_stays_as_it_is() {
        for code in [
            "const key = process.env.API_KEY;",
            "fetch('https://example.com/a/b/c/d/e/f?x=1')",
            "getAuthenticationTokenFromEnvironmentVariables()",
            "sha = 0123456789abcdef0123456789abcdef",
        ] {
            assert_eq!(redact(code), code);
        }
    }

    #[test]
    fn a_value_is_masked_in_pieces_too() {
        let raw = format!("{}:{}", aws_like(), "s".repeat(40));
        let shown = mask_values(&format!("id={}\nkey={}", aws_like(), "s".repeat(40)), &[&raw]);
        assert_eq!(shown, "id=AKIA…(20)\nkey=ssss…(40)");
    }

    proptest! {
        #[test]
        fn nothing_panics_and_no_line_is_lost(text in any::<String>()) {
            prop_assert_eq!(redact(&text).matches('\n').count(), text.matches('\n').count());
        }

        #[test]
        fn a_masked_value_is_gone(value in "[A-Za-z0-9+/]{12,60}", before in ".{0,20}", after in ".{0,20}") {
            let shown = mask_values(&format!("{before}{value}{after}"), &[&value]);
            prop_assert!(!shown.contains(&value));
        }
    }
}
