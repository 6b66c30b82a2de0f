//! What runs locally, in production's own parts: the worker in workerd with real D1 and KV, the real scanner, and git's
//! own smart HTTP.
//!
//! Each part is a guard: it is up when its constructor returns and gone, with all its processes, when it is dropped.

pub mod client;
pub mod githost;
pub mod repo;
pub mod scanner;
mod secrets;
mod state;
pub mod whole;
pub mod wrangler;

pub use client::{Answer, Client, NoAnswer};
pub use githost::GitHost;
pub use repo::{RepoBuilder, Repository};
pub use scanner::{ScannerOptions, ScannerProcess};
pub use secrets::SecretError;
pub use state::execute;
pub use whole::{Secrets, Stack, StackOptions};
pub use wrangler::{StackError, StartOptions, WorkerProcess};
