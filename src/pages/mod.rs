//! Pages for people. Every splice is escaped by the template; nothing foreign stands in a script,
//! a style or an unchecked link. They work without scripts; only the admin's page has one.

pub(crate) mod admin;
pub(crate) mod audits;
mod auto_run;
pub(crate) mod badge;
mod banner;
mod components;
pub(crate) mod docs;
pub(crate) mod findings;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod links;
pub(crate) mod problem;
pub(crate) mod rules;
pub(crate) mod security;
pub(crate) mod skill;
mod words;

use crate::{
    http::{CachePolicy, Response},
    route::Tab,
};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The one stylesheet, inline; the policy below admits it by its hash and nothing else.
const STYLE: &str = include_str!("style.css");
/// SHA-256 of [`STYLE`] in base64; a test holds it to the file.
const STYLE_HASH: &str = "sha256-rdUxXmHNXg0NfKENjy+hCgAA7knAV4BCJLGBGx6dkC4=";

/// What a page says of itself, on its own and where its address is shared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    /// Of the tab, and of the preview.
    pub title: &'a str,
    /// One sentence for the preview.
    pub about: &'a str,
    /// The worker's own origin; empty where the page has no address of its own.
    pub site: &'a str,
    /// The page's path.
    pub path: &'a str,
}

/// A page without an address of its own: an error, for one.
pub(crate) fn page(title: &str, content: &Markup) -> Markup {
    layout(Head { title, about: ABOUT, site: "", path: "" }, content)
}

/// What Skillgate is, in a sentence.
const ABOUT: &str =
    "Published agent skills, scanned by real static-analysis tools at the commit people install.";

/// A whole page.
fn layout(head: Head<'_>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (head.title) " · Skillgate" }
                meta name="description" content=(head.about);
                meta property="og:site_name" content="Skillgate";
                meta property="og:type" content="website";
                meta property="og:title" content=(head.title);
                meta property="og:description" content=(head.about);
                @if !head.site.is_empty() {
                    meta property="og:url" content={ (head.site) (head.path) };
                    link rel="canonical" href={ (head.site) (head.path) };
                }
                meta name="twitter:card" content="summary";
                style { (PreEscaped(STYLE)) }
            }
            body {
                (components::sprite())
                a class="skip" href="#main" { "Skip to the content" }
                header class="site" {
                    div class="wide" {
                        a class="brand" href="/" { (components::icon("gate")) "Skillgate" }
                        nav aria-label="Site" {
                            a href="/audits" { "Audits" }
                            a href="/rules" { "Rules" }
                            a href="/docs" { "API" }
                        }
                    }
                }
                main id="main" class="wide" { (content) }
                footer class="site" {
                    div class="wide" {
                        p {
                            strong { "No finding is not a certificate. " }
                            "The tools see what their rules were written for, in the files they could read. "
                            a href="/rules#limits" { "What they cannot see" } " · "
                            a href="/rules/agents" { "What agents run by themselves" }
                        }
                    }
                }
            }
        }
    }
}

/// A page as an answer, with the policy that keeps everything but the stylesheet out.
pub(crate) fn respond(status: u16, page: Markup, cache: CachePolicy) -> Response {
    respond_with(status, page, cache, "")
}

/// As [`respond`], and more that the policy admits: directives, each with its `;` in front.
fn respond_with(status: u16, page: Markup, cache: CachePolicy, more: &str) -> Response {
    let policy = format!(
        "default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'{more}"
    );
    Response::html(status, page.into_string(), cache).with("content-security-policy", policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64ct::{Base64, Encoding as _};
    use sha2::{Digest, Sha256};

    /// What a policy admits a style or script by.
    pub(crate) fn hash(text: &str) -> String {
        format!("sha256-{}", Base64::encode_string(&Sha256::digest(text)))
    }

    #[test]
    fn the_policies_admit_the_stylesheet_and_the_script() {
        assert_eq!(STYLE_HASH, hash(STYLE));
        assert_eq!(admin::SCRIPT_HASH, hash(include_str!("admin.js")));
    }
}
