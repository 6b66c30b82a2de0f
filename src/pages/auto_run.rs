//! What agents run by themselves in a skill: an inventory, also of an honest one.

use super::{components, findings};
use crate::model::{ScanDetailRow, ScanRow};
use maud::{Markup, html};
use skillgate_contract::{AutoRun, json};

/// The longest list that is shown unfolded.
const UNFOLDED: usize = 10;

/// The section of one scan; nothing where its scanner did not look.
pub(super) fn section(scan: &ScanRow, detail: &ScanDetailRow) -> Markup {
    let list: Option<Vec<AutoRun>> = detail.auto_run.as_deref().and_then(json::parse);
    let more = detail.auto_run_truncated == 1;
    html! {
        @if let Some(list) = list {
            h2 id={ "auto-run-" (scan.provider) } { "What this skill runs by itself, as read by " (scan.provider) }
            @if list.is_empty() && more { p { "There are entries, and none of them is listed." } }
            @else if list.is_empty() { p { "Nothing found that runs by itself." } }
            @else {
                p class="aside" {
                    "Agents start each of these at the moment that it names: by themselves, or once the user does what stands before it. "
                    "An honest skill may have some: read them before you install it."
                }
                details open[list.len() <= UNFOLDED] {
                    summary { "Listed (" (list.len()) @if more { ", and there is more" } ")" }
                    ol class="runs" { @for entry in &list { (one(scan, entry)) } }
                }
            }
        }
    }
}

fn one(scan: &ScanRow, entry: &AutoRun) -> Markup {
    html! {
        li {
            p class="rule" {
                b { (components::untrusted(&entry.agent)) } " "
                span { (entry.when.words()) }
                " " (findings::at(scan, &entry.file, Some(entry.line)))
            }
            p class="aside" {
                "Before it: " (entry.gate.words()) ". Key: " code { (components::untrusted(&entry.key)) }
            }
            pre class="snippet" tabindex="0" role="group" aria-label="Command" dir="auto" { (entry.command) }
        }
    }
}
