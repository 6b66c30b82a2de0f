//! `POST /api/v1/admin/skills/publish`: the registry publishes a skill.

use super::{alarm, body::json_bytes};
use crate::{
    app::App,
    auth::AdminCaller,
    dispatch::head_commit,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Request, Response},
    log::Value,
    model::{LeasedScan, SkillState},
    ports::Ports,
    store::NewScan,
};
use skillgate_contract::{
    Provider, ScanStatus,
    api::{Dispatch, DispatchedScan, PublishAnswer, PublishRequest, PublishedSkill},
    object::{FieldError, JsonObject},
};

/// 1. The caller is an admin (401), and the scans could be signed (503).
/// 2. The body is one JSON object (413, 415, 400) of right fields (422).
/// 3. Where no commit is named, GitHub is asked for the one of HEAD.
/// 4. In one atomic step: the skill, one scan for each provider that has none active, the hour's
///    budget, the audit line, and the blocklist entry where criticals are known of the commit (409 where
///    the name belongs to another repository, or differs in case alone from one of this repository).
/// 5. 202; what was leased is sent once the answer is on its way.
pub(crate) async fn publish<P: Ports>(
    app: &App<P>,
    request: &Request,
) -> Result<Handled, AppError> {
    let _admin = AdminCaller::check(&app.config, request)?; // (1)
    app.config.require_scan_secrets()?;

    let body = json_bytes(request)?; // (2)
    let object = JsonObject::parse(body, PublishRequest::KNOWN_FIELDS)?;
    let mut publish = PublishRequest::read(object).map_err(AppError::Fields)?;
    if !app.config.allows(&publish.repo_url) {
        let hosts = app.config.repo_hosts.describe();
        let error = FieldError::new("/repoUrl", format_args!("must be on one of: {hosts}"));
        return Err(AppError::Fields(vec![error]));
    }

    if publish.commit_sha.is_none() {
        publish.commit_sha = head_commit(app, &publish.repo_url).await; // (3)
    }
    let new_scans: Vec<_> = publish
        .providers
        .iter()
        .map(|provider| NewScan { id: app.new_id(), provider: *provider })
        .collect();
    let (token, most_blocks) = (app.write_token(), app.config.block_limits);
    let (state, leased, rate_limited) =
        app.store().publish(&publish, &new_scans, &token, app.scheduling(), most_blocks).await?; // (4)
    if let Some(entry) = &rate_limited {
        alarm::entry_only_proposed(app, &[("skill", Value::Text(&publish.name))], entry);
    }

    let answer = answer(&state, &publish.providers, &new_scans, &leased);
    Ok(Handled { response: Response::json(202, &answer, CachePolicy::NoStore), to_send: leased }) // (5)
}

/// What a call that asks for scans is told: the skill, and the outcome for each scan.
pub(super) fn answer(
    state: &SkillState,
    providers: &[Provider],
    new_scans: &[NewScan],
    leased: &[LeasedScan],
) -> PublishAnswer {
    let scans = providers.iter().filter_map(|provider| {
        let scan = state.newest(*provider)?;
        let dispatch = if leased.iter().any(|sent| sent.id == scan.id) {
            Dispatch::Dispatched
        } else if scan.status == ScanStatus::Pending && scan.dispatch_error.is_some() {
            Dispatch::Retrying
        } else if new_scans.iter().any(|new| new.id == scan.id) {
            Dispatch::Queued
        } else {
            Dispatch::Skipped
        };
        Some(DispatchedScan {
            provider: *provider,
            scan_id: scan.id.clone(),
            status: scan.status,
            dispatch,
            detail: scan.dispatch_error.clone().filter(|_| dispatch == Dispatch::Retrying),
        })
    });
    PublishAnswer {
        skill: PublishedSkill {
            name: state.skill.name.clone(),
            repo_url: state.skill.repo_url.clone(),
            commit_sha: state.skill.commit_sha.clone(),
            version: state.skill.version.clone(),
            skill_path: state.skill.skill_path.clone(),
        },
        scans: scans.collect(),
    }
}
