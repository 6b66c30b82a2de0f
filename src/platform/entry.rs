//! The runtime's events.
//!
//! They are exported by hand: the glue of the worker crate's `event` macro brings that crate's responses, errors and
//! streams along, 15 KB of gzipped wasm.

use super::{
    Cloudflare,
    js::{Context, Thrown},
    log_error, request,
};
use crate::{
    app::App,
    config::{Config, SettingError},
    dispatch,
    error::AppError,
    http::Response,
    middleware,
    model::RequestId,
    ports::Ports as _,
    router, scheduled,
};
use js_sys::{Promise, Reflect, futures::future_to_promise};
use std::{
    fmt,
    pin::Pin,
    rc::Rc,
    sync::atomic::{AtomicBool, Ordering},
};
use wasm_bindgen::prelude::*;

/// Settings under old names are logged once per isolate, which reads the settings for every request.
static DEPRECATIONS_LOGGED: AtomicBool = AtomicBool::new(false);

/// The work of one event. Behind a pointer, so that there is one conversion into a promise and not one for each event.
type Work = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

fn promise(work: Work) -> Promise {
    future_to_promise(work)
}

/// Answers a request.
#[wasm_bindgen]
pub fn fetch(request: web_sys::Request, env: JsValue, ctx: Context) -> Promise {
    promise(Box::pin(async move {
        let response = match answer(&request, &env, &ctx).await {
            Ok(response) => response,
            Err(error) => failed(&error),
        };
        let written = request::write(&response);
        Ok(written.or_else(|error| request::write(&failed(&error)))?.into())
    }))
}

/// Logs that the platform failed.
fn failed(error: &Thrown) -> Response {
    log_error(&format!("platform: {error}"));
    unhandled(&AppError::Internal(error.to_string()))
}

async fn answer(
    request: &web_sys::Request,
    env: &JsValue,
    ctx: &Context,
) -> Result<Response, Thrown> {
    let app = match app(env)? {
        Ok(app) => Rc::new(app),
        Err(errors) => {
            complain(&errors);
            return Ok(unhandled(&AppError::Configuration));
        }
    };
    let asked = request::read(request).await?;
    let handled = router::handle(&app, &asked).await;
    let status = handled.response.status;
    log_storage_metrics(&app, format_args!("{} {} {status}", request.method(), asked.path));
    if !handled.to_send.is_empty() {
        let sends = promise(Box::pin(async move {
            dispatch::send(&app, handled.to_send).await;
            log_storage_metrics(&app, format_args!("sends"));
            Ok(JsValue::UNDEFINED)
        }));
        ctx.wait_until(&sends)?;
    }
    Ok(handled.response)
}

/// With `LOG_STORAGE_METRICS`, logs the operations on D1 and KV since the last call.
fn log_storage_metrics(app: &App<Cloudflare>, what: fmt::Arguments<'_>) {
    if app.config.log_storage_metrics {
        app.ports.log(&format!("cost {what} {}", app.ports.costs.take()));
    }
}

/// The answer to a request that no handler has seen.
fn unhandled(error: &AppError) -> Response {
    middleware::unrouted(error, &RequestId::from_random(super::random()))
}

/// Does what is due each minute.
#[wasm_bindgen]
pub fn scheduled(_event: JsValue, env: JsValue) -> Promise {
    promise(Box::pin(async move {
        match app(&env) {
            Ok(Ok(app)) => {
                scheduled::run_scheduled(&app).await;
                log_storage_metrics(&app, format_args!("cron"));
            }
            Ok(Err(errors)) => complain(&errors),
            Err(error) => log_error(&format!("bindings: {error}")),
        }
        Ok(JsValue::UNDEFINED)
    }))
}

fn app(env: &JsValue) -> Result<Result<App<Cloudflare>, Vec<SettingError>>, Thrown> {
    let lookup = |name: &str| Reflect::get(env, &name.into()).ok()?.as_string();
    let ports = Cloudflare::new(env)?;
    let app = Config::read(lookup).map(|config| App { config, ports });
    if let Ok(app) = &app
        && !DEPRECATIONS_LOGGED.swap(true, Ordering::Relaxed)
    {
        for line in &app.config.deprecations {
            app.ports.log(line);
        }
    }
    Ok(app)
}

fn complain(errors: &[SettingError]) {
    for error in errors {
        log_error(&format!("setting {error}"));
    }
}
