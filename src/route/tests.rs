//! The table of addresses, line by line.

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
        (Get, "/rules", Ok(Route::RulesPage("/rules".to_owned()))),
        (Head, "/rules/agents", Ok(Route::RulesPage("/rules/agents".to_owned()))),
        (Get, "/rules/skillgate.a-b.c", Ok(Route::RulesPage("/rules/skillgate.a-b.c".to_owned()))),
        (Post, "/rules/agents", Err(405)),
        (Get, "/rules/", Err(404)),
        (Get, "/rules/a/b", Err(404)),
        (Get, "/rules/..%2fadmin.js", Err(404)),
        (Get, "/rules/%2e%2e", Err(404)),
        (Get, "/rules/a..b", Err(404)),
        (Get, "/rules/AGENTS", Err(404)),
        (Get, "/rules/a%00", Err(404)),
        (Get, "/rules/a%3fb", Err(404)),
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
