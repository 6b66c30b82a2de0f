//! Dispatches a request to the handler of its route.

use crate::{
    app::App,
    error::AppError,
    handled::Handled,
    handlers,
    http::{Body, Method, Request},
    middleware,
    ports::{Limit, Ports},
    route::{Route, route},
};
use skillgate_contract::signature::MAX_BODY_BYTES;

/// Answers a request. Errors are rendered and, where they are ours, logged.
pub async fn handle<P: Ports>(app: &App<P>, request: &Request) -> Handled {
    let id = &app.request_id;
    let mut handled = match dispatch(app, request).await {
        Ok(handled) => handled,
        Err(mut error) => {
            let is_guess = matches!(error, AppError::Unauthorized(_) | AppError::Signature);
            if is_guess && app.is_beyond(Limit::Guesses, request).await {
                error = AppError::TooManyGuesses;
            }
            app.log_cause(&error);
            middleware::render_error(request, &error, id).into()
        }
    };
    let https = app.config.platform_url.starts_with("https://");
    middleware::apply_response_headers(&mut handled.response, request, id, https);
    handled
}

async fn dispatch<P: Ports>(app: &App<P>, request: &Request) -> Result<Handled, AppError> {
    if request.method == Method::Options {
        return middleware::options(request).map(Handled::from);
    }
    let route = route(request.method, &request.path)?;
    if request.body == Body::TooLarge {
        return Err(AppError::TooLarge(MAX_BODY_BYTES));
    }
    match route {
        Route::Publish => handlers::publish::publish(app, request).await,
        Route::ScanAgain => handlers::scan_again::scan_again(app, request).await,
        Route::Dispatches => handlers::dispatches::dispatches(app, request).await,
        Route::ScanResults => handlers::scan_results::receive(app, request).await,
        Route::Pending => handlers::queue::pending(app, request).await,
        Route::Claim => handlers::queue::claim(app, request).await,
        Route::Heartbeat => handlers::queue::heartbeat(app, request).await,
        Route::Release => handlers::queue::release(app, request).await,
        Route::Security(name) => handlers::security::security(app, &name).await,
        Route::SecurityOf(name, provider) => {
            handlers::security::security_of(app, request, &name, provider).await
        }
        Route::Blocklist => handlers::blocklist::list(app, request).await,
        Route::BlocklistCheck => handlers::blocklist::check(app, request).await,
        Route::History(name) => handlers::history::history(app, request, &name).await,
        Route::Entries => handlers::admin_blocklist::entries(app, request).await,
        Route::AddEntry => handlers::admin_blocklist::add(app, request).await,
        Route::LiftEntry(id) => handlers::admin_blocklist::lift(app, request, &id).await,
        Route::AuditEvents => handlers::audit_events::events(app, request).await,
        Route::Badge(name, provider) => {
            handlers::badge::badge(app, request, name.as_ref(), &provider).await
        }
        Route::Search => handlers::search::search(app, request).await,
        Route::Installed(name) => handlers::installs::installed(app, request, &name).await,
        Route::InstalledMany => handlers::installs::installed_many(app, request).await,
        Route::OpenApi => handlers::openapi::document(app).await,
        Route::Docs => handlers::openapi::page(app).await,
        Route::Health => handlers::health::health(app).await,
        Route::Audits(view) => handlers::audits::lists(app, request, view).await,
        Route::Skill(name) => handlers::skill::skill(app, &name).await,
        Route::RulesPage(path) => handlers::openapi::rules(app, &path).await,
        Route::AdminPage => handlers::admin_page::page(app).await,
        Route::SkillPage(name, tab) => handlers::report::page(app, request, &name, tab).await,
    }
}
