//! Running children: each in a process group of its own, its output in a log file, and never left behind.

mod group;

pub use group::Group;
pub use rustix::process::Signal;

pub(crate) use group::{kill_all, terminate_waited};

use crate::files::FileError;
use crate::interrupt;
use crate::ui::Step;
use group::{Role, program};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

/// How many of a log's last lines an error shows.
const TAIL_LINES: usize = 30;
/// A question to a program (`--version`) that takes longer than this has no answer.
const PROBE_LIMIT: Duration = Duration::from_secs(60);

/// Why a child did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// It could not be started.
    #[error("cannot start {program}; is it installed and on PATH?")]
    Start {
        /// The program.
        program: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It could not be waited for.
    #[error("lost sight of {program}")]
    Wait {
        /// The program.
        program: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It ended with a failure.
    #[error("{program} ended with {status}; the whole log is {log}, its end:\n{tail}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// Where its output is.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
    /// The person interrupted.
    #[error("interrupted; run the same command again to go on from here")]
    Interrupted,
    /// The log could not be written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Runs `command` to its end, with its output in `log`; `step` shows that it goes on.
///
/// # Errors
/// When it cannot start, fails (the error shows the log's end), or the person interrupts.
pub fn run(command: &mut Command, log: &Path, step: &Step) -> Result<(), ProcessError> {
    let mut group = Group::spawn_as(Role::Waited, command, log)?;
    let status = group.wait(Some(step), None)?;
    if interrupt::happened() {
        return Err(ProcessError::Interrupted);
    }
    if status.success() {
        return Ok(());
    }
    Err(ProcessError::Failed {
        program: program(command),
        status,
        log: log.to_path_buf(),
        tail: tail(log),
    })
}

/// What a program says to a quick question, both outputs together, whatever its exit code; `None` when it cannot be asked.
#[must_use]
pub fn ask(command: &mut Command) -> Option<String> {
    let answer = tempfile::NamedTempFile::new().ok()?;
    let mut group = Group::spawn_as(Role::Waited, command, answer.path()).ok()?;
    group.wait(None, Some(PROBE_LIMIT)).ok()?;
    drop(group);
    let text = fs::read(answer.path()).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// The CPU time of all children that have ended, and of what they waited for; `None` where the system does not tell (no Linux).
#[must_use]
pub fn cpu_time_of_children() -> Option<Duration> {
    cpu_time_in(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// `cutime` and `cstime` of `/proc/PID/stat`, fields 16 and 17, which Linux gives in hundredths of a second.
fn cpu_time_in(stat: &str) -> Option<Duration> {
    // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut times = rest.split(' ').skip(13);
    let user: u64 = times.next()?.parse().ok()?;
    let system: u64 = times.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 10))
}

/// The last lines of a log, indented, without whatever would colour or move on a terminal.
#[must_use]
pub fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = plain(&String::from_utf8_lossy(&text));
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.iter().skip(lines.len().saturating_sub(TAIL_LINES));
    last.map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// Text without escape sequences (up to the letter that ends each) and other control characters.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => drop(chars.find(char::is_ascii_alphabetic)),
            '\n' | '\t' => plain.push(c),
            c if c.is_control() => {}
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Ui;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn failure_shows_the_end_of_the_log() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("logs/child.log");
        let step = Ui::silent().step("test");
        let error =
            run(&mut shell("echo first; echo the reason >&2; exit 3"), &log, &step).unwrap_err();
        assert!(error.to_string().contains("the reason"), "{error}");
    }

    #[test]
    fn colours_of_a_log_are_left_out() {
        assert_eq!(plain("\u{1b}[31m✘ [41;31mbad\u{1b}[0m\r\n"), "✘ [41;31mbad\n");
    }

    #[test]
    fn cpu_time_is_found_behind_any_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4 100 200 0 0 11 12 150 50 20 0 1 0 99";
        assert_eq!(cpu_time_in(stat), Some(Duration::from_secs(2)));
        assert_eq!(cpu_time_in("7 (a) S 1"), None);
    }

    #[test]
    fn answers_on_either_output_are_heard() {
        assert_eq!(ask(&mut shell("echo 1.2.3 >&2")).as_deref(), Some("1.2.3\n"));
        assert_eq!(ask(&mut Command::new("/nowhere/at/all")), None);
    }
}
