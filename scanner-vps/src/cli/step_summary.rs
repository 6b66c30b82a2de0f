//! The step summary: the result of a scan on the page of its GitHub Actions run (`GITHUB_STEP_SUMMARY`).
//!
//! The page is Markdown with HTML in it. Whatever comes from the repository stands in `<code>`, on one
//! line, with everything escaped that HTML or Markdown could act on.

use crate::tools::dedup::split_places;
use skillgate_contract::{
    Finding, MAX_STRING_CHARS, ScanStatus,
    callback::{Callback, Event},
    text,
};
use std::{fmt::Write as _, fs::OpenOptions, io::Write as _, path::Path};

/// The number of findings that are listed. All are in the SARIF artifact.
const LISTED: usize = 25;

/// Appends a scan's result to the summary. An error is ignored: the page is for people only.
pub(super) fn add(path: &Path, callback: &Callback) {
    let file = OpenOptions::new().create(true).append(true).open(path);
    let _ = file.and_then(|mut file| file.write_all(render(callback).as_bytes()));
}

fn render(callback: &Callback) -> String {
    let skill = callback.skill_name.as_ref().map_or("", |name| name.as_str());
    let commit = callback.commit().map_or("-", |sha| sha.as_str());
    let mut out = format!(
        "<h3>{}</h3>\n<table>\n<tr><th>skill</th><td>{}</td></tr>\n<tr><th>commit</th><td>{}</td></tr>\n",
        callback.provider,
        code(skill, 320),
        code(commit, 40)
    );
    // Writing to a string cannot fail.
    let _ = match &callback.event {
        Event::Started => writeln!(out, "<tr><th>status</th><td>RUNNING</td></tr>\n</table>"),
        Event::Failed { error } => writeln!(
            out,
            "<tr><th>status</th><td>{}</td></tr>\n<tr><th>why</th><td>{}</td></tr>\n</table>",
            ScanStatus::Error,
            code(error, 500)
        ),
        Event::Result(result) => {
            let counts = result.counts;
            let _ = writeln!(
                out,
                "<tr><th>status</th><td>{}</td></tr>\n<tr><th>score</th><td>{}</td></tr>\n\
                 <tr><th>critical, high, medium, low</th><td>{}, {}, {}, {}</td></tr>\n\
                 <tr><th>files read</th><td>{}</td></tr>",
                result.conclude(false),
                counts.score(),
                counts.critical,
                counts.high,
                counts.medium,
                counts.low,
                result.coverage.as_ref().map_or(0, |c| c.files_scanned)
            );
            if let Some(error) = &result.error {
                let _ = writeln!(out, "<tr><th>why</th><td>{}</td></tr>", code(error, 500));
            }
            out.push_str("</table>\n");
            findings(&mut out, &result.findings);
            Ok(())
        }
    };
    out.push('\n');
    out
}

fn findings(out: &mut String, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    out.push_str("<table>\n<tr><th>severity</th><th>rule</th><th>place</th><th>what</th></tr>\n");
    for finding in findings.iter().take(LISTED) {
        let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
        // The other places stand whole: who mends one has to know of all.
        let (message, also) = split_places(&finding.message);
        let also = if also.is_empty() {
            String::new()
        } else {
            format!("<br>{}", code(also, MAX_STRING_CHARS))
        };
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}{also}</td></tr>",
            finding.severity,
            code(&finding.rule, 120),
            code(&format!("{}{line}", text::line(&finding.file, 200)), 220),
            code(message, 200)
        );
    }
    out.push_str("</table>\n");
    if findings.len() > LISTED {
        let _ = writeln!(out, "<p>and {} more</p>", findings.len() - LISTED);
    }
}

/// Foreign text as one line of code. Every character that is not plain is a numeric reference, so
/// neither HTML nor Markdown (links, mentions, emphasis, tables) finds anything to act on.
fn code(foreign: &str, max: usize) -> String {
    let mut out = String::from("<code>");
    for c in text::line(foreign, max).chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '.' | '/' | '-' | ',') {
            out.push(c);
        } else {
            let _ = write!(out, "&#{};", u32::from(c));
        }
    }
    out.push_str("</code>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::job::tests::job, delivery::tests::result, tools::dedup::ALSO};
    use skillgate_contract::Provider;

    fn ended(event: Event) -> String {
        render(&Callback { event, ..job().subject(Provider::Njsscan) })
    }

    #[test]
    fn the_page_tells_status_counts_and_places() {
        let page = ended(Event::Result(Box::new(result())));
        for part in [
            "<h3>njsscan</h3>",
            "<td>INCOMPLETE</td>",
            "<td>0, 1, 0, 0</td>",
            "<code>o/r/t</code>",
            "<code>a b.js&#58;3</code>",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        let failed = ended(Event::Failed { error: "no git".into() });
        assert!(failed.contains("<td>ERROR</td>") && failed.contains("<code>no git</code>"));
    }

    #[test]
    fn every_place_of_a_habit_is_shown_though_messages_are_cut() {
        let mut many = result();
        let long = "a".repeat(300);
        many.findings[0].message = format!("{long}.{ALSO}2 more places: b.md:1, c.md:2.");
        let page = ended(Event::Result(Box::new(many)));
        let places = "<br><code>The same in 2 more places&#58; b.md&#58;1, c.md&#58;2.</code></td>";
        assert!(page.contains(places), "{page}");
        assert!(!page.contains(&long));
    }

    #[test]
    fn nothing_that_a_repository_says_acts_on_the_page() {
        let hostile = "</code></table>\n\n# x <img src=x onerror=y> [a](javascript:b) @somebody | `z` **b** &lt; ::warning::w ##[error]";
        let mut hostile_result = result();
        for finding in &mut hostile_result.findings {
            finding.rule = hostile.into();
            finding.file = hostile.into();
            finding.message = hostile.into();
        }
        hostile_result.error = Some(hostile.into());
        let page = ended(Event::Result(Box::new(hostile_result)));
        for part in ["<img", "](", "@somebody", "`", "**", "# x", "::", "##", "&lt;"] {
            assert!(!page.contains(part), "{part}\n{page}");
        }
        // A blank line would end the block of HTML: the only one is the last.
        assert_eq!(page.matches("\n\n").count(), 1, "{page}");
        assert!(page.ends_with("\n\n"));
    }
}
