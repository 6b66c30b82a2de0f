//! Children of every bad habit, played by the shell.

use super::*;
use std::path::Path;

fn sh(script: &str) -> Run {
    Run {
        program: PathBuf::from("/bin/sh"),
        arg0: None,
        args: vec!["-c".into(), script.into()],
        env: vec![("PATH".into(), "/usr/bin:/bin".into())],
        cwd: std::env::temp_dir(),
        timeout: Duration::from_secs(20),
        max_stdout: 1 << 20,
        stdin: None,
        stderr_matcher: None,
    }
}

/// Whether the process that wrote its number into `file` has ended (a zombie has).
fn is_gone(file: &Path) -> bool {
    let pid = std::fs::read_to_string(file).unwrap().trim().to_owned();
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .map_or(true, |stat| stat.rsplit(')').next().unwrap().trim().starts_with('Z'))
}

async fn wait_until_gone(file: &Path) {
    for _ in 0..100 {
        if is_gone(file) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the grandchild still runs");
}

#[tokio::test]
async fn output_errors_and_exit_code_are_reported() {
    let done = run(sh("echo out; echo err >&2; exit 3")).await.unwrap();
    assert_eq!((done.code, done.signal), (Some(3), None));
    assert_eq!(done.stdout, b"out\n");
    assert_eq!(done.stderr_tail, "err\n");
}

#[tokio::test]
async fn input_larger_than_a_pipe_comes_back_whole() {
    let bytes = vec![b'x'; 900_000];
    let done = run(Run { stdin: Some(bytes.clone()), ..sh("cat") }).await.unwrap();
    assert_eq!(done.stdout, bytes);
    let ignored = run(Run { stdin: Some(bytes), ..sh("exit 0") }).await.unwrap();
    assert_eq!(ignored.code, Some(0));
}

#[tokio::test]
async fn without_input_a_reader_meets_the_end_at_once() {
    assert_eq!(run(sh("cat")).await.unwrap().stdout, b"");
}

#[tokio::test]
async fn g01_the_signal_that_killed_a_child_is_reported() {
    let done = run(sh("kill -9 $$")).await.unwrap();
    assert_eq!((done.code, done.signal), (None, Some(9)));
}

#[tokio::test]
async fn g27_the_environment_is_only_what_was_given() {
    let seen = run(Run { program: "/usr/bin/env".into(), args: vec![], ..sh("") }).await.unwrap();
    assert_eq!(seen.stdout, b"PATH=/usr/bin:/bin\n");
}

#[tokio::test]
async fn g24_a_timeout_ends_grandchildren_too() {
    let dir = tempfile::tempdir().unwrap();
    let job = Run {
        cwd: dir.path().into(),
        timeout: Duration::from_millis(400),
        ..sh("sleep 60 & echo $! > pid; wait")
    };
    assert!(matches!(run(job).await, Err(ExecError::TimedOut { .. })));
    wait_until_gone(&dir.path().join("pid")).await;
}

#[tokio::test]
async fn a_stray_grandchild_ends_with_its_parent() {
    let dir = tempfile::tempdir().unwrap();
    let job = Run { cwd: dir.path().into(), ..sh("sleep 60 & echo $! > pid; echo done") };
    let done = run(job).await.unwrap();
    assert_eq!((done.code, done.stdout.as_slice()), (Some(0), b"done\n".as_slice()));
    wait_until_gone(&dir.path().join("pid")).await;
}

#[tokio::test]
async fn a_dropped_run_ends_its_group() {
    let dir = tempfile::tempdir().unwrap();
    let pid = dir.path().join("pid");
    let job = Run { cwd: dir.path().into(), ..sh("sleep 60 & echo $! > p; mv p pid; wait") };
    let running = tokio::spawn(run(job));
    while !pid.exists() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    running.abort();
    wait_until_gone(&pid).await;
}

#[tokio::test]
async fn too_much_output_ends_the_child_and_is_never_passed_on_as_whole() {
    let endless = || Run { max_stdout: 1000, ..sh("while :; do echo line; done") };
    let refused = run(endless()).await;
    assert!(matches!(refused, Err(ExecError::TooMuchOutput { limit: 1000, .. })), "{refused:?}");
    let cut = run_cut(endless()).await.unwrap();
    assert!(cut.cut);
    assert_eq!(cut.stdout.len(), 1000);
    let exact = run(Run { max_stdout: 5, ..sh("printf 12345") }).await.unwrap();
    assert_eq!(exact.stdout, b"12345");
}

#[tokio::test]
async fn what_was_written_before_a_limit_is_kept() {
    for script in ["echo early; exec sleep 100", "echo early; exec yes early"] {
        let job = Run { timeout: Duration::from_millis(800), max_stdout: 1000, ..sh(script) };
        let (finished, error) = run_partial(job).await.unwrap();
        assert!(error.is_some(), "{script}");
        assert!(finished.stdout.starts_with(b"early\n"), "{script}");
    }
    let (finished, error) = run_partial(sh("echo all")).await.unwrap();
    assert!(error.is_none() && finished.stdout == b"all\n");
}

#[tokio::test]
async fn only_the_end_of_a_long_complaint_is_kept() {
    let script = "i=0; while [ $i -lt 20000 ]; do echo 'a long complaint' >&2; i=$((i+1)); done; echo last >&2";
    let done = run(sh(script)).await.unwrap();
    assert!(done.stderr_tail.len() <= STDERR_TAIL);
    assert!(done.stderr_tail.ends_with("last\n"));
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let error = run(Run { program: "/nonexistent/tool".into(), ..sh("") }).await.unwrap_err();
    assert!(error.to_string().starts_with("/nonexistent/tool cannot be started"), "{error}");
}

#[tokio::test]
async fn a_match_is_recorded_with_its_context_in_any_flood() {
    let script = "echo 'at one' >&2; echo 'at two' >&2; echo 'it gave up' >&2; echo 'it gave up' >&2; \
                  yes filler | head -n 100000 >&2; echo 'at three' >&2";
    let stderr_matcher = Some(StderrMatcher { context: "at ", pattern: "gave up" });
    let done = run(Run { stderr_matcher, ..sh(script) }).await.unwrap();
    assert_eq!(done.stderr_matches, StderrMatches { contexts: 3, matched: vec!["at two".into()] });
    assert_eq!(run(sh(script)).await.unwrap().stderr_matches, StderrMatches::default());
}
