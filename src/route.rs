//! The table of all addresses.
//!
//! Matched by hand: a skill's name of one to three segments stands *before* fixed suffixes, which
//! no ready-made router takes, and a match over slices costs half the wasm of one.

use crate::{
    error::AppError,
    http::{Method, percent_decode},
    model::EntryId,
};
use skillgate_contract::{Provider, SkillName};

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
    RulesPage,
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
        ["rules"] => (Route::RulesPage, READ),
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
mod tests {
    use super::*;

    fn name(s: &str) -> SkillName {
        s.parse().unwrap()
    }

    #[test]
    fn the_table_of_addresses() {
        use Method::{Delete, Get, Head, Other, Post};
        for (method, path, expected) in [
            (Get, "/api/v1/health", Ok(Route::Health)),
            (Head, "/api/v1/blocklist", Ok(Route::Blocklist)),
            (Get, "/api/v1/blocklist/check", Ok(Route::BlocklistCheck)),
            (Post, "/api/v1/admin/skills/publish", Ok(Route::Publish)),
            (Post, "/api/v1/webhooks/scan-results", Ok(Route::ScanResults)),
            (Post, "/api/v1/admin/scan-external", Ok(Route::ScanAgain)),
            (Get, "/api/v1/admin/dispatches", Ok(Route::Dispatches)),
            (Get, "/api/v1/internal/pending-sast-scans", Ok(Route::Pending)),
            (Post, "/api/v1/internal/claim-sast-scan", Ok(Route::Claim)),
            (Post, "/api/v1/internal/heartbeat-sast-scan", Ok(Route::Heartbeat)),
            (Post, "/api/v1/internal/release-sast-scan", Ok(Route::Release)),
            (Get, "/api/v1/internal/claim-sast-scan", Err(405)),
            (Get, "/api/v1/skills/t/security", Ok(Route::Security(name("t")))),
            (Get, "/api/v1/skills/o/r/t/security", Ok(Route::Security(name("o/r/t")))),
            (Get, "/api/v1/skills/o%2Fr%2ft/security", Ok(Route::Security(name("o/r/t")))),
            (Get, "/skills/o/t/security", Ok(Route::SkillPage(name("o/t"), Tab::Security))),
            (Get, "/", Ok(Route::Audits(View::Home))),
            (Get, "/audits", Ok(Route::Audits(View::Audits))),
            (Get, "/rules", Ok(Route::RulesPage)),
            (Get, "/admin", Ok(Route::AdminPage)),
            (Get, "/skills/o/t", Ok(Route::SkillPage(name("o/t"), Tab::Skill))),
            (Get, "/skills/o%2Ft", Ok(Route::SkillPage(name("o/t"), Tab::Skill))),
            (
                Get,
                "/skills/o/t/security/semgrep",
                Ok(Route::SkillPage(name("o/t"), Tab::Provider(Provider::Semgrep))),
            ),
            (Get, "/skills/o/t/security/history", Ok(Route::SkillPage(name("o/t"), Tab::History))),
            (Get, "/skills/o/t/security/clamav", Err(404)),
            (Get, "/skills", Err(404)),
            (Get, "/skills/a/b/c/d", Err(404)),
            (Get, "/api/v1/audits", Ok(Route::Audits(View::Api))),
            (Get, "/api/v1/skills/o/t", Ok(Route::Skill(name("o/t")))),
            (Post, "/admin", Err(405)),
            (
                Get,
                "/api/v1/skills/o/t/security/njsscan",
                Ok(Route::SecurityOf(name("o/t"), Provider::Njsscan)),
            ),
            (Get, "/api/v1/skills/o/t/security/history", Ok(Route::History(name("o/t")))),
            (Get, "/api/v1/admin/blocklist", Ok(Route::Entries)),
            (
                Get,
                "/api/v1/skills/o/t/badge/njsscan",
                Ok(Route::Badge(Some(name("o/t")), "njsscan".to_owned())),
            ),
            (Get, "/api/v1/skills/a/b/c/d/badge/x", Ok(Route::Badge(None, "x".to_owned()))),
            (Get, "/api/v1/skills/badge/x", Err(404)),
            (Get, "/api/v1/skills/search", Ok(Route::Search)),
            (Post, "/api/v1/skills/installs", Ok(Route::InstalledMany)),
            (Post, "/api/v1/skills/o%2Ft/installs", Ok(Route::Installed(name("o/t")))),
            (Get, "/api/v1/skills/o/t/installs", Err(405)),
            (Get, "/openapi.json", Ok(Route::OpenApi)),
            (Get, "/docs", Ok(Route::Docs)),
            (Post, "/api/v1/admin/blocklist", Ok(Route::AddEntry)),
            (Delete, "/api/v1/admin/blocklist/a1", Ok(Route::LiftEntry("a1".parse().unwrap()))),
            (Get, "/api/v1/admin/audit-events", Ok(Route::AuditEvents)),
            (Delete, "/api/v1/admin/blocklist/a%20b", Err(404)),
            (Delete, "/api/v1/admin/blocklist", Err(405)),
            (Get, "/api/v1/admin/blocklist/a1", Err(405)),
            (Post, "/api/v1/admin/audit-events", Err(405)),
            (Get, "/api/v1/skills/o/t/security/clamav", Err(404)),
            (Get, "/api/v1/skills/a/b/c/d/security", Err(404)),
            (Get, "/api/v1/skills/security", Err(404)),
            (Get, "/api/v1/skills/security/security", Err(404)),
            (Get, "/api/v1/skills/../security", Err(404)),
            (Get, "/api/v1/skills/%00/security", Err(404)),
            (Get, "/api/v1/skills/%zz/security", Err(404)),
            (Get, "/api/v1/blocklist/", Err(404)),
            (Get, "", Err(404)),
            (Get, "//", Err(404)),
            (Post, "/api/v1/blocklist", Err(405)),
            (Delete, "/api/v1/health", Err(405)),
            (Get, "/api/v1/webhooks/scan-results", Err(405)),
            (Other, "/skills/t/security", Err(405)),
        ] {
            let got = route(method, path).map_err(|e| e.status());
            assert_eq!(got, expected, "{method:?} {path}");
        }
    }
}
