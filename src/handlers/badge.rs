//! `GET /api/v1/skills/{name}/badge/{provider}`: an image must show something, so nothing here is an
//! error of its own.

use crate::{
    app::App,
    domain::badge::{Standing, Subject, standing},
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Request, Response},
    pages::badge::{shield, svg},
    ports::Ports,
    store::Resolved,
    timeouts,
};
use skillgate_contract::SkillName;

/// The badge of a skill and a provider. Whatever is not known, D1's answer among it, is grey.
pub(crate) async fn badge<P: Ports>(
    app: &App<P>,
    request: &Request,
    name: Option<&SkillName>,
    provider: &str,
) -> Result<Handled, AppError> {
    let subject = Subject::parse(provider);
    let (standing, kept) = match name.zip(subject) {
        None => (Standing::Unknown, true),
        Some((name, subject)) => match ask(app, name, subject).await {
            Ok(standing) => (standing, standing != Standing::Pending),
            Err(error) => {
                app.log_cause(&error);
                (Standing::Unknown, false)
            }
        },
    };
    let cache = if kept { CachePolicy::Badge } else { CachePolicy::Fleeting };
    let label = subject.map_or("security", Subject::label);
    match request.query_value("format")?.as_deref() {
        Some("json") => Ok(Response::json(200, &shield(label, standing), cache).into()),
        None | Some("svg") => {
            let image = svg(label, standing).into_string();
            Ok(Response::text(200, "image/svg+xml", image, cache).into())
        }
        Some(_) => Err(AppError::query("format must be svg or json".to_owned())),
    }
}

async fn ask<P: Ports>(
    app: &App<P>,
    name: &SkillName,
    subject: Subject,
) -> Result<Standing, AppError> {
    Ok(match app.store().resolve(name).await? {
        Resolved::Nobody => Standing::Unknown,
        Resolved::Several(_) => Standing::Ambiguous,
        Resolved::One(state) => standing(&timeouts::expire_overdue(app, *state).await?, subject),
    })
}
