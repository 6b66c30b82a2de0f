//! `GET /openapi.json` and `GET /docs`: the API about itself.

use crate::{
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Response},
    middleware::etag,
    pages,
};
use serde_json::Value;
use skillgate_contract::json;

/// Generated from the contract's types by `cargo xtask openapi`.
const DOCUMENT: &str = include_str!("../../docs/openapi.json");

/// The document, as it is committed.
pub(crate) fn document() -> Handled {
    Response::text(200, "application/json", DOCUMENT.to_owned(), CachePolicy::Revalidate).into()
}

/// The document, as people read it.
///
/// # Errors
/// [`AppError::Internal`] where the document is no JSON, which its tests exclude.
pub(crate) fn page(site: &str) -> Result<Handled, AppError> {
    let document: Value = json::parse(DOCUMENT)
        .ok_or_else(|| AppError::Internal("docs/openapi.json is no JSON".to_owned()))?;
    let page = pages::docs::respond(&document, site);
    let etag = etag(&page.body);
    Ok(page.with("etag", etag).into())
}
