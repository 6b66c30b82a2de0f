//! The table of all addresses.
//!
//! Matched by hand: a skill's name of one to three segments stands *before* fixed suffixes, which
//! no ready-made router takes, and a match over slices costs half the wasm of one.

use crate::{error::AppError, http::Method, model::EntryId};
use skillgate_contract::{Provider, SkillName, percent::percent_decode, rule_page::is_page_name};

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `GET /api/v1/health`
    Health,
    /// `POST /api/v1/admin/skills/publish`
    Publish,
    /// `POST /api/v1/admin/scan-external`
    ScanAgain,
    /// `GET /api/v1/admin/dispatches`
    Dispatches,
    /// `GET /api/v1/internal/pending-sast-scans`
    Pending,
    /// `POST /api/v1/internal/claim-sast-scan`
    Claim,
    /// `POST /api/v1/internal/heartbeat-sast-scan`
    Heartbeat,
    /// `POST /api/v1/internal/release-sast-scan`
    Release,
    /// `POST /api/v1/webhooks/scan-results`
    ScanResults,
    /// `GET /api/v1/skills/{name}/security`
    Security(SkillName),
    /// `GET /api/v1/skills/{name}/security/{provider}`
    SecurityOf(SkillName, Provider),
    /// `GET /api/v1/blocklist`
    Blocklist,
    /// `GET /api/v1/blocklist/check`
    BlocklistCheck,
    /// `GET /rules`
    /// `GET /rules/{id}`
    RulesPage(String),
    /// `GET /admin`
    AdminPage,
    /// `GET /skills/{name}`
    /// `GET /skills/{name}/security`
    /// `GET /skills/{name}/security/{provider}`
    /// `GET /skills/{name}/security/history`
    SkillPage(SkillName, Tab),
    /// `GET /api/v1/audits`
    /// `GET /audits`
    /// `GET /`
    Audits(View),
    /// `GET /api/v1/skills/{name}`
    Skill(SkillName),
    /// `GET /api/v1/skills/{name}/security/history`
    History(SkillName),
    /// `GET /api/v1/admin/blocklist`
    Entries,
    /// `POST /api/v1/admin/blocklist`
    AddEntry,
    /// `DELETE /api/v1/admin/blocklist/{id}`
    LiftEntry(EntryId),
    /// `GET /api/v1/admin/audit-events`
    AuditEvents,
    /// `GET /api/v1/skills/{name}/badge/{provider}`; neither has to be one.
    Badge(Option<SkillName>, String),
    /// `GET /api/v1/skills/search`
    Search,
    /// `POST /api/v1/skills/{name}/installs`
    Installed(SkillName),
    /// `POST /api/v1/skills/installs`
    InstalledMany,
    /// `GET /openapi.json`
    OpenApi,
    /// `GET /docs`
    Docs,
}

/// Who asks for a list over all skills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// A program: one item for each scan.
    Api,
    /// A person: one row for each skill.
    Audits,
    /// A person on the first page: the latest few skills.
    Home,
}

/// The pages of one skill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// The summary of the skill.
    Skill,
    /// The report over all providers.
    Security,
    /// The findings of one provider.
    Provider(Provider),
    /// Every scan of the skill, newest first.
    History,
}

impl Tab {
    /// The path of this page for a skill.
    pub(crate) fn path(self, name: &SkillName) -> String {
        match self {
            Self::Skill => format!("/skills/{name}"),
            Self::Security => name.report_path(),
            Self::Provider(provider) => format!("{}/{provider}", name.report_path()),
            Self::History => format!("{}/history", name.report_path()),
        }
    }

    /// Whether the page shows scans of this provider, so that it refreshes until they end.
    pub(crate) fn shows_scans_of(self, provider: Provider) -> bool {
        match self {
            Self::Skill | Self::Security => true,
            Self::Provider(of) => of == provider,
            Self::History => false,
        }
    }
}

/// GET and, with it, HEAD.
const READ: &str = "GET, HEAD";
const WRITE: &str = "POST";
const READ_WRITE: &str = "GET, HEAD, POST";
const DELETE: &str = "DELETE";

/// Finds the route of a request.
///
/// # Errors
/// [`AppError::NotFound`], or [`AppError::Method`] where the address exists for another method.
pub fn route(method: Method, path: &str) -> Result<Route, AppError> {
    let (route, allow) = find(method, path)?;
    let fits = match method {
        Method::Get | Method::Head => allow.starts_with(READ),
        Method::Post => allow.ends_with(WRITE),
        Method::Delete => allow == DELETE,
        Method::Options | Method::Other => false,
    };
    if fits { Ok(route) } else { Err(AppError::Method(allow)) }
}

/// The methods that there are at an address.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn methods(path: &str) -> Result<&'static str, AppError> {
    find(Method::Options, path).map(|(_, allow)| allow)
}

fn find(method: Method, path: &str) -> Result<(Route, &'static str), AppError> {
    const NOWHERE: AppError = AppError::NotFound("there is nothing at this address");
    let path = percent_decode(path).ok_or(NOWHERE)?;
    let segments: Vec<&str> = path.strip_prefix('/').ok_or(NOWHERE)?.split('/').collect();
    let skill = |segments: &[&str]| segments.join("/").parse::<SkillName>().map_err(|_| NOWHERE);

    Ok(match segments.as_slice() {
        // Registry admins
        ["api", "v1", "admin", "skills", "publish"] => (Route::Publish, WRITE),
        ["api", "v1", "admin", "scan-external"] => (Route::ScanAgain, WRITE),
        ["api", "v1", "admin", "dispatches"] => (Route::Dispatches, READ),
        ["api", "v1", "admin", "blocklist"] if method == Method::Post => {
            (Route::AddEntry, READ_WRITE)
        }
        ["api", "v1", "admin", "blocklist"] => (Route::Entries, READ_WRITE),
        ["api", "v1", "admin", "blocklist", id] => {
            (Route::LiftEntry(id.parse().map_err(|_| NOWHERE)?), DELETE)
        }
        ["api", "v1", "admin", "audit-events"] => (Route::AuditEvents, READ),
        // Scanners
        ["api", "v1", "internal", "pending-sast-scans"] => (Route::Pending, READ),
        ["api", "v1", "internal", "claim-sast-scan"] => (Route::Claim, WRITE),
        ["api", "v1", "internal", "heartbeat-sast-scan"] => (Route::Heartbeat, WRITE),
        ["api", "v1", "internal", "release-sast-scan"] => (Route::Release, WRITE),
        ["api", "v1", "webhooks", "scan-results"] => (Route::ScanResults, WRITE),
        // The installer
        ["api", "v1", "skills", name @ .., "security"] => (Route::Security(skill(name)?), READ),
        ["api", "v1", "skills", name @ .., "security", "history"] => {
            (Route::History(skill(name)?), READ)
        }
        ["api", "v1", "skills", name @ .., "security", provider] => {
            (Route::SecurityOf(skill(name)?, provider.parse().map_err(|_| NOWHERE)?), READ)
        }
        ["api", "v1", "skills", "search"] => (Route::Search, READ),
        ["api", "v1", "skills", "installs"] => (Route::InstalledMany, WRITE),
        ["api", "v1", "skills", name @ .., "installs"] => (Route::Installed(skill(name)?), WRITE),
        ["api", "v1", "blocklist"] => (Route::Blocklist, READ),
        ["api", "v1", "blocklist", "check"] => (Route::BlocklistCheck, READ),
        ["api", "v1", "audits"] => (Route::Audits(View::Api), READ),
        // People
        [""] => (Route::Audits(View::Home), READ),
        ["audits"] => (Route::Audits(View::Audits), READ),
        ["rules"] => (Route::RulesPage(path.clone()), READ),
        ["rules", id] if is_page_name(id) => (Route::RulesPage(path.clone()), READ),
        ["admin"] => (Route::AdminPage, READ),
        ["skills", name @ .., "security"] => (Route::SkillPage(skill(name)?, Tab::Security), READ),
        ["skills", name @ .., "security", "history"] => {
            (Route::SkillPage(skill(name)?, Tab::History), READ)
        }
        ["skills", name @ .., "security", provider] => {
            let provider = provider.parse().map_err(|_| NOWHERE)?;
            (Route::SkillPage(skill(name)?, Tab::Provider(provider)), READ)
        }
        // Embedded images: something must be shown, whatever is asked for
        ["api", "v1", "skills", name @ .., "badge", provider] if !name.is_empty() => {
            (Route::Badge(skill(name).ok(), (*provider).to_owned()), READ)
        }
        // The API about itself
        ["openapi.json"] => (Route::OpenApi, READ),
        ["docs"] => (Route::Docs, READ),
        // Monitors
        ["api", "v1", "health"] => (Route::Health, READ),
        // A skill itself, behind whatever has more to it than a name
        ["api", "v1", "skills", name @ ..] => (Route::Skill(skill(name)?), READ),
        ["skills", name @ ..] => (Route::SkillPage(skill(name)?, Tab::Skill), READ),
        _ => return Err(NOWHERE),
    })
}

#[cfg(test)]
mod tests;
