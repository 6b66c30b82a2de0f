//! Pages for people. Every splice is escaped by the template; nothing foreign stands in a script,
//! a style or an unchecked link.

pub(crate) mod badge;
pub(crate) mod docs;
pub(crate) mod problem;
pub(crate) mod report;

use crate::http::{CachePolicy, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The one stylesheet, inline; the policy below admits it by its hash and nothing else.
const STYLE: &str = include_str!("style.css");
/// SHA-256 of [`STYLE`] in base64; a test holds it to the file.
const STYLE_HASH: &str = "sha256-B8Gt4rjofU5fJdO9nyfsdvABg0YBg3+Nvs8oNFre/Vg=";

/// A whole page. `refresh` asks the browser to look again, in seconds.
fn layout(title: &str, refresh: Option<u32>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if let Some(seconds) = refresh {
                    meta http-equiv="refresh" content=(seconds);
                }
                title { (title) " · Skillgate" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header class="site" { span class="brand" { "Skillgate" } }
                main { (content) }
                footer class="site" {
                    p { "No finding is not a certificate: rules see what they were written for." }
                }
            }
        }
    }
}

/// A page without an address of its own: an error, for one.
pub(crate) fn page(title: &str, content: &Markup) -> Markup {
    layout(title, None, content)
}

/// The page as an answer, with the policy that keeps everything but the stylesheet out.
pub(crate) fn respond(status: u16, page: Markup, cache: CachePolicy) -> Response {
    let policy = format!(
        "default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    Response::html(status, page.into_string(), cache).with("content-security-policy", policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_policy_admits_the_stylesheet() {
        assert_eq!(STYLE_HASH, format!("sha256-{}", base64(&Sha256::digest(STYLE))));
    }

    pub(crate) fn base64(bytes: &[u8]) -> String {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        bytes
            .chunks(3)
            .flat_map(|chunk| {
                let word = chunk.iter().fold(0u32, |word, b| word << 8 | u32::from(*b));
                let word = word << (8 * (3 - chunk.len()));
                (0..4).map(move |i| {
                    let digit = (word >> (18 - 6 * i)) & 63;
                    if i <= chunk.len() { char::from(DIGITS[digit as usize]) } else { '=' }
                })
            })
            .collect()
    }
}
