//! Scalars of YAML, read by a parser: folded, quoted and plain ones.

use super::{Loaded, Syntax, Text, is_record};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};

/// Variables of a workflow that are followed.
const MAX_DUMPS: usize = 16;

/// Every scalar. What does not parse ends the reading.
pub(super) fn read(source: &str) -> Vec<Text> {
    let mut texts = Vec::new();
    // The scalar before: the field's name, where this one is its value.
    let mut before = String::new();
    // Variables that hold all secrets of a workflow.
    let mut dumps: Vec<String> = Vec::new();
    for event in Parser::new_from_str(source) {
        let Ok((event, span)) = event else { break };
        let Event::Scalar(value, style, ..) = event else { continue };
        let text = text_of(&value, style, line_of(&span));
        let field = std::mem::replace(&mut before, value.into_owned());
        if is_dump(&text.text) && is_name(&field) && dumps.len() < MAX_DUMPS {
            dumps.push(field);
        } else if !text.text.is_empty() && !is_record(&field) {
            texts.push(text);
        }
    }
    for text in &mut texts {
        with_secrets(text, &dumps);
    }
    texts
}

fn line_of(span: &Span) -> u32 {
    u32::try_from(span.start.line()).unwrap_or(u32::MAX)
}

fn text_of(value: &str, style: ScalarStyle, first: u32) -> Text {
    // A folded or quoted scalar has fewer lines than its source.
    let follows = style == ScalarStyle::Literal;
    let mut text = Text::default();
    let mut line = first;
    for c in value.chars() {
        text.push(c, line);
        if c == '\n' && follows {
            line = line.saturating_add(1);
        }
    }
    text
}

/// Whether a text is the expression of GitHub's workflows for all secrets of the repository.
fn is_dump(text: &str) -> bool {
    let inner = text.trim().strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
    let compact = |text: &str| text.split_whitespace().collect::<String>().to_ascii_lowercase();
    inner.is_some_and(|inner| compact(inner) == "tojson(secrets)")
}

fn is_name(field: &str) -> bool {
    !field.is_empty() && field.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The variable that stands for all secrets of a workflow in its commands.
const SECRETS: &str = "SKILLGATE_ALL_SECRETS";

/// Puts variables that hold the whole environment in the place of all secrets of a workflow: they are its keys. What
/// picks some of them is left alone.
fn with_secrets(text: &mut Text, dumps: &[String]) {
    let mut names: Vec<&str> = dumps.iter().map(String::as_str).collect();
    names.retain(|name| text.text.contains(name));
    let is_direct = text.text.contains("${{");
    if names.is_empty() && !is_direct || text.text.contains("select(") {
        return;
    }
    let mut code = String::with_capacity(text.text.len());
    let mut rest = text.text.as_str();
    let mut quoted = false;
    while let Some((before, expression)) = rest.split_once("${{") {
        let Some(end) = expression.find("}}") else { break };
        let (inner, behind) = expression.split_at(end);
        let behind = behind.get(2..).unwrap_or_default();
        code.push_str(before);
        quoted ^= before.matches('\'').count() % 2 == 1;
        let of_environment = inner.trim().strip_prefix("env.").filter(|name| names.contains(name));
        let name =
            if is_dump(&format!("${{{{{inner}}}}}")) { Some(SECRETS) } else { of_environment };
        match name {
            // Whatever quotes stand around it, it is put in before the shell reads them.
            Some(name) if quoted => {
                code.push_str(&format!("'\"${{{name}}}\"'"));
            }
            Some(name) => code.push_str(&format!("${{{name}}}")),
            None => {
                code.push_str("${{");
                code.push_str(inner);
                code.push_str("}}");
            }
        }
        if name == Some(SECRETS) && !names.contains(&SECRETS) {
            names.push(SECRETS);
        }
        rest = behind;
    }
    if names.is_empty() {
        return;
    }
    code.push_str(rest);
    let assigned: String = names.iter().map(|name| format!("{name}=$(printenv); ")).collect();
    text.text = assigned + &code;
}

/// What a loader that is not safe runs while it reads the source: the values below tags that name a function.
pub(super) fn loaded(source: &str) -> Vec<Loaded> {
    let mut found = Vec::new();
    if !source.contains("python/object/") && !source.contains("js/function") {
        return found;
    }
    // Whether the values are code, and how many nodes are open in the one that is tagged.
    let mut tagged: Option<(Option<Syntax>, u32)> = None;
    for event in Parser::new_from_str(source) {
        let Ok((event, span)) = event else { break };
        match event {
            Event::SequenceStart(_, tag) | Event::MappingStart(_, tag) => {
                tagged = match tagged {
                    Some((code, open)) => Some((code, open + 1)),
                    None => tag.and_then(|tag| called(&tag.suffix)).map(|code| (code, 1)),
                };
            }
            Event::SequenceEnd | Event::MappingEnd => {
                tagged = tagged.map(|(code, open)| (code, open - 1)).filter(|(_, open)| *open > 0);
            }
            Event::Scalar(value, style, _, tag) => {
                let own = tag.and_then(|tag| called(&tag.suffix));
                if let Some(code) = own.or(tagged.map(|(code, _)| code)) {
                    found.push(Loaded { code, text: text_of(&value, style, line_of(&span)) });
                }
            }
            _ => {}
        }
    }
    found
}

/// What the arguments of the function are that a tag names: code of a language, or commands. `None`: it runs nothing.
fn called(tag: &str) -> Option<Option<Syntax>> {
    const SHELLS: [&str; 8] =
        ["system", "popen", "Popen", "run", "call", "check_call", "check_output", "getoutput"];
    if tag.ends_with("js/function") {
        return Some(Some(Syntax::JavaScript));
    }
    let (_, function) = tag.split_once("python/object/")?.1.split_once(':')?;
    let (module, name) = function.rsplit_once('.').unwrap_or(("", function));
    match name {
        "eval" | "exec" => Some(Some(Syntax::Python)),
        "getstatusoutput" => Some(None),
        name if SHELLS.contains(&name) || module == "os" && name.starts_with("exec") => Some(None),
        _ => None,
    }
}
