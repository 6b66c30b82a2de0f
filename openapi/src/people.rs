//! Pages. They are HTML for every caller; their errors are HTML for who asks for it.

use crate::{
    operation::{Kept, Operation},
    schemas::any_text,
};

pub(crate) fn operations() -> Vec<Operation> {
    let page = |path, id, summary| Operation::new("get", path, id, "people", summary);
    let html = |operation: Operation| {
        let example = "<!DOCTYPE html><html lang=\"en\">…</html>";
        operation.answers_as("200", "A page.", "text/html", any_text, example.into())
    };
    vec![
        html(page("/skills/{name}/security", "showReport", "The report on a skill").skill()),
        html(page("/docs", "showDocs", "This document, to read").never_unavailable())
            .kept(Kept::Tagged),
    ]
}
