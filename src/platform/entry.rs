//! The runtime's events.
//!
//! They are exported by hand: the glue of the worker crate's `event` macro brings that crate's responses, errors and
//! streams along, 15 KB of gzipped wasm.

use super::{
    Cloudflare,
    costs::FIELDS,
    js::{Context, Thrown},
    request,
};
use crate::{
    app::App,
    config::Config,
    dispatch,
    error::AppError,
    http::Response,
    log::{self, Field, LogEvent, Value},
    middleware,
    model::RequestId,
    router, scheduled,
};
use js_sys::{Promise, Reflect, futures::future_to_promise};
use std::{
    fmt, iter,
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
        let id = new_id();
        let response = match answer(&request, &env, &ctx, &id).await {
            Ok(response) => response,
            Err(error) => failed(&error, &id),
        };
        let written = request::write(&response);
        Ok(written.or_else(|error| request::write(&failed(&error, &id)))?.into())
    }))
}

/// Logs that the platform failed.
fn failed(error: &Thrown, id: &RequestId) -> Response {
    log_event(id, LogEvent::PlatformFailed, error);
    middleware::unrouted(&AppError::Internal(error.to_string()), id)
}

async fn answer(
    request: &web_sys::Request,
    env: &JsValue,
    ctx: &Context,
    id: &RequestId,
) -> Result<Response, Thrown> {
    let Some(app) = app(env, id)?.map(Rc::new) else {
        return Ok(middleware::unrouted(&AppError::Configuration, id));
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
        let counts = app.ports.costs.take();
        let fields: Vec<Field<'_>> =
            iter::zip(FIELDS, counts).map(|(name, n)| (name, Value::Number(n.into()))).collect();
        app.log(LogEvent::StorageMeasured, &fields, &what);
    }
}

fn new_id() -> RequestId {
    RequestId::from_random(super::random())
}

/// Logs an event where there is no [`App`].
fn log_event(id: &RequestId, event: LogEvent, message: &dyn fmt::Display) {
    super::write(&log::line(super::now(), id, event, &[], message));
}

/// Does what is due each minute.
#[wasm_bindgen]
pub fn scheduled(_event: JsValue, env: JsValue) -> Promise {
    promise(Box::pin(async move {
        let id = new_id();
        match app(&env, &id) {
            Ok(Some(app)) => {
                scheduled::run_scheduled(&app).await;
                log_storage_metrics(&app, format_args!("cron"));
            }
            Ok(None) => {}
            Err(error) => log_event(&id, LogEvent::PlatformFailed, &error),
        }
        Ok(JsValue::UNDEFINED)
    }))
}

/// The state of one request; `None` where settings are wrong, which is logged.
fn app(env: &JsValue, id: &RequestId) -> Result<Option<App<Cloudflare>>, Thrown> {
    let lookup = |name: &str| Reflect::get(env, &name.into()).ok()?.as_string();
    let ports = Cloudflare::new(env)?;
    let config = match Config::read(lookup) {
        Ok(config) => config,
        Err(errors) => {
            for error in errors {
                log_event(id, LogEvent::SettingsInvalid, &error);
            }
            return Ok(None);
        }
    };
    if !DEPRECATIONS_LOGGED.swap(true, Ordering::Relaxed) {
        for message in &config.deprecations {
            log_event(id, LogEvent::SettingsDeprecated, message);
        }
    }
    Ok(Some(App { config, ports, request_id: id.clone() }))
}
