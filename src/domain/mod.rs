//! The rules: plain functions over the types of [`crate::model`], without a store, a clock or a status
//! code. Whether a result blocks a skill is decided in SQL, in the batch that stores the result, so that
//! nothing can change in between: see `BLOCK` in `src/store/sql/blocklist.rs`.

pub mod badge;
pub mod blocklist;
pub mod github_run;
pub mod ingest;
pub mod lifting;
pub mod overall;
pub mod queue;
pub mod retry;
pub mod scanner;
pub mod search;
pub mod token;
