//! Starting a child process: the only place that does.
//!
//! Every child gets a cleared environment, no standard input, a process group of its own, a wall
//! clock limit and capped output; when it is over, dropped or late, its whole group is ended. A
//! child that leaves its group (`setsid`) is beyond this module: the sandbox around it holds it.

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::{
    ffi::OsString, io, os::unix::process::ExitStatusExt as _, path::PathBuf, process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, Command},
    signal::unix::{Signal as SignalStream, SignalKind, signal},
    time::timeout,
};

mod replace;
mod stderr_matcher;

pub use replace::replace;

use stderr_matcher::LineMatcher;

/// How children are fenced in, for the reports: they run as this user, in process groups of their own
/// with an empty environment.
pub const ISOLATION: &str = "none";
/// Bytes of standard error that are kept: the last ones.
pub const STDERR_TAIL: usize = 64 * 1024;
/// How long the pipes of an ended group may stay open.
const PIPE_GRACE: Duration = Duration::from_secs(5);
/// How often a child is looked at should its signal have been missed.
const EXIT_POLL: Duration = Duration::from_millis(200);

/// What to look for in standard error, of which only the tail is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StderrMatcher {
    /// A line with this text says what the next lines are about.
    pub context: &'static str,
    /// A line with this text is a match.
    pub pattern: &'static str,
}

/// What a [`StderrMatcher`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StderrMatches {
    /// How many context lines there were.
    pub contexts: u64,
    /// Each context line that a match stands below, once.
    pub matched: Vec<String>,
}

/// What to run, and how much of everything it may have.
#[derive(Debug, Clone)]
pub struct Run {
    /// The program: an absolute path.
    pub program: PathBuf,
    /// The name that it is started under (`argv[0]`), where that is not its path.
    pub arg0: Option<&'static str>,
    /// Its arguments; never a shell.
    pub args: Vec<OsString>,
    /// Its whole environment.
    pub env: Vec<(OsString, OsString)>,
    /// Where it runs.
    pub cwd: PathBuf,
    /// Wall clock limit.
    pub timeout: Duration,
    /// Bytes of standard output that are kept; more ends the child.
    pub max_stdout: usize,
    /// Bytes of standard input, if any.
    pub stdin: Option<Vec<u8>>,
    /// What to look for in standard error, if anything.
    pub stderr_matcher: Option<StderrMatcher>,
}

/// How a child ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// The signal, where one ended it.
    pub signal: Option<i32>,
    /// All of standard output.
    pub stdout: Vec<u8>,
    /// The last 64 KiB of standard error.
    pub stderr_tail: String,
    /// What the [`StderrMatcher`] found.
    pub stderr_matches: StderrMatches,
}

/// Why a child did not finish by itself.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// The program is not there or cannot be started.
    #[error("{program} cannot be started: {source}")]
    Start {
        /// The program's path.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// It ran longer than it may.
    #[error("{program} was ended after {seconds} s")]
    TimedOut {
        /// The program's path.
        program: String,
        /// The limit.
        seconds: u64,
    },
    /// It wrote more than is kept.
    #[error("{program} was ended after writing more than {limit} bytes")]
    TooMuchOutput {
        /// The program's path.
        program: String,
        /// The limit.
        limit: usize,
    },
    /// Its pipes broke.
    #[error("{program} could not be read: {source}")]
    Io {
        /// The program's path.
        program: String,
        /// What the system said.
        source: io::Error,
    },
}

/// A child's output up to its limit, for producers that may say more than is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The first bytes of standard output.
    pub stdout: Vec<u8>,
    /// There was more; the child was ended.
    pub cut: bool,
    /// How it ended; meaningless where `cut`.
    pub code: Option<i32>,
    /// The last 64 KiB of standard error.
    pub stderr_tail: String,
}

/// Runs a child to its end.
///
/// # Errors
/// It could not be started or read, took too long, or wrote too much. In each case its whole
/// process group has been ended.
pub async fn run(run: Run) -> Result<Finished, ExecError> {
    match run_partial(run).await? {
        (_, Some(error)) => Err(error),
        (finished, None) => Ok(finished),
    }
}

/// Runs a child to its end or to its output limit, whichever comes first.
///
/// # Errors
/// As [`run`], but for too much output.
pub async fn run_cut(run: Run) -> Result<Cut, ExecError> {
    let (finished, error) = run_partial(run).await?;
    let cut = match error {
        None => false,
        Some(ExecError::TooMuchOutput { .. }) => true,
        Some(error) => return Err(error),
    };
    let Finished { code, stdout, stderr_tail, .. } = finished;
    Ok(Cut { stdout, cut, code, stderr_tail })
}

/// Runs a child to its end or to a limit, and gives what it wrote until then; with the error of [`run`] where it was
/// ended at a limit, or could not be read to its end.
///
/// # Errors
/// It could not be started, or its end was not heard of.
pub async fn run_partial(run: Run) -> Result<(Finished, Option<ExecError>), ExecError> {
    let program = run.program.display().to_string();
    let broken = |source| ExecError::Io { program: program.clone(), source };
    let not_started = |source| ExecError::Start { program: program.clone(), source };
    let mut ended_children = signal(SignalKind::child()).map_err(not_started)?;
    let mut command = Command::new(&run.program);
    if let Some(arg0) = run.arg0 {
        command.arg0(arg0);
    }
    let mut child = command
        .args(&run.args)
        .env_clear()
        .envs(run.env.iter().map(|(k, v)| (k, v)))
        .current_dir(&run.cwd)
        .stdin(if run.stdin.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(not_started)?;
    let mut group = Group::of(&child);

    let mut said = Said::new(run.stderr_matcher);
    let conversation =
        converse(&mut child, &group, run.stdin, run.max_stdout, &mut said, &mut ended_children);
    let read = timeout(run.timeout, conversation).await;
    group.end();
    let status = child.wait().await.map_err(broken);
    group.disarm();

    let error = match read {
        Err(_) => {
            let seconds = run.timeout.as_secs();
            Some(ExecError::TimedOut { program: program.clone(), seconds })
        }
        Ok(Err(source)) => Some(broken(source)),
        Ok(Ok(cut)) => cut
            .then(|| ExecError::TooMuchOutput { program: program.clone(), limit: run.max_stdout }),
    };
    let status = status?;
    let finished = Finished {
        code: status.code(),
        signal: status.signal(),
        stdout: said.stdout,
        stderr_tail: String::from_utf8_lossy(&said.stderr).into_owned(),
        stderr_matches: said.matcher.stderr_matches,
    };
    Ok((finished, error))
}

/// What a child has written so far.
struct Said {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    matcher: LineMatcher,
}

impl Said {
    fn new(matcher: Option<StderrMatcher>) -> Self {
        Self { stdout: Vec::new(), stderr: Vec::new(), matcher: LineMatcher::new(matcher) }
    }
}

/// Feeds and reads a child until it has ended or said too much, which is then true. The child is left unreaped, so
/// that its process group's number stays its own until the group has been ended.
async fn converse(
    child: &mut Child,
    group: &Group,
    input: Option<Vec<u8>>,
    max_stdout: usize,
    said: &mut Said,
    ended_children: &mut SignalStream,
) -> io::Result<bool> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        if let (Some(mut pipe), Some(input)) = (stdin, input) {
            // A child that does not want all of its input closes the pipe; that is its right.
            let _ = pipe.write_all(&input).await;
        }
    };
    let Said { stdout: said, stderr: complained, matcher } = said;
    let talk = async {
        let errors = async {
            read_tail(stderr, complained, matcher).await?;
            Ok::<_, io::Error>(())
        };
        let output = read_capped(stdout, max_stdout, said);
        tokio::pin!(errors);
        tokio::pin!(output);
        tokio::select! {
            cut = &mut output => {
                let cut = cut?;
                if !cut {
                    errors.await?;
                }
                Ok::<_, io::Error>(cut)
            }
            done = &mut errors => {
                done?;
                output.await
            }
        }
    };
    let conversation = async { tokio::join!(feed, talk).1 };
    tokio::pin!(conversation);
    tokio::select! {
        cut = &mut conversation => {
            let cut = cut?;
            if !cut {
                exited(group.0, ended_children).await;
            }
            Ok(cut)
        }
        () = exited(group.0, ended_children) => {
            group.end();
            timeout(PIPE_GRACE, conversation).await.map_err(|_| {
                io::Error::other("its output is still held open by a process that left its group")
            })?
        }
    }
}

async fn read_capped(
    pipe: Option<impl AsyncRead + Unpin>,
    max: usize,
    into: &mut Vec<u8>,
) -> io::Result<bool> {
    let Some(pipe) = pipe else { return Ok(false) };
    let most = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    let mut pipe = pipe.take(most);
    // What was read stays where the reading is ended.
    while pipe.read_buf(into).await? > 0 {}
    let cut = into.len() > max;
    into.truncate(max);
    Ok(cut)
}

async fn read_tail(
    pipe: Option<impl AsyncRead + Unpin>,
    into: &mut Vec<u8>,
    matcher: &mut LineMatcher,
) -> io::Result<()> {
    let Some(mut pipe) = pipe else { return Ok(()) };
    loop {
        let before = into.len();
        if pipe.read_buf(into).await? == 0 {
            break;
        }
        matcher.push(into.get(before..).unwrap_or_default());
        if into.len() > 2 * STDERR_TAIL {
            into.drain(..into.len() - STDERR_TAIL);
        }
    }
    into.drain(..into.len().saturating_sub(STDERR_TAIL));
    Ok(())
}

/// Waits until the child has ended, without reaping it.
async fn exited(pid: Option<Pid>, ended_children: &mut SignalStream) {
    let Some(pid) = pid else { return };
    let peek = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    while matches!(waitid(WaitId::Pid(pid), peek), Ok(None)) {
        let _ = timeout(EXIT_POLL, ended_children.recv()).await;
    }
}

/// A child's process group, ended when this is dropped.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }

    fn end(&self) {
        if let Some(pid) = self.0 {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }

    /// Once the leader is reaped its number may be given to a stranger.
    fn disarm(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests;
