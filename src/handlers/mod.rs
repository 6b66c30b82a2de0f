//! The handlers: one file for each resource of the API, one function for each route.

pub(crate) mod admin_blocklist;
pub(crate) mod admin_page;
mod alarm;
pub(crate) mod audit_events;
pub(crate) mod audits;
pub(crate) mod badge;
pub(crate) mod blocklist;
mod body;
pub(crate) mod dispatches;
mod from_copy;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod installs;
pub(crate) mod openapi;
mod paging;
pub(crate) mod publish;
pub(crate) mod queue;
pub(crate) mod report;
pub(crate) mod scan_again;
pub(crate) mod scan_results;
pub(crate) mod search;
pub(crate) mod security;
pub(crate) mod skill;
