//! Scripts in pages and templates: the bodies of `script` elements (HTML, "The script element").
//!
//! Comments and templates around them are not heeded: whoever loads the page may run them.

use super::Language;

/// One script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// What it is written in.
    pub language: Language,
    /// The line of its first character, from 1.
    pub first_line: u32,
    /// What stands between the tags.
    pub text: String,
}

/// The scripts of a page in their order, at most `max`, and whether there were more.
#[must_use]
pub fn extract(page: &str, max: usize) -> (Vec<Script>, bool) {
    let mut scripts = Vec::new();
    let (mut rest, mut line) = (page, 1u32);
    while let Some(at) = tag(rest, "<script") {
        let (before, opened) = rest.split_at(at + "<script".len());
        let (attributes, behind) = opened.split_at(end_of_tag(opened));
        let end = tag(behind, "</script").unwrap_or(behind.len());
        let (body, after) = behind.split_at(end);
        line = line.saturating_add(breaks(before)).saturating_add(breaks(attributes));
        if let Some(language) = language(attributes).filter(|_| !body.trim().is_empty()) {
            if scripts.len() >= max {
                return (scripts, true);
            }
            scripts.push(Script { language, first_line: line, text: body.to_owned() });
        }
        line = line.saturating_add(breaks(body));
        rest = after;
    }
    (scripts, false)
}

fn breaks(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}

/// Where a tag begins: its name in any case, and no longer name.
fn tag(text: &str, name: &str) -> Option<usize> {
    text.match_indices('<').map(|(at, _)| at).find(|at| {
        let here = text.as_bytes().get(*at..).unwrap_or_default();
        here.get(..name.len()).is_some_and(|here| here.eq_ignore_ascii_case(name.as_bytes()))
            && here.get(name.len()).is_none_or(|b| b.is_ascii_whitespace() || b"/>".contains(b))
    })
}

/// Behind the `>` that ends a tag's attributes; one in a quoted value does not.
fn end_of_tag(attributes: &str) -> usize {
    let (mut quote, mut before) = (None, ' ');
    for (at, c) in attributes.char_indices() {
        match (quote, c) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') if before == '=' => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
        if !c.is_whitespace() {
            before = c;
        }
    }
    attributes.len()
}

/// What a script is written in by its attributes; `None` for data.
fn language(attributes: &str) -> Option<Language> {
    let attributes = attributes.to_ascii_lowercase();
    let kind = value(&attributes, "type").unwrap_or_default();
    let lang = value(&attributes, "lang").unwrap_or_default();
    let said = if kind.is_empty() { lang } else { kind };
    match said.rsplit(['/', '-']).next().unwrap_or_default() {
        "" | "module" | "javascript" | "ecmascript" | "jscript" | "livescript" | "babel"
        | "jsx" | "js" | "defer" => Some(Language::JavaScript),
        "typescript" | "ts" => Some(Language::TypeScript),
        "tsx" => Some(Language::Tsx),
        // `text/javascript;version=1.8` and the like.
        other if other.starts_with("javascript") => Some(Language::JavaScript),
        _ => None,
    }
}

fn value<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    attributes.match_indices(name).find_map(|(at, _)| {
        let alone = attributes.get(..at).is_some_and(|before| {
            before.is_empty() || before.ends_with([' ', '\t', '\n', '\r', '\u{c}', '/', '"', '\''])
        });
        let assigned = attributes.get(at + name.len()..)?.trim_start().strip_prefix('=')?;
        let assigned = assigned.trim_start();
        let value = match assigned.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            Some(quote) => assigned.get(1..)?.split(quote).next(),
            None => assigned.split([' ', '\t', '\n', '\r', '>']).next(),
        };
        value.map(str::trim).filter(|_| alone)
    })
}

/// Whether a script has marks that a template engine replaces: no parser takes it as it is.
#[must_use]
pub fn is_template(script: &str) -> bool {
    ["{{", "{%", "<%", "<?"].iter().any(|mark| script.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(page: &str) -> Vec<(Language, u32, String)> {
        extract(page, 99).0.into_iter().map(|s| (s.language, s.first_line, s.text)).collect()
    }

    #[test]
    fn a_script_is_found_at_its_line_however_it_is_written() {
        let js = |line, text: &str| (Language::JavaScript, line, text.to_owned());
        assert_eq!(found("<p>\n<script>a</script>"), [js(2, "a")]);
        assert_eq!(
            found("<SCRIPT\n title='>'\ntype=\"text/javascript\">\na</ScRiPt >b"),
            [js(3, "\na")]
        );
        assert_eq!(found("<script type=module>a"), [js(1, "a")]);
        assert_eq!(found("<script src=x></script><script/>\na</script"), [js(1, "\na")]);
        assert_eq!(found("<script>a</scripts></script>"), [js(1, "a</scripts>")]);
        assert_eq!(found("<!-- <script>a</script> -->"), [js(1, "a")]);
        assert_eq!(
            found("<script setup lang=\"ts\">a</script>"),
            [(Language::TypeScript, 1, "a".into())]
        );
    }

    #[test]
    fn data_is_no_script() {
        for kind in ["application/json", "importmap", "text/x-template", "application/ld+json"] {
            assert_eq!(found(&format!("<script type='{kind}'>a</script>")), [], "{kind}");
        }
        assert_eq!(found("<scripts>a</scripts>"), []);
    }

    #[test]
    fn more_scripts_than_are_wanted_are_told() {
        let (scripts, more) = extract(&"<script>a</script>".repeat(9), 4);
        assert_eq!((scripts.len(), more), (4, true));
    }

    proptest! {
        #[test]
        fn any_page_is_taken_apart(s in "(<script|</script|>|type=|\"|'| |\n|a|é){0,40}") {
            for script in extract(&s, 9).0 {
                prop_assert!(s.contains(&script.text));
                let end = script.first_line as usize + script.text.matches('\n').count();
                prop_assert!(end <= s.matches('\n').count() + 1);
            }
        }
    }
}
