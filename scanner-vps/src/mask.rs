//! Secrets are masked before they leave the process.
//!
//! What trufflehog found is masked by value ([`Values`]); code shown by any tool is masked by
//! shape ([`redact`]): the well-known prefixes, private-key blocks, passwords and webhook
//! tokens in addresses, and long unbroken words beside
//! a word such as `key`, `token` or `secret`. A masked secret keeps its first four characters and
//! its length, enough to recognise one's own: `AKIA…(20)`.

use std::ops::Range;

mod values;

pub use values::Values;

/// Characters of a secret that stay readable.
const SHOWN: usize = 4;
/// A shorter piece is no secret, and hiding it would only riddle the text.
const MIN_PIECE: usize = 8;
/// An unbroken word this long beside a telling word is taken for a secret.
const MIN_TOKEN: usize = 20;
/// Letters of a word in a name, and digits behind it.
const MAX_WORD: usize = 14;
const MAX_DIGITS: usize = 4;

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

/// Addresses whose rest is a token: who knows it may post.
const WEBHOOKS: [&str; 8] = [
    "hooks.slack.com/services/",
    "hooks.slack.com/workflows/",
    "hooks.slack.com/triggers/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "webhook.office.com/webhookb2/",
    "hooks.zapier.com/hooks/catch/",
    "api.telegram.org/bot",
];

/// A secret as it may be shown: its first characters and its length.
#[must_use]
pub fn mask(secret: &str) -> String {
    let shown: String = secret.chars().take(SHOWN).filter(|c| !c.is_control()).collect();
    let length = secret.chars().count();
    // Of a short secret, four characters would be most of it.
    if length < 2 * SHOWN { format!("…({length})") } else { format!("{shown}…({length})") }
}

/// Masks parts of a text; parts that overlap are one.
fn cover(text: &str, mut spans: Vec<Range<usize>>) -> String {
    spans.sort_by_key(|span| span.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for span in merged {
        shown.push_str(text.get(at..span.start).unwrap_or_default());
        at = span.end;
        shown.push_str(&mask(text.get(span).unwrap_or_default()));
    }
    shown.push_str(text.get(at..).unwrap_or_default());
    shown
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
            if hide && !ends { mask(line.trim()) } else { redact_line(&redact_urls(line)) }
        })
        .collect();
    lines.join("\n")
}

/// Masks the secrets that are part of an address: passwords, and the tokens of webhooks.
fn redact_urls(line: &str) -> String {
    // Only ASCII changes, so places stay what they are.
    let lower = line.to_ascii_lowercase();
    let behind = |marker: &'static str| {
        lower.match_indices(marker).map(move |(at, marker)| at + marker.len())
    };
    let tokens = WEBHOOKS.iter().flat_map(|marker| behind(marker)).filter_map(|at| {
        let token = address(line.get(at..)?);
        (token.len() >= MIN_PIECE && !is_placeholder(token)).then(|| at..at + token.len())
    });
    let passwords = behind("://").filter_map(|at| {
        let password = password(address(line.get(at..)?))?;
        Some(at + password.start..at + password.end)
    });
    cover(line, tokens.chain(passwords).collect())
}

/// What is left of an address that begins a text.
fn address(text: &str) -> &str {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | ')' | '|');
    text.split(ends).next().unwrap_or_default()
}

/// Where the password stands in an address whose scheme is cut off.
fn password(address: &str) -> Option<Range<usize>> {
    let authority = address.split(['/', '?', '#']).next()?;
    let (_, port) = authority.split_once(':')?;
    let end = match authority.rfind('@') {
        Some(end) => end,
        // A password with a raw slash: what follows the colon is no port then.
        None if port.bytes().all(|b| b.is_ascii_digit()) => return None,
        None => address.rfind('@')?,
    };
    let start = address.find(':')? + 1;
    let password = address.get(start..end)?;
    (!password.is_empty() && !is_placeholder(password)).then_some(start..end)
}

/// A name in braces that the code fills in.
fn is_placeholder(text: &str) -> bool {
    (text.starts_with("${") || text.starts_with('{')) && text.ends_with('}')
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
        && !(is_composed(word) && is_name(word))
}

/// A path, or a name of several words. Keys have a hyphen between their groups, if anything.
fn is_composed(word: &str) -> bool {
    word.contains('/') || word.matches('_').count() > 1
}

/// Words as people put them together for a file, a field or an account, each with a number behind it
/// at most: `./lib/v2/handlers`, `auth_provider_x509_cert_url`. Keys are none: they mix their
/// letters, or go on for too long.
fn is_name(text: &str) -> bool {
    let is_word = |word: &str| {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let rest = letters.get(1..).unwrap_or_default();
        let one_case = letters.bytes().all(|b| b.is_ascii_uppercase())
            || rest.bytes().all(|b| b.is_ascii_lowercase());
        letters.len() <= MAX_WORD
            && word.len() - letters.len() <= MAX_DIGITS
            && letters.bytes().all(|b| b.is_ascii_alphabetic())
            && one_case
    };
    text.split(['_', '-', '.', '/', ' ']).all(is_word)
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
            ("key: abcd-efgh-ijkl-mnop-1234".into(), "ijkl-mnop"),
            (format!("token = {}/x9Y8", "aB3d/".repeat(6)), "aB3d/aB3d"),
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
            "open(`http://localhost:8080/a@b`, 'postgres://${user}:${password}@host/db')",
            "sha = 0123456789abcdef0123456789abcdef",
            "import { keyHandler } from './lib/v2/authentication/handlers'",
            "auth_provider_x509_cert_url = aws_s3_bucket_access_key_name",
        ] {
            assert_eq!(redact(code), code);
        }
    }

    #[test]
    fn g36_an_address_that_is_shown_holds_no_webhook_token_and_no_password() {
        let token = format!("T0/B0/{}", "aZ".repeat(12));
        for (code, shown) in [
            (
                format!("post('https://hooks.slack.com/services/{token}', x)"),
                "post('https://hooks.slack.com/services/T0/B…(30)', x)",
            ),
            (format!("HTTPS://Discord.com/api/webhooks/{token}"), "…(30)"),
            ("u = \"postgres://me:hunter2@db:5432/x\"".into(), "://me:…(7)@db:5432/x"),
            ("redis://:pass/word1@host/0 y".into(), "redis://:pass…(10)@host/0 y"),
        ] {
            assert!(redact(&code).contains(shown), "{}", redact(&code));
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_no_line_is_lost(text in any::<String>()) {
            prop_assert_eq!(redact(&text).matches('\n').count(), text.matches('\n').count());
        }
    }
}
