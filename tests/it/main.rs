//! The whole worker, from a request to its answer, on a real SQLite and without Cloudflare.
//!
//! A test reads as a sentence; where it shows one of the bars of the robustness list, its name
//! begins with the bar's number.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets what it does not expect has failed"
)]

mod admin_blocklist;
mod attempt_keys;
mod audit_events;
mod audits;
mod auto_run;
mod badges;
mod blocklist;
mod by_hand;
mod callback;
mod catalogue;
mod d1_down;
mod entries;
mod faults;
mod forgery;
#[cfg(feature = "fourth-provider")]
mod fourth_provider;
mod github;
mod github_refusals;
mod growth;
mod harness;
mod history;
mod http;
mod installer;
mod interleavings;
mod invariants;
mod known_criticals;
mod large_list;
mod letter_case;
mod lifting;
mod limits;
mod logging;
mod middleware;
mod migrations;
mod oidc;
mod oidc_keys;
mod openapi;
mod page;
mod plans;
mod publish;
mod queue;
mod rate_limit;
mod regressions;
mod rule_pages;
mod sarif;
mod scan_again;
mod schema;
mod security;
mod sending;
mod soak;
mod sqlite;
mod thinning;
mod tidy;
mod timeouts;
mod tokens;
mod turns;
mod volume;
