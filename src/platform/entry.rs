//! The runtime's events.

use super::{Cloudflare, js::Thrown, request};
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
use js_sys::Reflect;
use std::{
    fmt,
    rc::Rc,
    sync::atomic::{AtomicBool, Ordering},
};
use worker::{Context, Env, ScheduleContext, ScheduledEvent, event, web_sys};

/// Settings under old names are logged once per isolate, which reads the settings for every request.
static DEPRECATIONS_LOGGED: AtomicBool = AtomicBool::new(false);

#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

#[event(fetch)]
async fn fetch(
    request: web_sys::Request,
    env: Env,
    ctx: Context,
) -> Result<web_sys::Response, Thrown> {
    let response = match answer(&request, &env, &ctx).await {
        Ok(response) => response,
        Err(error) => {
            worker::console_error!("platform: {error}");
            unhandled(&AppError::Internal(error.to_string()))
        }
    };
    request::write(&response)
}

async fn answer(request: &web_sys::Request, env: &Env, ctx: &Context) -> Result<Response, Thrown> {
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
        ctx.wait_until(async move {
            dispatch::send(&app, handled.to_send).await;
            log_storage_metrics(&app, format_args!("sends"));
        });
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

#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _ctx: ScheduleContext) {
    match app(&env) {
        Ok(Ok(app)) => {
            scheduled::run_scheduled(&app).await;
            log_storage_metrics(&app, format_args!("cron"));
        }
        Ok(Err(errors)) => complain(&errors),
        Err(error) => worker::console_error!("bindings: {error}"),
    }
}

fn app(env: &Env) -> Result<Result<App<Cloudflare>, Vec<SettingError>>, Thrown> {
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
        worker::console_error!("setting {error}");
    }
}
