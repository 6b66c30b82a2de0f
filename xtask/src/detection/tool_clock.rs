//! Measures a tool inside of a scan: a shell script in its place runs it and writes down what it took of time.

use super::DetectionError;
use crate::files::{self, failed};
use std::fs::{self, Permissions};
use std::ops::Sub;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Time by the clock and of the processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// By the clock; grows with the machine's load.
    pub wall: Duration,
    /// Of the processor, user and system.
    pub cpu: Duration,
}

impl Sub for Cost {
    type Output = Self;

    /// What is left, at least nothing.
    fn sub(self, other: Self) -> Self {
        Self { wall: self.wall.saturating_sub(other.wall), cpu: self.cpu.saturating_sub(other.cpu) }
    }
}

/// A program that stands in for a tool.
#[derive(Debug)]
pub struct ToolClock {
    program: PathBuf,
    times: PathBuf,
}

impl ToolClock {
    /// Writes the script for `tool` into `dir`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(tool: &Path, dir: &Path) -> Result<Self, DetectionError> {
        let (program, times) = (dir.join("semgrep"), dir.join("times"));
        let quoted = |path: &Path| path.display().to_string().replace('\'', r"'\''");
        let script = format!(
            "#!/bin/sh\nbegan=$(/bin/date +%s%N)\n'{}' \"$@\"\nstatus=$?\nended=$(/bin/date +%s%N)\n\
             {{ echo $((ended - began)); times; }} >> '{}'\nexit $status\n",
            quoted(tool),
            quoted(&times),
        );
        files::write(&program, script)?;
        let mode = Permissions::from_mode(0o755);
        fs::set_permissions(&program, mode).map_err(failed("make executable", &program))?;
        Ok(Self { program, times })
    }

    /// What stands in for the tool.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// What all runs since the last call took together.
    ///
    /// # Errors
    /// When the script wrote nothing, or what it wrote is not of its form.
    pub fn read(&self) -> Result<Cost, DetectionError> {
        let text = files::read(&self.times)?;
        fs::remove_file(&self.times).map_err(failed("remove", &self.times))?;
        let text = String::from_utf8_lossy(&text);
        sum(&text).ok_or_else(|| DetectionError::NoResult { said: text.into_owned() })
    }
}

/// The sum over runs of three lines each: nanoseconds by the clock, the shell's own times, those of its children.
fn sum(text: &str) -> Option<Cost> {
    let mut all = Cost::default();
    let mut lines = text.lines();
    while let Some(wall) = lines.next() {
        all.wall += Duration::from_nanos(wall.parse().ok()?);
        for line in [lines.next()?, lines.next()?] {
            for time in line.split_whitespace() {
                all.cpu += minutes(time)?;
            }
        }
    }
    Some(all)
}

/// A time such as `1m2.50s`.
fn minutes(time: &str) -> Option<Duration> {
    let (minutes, seconds) = time.strip_suffix('s')?.split_once('m')?;
    let seconds = minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn the_tool_keeps_its_arguments_and_exit_code_and_its_runs_are_summed() {
        let dir = tempfile::tempdir().unwrap();
        let clock = ToolClock::new(Path::new("/bin/sh"), dir.path()).unwrap();
        for code in [0, 7] {
            let run = format!("echo \"$0\"; exit {code}");
            let output = Command::new(clock.program()).args(["-c", &run, "a b"]).output().unwrap();
            assert_eq!(output.stdout, b"a b\n");
            assert_eq!(output.status.code(), Some(code));
        }
        assert!(clock.read().unwrap().wall > Duration::ZERO);
        assert!(clock.read().is_err(), "nothing ran since");
    }

    #[test]
    fn times_of_the_shell_are_read() {
        let text =
            "1500000000\n0m0.01s 0m0.02s\n1m2.50s 0m0.50s\n500000000\n0m0s 0m0s\n0m1s 0m0s\n";
        let cpu = Duration::from_millis(64_030);
        assert_eq!(sum(text), Some(Cost { wall: Duration::from_secs(2), cpu }));
        assert_eq!(sum("x"), None);
    }
}
