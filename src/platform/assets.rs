//! The static files that are deployed with the worker: `[assets]` in wrangler.toml.

use super::js::{self, Thrown};
use crate::ports::AssetError;
use wasm_bindgen::JsCast as _;
use web_sys::Response;

impl From<Thrown> for AssetError {
    fn from(Thrown(why): Thrown) -> Self {
        Self { missing: false, why }
    }
}

/// Reads a file.
pub(super) async fn read(files: &js::Files, name: &str) -> Result<String, AssetError> {
    // The host of the address is not looked at, but there must be one.
    let url = format!("https://assets.invalid/{name}");
    let answer: Response = js::settled(files.fetch_file(&url)).await?.unchecked_into();
    let text = js::settled(answer.text()).await?.as_string();
    let status = answer.status();
    let error = || AssetError { missing: status == 404, why: format!("{name}: status {status}") };
    text.filter(|_| status == 200).ok_or_else(error)
}
