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
    html! {
        @if let Some(list) = list {
            h2 id="auto-run" { "What this skill runs by itself" }
            @if list.is_empty() { p { "Nothing found that runs by itself." } }
            @else {
                p class="aside" {
                    "Agents start each of these by themselves, at the moment that it names. "
                    "An honest skill may have some: read them before you install it."
                }
                details open[list.len() <= UNFOLDED] {
                    summary { "Listed (" (list.len()) @if detail.auto_run_truncated == 1 { ", and there is more" } ")" }
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
