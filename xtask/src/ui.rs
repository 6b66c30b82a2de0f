//! What a person sees: one line when a step begins, one when it ends, with its duration.
//!
//! Lines only, never a redrawn screen: two installs at a time, a pipe and a CI log all read the same. Colour is used on a
//! terminal, unless `NO_COLOR` is set.

use crate::process;
use std::env;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::iter;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A step that says nothing for this long says that it is still at it.
const STILL_RUNNING_EVERY: Duration = Duration::from_secs(30);

/// The steps that went well so far: what, when it began, how long it took.
static FINISHED: Mutex<Vec<(String, Instant, Duration)>> = Mutex::new(Vec::new());

/// A step shorter than this is not worth a line of a summary.
const LEAST_IN_SUMMARY: Duration = Duration::from_secs(1);

/// Prints lines for people, from several threads at once.
#[derive(Debug, Clone, Copy)]
pub struct Ui {
    colour: bool,
    quiet: bool,
}

/// A step under way; it is finished by [`Step::done`], and reported as stopped when it is dropped before.
#[derive(Debug)]
pub struct Step {
    ui: Ui,
    what: String,
    began: Instant,
    last_sign: Mutex<Instant>,
    finished: bool,
}

#[derive(Debug, Clone, Copy)]
enum Tone {
    Plain,
    Good,
    Bad,
    Faint,
}

impl Tone {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "0",
            Self::Good => "32",
            Self::Bad => "31",
            Self::Faint => "2",
        }
    }
}

impl Ui {
    /// Colour where stdout is a terminal that wants it.
    #[must_use]
    pub fn from_env() -> Self {
        let no_colour = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colour: io::stdout().is_terminal() && !no_colour, quiet: false }
    }

    /// Prints nothing: for tests, whose output is their own.
    #[must_use]
    pub fn silent() -> Self {
        Self { colour: false, quiet: true }
    }

    /// Begins a step and says so.
    #[must_use = "a step ends when it is dropped"]
    pub fn step(&self, what: impl Into<String>) -> Step {
        let what = what.into();
        self.write(Tone::Faint, "…", &what);
        let now = Instant::now();
        Step { ui: *self, what, began: now, last_sign: Mutex::new(now), finished: false }
    }

    /// A plain line.
    pub fn line(&self, text: impl Display) {
        if !self.quiet {
            put(&format!("{text}\n"));
        }
    }

    /// Something that went well.
    pub fn good(&self, text: impl Display) {
        self.write(Tone::Good, "✓", text);
    }

    /// Something worth knowing that stops nothing.
    pub fn note(&self, text: impl Display) {
        self.write(Tone::Plain, "·", text);
    }

    /// Something that went wrong.
    pub fn bad(&self, text: impl Display) {
        self.write(Tone::Bad, "✗", text);
    }

    /// A table with its columns lined up; the first row is its head.
    pub fn table(&self, rows: &[Vec<String>]) {
        for (index, line) in table_lines(rows).iter().enumerate() {
            if index == 0 {
                self.line(self.paint(Tone::Faint, line));
            } else {
                self.line(line);
            }
        }
    }

    /// Says what the time since `began` went into: every step of a second or more, in the order of their beginnings.
    pub fn summary(&self, began: Instant) {
        let steps = FINISHED.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut steps: Vec<_> = steps
            .into_iter()
            .filter(|(_, from, took)| *from >= began && *took >= LEAST_IN_SUMMARY)
            .collect();
        steps.sort_by_key(|(_, from, _)| *from);
        let head = ["from", "took", "what the time went into; steps run side by side"];
        let rows = steps.iter().map(|(what, from, took)| {
            [duration(from.duration_since(began)), duration(*took), what.clone()].to_vec()
        });
        self.line("");
        self.table(&iter::once(head.map(str::to_owned).to_vec()).chain(rows).collect::<Vec<_>>());
        let cpu = process::cpu_time_of_children();
        let cpu = cpu.map(|time| format!(", {} of CPU time", duration(time))).unwrap_or_default();
        self.line(format_args!("\nfrom the command to here: {}{cpu}", duration(began.elapsed())));
    }

    fn write(&self, tone: Tone, mark: &str, text: impl Display) {
        self.line(format_args!("{} {text}", self.paint(tone, mark)));
    }

    fn paint(&self, tone: Tone, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{}m{text}\u{1b}[0m", tone.code())
        } else {
            text.to_owned()
        }
    }
}

impl Step {
    /// Says that the step is still at it, when nothing was said for a while.
    pub fn tick(&self) {
        let Ok(mut last) = self.last_sign.lock() else {
            return;
        };
        if last.elapsed() >= STILL_RUNNING_EVERY {
            *last = Instant::now();
            let took = duration(self.began.elapsed());
            self.ui.write(Tone::Faint, "…", format_args!("{}: still running, {took}", self.what));
        }
    }

    /// The step went well.
    pub fn done(mut self) {
        self.finished = true;
        let took = self.began.elapsed();
        self.ui.good(format_args!("{} ({})", self.what, duration(took)));
        let mut steps = FINISHED.lock().unwrap_or_else(PoisonError::into_inner);
        steps.push((self.what.clone(), self.began, took));
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if !self.finished {
            let took = duration(self.began.elapsed());
            self.ui.bad(format_args!("{}: stopped after {took}", self.what));
        }
    }
}

/// A duration as a person says it.
#[must_use]
pub fn duration(took: Duration) -> String {
    let seconds = took.as_secs();
    if seconds >= 60 {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1} s", took.as_secs_f64())
    }
}

fn table_lines(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        })
        .collect();
    rows.iter()
        .map(|row| {
            let cells = row.iter().zip(&widths);
            let line: Vec<String> = cells.map(|(cell, width)| format!("{cell:<width$}")).collect();
            line.join("  ").trim_end().to_owned()
        })
        .collect()
}

/// One write per line, so that lines of two threads never mix. A reader that went away is no error of ours.
fn put(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        assert_eq!(duration(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 05 s");
    }

    #[test]
    fn table_columns_line_up() {
        let rows = [vec!["name".to_owned(), "v".to_owned()], vec!["x".to_owned(), "10".to_owned()]];
        assert_eq!(table_lines(&rows), ["name  v", "x     10"]);
    }
}
