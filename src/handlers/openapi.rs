//! `GET /openapi.json`, `GET /docs`, `GET /rules` and the pages below it: the service about itself. All are static
//! files, which the build writes.

use crate::{
    app::App,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Response},
    middleware::etag,
    pages,
    ports::Ports,
};
use skillgate_contract::rule_page::RULES_PATH;

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
    Ok(tagged(pages::docs::respond(content, &app.config.platform_url)))
}

/// What all rules look for, or one of them, or a document about them. Which pages there are, the deployed files decide;
/// a `path` below `/rules` ends in a name of the form that `is_page_name` takes, so that no other file is read.
///
/// # Errors
/// [`AppError::NotFound`], or [`AppError::Internal`] where the file cannot be read.
pub(crate) async fn rules(app: &App<impl Ports>, path: &str) -> Result<Handled, AppError> {
    let name = path.strip_prefix('/').unwrap_or_default();
    match app.ports.asset(&format!("{name}.html")).await {
        Err(error) if error.missing && path != RULES_PATH => {
            Err(AppError::NotFound("no rule has this page; all of them are at /rules"))
        }
        file => Ok(tagged(pages::rules::respond(&file?, &app.config.platform_url, path))),
    }
}

/// A page that does not show the time, so that an ETag pays.
fn tagged(page: Response) -> Handled {
    let etag = etag(&page.body);
    page.with("etag", etag).into()
}
