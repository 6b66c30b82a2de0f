//! The addresses, and what each owes its callers.

/// How an answer may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    No,
    Asking,
    Verdict,
    Badge,
    List,
}

impl Kept {
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::No => "no-store",
            Self::Asking => "no-cache",
            Self::Verdict => "public, max-age=30",
            Self::Badge => "public, max-age=300",
            Self::List => "public, max-age=60, stale-if-error=86400",
        }
    }
}

/// Each address that is read: as `src/route.rs` words it, as it is asked, its kind, how it is kept,
/// whether its ETag pays, and whether any site may read it.
pub(super) const READS: &[(&str, &str, &str, Kept, bool, bool)] = &[
    ("/api/v1/health", "/api/v1/health", JSON, Kept::No, false, true),
    ("/api/v1/admin/dispatches", "/api/v1/admin/dispatches", JSON, Kept::No, false, false),
    ("/api/v1/admin/blocklist", "/api/v1/admin/blocklist", JSON, Kept::No, false, false),
    ("/api/v1/admin/audit-events", "/api/v1/admin/audit-events", JSON, Kept::No, false, false),
    (
        "/api/v1/internal/pending-sast-scans",
        "/api/v1/internal/pending-sast-scans",
        JSON,
        Kept::No,
        false,
        false,
    ),
    (
        "/api/v1/skills/{name}/security",
        "/api/v1/skills/tool/security",
        JSON,
        Kept::Verdict,
        true,
        true,
    ),
    (
        "/api/v1/skills/{name}/security/{provider}",
        "/api/v1/skills/tool/security/semgrep",
        JSON,
        Kept::Verdict,
        true,
        true,
    ),
    (
        "/api/v1/skills/{name}/security/history",
        "/api/v1/skills/tool/security/history",
        JSON,
        Kept::Asking,
        true,
        true,
    ),
    (
        "/api/v1/skills/{name}/badge/{provider}",
        "/api/v1/skills/tool/badge/overall",
        "image/svg+xml",
        Kept::Badge,
        true,
        true,
    ),
    ("/api/v1/skills/search", "/api/v1/skills/search?q=t", JSON, Kept::Verdict, true, true),
    ("/api/v1/blocklist", "/api/v1/blocklist", JSON, Kept::List, true, true),
    (
        "/api/v1/blocklist/check",
        "/api/v1/blocklist/check?name=tool",
        JSON,
        Kept::Verdict,
        true,
        true,
    ),
    ("/openapi.json", "/openapi.json", JSON, Kept::Asking, true, true),
    ("/docs", "/docs", HTML, Kept::Asking, true, false),
    ("/api/v1/skills/{name}", "/api/v1/skills/tool", JSON, Kept::Verdict, true, true),
    ("/api/v1/audits", "/api/v1/audits", JSON, Kept::Asking, true, true),
    ("/", "/", HTML, Kept::Asking, false, false),
    ("/audits", "/audits?q=tool", HTML, Kept::Asking, false, false),
    ("/rules", "/rules", HTML, Kept::Asking, true, false),
    ("/rules/{id}", "/rules/agents", HTML, Kept::Asking, true, false),
    ("/admin", "/admin", HTML, Kept::No, false, false),
    ("/skills/{name}", "/skills/tool", HTML, Kept::Asking, false, false),
    (
        "/skills/{name}/security",
        "/skills/owner/repo/tool/security",
        HTML,
        Kept::Asking,
        false,
        false,
    ),
    (
        "/skills/{name}/security/{provider}",
        "/skills/tool/security/semgrep",
        HTML,
        Kept::Asking,
        false,
        false,
    ),
    (
        "/skills/{name}/security/history",
        "/skills/tool/security/history",
        HTML,
        Kept::Asking,
        false,
        false,
    ),
];
pub(super) const JSON: &str = "application/json";
pub(super) const HTML: &str = "text/html; charset=utf-8";
/// What is written, and the methods there are.
pub(super) const WRITES: &[(&str, &str, &str)] = &[
    ("POST /api/v1/admin/skills/publish", "/api/v1/admin/skills/publish", "POST"),
    ("POST /api/v1/admin/scan-external", "/api/v1/admin/scan-external", "POST"),
    ("POST /api/v1/admin/blocklist", "/api/v1/admin/blocklist", "GET, HEAD, POST"),
    ("DELETE /api/v1/admin/blocklist/{id}", "/api/v1/admin/blocklist/a1", "DELETE"),
    ("POST /api/v1/internal/claim-sast-scan", "/api/v1/internal/claim-sast-scan", "POST"),
    ("POST /api/v1/internal/heartbeat-sast-scan", "/api/v1/internal/heartbeat-sast-scan", "POST"),
    ("POST /api/v1/internal/release-sast-scan", "/api/v1/internal/release-sast-scan", "POST"),
    ("POST /api/v1/webhooks/scan-results", "/api/v1/webhooks/scan-results", "POST"),
    ("POST /api/v1/skills/{name}/installs", "/api/v1/skills/tool/installs", "POST"),
    ("POST /api/v1/skills/installs", "/api/v1/skills/installs", "POST"),
];
