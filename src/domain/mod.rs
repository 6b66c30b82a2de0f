//! The rules: plain functions over plain values, without a store, a clock or a status code.

pub mod badge;
pub mod blocklist;
pub mod ingest;
pub mod lifting;
pub mod overall;
pub mod queue;
pub mod runs;
pub mod search;
pub mod sending;
pub mod token;
