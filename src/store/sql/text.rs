//! SQL texts that are generated at compile time from the list of providers.

use skillgate_contract::Provider;

/// The SQL of a template. `[[template|separator]]` in it stands for `template` once for each provider, joined by
/// `separator`, with each `{provider}` replaced by the provider's name. The result is a constant: nothing is
/// built at run time.
macro_rules! generated {
    ($template:expr) => {{
        const TEMPLATE: &[u8] = $template.as_bytes();
        const LENGTH: usize = $crate::store::sql::text::length(TEMPLATE);
        const TEXT: [u8; LENGTH] = $crate::store::sql::text::expand(TEMPLATE);
        match std::str::from_utf8(&TEXT) {
            Ok(text) => text,
            Err(_) => "",
        }
    }};
}
pub(super) use generated;

const PROVIDER: &[u8] = b"{provider}";

/// How many bytes [`expand`] writes.
pub(super) const fn length(template: &[u8]) -> usize {
    write(template, &mut [])
}

/// Writes the text of a template of which [`length`] is `N`.
pub(super) const fn expand<const N: usize>(template: &[u8]) -> [u8; N] {
    let mut text = [0; N];
    write(template, &mut text);
    text
}

/// Writes what fits into `into`, and returns how many bytes there are.
#[expect(
    clippy::indexing_slicing,
    reason = "runs at compile time only, where a wrong index is an error"
)]
const fn write(template: &[u8], into: &mut [u8]) -> usize {
    let (mut at, mut written) = (0, 0);
    while at < template.len() {
        if !begins(template, at, b"[[") {
            written = put(template, at, at + 1, into, written);
            at += 1;
            continue;
        }
        let (begin, separator, end) = section(template, at + 2);
        let mut index = 0;
        while index < Provider::ALL.len() {
            if index > 0 {
                written = put(template, separator + 1, end, into, written);
            }
            let name = Provider::ALL[index].as_str().as_bytes();
            let mut from = begin;
            while from < separator {
                if begins(template, from, PROVIDER) {
                    written = put(name, 0, name.len(), into, written);
                    from += PROVIDER.len();
                } else {
                    written = put(template, from, from + 1, into, written);
                    from += 1;
                }
            }
            index += 1;
        }
        at = end + 2;
    }
    written
}

/// Where a section that begins at `begin` has its `|` and its `]]`.
#[expect(
    clippy::indexing_slicing,
    reason = "runs at compile time only, where a wrong index is an error"
)]
const fn section(template: &[u8], begin: usize) -> (usize, usize, usize) {
    let mut separator = begin;
    // `||` is SQL's operator.
    while template[separator] != b'|' || begins(template, separator, b"||") {
        separator += if begins(template, separator, b"||") { 2 } else { 1 };
    }
    let mut end = separator;
    while !begins(template, end, b"]]") {
        assert!(end < template.len(), "a section without its end");
        end += 1;
    }
    (begin, separator, end)
}

#[expect(
    clippy::indexing_slicing,
    reason = "runs at compile time only, where a wrong index is an error"
)]
const fn begins(text: &[u8], at: usize, with: &[u8]) -> bool {
    if at + with.len() > text.len() {
        return false;
    }
    let mut index = 0;
    while index < with.len() {
        if text[at + index] != with[index] {
            return false;
        }
        index += 1;
    }
    true
}

#[expect(
    clippy::indexing_slicing,
    reason = "runs at compile time only, where a wrong index is an error"
)]
pub(super) const fn put(
    text: &[u8],
    from: usize,
    to: usize,
    into: &mut [u8],
    written: usize,
) -> usize {
    let mut index = from;
    while index < to {
        let at = written + index - from;
        if at < into.len() {
            into[at] = text[index];
        }
        index += 1;
    }
    written + to - from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_repeated_for_each_provider_and_the_rest_is_kept() {
        let each = |template: &str, separator: &str| {
            Provider::ALL.map(|p| template.replace('#', p.as_str())).join(separator)
        };
        assert_eq!(
            generated!("SELECT 1 IN ([[f('{provider}', '{provider}' || x)|, ]]), 2"),
            format!("SELECT 1 IN ({}), 2", each("f('#', '#' || x)", ", "))
        );
        assert_eq!(generated!("[[{provider}| UNION ALL ]]"), each("#", " UNION ALL "));
        assert_eq!(generated!("SELECT a || b FROM c"), "SELECT a || b FROM c");
    }
}
