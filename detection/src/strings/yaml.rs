//! Scalars of YAML, read by a parser: folded, quoted and plain ones.

use super::Text;
use saphyr_parser::{Event, Parser, ScalarStyle};

/// Every scalar. What does not parse ends the reading.
pub(super) fn read(source: &str) -> Vec<Text> {
    let mut texts = Vec::new();
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
        if !text.text.is_empty() {
            texts.push(text);
        }
    }
    texts
}
