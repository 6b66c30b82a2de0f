//! The Skillgate worker: dispatches scans of published agent skills, verifies what scanners report,
//! and answers the installer.
//!
//! [`app`] takes a request through [`route`] to one of the handlers; these ask the rules in
//! [`domain`] and keep what follows in the [`store`]. Everything outside is a port ([`ports`]);
//! the adapters to Cloudflare and the entry points are in `platform`, for wasm only.

pub mod app;
pub mod auth;
pub mod config;
pub mod domain;
pub mod error;
mod github;
mod handlers;
pub mod http;
mod manners;
mod pages;
#[cfg(target_arch = "wasm32")]
mod platform;
pub mod ports;
pub mod route;
mod sending;
pub mod store;
mod upkeep;
