//! Every SQL text of the worker.
//!
//! Each is one statement of a batch, and a batch is one transaction. A statement that belongs to
//! a change carries a guard: it does nothing unless the batch's first statement changed its row,
//! which that row's `write_token` token tells.
//!
//! A parameter is written `:name`. `statement!` in [`super::values`] binds it.

mod admin;
mod audit;
mod audits;
mod blocklist;
mod catalogue;
mod dispatch;
pub(super) mod named;
mod queue;
mod scan;
mod skill;
mod text;
mod thinning;
mod time_out;

pub(super) use {
    admin::*, audit::*, audits::*, blocklist::*, catalogue::*, dispatch::*, queue::*, scan::*,
    skill::*, thinning::*, time_out::*,
};
