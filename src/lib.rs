//! The Skillgate worker: dispatches scans of published agent skills, verifies what scanners report,
//! and answers the installer.
//!
//! [`router`] takes a request through [`route`] to one of the handlers; these ask the rules in
//! [`domain`] and keep what follows in the [`store`]. [`scheduled`] does what needs no request.
//! Everything outside is a port ([`ports`]); the adapters to Cloudflare and the entry points are in
//! `platform`, for wasm only.

pub mod app;
pub mod auth;
pub mod config;
pub mod dispatch;
pub mod domain;
pub mod error;
pub mod handled;
mod handlers;
pub mod http;
mod kv;
pub mod log;
mod middleware;
pub mod model;
mod pages;
#[cfg(target_arch = "wasm32")]
mod platform;
pub mod ports;
pub mod route;
pub mod router;
pub mod scheduled;
pub mod store;
mod timeouts;
