//! Pipelines, commands and operators of PowerShell.

use super::{
    Dialect,
    evaluate::{Datum, Flow, begins, bracket, is_keyword, parts},
    folding::joined,
    lexer::{Kind, Token},
};
use crate::{
    chain::{Fact, Step},
    shell::{Command, follow, key},
    value::{Source, UNKNOWN, Value},
};

impl Flow {
    /// The value of a pipeline.
    pub(super) fn piped(&mut self, tokens: &[Token]) -> Datum {
        let mut input = Datum::default();
        for (at, stage) in parts(tokens, "|").into_iter().enumerate() {
            let piped = (at > 0).then_some(&input);
            input = self.piped_stage(stage, piped);
        }
        input
    }

    fn piped_stage(&mut self, tokens: &[Token], input: Option<&Datum>) -> Datum {
        let called = begins(tokens, &["&", "."]);
        let rest = if called { tokens.get(1..).unwrap_or_default() } else { tokens };
        let is_command = match rest {
            [Token { kind: Kind::Name { text, variable: false }, .. }, ..] => !is_keyword(text),
            // `% { … }` and `? { … }`.
            [Token { kind: Kind::Operator("%" | "?"), .. }, ..] => true,
            _ => called,
        };
        if is_command { self.command(rest, input) } else { self.operated(rest) }
    }

    /// Operands and the operators `+`, `-f`, `-join`, `-replace`.
    fn operated(&mut self, tokens: &[Token]) -> Datum {
        let is_operator = |at: usize, names: &[&str]| {
            matches!(tokens.get(at).map(|t| &t.kind), Some(Kind::Operator("-")))
                && matches!(tokens.get(at + 1).map(|t| &t.kind), Some(Kind::Name { text, .. }) if names.contains(&text.to_ascii_lowercase().as_str()))
        };
        let mut level = 0u32;
        for (at, token) in tokens.iter().enumerate() {
            match &token.kind {
                Kind::Operator("(" | "[" | "{") => level = level.saturating_add(1),
                Kind::Operator(")" | "]" | "}") => level = level.saturating_sub(1),
                Kind::Operator("-") if level == 0 => {
                    let (left, right) = (
                        tokens.get(..at).unwrap_or_default(),
                        tokens.get(at + 2..).unwrap_or_default(),
                    );
                    if is_operator(at, &["f"]) {
                        let format = self.expression(left);
                        let arguments = self.list(right);
                        return self.filled(&format, &arguments);
                    }
                    if is_operator(at, &["join"]) {
                        let list = self.expression(if left.is_empty() { right } else { left });
                        let separator = if left.is_empty() {
                            String::new()
                        } else {
                            self.expression(right).value.text
                        };
                        let texts: Vec<&str> =
                            list.items().iter().map(|item| item.value.text.as_str()).collect();
                        let text = if texts.is_empty() {
                            list.value.text.clone()
                        } else {
                            joined(&texts, &separator, self.most())
                                .unwrap_or_else(|| UNKNOWN.to_string())
                        };
                        return Datum::of(list.value.with_text(text));
                    }
                    if is_operator(at, &["replace", "creplace", "ireplace"]) {
                        let text = self.expression(left);
                        let items = self.list(right);
                        let from = items
                            .first()
                            .map(|d| d.value.text.replace('\\', ""))
                            .unwrap_or_default();
                        let to = items.get(1).map(|d| d.value.text.clone()).unwrap_or_default();
                        let fits =
                            text.value.text.len().saturating_mul(to.len().max(1)) <= self.most();
                        if from.is_empty() || !fits || !text.value.is_literal() {
                            return text;
                        }
                        return Datum::of(
                            text.value.with_text(text.value.text.replace(&from, &to)),
                        );
                    }
                }
                _ => {}
            }
        }
        let listed = parts(tokens, ",");
        if listed.len() > 1 {
            let items = listed.into_iter().map(|part| self.expression(part)).collect();
            return self.collected(items);
        }
        self.joined_operands(tokens)
    }

    /// `"{1}{0}" -f a, b`.
    fn filled(&mut self, format: &Datum, arguments: &[Datum]) -> Datum {
        let mut all = Datum::text("");
        let mut rest = format.value.text.as_str();
        let most = self.most();
        while let Some((before, behind)) = rest.split_once('{') {
            all.value.text.push_str(before);
            let (number, after) = behind.split_once('}').unwrap_or((behind, ""));
            let number = number.split(':').next().unwrap_or_default().trim().parse::<usize>();
            let argument = number.ok().and_then(|at| arguments.get(at)).cloned();
            let argument = argument.unwrap_or_else(|| Datum::of(Value::unknown()));
            if !self.charge([&argument, &all]) {
                break;
            }
            all.join(&argument, most);
            rest = after;
        }
        all.value.text.push_str(rest);
        Datum::of(all.value)
    }

    /// A command with its words.
    fn command(&mut self, tokens: &[Token], input: Option<&Datum>) -> Datum {
        let line = tokens.first().map_or(1, |token| token.line);
        let mut words = self.words(tokens);
        let nothing = Datum::default();
        let piped = input.unwrap_or(&nothing);
        let Some(first) = words.first() else { return nothing };
        let name = first.value.text.to_ascii_lowercase();
        let mut all = piped.clone();
        for word in words.iter().skip(1) {
            all.mention(word, self.most());
        }
        match name.as_str() {
            "iex" | "invoke-expression" => {
                let code = words.get(1).unwrap_or(piped).clone();
                return self.invoked(&code, line);
            }
            "new-object" => return self.made(&words, all, line),
            "compress-archive" => self.packed(&words),
            "%" | "foreach-object" | "?" | "where-object" | "out-string" | "write-output"
            | "out-null" | "select-object" | "get-variable" | "get-item" => return all,
            "get-alias" | "gal" | "get-command" | "gcm" => {
                let pattern = words
                    .get(1)
                    .map(|word| word.value.text.to_ascii_lowercase())
                    .unwrap_or_default();
                let target = ALIASES.iter().find(|known| matches_pattern(known, &pattern));
                return target.map_or(all, |target| Datum::text(*target));
            }
            _ => {}
        }
        if !first.value.origins.is_empty() && first.value.text.chars().all(|c| c == UNKNOWN) {
            let code = first.clone();
            self.invoked(&code, line);
        }
        if let Some(function) = self.functions.get_mut(&first.value.text) {
            function.arguments = words.split_off(1);
            return function.result.clone();
        }
        let values: Vec<Value> = words.iter().map(|word| word.value.clone()).collect();
        let (output, chains) = follow(
            &Command::Words(&values),
            (&piped.value, line),
            self.start,
            &mut self.files,
            &mut self.limits,
        );
        self.report(chains);
        Datum::of(output)
    }

    /// An archive of a folder holds what was copied there: of the files of keys, all that the program has put somewhere.
    fn packed(&mut self, words: &[Datum]) {
        let named = |name: &str| {
            let at = words.iter().position(|word| word.value.text.eq_ignore_ascii_case(name))?;
            words.get(at + 1).map(|word| word.value.clone())
        };
        let Some(target) = named("-DestinationPath") else { return };
        let mut all = Value::unknown();
        for content in self.files.values() {
            let mut content = content.changed();
            content.origins.retain(|origin| origin.source == Source::Secret);
            all.append(&content, self.limits.value_bytes);
        }
        all.partial = false;
        self.files.insert(key(&target.text), all);
    }

    /// `'text'[24..0]`: a text that is written from its end hides.
    pub(super) fn turned(&self, text: &Datum, range: &[Token]) -> Option<Datum> {
        let line = range.first()?.line;
        const HIDING: usize = 16;
        let literal = text.value.is_literal() && text.items().is_empty();
        if self.dialect != Dialect::PowerShell || !literal || text.value.text.len() < HIDING {
            return None;
        }
        let written = |token: &Token| match &token.kind {
            Kind::Number(number) => number.clone(),
            Kind::Operator(operator) => (*operator).to_owned(),
            _ => "x".to_owned(),
        };
        let range: String = range.iter().map(written).collect();
        let (from, to) = range.split_once("..")?;
        if !from.starts_with("-1") && to != "0" {
            return None;
        }
        let what = format!("turns round a text of {} characters", text.value.text.chars().count());
        let mut value = Value::from(Source::Decoded, Step { fact: Fact::Decode, line, what });
        value.text = text.value.text.chars().rev().collect();
        Some(Datum::of(value))
    }

    fn invoked(&mut self, code: &Datum, line: u32) -> Datum {
        let received =
            code.value.origins.iter().any(|origin| matches!(origin.source, Source::Received(_)));
        if received {
            return self.started(std::slice::from_ref(code), line);
        }
        let call = super::calls::Call {
            path: "eval".to_owned(),
            name: "eval".to_owned(),
            receiver: None,
            base: None,
            arguments: vec![code.clone()],
            line,
        };
        self.called(&call)
    }

    fn made(&mut self, words: &[Datum], all: Datum, line: u32) -> Datum {
        let class = words.iter().find(|word| {
            word.value.text.contains("TCPClient")
                || word.value.text.to_ascii_lowercase().contains("tcpclient")
        });
        if class.is_none() {
            return all;
        }
        let arguments = words
            .iter()
            .skip(2)
            .flat_map(|word| {
                if word.items().is_empty() { vec![word.clone()] } else { word.items().to_vec() }
            })
            .collect();
        let call = super::calls::Call {
            path: "tcpclient".to_owned(),
            name: "tcpclient".to_owned(),
            receiver: None,
            base: None,
            arguments,
            line,
        };
        self.called(&call)
    }

    /// The words of a command: what blanks part.
    fn words(&mut self, tokens: &[Token]) -> Vec<Datum> {
        let mut words: Vec<Datum> = Vec::new();
        let mut rest = tokens;
        let most = self.most();
        let mut joined = false;
        while let Some((token, behind)) = rest.split_first() {
            let part = match &token.kind {
                Kind::Operator("(") => {
                    let (inside, after) = bracket(rest);
                    let mut value = self.expression(inside);
                    let listed = parts(inside, ",").len() > 1;
                    rest = after;
                    if listed {
                        // The arguments of a class.
                        words.push(value);
                        continue;
                    }
                    value.forget_items();
                    // `.Member` of what stands in the bracket.
                    if begins(rest, &["."]) && rest.first().is_some_and(|token| !token.apart) {
                        let length = rest
                            .iter()
                            .skip(1)
                            .position(|token| token.apart)
                            .map_or(rest.len(), |at| at + 1);
                        let (_, after) = rest.split_at(length);
                        rest = after;
                    }
                    value
                }
                Kind::Operator("{") => {
                    let (inside, after) = bracket(rest);
                    rest = after;
                    self.statements(inside);
                    Datum::text("{}")
                }
                Kind::Operator(",") => {
                    rest = behind;
                    joined = false;
                    continue;
                }
                Kind::LineEnd => break,
                Kind::Text(pieces) => {
                    rest = behind;
                    self.text_of(pieces)
                }
                Kind::Name { text, variable: true } => {
                    let known =
                        self.variable(text).cloned().unwrap_or_else(|| Datum::of(Value::unknown()));
                    rest = behind;
                    known
                }
                Kind::Name { text, .. } => {
                    rest = behind;
                    Datum::text(text.clone())
                }
                Kind::Number(text) => {
                    rest = behind;
                    Datum::text(text.clone())
                }
                Kind::Operator(operator) => {
                    rest = behind;
                    Datum::text(*operator)
                }
                Kind::Command(_) | Kind::Words(_) => {
                    rest = behind;
                    continue;
                }
            };
            if !self.charge([&part]) {
                break;
            }
            let apart = token.apart || !joined;
            match words.last_mut().filter(|_| !apart) {
                Some(last) => last.join(&part, most),
                None => words.push(part),
            }
            joined = true;
        }
        words
    }
}

/// Commands that run or fetch, as wildcards find them.
const ALIASES: [&str; 6] =
    ["iex", "invoke-expression", "iwr", "irm", "invoke-webrequest", "new-object"];

fn matches_pattern(text: &str, pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split('*').collect();
    let fits = |text: &str, part: &str| {
        text.len() == part.len() && text.chars().zip(part.chars()).all(|(a, b)| a == b || b == '?')
    };
    if let [whole] = parts.as_slice() {
        return fits(text, whole);
    }
    let (first, last) =
        (parts.first().copied().unwrap_or_default(), parts.last().copied().unwrap_or_default());
    text.len() >= first.len() + last.len()
        && text.get(..first.len()).is_some_and(|begin| fits(begin, first))
        && text.get(text.len() - last.len()..).is_some_and(|end| fits(end, last))
        && (first.len() + last.len()) > 1
}
