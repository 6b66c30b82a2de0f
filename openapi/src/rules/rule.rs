//! The page of one rule or chain.

use super::severity_tag;
use crate::StaticPage;
use maud::{Markup, html};
use skillgate_contract::rule_page::RULES_PATH;
use skillgate_rulebook::{Entry, Kind, Sample};

/// The page, from what is said of the rule.
pub(super) fn page(entry: &Entry) -> StaticPage {
    StaticPage {
        file: format!("rules/{}.html", entry.id),
        title: entry.id.clone(),
        about: entry.sees.clone(),
        content: content(entry),
    }
}

fn content(entry: &Entry) -> Markup {
    let family = entry.family();
    html! {
        p class="trail" { a href=(RULES_PATH) { "Rules" } " / " a href={ (RULES_PATH) "#" (family) } { (family) } }
        h1 { code { (entry.id) } }
        p class="facts" {
            (severity_tag(entry.severity))
            span { (reads(&entry.kind)) }
            @if !entry.since.is_empty() { span { "Since version " (entry.since) " of the rules" } }
        }
        p class="lead" { (entry.sees) }
        @if !entry.why.is_empty() {
            section aria-labelledby="why" { h2 id="why" { "Why it matters" } p { (entry.why) } }
        }
        section aria-labelledby="action" {
            h2 id="action" { "What to do" }
            dl class="meanings" {
                @if !entry.installer.is_empty() { dt { "If you install it" } dd { (entry.installer) } }
                @if !entry.author.is_empty() { dt { "If it is yours" } dd { (entry.author) } }
            }
        }
        @if let Some(example) = &entry.example {
            section aria-labelledby="reported" {
                h2 id="reported" { "What it reports" }
                p class="aside" { "An inert example from the tests of this rule." }
                (sample(example))
            }
        }
        @if let Some(honest) = &entry.look_alike {
            section aria-labelledby="left-alone" {
                h2 id="left-alone" { "What it leaves alone" }
                p class="aside" { "Something honest that looks like it, from the same tests." }
                (sample(honest))
            }
        }
        section aria-labelledby="tags" {
            h2 id="tags" { "Elsewhere" }
            ul class="links" {
                @for tag in &entry.tags {
                    li { a href=(tag.url()) rel="noopener" { (tag.id) } " " (tag.name) }
                }
            }
        }
        p class="aside" {
            "A finding also has this id in the API: "
            a href="/docs#schema-Finding" { "its fields" } ". Where it stands may lower its severity: "
            a href={ (RULES_PATH) "#score" } { "severity and score" } "."
        }
    }
}

fn reads(kind: &Kind) -> String {
    match kind {
        Kind::Text => "Reads text of any language".to_owned(),
        Kind::Syntax(languages) => format!("Reads the syntax of {}", languages.join(", ")),
        Kind::Chain => "Joins facts along the data".to_owned(),
        Kind::Scanner => "Reported by the scanner itself".to_owned(),
    }
}

fn sample(sample: &Sample) -> Markup {
    html! {
        p class="place" { (sample.file) }
        pre class="snippet" tabindex="0" { code { (sample.visible()) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use skillgate_contract::Severity;

    #[test]
    fn a_page_escapes_what_its_samples_hold() {
        let entry = Entry {
            id: "skillgate.crypto.x".into(),
            severity: Severity::High,
            kind: Kind::Syntax(vec!["bash".into()]),
            sees: "It sees <b>.".into(),
            why: String::new(),
            installer: "Do not.".into(),
            author: String::new(),
            tags: Vec::new(),
            since: "1.2.3".into(),
            example: Some(Sample {
                file: "a.html".into(),
                text: "<script>\u{202e}</script>".into(),
            }),
            look_alike: None,
        };
        let page = page(&entry);
        let html = page.content.into_string();
        assert_eq!(page.file, "rules/skillgate.crypto.x.html");
        for part in [
            "It sees &lt;b&gt;.",
            "&lt;script&gt;[U+202E]&lt;/script&gt;",
            "href=\"/rules#crypto\"",
            "class=\"tag high\"",
            "Since version 1.2.3",
        ] {
            assert!(html.contains(part), "{part}\n{html}");
        }
        assert!(!html.contains("Why it matters") && !html.contains("If it is yours"));
    }
}
