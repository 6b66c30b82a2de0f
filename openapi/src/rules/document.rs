//! Documents of the repository as pages. Comments in them are dropped, other raw HTML is shown as text, and links to other
//! files of the repository that are no pages become their text.

use crate::StaticPage;
use maud::PreEscaped;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html::push_html};
use std::collections::HashMap;

/// Documents that are pages, by the name of their file.
const PAGES: [(&str, &str); 2] =
    [("agents.md", "/rules/agents"), ("detection.md", "/rules/detection")];

/// A document as HTML.
#[derive(Debug)]
pub(super) struct Document {
    title: String,
    about: String,
    events: Vec<Event<'static>>,
}

impl Document {
    /// Reads Markdown: CommonMark with tables.
    pub(super) fn parse(markdown: &str) -> Self {
        let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES);
        let events = safe(parser.map(Event::into_static));
        let title = text_of(&events, |tag| matches!(tag, Tag::Heading { .. }));
        let paragraph = text_of(&events, |tag| matches!(tag, Tag::Paragraph));
        let about = paragraph.split_inclusive(". ").next().unwrap_or_default().trim().to_owned();
        Self { title, about, events: framed(&events) }
    }

    /// The page of this document.
    pub(super) fn page(self, file: &str) -> StaticPage {
        let content = PreEscaped(rendered(self.events));
        StaticPage { file: file.to_owned(), title: self.title, about: self.about, content }
    }

    /// The HTML of its first table; empty where it has none.
    pub(super) fn first_table(&self) -> String {
        let begin = self.events.iter().position(|e| matches!(e, Event::Start(Tag::Table(_))));
        let end = self.events.iter().position(|e| matches!(e, Event::End(TagEnd::Table)));
        let table = begin.zip(end).and_then(|(begin, end)| self.events.get(begin..=end));
        let table = table.map(|table| rendered(table.to_vec())).unwrap_or_default();
        format!("<div class=\"scroll\" tabindex=\"0\">{table}</div>")
    }
}

fn rendered(events: Vec<Event<'static>>) -> String {
    let mut html = String::new();
    push_html(&mut html, events.into_iter());
    html
}

/// Comments are dropped, other raw HTML becomes text, and links that no page of ours can follow become their text.
fn safe(events: impl Iterator<Item = Event<'static>>) -> Vec<Event<'static>> {
    // Whether each open link is kept.
    let mut kept = Vec::new();
    let mut safe: Vec<Event<'static>> = Vec::new();
    for event in events {
        safe.push(match event {
            // Marks for the programs that write parts of a document.
            Event::Html(html) | Event::InlineHtml(html) if html.starts_with("<!--") => continue,
            Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
            Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
            Event::End(TagEnd::HtmlBlock) => {
                // It held nothing but comments.
                if safe.last() == Some(&Event::Start(Tag::Paragraph)) {
                    safe.pop();
                    continue;
                }
                Event::End(TagEnd::Paragraph)
            }
            // Nothing is loaded from anywhere: the alternative text stands in its place.
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => continue,
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let address = address(&dest_url);
                kept.push(address.is_some());
                let Some(dest_url) = address else { continue };
                Event::Start(Tag::Link { link_type, dest_url: dest_url.into(), title, id })
            }
            Event::End(TagEnd::Link) if kept.pop() == Some(false) => continue,
            other => other,
        });
    }
    safe
}

/// Where a link of a document leads as a page.
fn address(link: &str) -> Option<String> {
    if link.starts_with('#') || link.starts_with("https://") || link.starts_with('/') {
        return Some(link.to_owned());
    }
    let (file, anchor) = link.split_once('#').map_or((link, None), |(f, a)| (f, Some(a)));
    let name = file.rsplit('/').next()?;
    let (_, page) = PAGES.iter().find(|(known, _)| *known == name)?;
    Some(anchor.map_or_else(|| (*page).to_owned(), |anchor| format!("{page}#{anchor}")))
}

/// Gives headings the ids that links of the documents use, and lets wide tables scroll by themselves.
fn framed(events: &[Event<'static>]) -> Vec<Event<'static>> {
    let mut framed = Vec::with_capacity(events.len());
    let mut taken: HashMap<String, u32> = HashMap::new();
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let text = text_of(events.get(at..).unwrap_or_default(), |_| true);
                let slug = slug(&text);
                let before = taken.entry(slug.clone()).or_default();
                let id = if *before == 0 { slug } else { format!("{slug}-{before}") };
                *before += 1;
                framed.push(Event::Start(Tag::Heading {
                    level: *level,
                    id: Some(CowStr::from(id)),
                    classes: Vec::new(),
                    attrs: Vec::new(),
                }));
            }
            Event::Start(Tag::Table(_)) => {
                framed.push(Event::Html("<div class=\"scroll\" tabindex=\"0\">".into()));
                framed.push(event.clone());
            }
            Event::End(TagEnd::Table) => {
                framed.push(event.clone());
                framed.push(Event::Html("</div>".into()));
            }
            other => framed.push(other.clone()),
        }
    }
    framed
}

/// The text of the first element of a kind, without its marks.
fn text_of(events: &[Event<'_>], is_wanted: impl Fn(&Tag<'_>) -> bool) -> String {
    let begin = events.iter().position(|e| matches!(e, Event::Start(tag) if is_wanted(tag)));
    let mut text = String::new();
    for event in begin.and_then(|begin| events.get(begin..)).unwrap_or_default() {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::End(TagEnd::Heading(_) | TagEnd::Paragraph) => break,
            _ => {}
        }
    }
    text
}

/// The anchor of a heading, as hosts of repositories make it.
fn slug(text: &str) -> String {
    let kept = text.to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(markdown: &str) -> String {
        Document::parse(markdown).page("x").content.into_string()
    }

    #[test]
    fn raw_html_is_text_and_nothing_is_loaded() {
        let page = html(
            "a <b onclick=x>c</b>\n\n<script>alert(1)</script>\n\n![pixel](https://a.example/p.png)\n",
        );
        assert!(
            !page.contains("<b ") && !page.contains("<script") && !page.contains("<img"),
            "{page}"
        );
        assert!(
            page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("pixel"),
            "{page}"
        );
    }

    #[test]
    fn comments_of_the_documents_are_not_shown() {
        for file in ["detection.md", "agents.md"] {
            let path = format!("{}/../docs/{file}", env!("CARGO_MANIFEST_DIR"));
            let markdown = std::fs::read_to_string(&path).unwrap();
            let page = html(&format!("{markdown}\n\n<!-- mark -->\n\na <!-- b --> c\n"));
            assert!(!page.contains("&lt;!--") && !page.contains("<!--"), "{file}: {page}");
            assert!(!page.contains("<p></p>"), "{file}: {page}");
        }
    }

    #[test]
    fn links_lead_to_pages_or_are_their_text() {
        let page = html(
            "[a](agents.md#words) [b](../src/lib.rs) [c](#here) [d](https://a.example/) [e](javascript:x)",
        );
        for part in [
            "href=\"/rules/agents#words\"",
            " b ",
            "href=\"#here\"",
            "href=\"https://a.example/\"",
            " e</p>",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }

    #[test]
    fn headings_have_anchors_and_tables_scroll() {
        let document =
            Document::parse("# A `b` c!\n\nOne. Two.\n\n## X\n\n## X\n\n| a |\n| --- |\n| <i> |\n");
        assert!(document.first_table().contains("&lt;i&gt;"));
        let page = document.page("x");
        assert_eq!((page.title.as_str(), page.about.as_str()), ("A b c!", "One."));
        let html = page.content.into_string();
        for part in [
            "<h1 id=\"a-b-c\">",
            "<h2 id=\"x\">",
            "<h2 id=\"x-1\">",
            "<div class=\"scroll\" tabindex=\"0\"><table>",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }
}
