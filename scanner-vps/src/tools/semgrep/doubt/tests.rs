//! Stand-ins for a native engine, each with one fault, beside a Python command line without one.

use super::super::{
    Semgrep,
    tests::{CLEAN, PARSE_ERROR, all},
};
use crate::tools::{
    Tool as _, ToolDirs, ToolError, ToolPath, ToolReport, ToolRun, Toolbox,
    engine::{EngineChoice, NativeEngine},
    overrides::Overrides,
    rules::RulePack,
    testcopy::TestCopy,
    toolbox::Requirement,
};
use skillgate_contract::{Provider, callback::Engine};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

const LOG: &str = "echo 'Core_scan analyzing f000001.py' >&2\n";
const PACKAGES: &str = "lib/python3.11/site-packages";

fn program(file: &Path, script: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, format!("#!/bin/sh\n{script}")).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A virtual environment whose Python command line prints `python` and whose native engine runs a script. Each
/// leaves a file that says that it ran.
struct Venv(tempfile::TempDir);

impl Venv {
    fn new(native: &str, python: &[u8]) -> Self {
        let venv = Self(tempfile::tempdir().unwrap());
        let root = venv.0.path();
        fs::write(root.join("python.json"), python).unwrap();
        let python = format!("cat {0}/python.json\n{LOG}touch {0}/python\n", root.display());
        program(&root.join("bin/semgrep"), &python);
        let native = format!("touch {}/native\n{native}", root.display());
        program(&root.join(PACKAGES).join("semgrep/bin/semgrep-core"), &native);
        fs::create_dir(root.join(PACKAGES).join("semgrep-1.185.0.dist-info")).unwrap();
        venv
    }

    /// One whose native engine prints this.
    fn printing(native: &[u8]) -> Self {
        let venv = Self::new("", CLEAN);
        let (root, file) = (venv.0.path(), venv.0.path().join("native.json"));
        fs::write(&file, native).unwrap();
        let script = format!("cat {}\n{LOG}touch {}/native\n", file.display(), root.display());
        program(&root.join(PACKAGES).join("semgrep/bin/semgrep-core"), &script);
        venv
    }

    fn ran(&self) -> (bool, bool) {
        (self.0.path().join("native").exists(), self.0.path().join("python").exists())
    }

    async fn scan(&self, choice: EngineChoice, copy: &TestCopy) -> Result<ToolReport, ToolError> {
        self.scan_within(Duration::from_secs(60), choice, copy).await
    }

    async fn scan_within(
        &self,
        wall: Duration,
        engine: EngineChoice,
        copy: &TestCopy,
    ) -> Result<ToolReport, ToolError> {
        let program = self.0.path().join("bin/semgrep");
        scan(program, wall, engine, copy).await
    }
}

async fn scan(
    program: PathBuf,
    wall: Duration,
    engine: EngineChoice,
    copy: &TestCopy,
) -> Result<ToolReport, ToolError> {
    let scratch = tempfile::tempdir().unwrap();
    let toolbox = Toolbox {
        tools: BTreeMap::from([(Provider::Semgrep, program)]),
        git: ToolPath::Missing(Requirement::GIT),
        private_repo_hosts: None,
        rules: RulePack::embedded(),
        severities: Overrides::default(),
        engine,
        launcher: None,
    };
    let dirs = ToolDirs::new(scratch.path()).unwrap();
    let ends = std::time::Instant::now() + Duration::from_secs(3_000);
    Semgrep
        .run(ToolRun { toolbox: &toolbox, copy: &copy.copy, dirs: &dirs, root: None, wall, ends })
        .await
}

fn clean() -> TestCopy {
    all().without(&["setup.sh", "broken.js", "bomb.js"])
}

#[tokio::test]
async fn a_native_engine_that_proves_itself_is_believed_and_python_never_starts() {
    let venv = Venv::printing(CLEAN);
    let report = venv.scan(EngineChoice::Auto, &clean()).await.unwrap();
    assert_eq!((report.tool.engine, venv.ran()), (Some(Engine::Native), (true, false)));
    assert_eq!((report.files_scanned, report.problems.len()), (1, 0));
}

#[tokio::test]
async fn what_both_engines_do_to_a_file_is_no_doubt() {
    let copy = all().without(&["setup.sh", "bomb.js"]);
    let venv = Venv::printing(PARSE_ERROR);
    let report = venv.scan(EngineChoice::Auto, &copy).await.unwrap();
    assert_eq!((report.tool.engine, venv.ran()), (Some(Engine::Native), (true, false)));
    assert_eq!(report.text_rules_only[0].file, "broken.js");
}

/// The clean output without the matches of one rule on one file.
fn clean_without(rule: &str, name: &str) -> Vec<u8> {
    let mut output: serde_json::Value = serde_json::from_slice(CLEAN).unwrap();
    let results = output["results"].as_array_mut().unwrap();
    let before = results.len();
    results.retain(|hit| hit["check_id"] != rule || !hit["path"].as_str().unwrap().ends_with(name));
    assert!(results.len() < before, "{rule} of {name} is not in the recording");
    serde_json::to_vec(&output).unwrap()
}

fn clean_with(change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let mut output = serde_json::from_slice(CLEAN).unwrap();
    change(&mut output);
    serde_json::to_vec(&output).unwrap()
}

#[tokio::test]
async fn g01_after_any_doubt_the_scan_runs_again_on_the_python_command_line() {
    let fault = |value: serde_json::Value| {
        clean_with(|output| output["errors"].as_array_mut().unwrap().push(value))
    };
    let no_rule = fault(serde_json::json!({"type": "Rule parse error", "message": "no"}));
    let fatal =
        fault(serde_json::json!({"type": "Fatal error", "path": "/x/f000001.py", "message": "no"}));
    let older = clean_with(|output| output["version"] = "1.181.0".into());
    let half = &CLEAN[..CLEAN.len() / 2];
    for (why, venv) in [
        ("it is silent", Venv::new("exit 0\n", CLEAN)),
        ("half a JSON", Venv::printing(half)),
        ("an unknown exit code", Venv::new("exit 2\n", CLEAN)),
        ("a signal", Venv::new("kill -9 $$\n", CLEAN)),
        ("a text canary", Venv::printing(&clean_without("skillgate-canary-text", "f000001.py"))),
        ("a code canary", Venv::printing(&clean_without("skillgate-canary-python", "f000001.py"))),
        ("a planted canary", Venv::printing(&clean_without("skillgate-canary-bash", "f000009.sh"))),
        ("a fault of no file", Venv::printing(&no_rule)),
        ("an unknown fault", Venv::printing(&fatal)),
        ("another version", Venv::printing(&older)),
    ] {
        let report = venv.scan(EngineChoice::Auto, &clean()).await.expect(why);
        assert_eq!((report.tool.engine, venv.ran()), (Some(Engine::Python), (true, true)), "{why}");
        assert_eq!((report.files_scanned, report.unscanned.len()), (1, 0), "{why}");
        assert_eq!((report.problems.len(), report.findings.len()), (0, 0), "{why}");
    }
}

#[tokio::test]
async fn g01_a_debug_log_that_names_no_file_is_a_doubt() {
    let venv = Venv::printing(CLEAN);
    let root = venv.0.path();
    let quiet = format!("touch {0}/native\ncat {0}/native.json\n", root.display());
    program(&root.join(PACKAGES).join("semgrep/bin/semgrep-core"), &quiet);
    let report = venv.scan(EngineChoice::Auto, &clean()).await.unwrap();
    assert_eq!((report.tool.engine, venv.ran()), (Some(Engine::Python), (true, true)));
}

#[tokio::test]
async fn g01_an_engine_that_hangs_leaves_python_its_time() {
    let venv = Venv::new("exec sleep 100\n", CLEAN);
    let wall = Duration::from_secs(6);
    let report = venv.scan_within(wall, EngineChoice::Auto, &clean()).await.unwrap();
    assert_eq!((report.tool.engine, venv.ran()), (Some(Engine::Python), (true, true)));
}

#[tokio::test]
async fn g01_what_was_found_before_python_ran_out_of_time_stands_and_is_incomplete() {
    let venv = Venv::printing(&clean_without("skillgate-canary-text", "f000001.py"));
    let root = venv.0.path();
    program(
        &root.join("bin/semgrep"),
        &format!("touch {}/python\nexec sleep 100\n", root.display()),
    );
    let wall = Duration::from_secs(3);
    let report = venv.scan_within(wall, EngineChoice::Auto, &clean()).await.unwrap();
    assert_eq!((report.tool.engine, venv.ran()), (Some(Engine::Native), (true, true)));
    assert!(report.problems.iter().any(|said| said.contains("in doubt")), "{:?}", report.problems);
}

#[tokio::test]
async fn a_forced_engine_is_the_only_one() {
    let venv = Venv::printing(CLEAN);
    let report = venv.scan(EngineChoice::Python, &clean()).await.unwrap();
    assert_eq!((report.tool.engine, venv.ran()), (Some(Engine::Python), (false, true)));

    let venv = Venv::new("exit 2\n", CLEAN);
    let end = venv.scan(EngineChoice::Native, &clean()).await;
    let (error, _) = end.unwrap_err().into_parts();
    assert!(matches!(error, ToolError::Exit { code: 2, .. }), "{error:?}");
    assert_eq!(venv.ran(), (true, false));

    // What is missing is reported, as it always was.
    let venv = Venv::printing(&clean_without("skillgate-canary-text", "f000001.py"));
    let report = venv.scan(EngineChoice::Native, &clean()).await.unwrap();
    assert_eq!((report.unscanned.len(), venv.ran()), (1, (true, false)));
}

#[tokio::test]
async fn a_semgrep_without_a_native_program_runs_as_before() {
    let venv = Venv::new("", CLEAN);
    fs::remove_dir_all(venv.0.path().join(PACKAGES)).unwrap();
    let report = venv.scan(EngineChoice::Auto, &clean()).await.unwrap();
    assert_eq!((report.tool.engine, venv.ran()), (Some(Engine::Python), (false, true)));
    let end = venv.scan(EngineChoice::Native, &clean()).await;
    assert!(matches!(end, Err(ToolError::NoNativeEngine { .. })), "{end:?}");
}

#[test]
fn an_engine_is_found_through_links_and_never_guessed() {
    let venv = Venv::new("", CLEAN);
    let root = venv.0.path().canonicalize().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("semgrep");
    std::os::unix::fs::symlink(root.join("bin/semgrep"), &link).unwrap();
    let found = NativeEngine::of_semgrep(&link).unwrap();
    assert_eq!(found.program, root.join(PACKAGES).join("semgrep/bin/semgrep-core"));
    assert_eq!(found.version.as_deref(), Some("1.185.0"));
    // Two versions, or two Pythons: which one belongs to the program is not known.
    let second = root.join(PACKAGES).join("semgrep-1.181.0.dist-info");
    fs::create_dir(&second).unwrap();
    assert_eq!(NativeEngine::of_semgrep(&link), None);
    fs::remove_dir(second).unwrap();
    program(&root.join("lib/python3.12/site-packages/semgrep/bin/semgrep-core"), "");
    assert_eq!(NativeEngine::of_semgrep(&link), None);
    // A script is no native program, a program is one: it may understand the command line.
    assert_eq!(NativeEngine::of_semgrep(&elsewhere.path().join("none")), None);
    let own = NativeEngine::of_semgrep(&std::env::current_exe().unwrap()).unwrap();
    assert_eq!(own.version, None);
}
