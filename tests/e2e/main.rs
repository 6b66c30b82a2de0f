//! End to end, on real parts: the built wasm in real workerd with real local D1 and KV, the real
//! scanner binary, the real tools, and real repositories over git's own smart HTTP. Loopback only.
//!
//! `cargo xtask test` builds what these tests run; they fail loudly where it is not there.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "tests end where something is not as it must be, and print what they measure"
)]

mod actions;
mod answers;
mod at_once;
mod blocking;
mod browser;
mod callbacks;
mod command;
mod corpus;
mod costs;
mod detection;
mod evasion;
mod faults;
mod forgery;
mod fuzz;
mod github;
mod harness;
mod jwt;
mod local;
mod main_job;
mod manners;
mod panics;
mod pull;
mod queue;
mod reading;
mod sarif;
mod soak;
mod stand_in;
mod stores;
