//! Pipes of awk, and the network of gawk.

use super::{
    evaluate::{Datum, Flow},
    lexer::{Kind, Token},
};

impl Flow {
    /// `command | getline name`, `socket |& getline name`, `print data |& socket`; `None` where no pipe stands.
    pub(super) fn awk_pipe(&mut self, tokens: &[Token]) -> Option<Datum> {
        let at =
            tokens.iter().position(|token| matches!(token.kind, Kind::Operator("|" | "|&")))?;
        let (left, right) = (tokens.get(..at)?, tokens.get(at + 1..)?);
        let both = matches!(tokens.get(at)?.kind, Kind::Operator("|&"));
        let line = tokens.first()?.line;
        let name = |token: &Token| match &token.kind {
            Kind::Name { text, .. } => Some(text.clone()),
            _ => None,
        };
        if right.first().and_then(name).as_deref() == Some("getline") {
            let end = left.iter().rposition(|token| matches!(token.kind, Kind::Operator("(")));
            let source = self.expression(left.get(end.map_or(0, |end| end + 1)..)?);
            let read = if source.value.text.starts_with("/inet") {
                self.awk_socket(&source, line)
            } else {
                self.started(&[source], line)
            };
            let variable = right.get(1).and_then(name).unwrap_or_else(|| "0".to_owned());
            self.assign(&variable, Datum { socket: None, ..read.clone() });
            // The body of a loop over what is read.
            let body = right.iter().position(|token| {
                matches!(name(token).as_deref(), Some("print" | "printf" | "system"))
            });
            let body = body.and_then(|at| right.get(at..)).unwrap_or_default();
            if !body.is_empty() {
                self.expression(body);
            }
            return Some(read);
        }
        let prints = left
            .iter()
            .position(|token| matches!(name(token).as_deref(), Some("print" | "printf")))?;
        let data = self.list(left.get(prints + 1..)?);
        let target = self.expression(right);
        if both && target.value.text.starts_with("/inet") {
            let socket = self.awk_socket(&target, line).socket?;
            for data in data {
                self.report(crate::judge::sent(&data.value, &socket, line));
            }
            return Some(Datum::default());
        }
        let code = data.first().cloned().unwrap_or_default();
        let received = !code.value.origins.is_empty();
        Some(self.started(
            if received { std::slice::from_ref(&code) } else { std::slice::from_ref(&target) },
            line,
        ))
    }

    fn awk_socket(&mut self, address: &Datum, line: u32) -> Datum {
        let call = super::calls::Call {
            path: "tcpsocket".to_owned(),
            name: "tcpsocket".to_owned(),
            receiver: None,
            base: None,
            arguments: vec![address.clone()],
            line,
        };
        self.called(&call)
    }
}
