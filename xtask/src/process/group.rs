//! One child with all its descendants, as a process group of its own.

use super::ProcessError;
use crate::files;
use crate::interrupt;
use crate::ui::Step;
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Between looking whether a child has ended.
const POLL: Duration = Duration::from_millis(25);
/// What a child gets between TERM and KILL, unless its owner says otherwise.
const GRACE: Duration = Duration::from_secs(5);

/// The groups that run now, and whether somebody only waits for their end.
static GROUPS: Mutex<Vec<(Pid, Role)>> = Mutex::new(Vec::new());

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Somebody blocks until it ends, so an interrupt must end it.
    Waited,
    /// A guard on the stack ends it.
    Guarded,
}

/// A child and all its descendants, ended when this is dropped: TERM, then KILL after a grace period.
#[derive(Debug)]
pub struct Group {
    child: Child,
    id: Option<Pid>,
    program: String,
    grace: Duration,
}

impl Group {
    /// Starts `command` in a process group of its own, without stdin; both its outputs go to the file `log`, afresh.
    ///
    /// # Errors
    /// When the log cannot be made or the program cannot be started.
    pub fn spawn(command: &mut Command, log: &Path) -> Result<Self, ProcessError> {
        Self::spawn_as(Role::Guarded, command, log)
    }

    /// As [`Self::spawn`], but with stdin and stdout as pipes to talk through; only stderr goes to `log`.
    ///
    /// # Errors
    /// When the log cannot be made or the program cannot be started.
    pub fn spawn_talking(
        command: &mut Command,
        log: &Path,
    ) -> Result<(Self, ChildStdin, ChildStdout), ProcessError> {
        if let Some(dir) = log.parent() {
            files::create_dir(dir)?;
        }
        let err = File::create(log).map_err(files::failed("create", log))?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(err);
        let mut group = Self::start(Role::Guarded, command)?;
        match (group.child.stdin.take(), group.child.stdout.take()) {
            (Some(stdin), Some(stdout)) => Ok((group, stdin, stdout)),
            _ => Err(ProcessError::Start {
                program: group.program.clone(),
                source: io::ErrorKind::BrokenPipe.into(),
            }),
        }
    }

    pub(super) fn spawn_as(
        role: Role,
        command: &mut Command,
        log: &Path,
    ) -> Result<Self, ProcessError> {
        if let Some(dir) = log.parent() {
            files::create_dir(dir)?;
        }
        let out = File::create(log).map_err(files::failed("create", log))?;
        let err = out.try_clone().map_err(files::failed("open", log))?;
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        Self::start(role, command)
    }

    fn start(role: Role, command: &mut Command) -> Result<Self, ProcessError> {
        let program = program(command);
        // The registry is held over the spawn, so that a signal in between misses nobody.
        let mut groups = groups();
        let child = command
            .process_group(0)
            .spawn()
            .map_err(|source| ProcessError::Start { program: program.clone(), source })?;
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        groups.extend(id.map(|id| (id, role)));
        Ok(Self { child, id, program, grace: GRACE })
    }

    /// How long the group gets between TERM and KILL.
    #[must_use]
    pub fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The leader's process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How the leader ended, when it has.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>, ProcessError> {
        let program = &self.program;
        self.child
            .try_wait()
            .map_err(|source| ProcessError::Wait { program: program.clone(), source })
    }

    /// Sends `signal` to the whole group; one that has ended is fine.
    pub fn signal(&self, signal: Signal) {
        if let Some(id) = self.id {
            let _ = kill_process_group(id, signal);
        }
    }

    /// Kills the whole group at once, as a crash would.
    pub fn kill(mut self) {
        self.grace = Duration::ZERO;
    }

    pub(super) fn wait(
        &mut self,
        step: Option<&Step>,
        limit: Option<Duration>,
    ) -> Result<ExitStatus, ProcessError> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.try_wait()? {
                return Ok(status);
            }
            if interrupt::happened() {
                return Err(ProcessError::Interrupted);
            }
            if limit.is_some_and(|limit| began.elapsed() > limit) {
                self.grace = Duration::ZERO;
                return Err(ProcessError::Wait {
                    program: self.program.clone(),
                    source: io::ErrorKind::TimedOut.into(),
                });
            }
            if let Some(step) = step {
                step.tick();
            }
            thread::sleep(POLL);
        }
    }

    /// Whether any process of the group is left.
    fn is_alive(&mut self) -> bool {
        // The leader is reaped here, or it would count as alive for ever.
        let _ = self.child.try_wait();
        self.id.is_some_and(|id| rustix::process::test_kill_process_group(id).is_ok())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.is_alive() && !self.grace.is_zero() {
            self.signal(Signal::TERM);
            let began = Instant::now();
            while self.is_alive() && began.elapsed() < self.grace {
                thread::sleep(POLL);
            }
        }
        if self.is_alive() {
            self.signal(Signal::KILL);
        }
        let _ = self.child.wait();
        groups().retain(|(id, _)| Some(*id) != self.id);
    }
}

/// Ends the children that somebody blocks on; guards on the stack end the others.
pub(crate) fn terminate_waited() {
    for (id, _) in groups().iter().filter(|(_, role)| *role == Role::Waited) {
        let _ = kill_process_group(*id, Signal::TERM);
    }
}

/// Kills every child, at once.
pub(crate) fn kill_all() {
    for (id, _) in groups().iter() {
        let _ = kill_process_group(*id, Signal::KILL);
    }
}

fn groups() -> MutexGuard<'static, Vec<(Pid, Role)>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn program(command: &Command) -> String {
    Path::new(command.get_program())
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn dropped_group_takes_its_grandchildren_along() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("child.log");
        let group = Group::spawn(&mut shell("sleep 300 & echo $!; wait"), &log).unwrap();
        let grandchild = loop {
            let text = fs::read_to_string(&log).unwrap();
            if let Some(Ok(id)) = text.lines().next().map(str::parse::<i32>) {
                break Pid::from_raw(id).unwrap();
            }
            thread::sleep(POLL);
        };
        assert!(rustix::process::test_kill_process(grandchild).is_ok());
        drop(group);
        let state = fs::read_to_string(format!("/proc/{}/stat", grandchild.as_raw_nonzero()));
        assert!(state.map_or(true, |state| state.contains(") Z ")));
    }

    #[test]
    fn stubborn_group_is_killed_after_its_grace() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("child.log");
        let group =
            Group::spawn(&mut shell("trap '' TERM; echo ready; while :; do sleep 1; done"), &log)
                .unwrap()
                .with_grace(Duration::from_millis(100));
        while fs::read_to_string(&log).unwrap().is_empty() {
            thread::sleep(POLL);
        }
        let began = Instant::now();
        drop(group);
        assert!(began.elapsed() < Duration::from_secs(4));
    }
}
