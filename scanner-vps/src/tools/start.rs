//! Starts a tool in a clean environment with folders of its own, and refuses unknown exit codes.

use super::{Tool, ToolError, ToolPath};
use crate::exec::{self, ExecError, Finished, Run};
use skillgate_contract::{Provider, text};
use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// A report larger than this says more than anybody reads, and memory is finite.
const MAX_STDOUT: usize = 64 * 1024 * 1024;
const SYSTEM_PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// semgrep refuses to start without certificates, though it never connects.
const CERTIFICATES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// The folders of one scan beside the copy.
#[derive(Debug, Clone)]
pub struct ToolDirs {
    /// The tool's home and temporary folder.
    pub home: PathBuf,
    /// Where the rules and the tool's configuration are laid out.
    pub rules: PathBuf,
}

impl ToolDirs {
    /// Makes the folders.
    ///
    /// # Errors
    /// They cannot be made.
    pub fn new(parent: &Path) -> io::Result<Self> {
        let work = Self { home: parent.join("a0"), rules: parent.join("a1") };
        fs::create_dir_all(&work.home)?;
        fs::create_dir_all(&work.rules)?;
        Ok(work)
    }
}

/// The whole environment of a tool.
#[must_use]
pub fn environment(program: &Path, home: &Path) -> Vec<(OsString, OsString)> {
    let mut path = OsString::new();
    // njsscan starts the semgrep beside it; its own folder comes first.
    if let Some(folder) = program.parent() {
        path.push(folder);
        path.push(":");
    }
    path.push(SYSTEM_PATH);
    let mut env: Vec<(OsString, OsString)> = vec![
        ("PATH".into(), path),
        ("HOME".into(), home.into()),
        ("TMPDIR".into(), home.into()),
        ("XDG_CACHE_HOME".into(), home.into()),
        ("XDG_CONFIG_HOME".into(), home.into()),
        ("LANG".into(), "C.UTF-8".into()),
        ("PYTHONDONTWRITEBYTECODE".into(), "1".into()),
        ("PYTHONUTF8".into(), "1".into()),
    ];
    let of_tools = super::all().flat_map(Tool::environment);
    env.extend(of_tools.map(|(name, value)| (name.into(), value.into())));
    if let Some(file) = CERTIFICATES.iter().find(|file| Path::new(file).is_file()) {
        env.push(("SSL_CERT_FILE".into(), file.into()));
    }
    env
}

/// How a program is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Launch {
    /// Its absolute path.
    pub(crate) program: PathBuf,
    /// The name that it is started under, where that is not its own.
    pub(crate) arg0: Option<&'static str>,
    /// A folder whose programs it finds before all others.
    pub(crate) path_first: Option<PathBuf>,
    /// Variables of this program alone.
    pub(crate) env: Vec<(&'static str, PathBuf)>,
}

impl Launch {
    /// A program as it is.
    pub(crate) fn of(program: &Path) -> Self {
        Self { program: program.to_owned(), arg0: None, path_first: None, env: Vec::new() }
    }

    fn environment(&self, home: &Path) -> Vec<(OsString, OsString)> {
        let mut env = environment(&self.program, home);
        if let (Some(first), Some((_, path))) =
            (&self.path_first, env.iter_mut().find(|(name, _)| name == "PATH"))
        {
            let rest = std::mem::replace(path, first.into());
            path.push(":");
            path.push(rest);
        }
        env.extend(self.env.iter().map(|(name, value)| ((*name).into(), value.into())));
        env
    }
}

/// Runs a tool's own program to its end.
///
/// # Errors
/// As [`run_program`]; or it is missing, takes longer than `timeout`, writes more than 64 MiB, is killed, or ends with an
/// exit code that is not in `known_codes`.
pub(crate) async fn start(
    tool: &dyn Tool,
    path: &ToolPath,
    args: Vec<OsString>,
    dirs: &ToolDirs,
    timeout: Duration,
    known_codes: &[i32],
) -> Result<Finished, ToolError> {
    let launch = Launch::of(path.found()?);
    let (finished, error) = run_program(tool, launch, args, dirs, timeout, known_codes).await?;
    error.map_or(Ok(finished), Err)
}

/// Runs one of a tool's programs, and gives what it wrote; with the reason where it ended badly.
///
/// # Errors
/// It does not start, or its output cannot be read.
pub(crate) async fn run_program(
    tool: &dyn Tool,
    launch: Launch,
    args: Vec<OsString>,
    dirs: &ToolDirs,
    timeout: Duration,
    known_codes: &[i32],
) -> Result<(Finished, Option<ToolError>), ToolError> {
    let provider = tool.provider();
    let run = Run {
        env: launch.environment(&dirs.home),
        cwd: dirs.home.clone(),
        program: launch.program,
        arg0: launch.arg0,
        args,
        timeout,
        max_stdout: MAX_STDOUT,
        stdin: None,
        stderr_matcher: tool.stderr_matcher(),
    };
    let (finished, cut) =
        exec::run_partial(run).await.map_err(|error| not_ended(provider, &error))?;
    let error = match (cut, finished.code, finished.signal) {
        (Some(cut), ..) => Some(not_ended(provider, &cut)),
        (None, Some(code), _) if known_codes.contains(&code) => None,
        (None, Some(code), _) => Some(ToolError::Exit { provider, code, said: said(&finished) }),
        (None, None, signal) => {
            Some(ToolError::Killed { provider, signal: signal.unwrap_or_default() })
        }
    };
    Ok((finished, error))
}

fn not_ended(provider: Provider, error: &ExecError) -> ToolError {
    match error {
        ExecError::TimedOut { seconds, .. } => ToolError::TooLong { provider, seconds: *seconds },
        ExecError::TooMuchOutput { limit, .. } => ToolError::TooMuch { provider, limit: *limit },
        ExecError::Io { source, .. } => {
            ToolError::Unreadable { provider, reason: source.kind().to_string() }
        }
        ExecError::Start { source, .. } => {
            ToolError::NotStarted { provider, reason: source.kind().to_string() }
        }
    }
}

/// What a tool complained of, fit for people: semgrep says it in its JSON, others on stderr.
/// Paths of this machine are no business of whoever reads the report.
pub(crate) fn said(finished: &Finished) -> String {
    let in_json = serde_json::from_slice::<serde_json::Value>(&finished.stdout)
        .ok()
        .and_then(|report| report.pointer("/errors/0/message")?.as_str().map(str::to_owned));
    in_words(&in_json.unwrap_or_else(|| last_line(&finished.stderr_tail).to_owned()))
}

/// As [`brief`], but for semgrep's page of advice when its engine was ended from outside.
pub(crate) fn in_words(message: &str) -> String {
    if message.contains("engine was killed") {
        "its engine was killed, most often for want of memory".to_owned()
    } else {
        brief(message)
    }
}

fn last_line(text: &str) -> &str {
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("nothing")
}

/// One short line of a tool's words, without absolute paths.
pub(crate) fn brief(words: &str) -> String {
    let line = words.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let shown: Vec<&str> = line
        .split(' ')
        .map(|word| {
            let path = word.trim_start_matches(['\'', '"', '(', '[', '`']);
            let absolute = path.starts_with('/') && path.len() > 1;
            if absolute { path.rsplit('/').next().unwrap_or_default() } else { word }
        })
        .collect();
    text::line(&crate::mask::redact(&shown.join(" ")), 200)
}

#[cfg(test)]
mod tests {
    use super::{super::of, *};

    #[test]
    fn a_tool_sees_nothing_of_our_environment() {
        let env = environment(Path::new("/opt/njsscan/bin/njsscan"), Path::new("/w/a0"));
        let names: Vec<_> = env.iter().map(|(k, _)| k.to_str().unwrap()).collect();
        for secret in ["WEBHOOK_SECRET", "SCANNER_WORKER_SECRET", "GITHUB_TOKEN", "USER"] {
            assert!(!names.contains(&secret));
        }
        // Nor where a step says what it gives to later steps and jobs.
        for place in ["GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE"] {
            assert!(!names.contains(&place));
        }
        let path = &env.iter().find(|(k, _)| k == "PATH").unwrap().1;
        assert_eq!(path.to_str().unwrap(), "/opt/njsscan/bin:/usr/local/bin:/usr/bin:/bin");
    }

    #[test]
    fn a_tools_words_carry_no_path_of_this_machine() {
        assert_eq!(
            brief("\n  File '/srv/scans/ab12/f000001.js' not found  \nmore"),
            "File f000001.js' not found"
        );
        assert_eq!(brief(""), "");
    }

    #[tokio::test]
    async fn g01_an_end_that_is_not_in_the_book_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let work = ToolDirs::new(folder.path()).unwrap();
        let tool = ToolPath::Found("/bin/sh".into());
        for (script, fine) in [("exit 1", true), ("exit 2", false), ("kill -9 $$", false)] {
            let args = vec!["-c".into(), script.into()];
            let wall = Duration::from_secs(20);
            let end = start(of(Provider::Njsscan), &tool, args, &work, wall, &[0, 1]).await;
            assert_eq!(end.is_ok(), fine, "{script}");
        }
    }
}
