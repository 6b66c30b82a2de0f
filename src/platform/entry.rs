//! The runtime's events.

use super::{Cloudflare, request};
use crate::{
    app::App,
    config::{Config, SettingError},
    error::AppError,
};
use std::rc::Rc;
use worker::{Context, Env, ScheduleContext, ScheduledEvent, event};

#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

#[event(fetch)]
async fn fetch(
    request: worker::Request,
    env: Env,
    ctx: Context,
) -> worker::Result<worker::Response> {
    let app = match app(&env)? {
        Ok(app) => Rc::new(app),
        Err(errors) => {
            complain(&errors);
            return request::write(AppError::Configuration.into_response());
        }
    };
    let handled = app.handle(&request::read(request).await?).await;
    if !handled.to_send.is_empty() {
        ctx.wait_until(async move { app.send(handled.to_send).await });
    }
    request::write(handled.response)
}

#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _ctx: ScheduleContext) {
    match app(&env) {
        Ok(Ok(app)) => app.upkeep().await,
        Ok(Err(errors)) => complain(&errors),
        Err(error) => worker::console_error!("bindings: {error}"),
    }
}

fn app(env: &Env) -> worker::Result<Result<App<Cloudflare>, Vec<SettingError>>> {
    let lookup = |name: &str| env.var(name).ok().map(|value| value.to_string());
    let ports = Cloudflare::new(env)?;
    Ok(Config::read(lookup).map(|config| App { config, ports }))
}

fn complain(errors: &[SettingError]) {
    for error in errors {
        worker::console_error!("setting {error}");
    }
}
