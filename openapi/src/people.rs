//! Pages. They are HTML for every caller; their errors are HTML for who asks for it.

use crate::{
    operation::{Kept, Operation},
    schemas::any_text,
};
use serde_json::json;

pub(crate) fn operations() -> Vec<Operation> {
    let page = |path, id, summary| {
        let operation = Operation::new("get", path, id, "people", summary);
        let example = "<!DOCTYPE html><html lang=\"en\">…</html>";
        operation.answers_as("200", "A page.", "text/html", any_text, example.into())
    };
    let severity = json!({"$ref": "#/components/schemas/Severity"});
    let provider = json!({"$ref": "#/components/schemas/Provider"});
    let status = json!({"$ref": "#/components/schemas/ScanStatus"});
    let scan = json!({"$ref": "#/components/schemas/ScanId"});
    let any = json!({"type": "string"});
    let rule =
        json!({"type": "string", "maxLength": 100, "pattern": "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"});
    vec![
        page("/", "showHome", "What this is, and the latest scans"),
        page("/audits", "showAudits", "All skills, one column for each tool")
            .parameter("query", "provider", "Only this tool's.", &provider, None)
            .parameter("query", "status", "Only of this exact status.", &status, None)
            .parameter("query", "q", "Words of names.", &any, None)
            .paged("^([1-9][0-9]{0,14}|[a-z0-9]{1,100}~[A-Za-z0-9._/-]{1,302}~[0-2])$"),
        looks_again(page("/skills/{name}", "showSkill", "A skill").skill()),
        looks_again(page("/skills/{name}/security", "showReport", "The report on a skill").skill()),
        looks_again(
            page("/skills/{name}/security/{provider}", "showFindings", "What one tool found")
                .skill()
                .provider(),
        )
        .parameter("query", "severity", "Only findings of this severity.", &severity, None)
        .parameter(
            "query",
            "scan",
            "This scan of the tool; its newest without one.",
            &scan,
            None,
        ),
        page("/skills/{name}/security/history", "showHistory", "Every scan of a skill")
            .skill()
            .paged("^[1-9][0-9]{0,14}$"),
        page("/rules", "showRules", "What is looked for").never_unavailable().kept(Kept::Tagged),
        page(
            "/rules/{id}",
            "showRule",
            "What one rule sees, with an example; also `agents`, what agents run by themselves, and `detection`, how much is found",
        )
        .parameter(
            "path",
            "id",
            "The rule's id, `agents` or `detection`.",
            &rule,
            Some("skillgate.decode-exec.js-eval"),
        )
        .leads_on("This rule has no page here; `Location` is the section of its family.")
        .refuses("404", "NotFound")
        .never_unavailable()
        .kept(Kept::Tagged),
        page(
            "/admin",
            "showDesk",
            "The admins' desk: it asks for the token, and keeps it in memory only",
        )
        .never_unavailable(),
        page("/docs", "showDocs", "This document, to read").never_unavailable().kept(Kept::Tagged),
    ]
}

/// A page that looks again while a scan of it is to come.
fn looks_again(operation: Operation) -> Operation {
    let about = "`off`: the page does not look again by itself while a scan is to come.";
    operation
        .parameter("query", "refresh", about, &json!({"type": "string"}), None)
        .refuses("400", "BadRequest")
}
