//! Projections of the database into Workers KV. KV is a copy: it may lag, and no decision to let an
//! install pass rests on it.

pub(crate) mod blocklist;
pub(crate) mod summaries;
