//! Scalars of YAML, read by a parser: folded, quoted and plain ones.

use super::{Text, is_record};
use saphyr_parser::{Event, Parser, ScalarStyle};

/// Every scalar. What does not parse ends the reading.
pub(super) fn read(source: &str) -> Vec<Text> {
    let mut texts = Vec::new();
    // The scalar before: the field's name, where this one is its value.
    let mut before = String::new();
    for event in Parser::new_from_str(source) {
        let Ok((event, span)) = event else { break };
        let Event::Scalar(value, style, ..) = event else { continue };
        let first = u32::try_from(span.start.line()).unwrap_or(u32::MAX);
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
        let field = std::mem::replace(&mut before, value.into_owned());
        if !text.text.is_empty() && !is_record(&field) {
            texts.push(text);
        }
    }
    texts
}
