//! The admin's page: an empty frame, which its script fills with what the API answers to the token
//! that was typed in. The token is kept in the script's memory alone, and sent as a header, which
//! no other site can make a browser do.

use super::{Head, layout, words};
use crate::http::{CachePolicy, Response};
use maud::{Markup, PreEscaped, html};
use skillgate_contract::Provider;

/// SHA-256, in base64, of the one script (`admin.js`), which stands inline: the policy of this page admits it and
/// nothing else. A test holds it to the file.
pub(super) const SCRIPT_HASH: &str = "sha256-KfcQoDPqkhQokRyk88QYC4tEYeDodX+1sLrLpqOfLCM=";

/// The page as an answer, with its script.
pub(crate) fn admin(site: &str, script: String) -> Response {
    let more = format!("; script-src '{SCRIPT_HASH}'; connect-src 'self'");
    super::respond_with(200, frame(site, script), CachePolicy::NoStore, &more)
}

fn frame(site: &str, script: String) -> Markup {
    let content = html! {
        h1 { "Administration" }
        noscript { p class="banner fail" { "This page needs its script: the token is sent as a header, which a form cannot do." } }
        form id="key" class="filters" autocomplete="off" {
            div {
                label for="token" { "Admin token" }
                input id="token" type="password" required autocomplete="off" spellcheck="false";
            }
            button type="submit" { "Open" }
            button type="button" id="close" hidden { "Forget the token" }
        }
        p class="aside" { "The token stays in this page's memory and is forgotten when the page is left." }
        p id="said" role="status" {}
        div id="desk" class="desk" hidden {
            section aria-labelledby="h-again" {
                h2 id="h-again" { "Scan again" }
                form id="again" class="filters" {
                    div { label for="again-name" { "Skill" } input id="again-name" required autocomplete="off" spellcheck="false" placeholder="owner/repo/skill"; }
                    div {
                        label for="again-tool" { "Tool" }
                        select id="again-tool" {
                            option value="" { "all " (words::tool_count()) }
                            @for provider in Provider::ALL { option { (provider) } }
                        }
                    }
                    div { label class="check" { input id="again-force" type="checkbox"; " end what runs" } }
                    button type="submit" { "Scan" }
                }
            }
            (list("waiting", "Waiting to be sent", &["Skill", "Tool", "Status", "Sends", "Failures", "Error", "Due"], None))
            (list("failing", "Scanners that take nothing", &["Scanner", "Failures", "Error", "Since", "Skipped until"], None))
            (list("entries", "Blocklist", &["Skill", "State", "Severity", "Reason", "Commit", "Since", "Decide"], Some("Older entries")))
            section aria-labelledby="h-find" {
                h2 id="h-find" { "Audit log" }
                form id="find" class="filters" {
                    div { label for="find-skill" { "Skill" } input id="find-skill" autocomplete="off" spellcheck="false"; }
                    div { label for="find-action" { "Action" } input id="find-action" autocomplete="off" spellcheck="false" placeholder="blocklist.lifted"; }
                    button type="submit" { "Show" }
                }
            }
            (list("events", "Events, newest first", &["When", "Who", "What", "Skill", "Detail"], Some("Older events")))
        }
        script { (PreEscaped(script)) }
    };
    let head =
        Head { title: "Administration", about: "For the registry's admins.", site, path: "/admin" };
    layout(head, &content)
}

/// A table that the script fills, with the button to its next page.
fn list(id: &str, title: &str, columns: &[&str], more: Option<&str>) -> Markup {
    html! {
        section aria-labelledby={ "h-" (id) } {
            h2 id={ "h-" (id) } { (title) }
            table class="stack" {
                caption class="unseen" { (title) }
                thead { tr { @for column in columns { th scope="col" { (column) } } } }
                tbody id=(id) {}
            }
            p id={ (id) "-none" } hidden { "None." }
            @if let Some(more) = more { button type="button" id={ (id) "-more" } hidden { (more) } }
        }
    }
}
