//! Operands: strings, lists, names with what stands behind them, and calls.

use super::{
    Dialect,
    evaluate::{Datum, Flow, begins, bracket, is_keyword, parts},
    lexer::{Kind, Token},
};
use crate::value::{UNKNOWN, Value};

/// A call: the name with what it belongs to, and what it is given.
pub(super) struct Call {
    /// All names in front, in lower case, joined by dots: `net.http.get`.
    pub(super) path: String,
    /// The last of them.
    pub(super) name: String,
    /// What the method belongs to, and the variable that holds it.
    pub(super) receiver: Option<Datum>,
    pub(super) base: Option<String>,
    pub(super) arguments: Vec<Datum>,
    pub(super) line: u32,
}

/// Names behind which arguments stand without brackets where no other name may have them so.
const BARE: [&str; 9] =
    ["echo", "include", "require", "include_once", "require_once", "print", "eval", "printf", "do"];

/// Names of a path that are kept: the last ones.
const MAX_PATH: usize = 8;

impl Flow {
    /// The operand that tokens begin with, and what stands behind it.
    pub(super) fn operand<'a>(&mut self, tokens: &'a [Token]) -> (Datum, &'a [Token]) {
        let tokens = self.behind_prefixes(tokens);
        let Some((token, rest)) = tokens.split_first() else { return (Datum::default(), tokens) };
        let (datum, rest) = match &token.kind {
            Kind::Text(pieces) => (self.text_of(pieces), rest),
            Kind::Command(pieces) => {
                let code = self.text_of(pieces);
                (self.started(&[code], token.line), rest)
            }
            Kind::Words(words) => {
                let items = words.iter().map(Datum::text).collect();
                (self.collected(items), rest)
            }
            Kind::Number(text) => {
                (Datum { value: Value::literal(text.clone()), ..Datum::default() }, rest)
            }
            Kind::Operator("(" | "[" | "{") => {
                let list = !begins(tokens, &["("]);
                let (inside, rest) = bracket(tokens);
                // PowerShell: `[scriptblock]::Create(…)` makes a program of a text.
                if self.dialect == Dialect::PowerShell
                    && let [Token { kind: Kind::Name { text, variable: false }, .. }] = inside
                    && text.eq_ignore_ascii_case("scriptblock")
                    && begins(rest, &["::"])
                {
                    return self.members(Datum::default(), "scriptblock".to_owned(), None, rest);
                }
                let mut items = self.entries(inside);
                let datum = match (items.len(), list) {
                    (1, false) => items.pop().unwrap_or_default(),
                    _ => self.collected(items),
                };
                (datum, rest)
            }
            Kind::Name { text, variable } => return self.named(text, *variable, tokens),
            Kind::Operator(_) | Kind::LineEnd => return (Datum::default(), rest),
        };
        self.members(datum, String::new(), None, rest)
    }

    /// What stands behind `@`, `new` and, in Go, the `[]` of a slice's type.
    fn behind_prefixes<'a>(&self, mut tokens: &'a [Token]) -> &'a [Token] {
        while let Some((token, rest)) = tokens.split_first() {
            tokens = match &token.kind {
                Kind::Operator("@") => rest,
                Kind::Name { text, variable: false } if text == "new" => rest,
                Kind::Operator("[") if self.dialect == Dialect::Go && begins(rest, &["]"]) => {
                    rest.get(1..).unwrap_or_default()
                }
                _ => break,
            };
        }
        tokens
    }

    /// What a bracket lists: the value of each entry, and its key where that says more.
    fn entries(&mut self, tokens: &[Token]) -> Vec<Datum> {
        let mut all = Vec::new();
        for part in parts(tokens, ",") {
            if part.iter().all(|token| token.kind == Kind::LineEnd) {
                continue;
            }
            let statements = parts(part, ";");
            for statement in statements {
                let pair = parts(statement, "=>");
                if let [key, value] = pair.as_slice() {
                    let key = self.expression(key);
                    let mut value = self.expression(value);
                    if !key.value.origins.is_empty() || key.socket.is_some() {
                        let most = self.most();
                        value.mention(&key, most);
                    }
                    all.push(value);
                } else {
                    all.push(self.expression(statement));
                }
            }
        }
        all
    }

    /// A list: what comes from all of its items.
    pub(super) fn collected(&self, items: Vec<Datum>) -> Datum {
        let mut all = Datum::default();
        for item in &items {
            all.mention(item, self.most());
        }
        all.value.text = UNKNOWN.into();
        all.hold(items);
        all
    }

    fn named<'a>(
        &mut self,
        text: &str,
        variable: bool,
        tokens: &'a [Token],
    ) -> (Datum, &'a [Token]) {
        let rest = tokens.get(1..).unwrap_or_default();
        if !variable && is_keyword(text) && !BARE.contains(&text) {
            return (Datum::default(), rest);
        }
        if let Some(datum) = self.environment(text, rest) {
            return datum;
        }
        if let Some(known) = self.variable(text).cloned()
            && (variable || !begins(rest, &["("]))
        {
            if variable && begins(rest, &["("]) && known.value.is_literal() {
                return self.members_of(None, known.value.text.to_lowercase(), None, rest);
            }
            return self.members(known, String::new(), Some(text.to_owned()), rest);
        }
        let path = text.replace("::", ".").to_lowercase();
        let base = variable.then(|| text.to_owned());
        let known = variable.then(Datum::default);
        let bare = !variable || self.dialect == Dialect::Perl;
        self.members_of(
            known,
            if bare { path } else { String::new() },
            base.or(Some(text.to_owned())),
            rest,
        )
    }

    fn members<'a>(
        &mut self,
        datum: Datum,
        path: String,
        base: Option<String>,
        rest: &'a [Token],
    ) -> (Datum, &'a [Token]) {
        self.members_of(Some(datum), path, base, rest)
    }

    /// Follows the members, calls and subscripts behind an operand.
    fn members_of<'a>(
        &mut self,
        datum: Option<Datum>,
        path: String,
        base: Option<String>,
        mut rest: &'a [Token],
    ) -> (Datum, &'a [Token]) {
        let (mut datum, mut path, mut owner) = (datum, path, String::new());
        let callable = |path: &str| !path.is_empty() && !path.contains(UNKNOWN);
        while let Some((token, behind)) = rest.split_first() {
            match &token.kind {
                Kind::Operator(operator) if self.dialect.is_member(operator) => {
                    let Some((next, after)) = behind.split_first() else { break };
                    // PowerShell: `.('Down' + 'loadString').Invoke(…)`.
                    let spelled = self.dialect == Dialect::PowerShell && begins(behind, &["("]);
                    if spelled {
                        let (inside, after) = bracket(behind);
                        let name = self.expression(inside).value.text.to_lowercase();
                        if name.chars().all(char::is_alphanumeric) {
                            path = name;
                            rest = after;
                            continue;
                        }
                    }
                    let Kind::Name { text, variable } = &next.kind else {
                        // Perl and PHP: a key of a map, an item of a list.
                        if begins(behind, &["{", "["]) {
                            rest = behind;
                            continue;
                        }
                        break;
                    };
                    // PowerShell: a variable holds the member's name.
                    let named = self
                        .variable(text)
                        .filter(|_| *variable)
                        .map(|datum| datum.value.text.clone());
                    let mut name = named.unwrap_or_else(|| text.clone()).to_lowercase();
                    if name == "invoke"
                        && self.dialect == Dialect::PowerShell
                        && let Some(method) = path.rsplit('.').next().filter(|m| !m.is_empty())
                    {
                        name = method.to_owned();
                    }
                    if path.is_empty() {
                        path = std::mem::take(&mut owner);
                    }
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(&name);
                    if let Some((dot, _)) = path.rmatch_indices('.').nth(MAX_PATH - 1) {
                        path.drain(..=dot);
                    }
                    rest = after;
                    let called = begins(rest, &["("]) || self.takes_bare(rest, &name);
                    if !called && let Some(receiver) = datum.take() {
                        let line = next.line;
                        let call = Call {
                            path: path.clone(),
                            name,
                            receiver: Some(receiver),
                            base: base.clone(),
                            arguments: Vec::new(),
                            line,
                        };
                        datum = Some(self.called(&call));
                    }
                }
                Kind::Operator("(")
                    if callable(&path) && !token.apart
                        || matches!(token.kind, Kind::Operator("("))
                            && callable(&path)
                            && datum.is_none() =>
                {
                    let (inside, after) = bracket(rest);
                    let arguments = self.entries(inside);
                    rest = after;
                    let line = token.line;
                    datum = Some(self.call_of(&path, datum.take(), base.clone(), arguments, line));
                    owner = std::mem::take(&mut path);
                }
                Kind::Operator("[") if !token.apart => {
                    let (inside, after) = bracket(rest);
                    let index = self.expression(inside);
                    rest = after;
                    let mut known = datum.take().unwrap_or_default();
                    if let Some(turned) = self.turned(&known, inside) {
                        datum = Some(turned);
                        continue;
                    }
                    let item = index
                        .value
                        .text
                        .parse::<usize>()
                        .ok()
                        .and_then(|at| known.items().get(at).cloned());
                    known = item.unwrap_or_else(|| {
                        let most = self.most();
                        known.mention(&index, most);
                        known
                    });
                    datum = Some(known);
                }
                // A list with its type in front.
                Kind::Operator("{")
                    if !token.apart && matches!(self.dialect, Dialect::Go | Dialect::CLike) =>
                {
                    let (inside, after) = bracket(rest);
                    let items = self.entries(inside);
                    rest = after;
                    path.clear();
                    datum = Some(self.collected(items));
                }
                // The program stands in the bracket, and how it is called stands first behind it.
                Kind::Operator("{")
                    if self.dialect == Dialect::Perl
                        && matches!(path.as_str(), "exec" | "system") =>
                {
                    let (inside, after) = bracket(rest);
                    let mut arguments = vec![self.expression(inside)];
                    arguments.extend(self.entries(after).into_iter().skip(1));
                    let line = token.line;
                    return (self.call_of(&path, datum.take(), base, arguments, line), &[]);
                }
                Kind::Operator("{") if !token.apart && self.dialect == Dialect::Perl => {
                    rest = bracket(rest).1;
                    datum = Some(datum.take().unwrap_or_default());
                }
                _ => {
                    let name = path.rsplit('.').next().unwrap_or_default().to_owned();
                    if !path.is_empty() && self.takes_bare(rest, &name) {
                        let arguments = self.bare_arguments(rest);
                        let line = token.line;
                        let result =
                            self.call_of(&path, datum.take(), base.clone(), arguments, line);
                        return (result, &[]);
                    }
                    break;
                }
            }
        }
        let datum = match datum {
            Some(datum) => datum,
            None => self.plain(&path, base, rest),
        };
        (datum, rest)
    }

    /// A name that nothing is known of: a function without arguments, or a constant.
    fn plain(&mut self, path: &str, base: Option<String>, rest: &[Token]) -> Datum {
        let line = rest.first().map_or(1, |token| token.line);
        self.call_of(path, None, base, Vec::new(), line)
    }

    fn call_of(
        &mut self,
        path: &str,
        receiver: Option<Datum>,
        base: Option<String>,
        arguments: Vec<Datum>,
        line: u32,
    ) -> Datum {
        let name = path.rsplit('.').next().unwrap_or_default().to_owned();
        self.called(&Call { path: path.to_owned(), name, receiver, base, arguments, line })
    }

    /// Whether arguments without brackets follow.
    fn takes_bare(&self, rest: &[Token], name: &str) -> bool {
        let Some(next) = rest.first() else { return false };
        let starts = match &next.kind {
            Kind::Text(_) | Kind::Command(_) | Kind::Words(_) => true,
            Kind::Name { text, .. } => {
                !is_keyword(text) && text != "x" && text != "eq" && text != "ne"
            }
            Kind::Number(_) => self.dialect == Dialect::Ruby,
            Kind::Operator("[" | "\\" | "&") => next.apart,
            _ => false,
        };
        let may = match self.dialect {
            Dialect::Ruby | Dialect::Perl => next.apart,
            Dialect::Lua => matches!(next.kind, Kind::Text(_)),
            Dialect::Php | Dialect::Awk => BARE.contains(&name),
            Dialect::Go | Dialect::CLike | Dialect::PowerShell => false,
        };
        starts && may
    }

    fn bare_arguments(&mut self, rest: &[Token]) -> Vec<Datum> {
        let ends = |token: &Token| matches!(&token.kind, Kind::Operator("||" | "&&"));
        let end = rest.iter().position(ends).unwrap_or(rest.len());
        let rest = rest.get(..end).unwrap_or_default();
        let mut arguments = self.entries(rest);
        // Perl: `print HANDLE data` has no comma.
        if let ([argument], [Token { kind: Kind::Name { text, .. }, .. }, next, ..]) =
            (arguments.as_mut_slice(), rest)
            && !matches!(next.kind, Kind::Operator(_))
            && let Some(handle) = self
                .variable(text)
                .filter(|handle| handle.socket.is_some() || handle.file.is_some())
        {
            argument.socket.clone_from(&handle.socket);
            argument.file.clone_from(&handle.file);
        }
        arguments
    }
}
