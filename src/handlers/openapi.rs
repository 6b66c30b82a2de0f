//! `GET /openapi.json`, `GET /docs` and `GET /rules`: the service about itself. All are static files, which the build writes.

use crate::{
    app::App,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Response},
    middleware::etag,
    pages,
    ports::Ports,
};

/// The document, as it is committed.
///
/// # Errors
/// [`AppError::Internal`] where the file cannot be read.
pub(crate) async fn document(app: &App<impl Ports>) -> Result<Handled, AppError> {
    let document = app.ports.asset("openapi.json").await?;
    Ok(Response::text(200, "application/json", document, CachePolicy::Revalidate).into())
}

/// The document, as people read it.
///
/// # Errors
/// [`AppError::Internal`] where the file cannot be read.
pub(crate) async fn page(app: &App<impl Ports>) -> Result<Handled, AppError> {
    let content = app.ports.asset("docs.html").await?;
    let page = pages::docs::respond(content, &app.config.platform_url);
    let etag = etag(&page.body);
    Ok(page.with("etag", etag).into())
}

/// What the rules look for.
///
/// # Errors
/// [`AppError::Internal`] where the file cannot be read.
pub(crate) async fn rules(app: &App<impl Ports>) -> Result<Handled, AppError> {
    let content = app.ports.asset("rules.html").await?;
    Ok(pages::rules::rules(content, &app.config.platform_url).into())
}
