//! Scripts in pages and templates: the bodies of `script` elements (HTML, "The script element"), and handlers of events in
//! attributes that name an address or decode something.
//!
//! Comments and templates around them are not heeded: whoever loads the page may run them.

use super::Language;

/// Parts of the types of what stands in a `script` element and is data. Parted by spaces.
const DATA: &str = "json importmap template tmpl handlebars mustache html markdown speculationrules \
    shader glsl wgsl xml csv plain math/tex";

/// One script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// What it is written in.
    pub language: Language,
    /// The language is a guess, or a template engine changes it: that a parser fails on it proves
    /// nothing.
    pub guessed: bool,
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
        let (attributes, behind) = attributes(opened);
        let tag_len = opened.len() - behind.len();
        let end = tag(behind, "</script").unwrap_or(behind.len());
        let (body, after) = behind.split_at(end);
        line = line.saturating_add(breaks(before));
        line = line.saturating_add(breaks(opened.get(..tag_len).unwrap_or_default()));
        if let Some((language, unsure)) = language(&attributes).filter(|_| !body.trim().is_empty())
        {
            if scripts.len() >= max {
                return (scripts, true);
            }
            let guessed = unsure || is_template(body);
            scripts.push(Script { language, guessed, first_line: line, text: body.to_owned() });
        }
        line = line.saturating_add(breaks(body));
        rest = after;
    }
    let more = handlers(page, max, &mut scripts);
    (scripts, more)
}

/// Bytes of a tag that are read for handlers.
const MAX_TAG: usize = 4_096;
/// A handler without one of these does nothing with another host, and no page has many that have one.
const TELLING: [&str; 6] = ["//", "atob", "eval", "Function", "fromCharCode", "import("];

/// Adds the handlers of events of a page; whether there were more than `max` scripts.
fn handlers(page: &str, max: usize, scripts: &mut Vec<Script>) -> bool {
    if !TELLING.iter().any(|word| page.contains(word)) {
        return false;
    }
    let (mut line, mut counted) = (1u32, 0);
    let mut end = 0;
    for (at, _) in page.match_indices('<') {
        let opened = page.get(at + 1..).unwrap_or_default();
        // What stands in quotes of a tag is no tag of its own.
        if at < end || !opened.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let (near, _) = opened.split_at(opened.floor_char_boundary(MAX_TAG));
        let (list, behind) = attributes(near);
        end = at + 1 + near.len() - behind.len();
        if near.get(.."script".len()).is_some_and(|name| name.eq_ignore_ascii_case("script")) {
            // Its body is no markup.
            let body = page.get(end..).unwrap_or_default();
            end += tag(body, "</script").unwrap_or(body.len());
        }
        let is_handler = |(name, value): &&(String, &str)| {
            let on = name.strip_prefix("on").is_some_and(|event| event.len() > 2);
            (on || value.trim_start().to_ascii_lowercase().starts_with("javascript:"))
                && TELLING.iter().any(|word| value.contains(word))
        };
        for (_, value) in list.iter().filter(is_handler) {
            if scripts.len() >= max {
                return true;
            }
            line = line.saturating_add(breaks(page.get(counted..at).unwrap_or_default()));
            counted = at;
            scripts.push(Script {
                language: Language::JavaScript,
                guessed: true,
                first_line: line,
                text: without_entities(value),
            });
        }
    }
    false
}

/// A value of an attribute as the browser reads it.
fn without_entities(value: &str) -> String {
    const ENTITIES: [(&str, &str); 7] = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    let value = ENTITIES.iter().fold(value.to_owned(), |text, (name, c)| text.replace(name, c));
    match value.trim_start().get(.."javascript:".len()) {
        Some(scheme) if scheme.eq_ignore_ascii_case("javascript:") => {
            value.trim_start().split_once(':').map_or(value.clone(), |(_, code)| code.to_owned())
        }
        _ => value,
    }
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

/// The attributes of a tag, names in lower case, and what stands behind its `>` (HTML,
/// "Tokenization").
fn attributes(opened: &str) -> (Vec<(String, &str)>, &str) {
    let is_space = |c: char| c.is_ascii_whitespace();
    let (mut list, mut rest) = (Vec::new(), opened);
    loop {
        rest = rest.trim_start_matches(|c: char| is_space(c) || c == '/');
        if rest.is_empty() {
            return (list, rest);
        }
        if let Some(behind) = rest.strip_prefix('>') {
            return (list, behind);
        }
        let ends = |c: char| is_space(c) || matches!(c, '/' | '>' | '=');
        // A `=` may begin a name, not end an empty one.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let (_, behind) = rest.split_at(first);
        let (name, behind) = rest.split_at(first + behind.find(ends).unwrap_or(behind.len()));
        let Some(value) = behind.trim_start_matches(is_space).strip_prefix('=') else {
            list.push((name.to_ascii_lowercase(), ""));
            rest = behind;
            continue;
        };
        let value = value.trim_start_matches(is_space);
        let quoted =
            ['"', '\''].iter().find_map(|quote| Some((*quote, value.strip_prefix(*quote)?)));
        let (value, behind) = match quoted {
            Some((quote, value)) => value.split_once(quote).unwrap_or((value, "")),
            None => value.split_at(value.find(|c| is_space(c) || c == '>').unwrap_or(value.len())),
        };
        list.push((name.to_ascii_lowercase(), value));
        rest = behind;
    }
}

/// What a script is written in by its attributes, and whether that is a guess; `None` for data.
fn language(attributes: &[(String, &str)]) -> Option<(Language, bool)> {
    // The first attribute of a name counts.
    let value = |name: &str| attributes.iter().find(|(n, _)| n == name).map(|(_, value)| *value);
    let said = value("type").filter(|kind| !kind.is_empty()).or(value("lang")).unwrap_or_default();
    let said = said.trim().to_ascii_lowercase();
    if DATA.split_ascii_whitespace().any(|data| said.contains(data)) {
        return None;
    }
    Some(match said.rsplit(['/', '-']).next().unwrap_or_default() {
        "" | "module" | "javascript" | "ecmascript" | "babel" | "jsx" | "js" => {
            (Language::JavaScript, false)
        }
        "typescript" | "ts" => (Language::TypeScript, false),
        "tsx" => (Language::Tsx, false),
        "python" | "py" | "mpy" => (Language::Python, false),
        // A name that is written in another way may be the browser's all the same.
        _ => (Language::JavaScript, true),
    })
}

/// Whether a script has marks that a template engine replaces.
fn is_template(script: &str) -> bool {
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
    fn handlers_that_name_an_address_are_scripts_at_their_lines() {
        let js = |line, text: &str| (Language::JavaScript, line, text.to_owned());
        assert_eq!(
            found("<p>\n<img src=x\n onerror=\"fetch('http://203.0.113.9/')\">"),
            [js(2, "fetch('http://203.0.113.9/')")]
        );
        assert_eq!(
            found("<a\nHREF=' JavaScript:eval(&quot;a&quot;)'>b</a>\n<b onclick=atob(x)>"),
            [js(1, "eval(\"a\")"), js(3, "atob(x)")]
        );
        assert_eq!(
            found("<script>a<b \"</script><b onclick=atob(x)>"),
            [js(1, "a<b \""), js(1, "atob(x)")]
        );
        let plain = "<b onclick='go(1)' one='//x' title='<i onload=\"eval(x)\">'> a < b //";
        assert_eq!(found(plain), []);
        assert_eq!(extract(&"<b onload=//>".repeat(9), 4).0.len(), 4);
        assert!(extract(&"<b onload=//>".repeat(9), 4).1);
        assert_eq!(extract(&"<a ".repeat(200_000), 4), (vec![], false), "it ends");
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
    fn an_attribute_hides_no_script() {
        for tag in [
            "<script title=\" type='text/plain' \">",
            "<script type='text/javascript' type='text/plain'>",
            "<script data-type=application/json>",
            "<script type=\"text&#47;javascript\">",
            "<script a==\">",
        ] {
            assert_eq!(found(&format!("{tag}a</script>")).len(), 1, "{tag}");
        }
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
