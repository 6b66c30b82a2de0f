//! `GET /admin`: the frame of the admin's page, with its script, which is a static file.

use crate::{app::App, error::AppError, handled::Handled, pages, ports::Ports};

/// The page.
///
/// # Errors
/// [`AppError::Internal`] where the script cannot be read: without it, the page could do nothing.
pub(crate) async fn page(app: &App<impl Ports>) -> Result<Handled, AppError> {
    let script = app.ports.asset("admin.js").await?;
    Ok(pages::admin::admin(&app.config.platform_url, script).into())
}
