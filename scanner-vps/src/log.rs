//! The log: one JSON object a line, on standard error.
//!
//! Values pass through [`text::line`] and a JSON serialiser, so nothing that a repository or a
//! request contains can end a line, move a terminal's cursor or forge a second event. No secret is
//! ever handed to it.

use crate::clock::Clock;
use serde_json::{Map, Value};
use skillgate_contract::text;
use std::fmt::Display;

/// Characters that one value may have.
const MAX_VALUE_CHARS: usize = 500;

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The ordinary course of things.
    Info,
    /// Something failed and will be tried again, or was refused.
    Warn,
    /// Somebody has to look.
    Error,
}

impl Level {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Writes one event. A closed standard error is no reason to stop scanning.
pub fn event(level: Level, name: &str, values: &[(&str, &dyn Display)]) {
    let mut line = render(&Clock::system().now().rfc3339(), level, name, values);
    line.push('\n');
    write(&line);
}

#[cfg(not(test))]
fn write(line: &str) {
    use std::io::Write;
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

/// The test harness catches only what the macros print.
#[cfg(test)]
fn write(line: &str) {
    eprint!("{line}");
}

fn render(time: &str, level: Level, name: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut fields = Map::new();
    fields.insert("time".to_owned(), time.into());
    fields.insert("level".to_owned(), level.as_str().into());
    fields.insert("event".to_owned(), name.into());
    for (key, value) in values {
        fields.insert((*key).to_owned(), text::line(&value.to_string(), MAX_VALUE_CHARS).into());
    }
    Value::Object(fields).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_it_says() {
        let hostile = "a\nlevel=error\u{1b}[31m\u{202e}\"}";
        let line = render("t", Level::Warn, "scan.failed", &[("error", &hostile)]);
        assert!(!line.chars().any(text::is_hidden_or_control), "{line}");
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["event"], "scan.failed");
        assert_eq!(read["level"], "warn");
        let long = "x".repeat(10_000);
        assert!(render("t", Level::Info, "e", &[("v", &long)]).len() < 700);
    }
}
