//! Expands words: variables, substitutions, braces.

use super::{
    flow::Flow,
    syntax::{Part, Word},
};
use crate::value::{UNKNOWN, Value};

/// What a field costs beside its text, in bytes.
const FIELD_WORK: usize = 96;
/// More alternatives in braces are not expanded, which is noted.
const MAX_ALTERNATIVES: usize = 64;

impl Flow {
    /// The value of a word that is not split.
    pub(super) fn value(&mut self, word: &Word) -> Value {
        let mut all = Value::default();
        for part in &word.parts {
            let part = self.part(part);
            if !self.charge(part.text.len()) {
                return Value::unknown();
            }
            all.append(&part, self.limits.value_bytes);
        }
        all
    }

    /// The fields that a word becomes: unquoted expansions are split at blanks, braces are alternatives.
    pub(super) fn fields(&mut self, word: &Word) -> Vec<Value> {
        if let [before @ .., Part::Text { text, bare: true }] = word.parts.as_slice()
            && let Some((begin, rest)) = text.split_once('{')
            && let Some((inner, end)) = rest.split_once('}')
            && inner.contains(',')
            && !inner.contains('{')
            && !end.contains('{')
        {
            let mut first = Value::default();
            for part in before {
                let part = self.part(part);
                first.append(&part, self.limits.value_bytes);
            }
            first.append(&Value::literal(begin), self.limits.value_bytes);
            self.limits.exhausted |= inner.split(',').nth(MAX_ALTERNATIVES).is_some();
            let alternatives = inner.split(',').take(MAX_ALTERNATIVES);
            if !self.charge(MAX_ALTERNATIVES.min(inner.len()) * first.text.len()) {
                return Vec::new();
            }
            let expand = |part: &str| {
                let mut all = first.clone();
                all.append(&Value::literal(format!("{part}{end}")), self.limits.value_bytes);
                all
            };
            return alternatives.map(expand).collect();
        }
        let mut fields: Vec<Value> = Vec::new();
        let mut open = false;
        for part in &word.parts {
            let value = self.part(part);
            if !self.charge(value.text.len()) {
                return fields;
            }
            // `"$@"` is all arguments, each a field.
            let all = matches!(part, Part::Variable { name, .. } if name == "@");
            let splits =
                (all || matches!(
                    part,
                    Part::Variable { quoted: false, .. } | Part::Output { quoted: false, .. }
                )) && value.text.contains(char::is_whitespace);
            if !splits {
                match fields.last_mut().filter(|_| open) {
                    Some(last) => last.append(&value, self.limits.value_bytes),
                    None => fields.push(value),
                }
                open = true;
                continue;
            }
            let origins = value.origins.clone();
            let begins_blank = value.text.starts_with(char::is_whitespace);
            for (at, piece) in value.text.split_whitespace().enumerate() {
                if !self.charge(FIELD_WORK) {
                    return fields;
                }
                let piece = Value {
                    text: piece.to_owned(),
                    origins: origins.clone(),
                    partial: value.partial,
                };
                match fields.last_mut().filter(|_| open && at == 0 && !begins_blank) {
                    Some(last) => last.append(&piece, self.limits.value_bytes),
                    None => fields.push(piece),
                }
            }
            open = !value.text.ends_with(char::is_whitespace);
        }
        fields
    }

    fn part(&mut self, part: &Part) -> Value {
        match part {
            Part::Text { text, .. } => Value::literal(text.clone()),
            Part::Variable { name, operation, .. } => self.variable(name, operation),
            Part::Output { script, .. } => {
                let standard = self.standard.clone();
                let mut output = self.script(script, &standard);
                let trimmed = output.text.trim_end_matches('\n').len();
                output.text.truncate(trimmed);
                if output.text.is_empty() {
                    output.text.push(UNKNOWN);
                }
                output
            }
            Part::Process(script) => {
                let standard = self.standard.clone();
                let output = self.script(script, &standard);
                self.temporary(output)
            }
            Part::Unknown => Value::unknown(),
        }
    }

    fn variable(&self, name: &str, operation: &str) -> Value {
        let known = self.variables.get(name);
        let value = known.cloned().unwrap_or_else(Value::unknown);
        if operation.is_empty() {
            return value;
        }
        let default = [":-", ":=", "-", "="].iter().find_map(|mark| operation.strip_prefix(mark));
        if let Some(default) = default {
            return match known {
                Some(_) => value,
                None if default.contains(['$', '`']) => Value::unknown(),
                None => Value::literal(default.trim_matches(['"', '\''])),
            };
        }
        if let Some((pattern, replacement)) = operation
            .strip_prefix("//")
            .or_else(|| operation.strip_prefix('/'))
            .map(|rest| rest.split_once('/').unwrap_or((rest, "")))
            && !pattern.is_empty()
            && !pattern.contains(['*', '?', '[', '$'])
            && !replacement.contains('$')
        {
            let pattern = pattern.trim_matches(['"', '\'']).replace('\\', "");
            let most = if operation.starts_with("//") { usize::MAX } else { 1 };
            let replacement = replacement.trim_matches(['"', '\'']);
            let count = value.text.matches(&pattern).take(most).count();
            let bytes = value.text.len().saturating_add(count.saturating_mul(replacement.len()));
            if pattern.is_empty() || bytes > self.limits.value_bytes {
                return value.changed();
            }
            let text = value.text.replacen(&pattern, replacement, most);
            return Value { text, ..value };
        }
        if let Some(cut) = operation.strip_prefix(':') {
            let (offset, length) = cut.split_once(':').unwrap_or((cut, ""));
            let offset = offset.trim().parse::<usize>();
            let length = if length.is_empty() { Ok(usize::MAX) } else { length.trim().parse() };
            if let (Ok(offset), Ok(length), true) = (offset, length, value.is_literal()) {
                let text = value.text.chars().skip(offset).take(length).collect();
                return Value { text, ..value };
            }
        }
        value.changed()
    }
}
