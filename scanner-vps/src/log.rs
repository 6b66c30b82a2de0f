//! The log: one JSON object a line on standard error, written by a [`tracing`] layer.
//!
//! Each line has `time`, `level` and `event`, then the fields of the spans that the event is in, then its
//! own. docs/logging.md lists every event. Text passes through [`text::line`] and a JSON serialiser, so
//! nothing that a repository or a request contains can end a line, move a terminal's cursor or forge a
//! second event. No secret is ever a field: the types that hold one have no `Display`, and events of
//! other crates are dropped.

use crate::clock::Clock;
use serde_json::Value;
use skillgate_contract::{ScanId, callback::Callback, scan_request::ScanRequest, text};
use std::fmt;
use tracing::{
    Event, Level, Metadata, Span, Subscriber,
    field::{Field, Visit},
    info_span,
    span::{Attributes, Id},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
    registry::{LookupSpan, Registry, Scope},
};

/// Characters of one text value; a longer one is cut.
const MAX_VALUE_CHARS: usize = 500;
/// The crate whose events are written.
const OWN_TARGET: &str = env!("CARGO_CRATE_NAME");

/// Sends this process's events to standard error. A second call changes nothing.
pub fn init() {
    let registry = Registry::default().with(JsonLines { clock: Clock::system(), write });
    // The error says that a subscriber is set already, which is all that is needed.
    let _ = tracing::subscriber::set_global_default(registry);
}

/// A closed standard error is no reason to stop scanning.
fn write(line: &str) {
    use std::io::Write as _;
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

/// The span of a requested scan: its events carry `scanId`, `attempt`, `provider`, `skill` and `repo`.
pub(crate) fn scan_span(request: &ScanRequest) -> Span {
    // Not a child of the span that is current here: a queue starts its next scan in the task of the last.
    info_span!(
        parent: None,
        "scan",
        scanId = request.scan_id.as_ref().map_or("-", ScanId::as_str),
        attempt = request.attempt.unwrap_or(0),
        provider = request.provider.as_str(),
        skill = %request.skill_name,
        repo = %request.repo_url,
    )
}

/// The span of a delivery: its events carry `scanId`, `provider`, `kind` and `deliveryId`.
pub(crate) fn delivery_span(callback: &Callback, delivery_id: &str) -> Span {
    info_span!(
        "delivery",
        scanId = callback.scan_id.as_ref().map_or("-", ScanId::as_str),
        provider = callback.provider.as_str(),
        kind = callback.event_name(),
        deliveryId = delivery_id,
    )
}

/// The layer. `write` is given whole lines.
struct JsonLines<W> {
    clock: Clock,
    write: W,
}

/// The fields of a span or an event, in order; of two with one name the later wins.
#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn set(&mut self, name: &'static str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = value,
            None => self.0.push((name, value)),
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.remove(place).1)
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), text::line(value, MAX_VALUE_CHARS).into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value.into());
    }
}

const fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        _ => "info",
    }
}

impl<W> JsonLines<W> {
    fn is_own(metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        let own = target.split("::").next() == Some(OWN_TARGET);
        own && *metadata.level() <= Level::INFO
    }
}

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&str) + 'static,
{
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        Self::is_own(metadata)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut own = Fields::default();
        event.record(&mut own);
        let mut line = Fields::default();
        line.set("time", self.clock.now().rfc3339().into());
        line.set("level", level_name(*event.metadata().level()).into());
        line.set("event", own.take("event").unwrap_or_else(|| event.metadata().target().into()));
        let message = own.take("message");
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(fields) = span.extensions().get::<Fields>() {
                for (name, value) in &fields.0 {
                    line.set(name, value.clone());
                }
            }
        }
        for (name, value) in own.0 {
            line.set(name, value);
        }
        if let Some(message) = message {
            line.set("message", message);
        }
        (self.write)(&render(&line));
    }
}

/// One line, its end included. The fields keep their order.
fn render(fields: &Fields) -> String {
    let members: Vec<_> =
        fields.0.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}\n", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use skillgate_contract::Millis;
    use std::sync::{Arc, Mutex};

    fn logged(work: impl FnOnce()) -> String {
        let lines = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&lines);
        let write = move |line: &str| kept.lock().unwrap().push_str(line);
        let clock = Clock::new(|| Millis(1_769_990_400_000));
        tracing::subscriber::with_default(
            Registry::default().with(JsonLines { clock, write }),
            work,
        );
        lines.lock().unwrap().clone()
    }

    #[test]
    fn an_event_is_one_line_whatever_it_says() {
        let hostile = "a\nlevel=error\u{1b}[31m\u{202e}\"}";
        let line = logged(|| tracing::warn!(event = "scan.failed", error = hostile, "{hostile}"));
        let shown = line.strip_suffix('\n').unwrap();
        assert!(!shown.chars().any(text::is_hidden_or_control), "{line}");
        let read: Value = serde_json::from_str(shown).unwrap();
        assert_eq!(read["event"], "scan.failed");
        assert_eq!(read["level"], "warn");
        assert_eq!(read["error"], read["message"]);
        let long = "x".repeat(10_000);
        assert!(logged(|| tracing::info!(event = "e", v = long)).len() < 700);
    }

    #[test]
    fn a_line_begins_with_time_level_and_event_and_carries_the_ids_of_its_spans() {
        let line = logged(|| {
            let _outer = info_span!("scan", scanId = "s1", provider = "semgrep").entered();
            let _inner = info_span!("delivery", scanId = "s2", deliveryId = "d").entered();
            tracing::error!(
                provider = "njsscan",
                seconds = 3_u64,
                event = "delivery.rejected",
                "no"
            );
        });
        let expected = concat!(
            r#"{"time":"2026-02-02T00:00:00.000Z","level":"error","event":"delivery.rejected","#,
            r#""scanId":"s2","provider":"njsscan","deliveryId":"d","seconds":3,"message":"no"}"#,
            "\n"
        );
        assert_eq!(line, expected);
    }

    #[test]
    fn events_of_other_crates_and_debug_events_are_not_written() {
        let line = logged(|| {
            tracing::error!(target: "hyper::proto", "Bearer canary");
            tracing::error!(target: "skillgate_scanner_evil", "canary");
            tracing::debug!(event = "e", "canary");
        });
        assert_eq!(line, "");
    }
}
