//! What npm brings into `node_modules`: wrangler with its workerd, wasm-opt, esbuild, a Node new enough to run them, axe-core, and
//! Microsoft's SARIF validator.

use super::error::Found;
use super::{Tool, ToolError, Version, path_with};
use crate::files::{self, find_on_path};
use crate::process;
use crate::ui::Ui;
use crate::workspace::Workspace;
use serde_json::Value;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// npm needs any Node to start; this one reads our lock file.
const LEAST_NPM: Version = Version::new(9, 0, 0);
const GET_NODE: &str =
    "install Node.js 18 or newer with its npm (Debian, Ubuntu: apt-get install nodejs npm)";
/// npm's name for the SARIF validator.
const MULTITOOL: &str = "@microsoft/sarif-multitool-linux";
/// Holds the fingerprint of what `npm ci` installed; it goes with the folder.
const MARKER: &str = ".skillgate-complete";

/// The Node programs of this repository.
#[derive(Debug, Clone)]
pub struct NodeTools {
    /// The Node that runs the others.
    pub node: Tool,
    /// Serves the worker locally, applies migrations, deploys.
    pub wrangler: Tool,
    /// Shrinks wasm.
    pub wasm_opt: Tool,
    /// Bundles the glue.
    pub esbuild: Tool,
    /// The script that judges a page's accessibility, run inside of it.
    pub axe: PathBuf,
    /// Holds SARIF against the format's rules and GitHub's.
    pub sarif_multitool: Tool,
    bin_dir: PathBuf,
}

impl NodeTools {
    /// Installs what `package-lock.json` says, when it is not there yet.
    ///
    /// # Errors
    /// When npm is missing or fails.
    pub fn ensure(ui: &Ui, workspace: &Workspace) -> Result<Self, ToolError> {
        let root = workspace.root();
        let modules = root.join("node_modules");
        let stamp = files::fingerprint([
            files::read(&root.join("package.json"))?.as_slice(),
            files::read(&root.join("package-lock.json"))?.as_slice(),
        ]);
        files::create_dir(&workspace.state_dir())?;
        let _lock = files::lock(ui, &workspace.state_dir().join("npm.lock"))?;
        let marker = modules.join(MARKER);
        if !files::read(&marker).is_ok_and(|found| found == stamp.as_bytes()) {
            install(ui, workspace)?;
            files::write(&marker, &stamp)?;
        }
        Self::in_dir(&modules)
    }

    /// The folder of their programs: it stands first in the PATH of every child that runs one of them.
    #[must_use]
    pub fn bin_dir(&self) -> &Path {
        &self.bin_dir
    }

    /// The PATH for such a child.
    #[must_use]
    pub fn path_env(&self) -> OsString {
        path_with([self.bin_dir()])
    }

    /// All of them.
    pub(super) fn list(&self) -> [&Tool; 5] {
        [&self.node, &self.wrangler, &self.wasm_opt, &self.esbuild, &self.sarif_multitool]
    }

    fn in_dir(modules: &Path) -> Result<Self, ToolError> {
        let bin_dir = modules.join(".bin");
        let program = |name: &'static str, package: &str, path: PathBuf| {
            let manifest = files::read(&modules.join(package).join("package.json"))?;
            let version = manifest_version(&String::from_utf8_lossy(&manifest));
            match version.filter(|_| files::is_executable(&path)) {
                Some(version) => Ok(Tool { name, version, path }),
                None => Err(ToolError::NodeIncomplete { program: name, path }),
            }
        };
        let tool = |name, package| program(name, package, bin_dir.join(name));
        // Its own wrapper in `.bin` passes arguments through a shell.
        let multitool = modules.join(MULTITOOL).join("Sarif.Multitool");
        Ok(Self {
            node: tool("node", "node")?,
            wrangler: tool("wrangler", "wrangler")?,
            wasm_opt: tool("wasm-opt", "binaryen")?,
            esbuild: tool("esbuild", "esbuild")?,
            axe: modules.join("axe-core/axe.min.js"),
            sarif_multitool: program("Sarif.Multitool", MULTITOOL, multitool)?,
            bin_dir,
        })
    }
}

fn install(ui: &Ui, workspace: &Workspace) -> Result<(), ToolError> {
    let npm = find_on_path("npm");
    let version = npm.as_deref().and_then(Version::ask);
    let npm = npm.filter(|_| version >= Some(LEAST_NPM)).ok_or(ToolError::Missing {
        program: "npm",
        wanted: LEAST_NPM,
        found: Found(version),
        fix: GET_NODE,
    })?;
    let step =
        ui.step("wrangler, workerd, wasm-opt, esbuild, Node 22, axe-core, SARIF Multitool: npm ci");
    let manifest = files::read(&workspace.root().join("package.json"))?;
    for args in installation(&manifest) {
        let mut npm = Command::new(&npm);
        npm.args(args).current_dir(workspace.root());
        process::run(&mut npm, &workspace.log_file("npm"), &step)
            .map_err(|source| ToolError::Install { tool: "the Node tools", source })?;
    }
    step.done();
    Ok(())
}

/// The calls of npm that install: first everything without a script, then the scripts of the packages that the manifest
/// lists in `allowScripts`. Of the versions that are accepted here, the older ones do not know that list.
fn installation(manifest: &[u8]) -> Vec<Vec<String>> {
    let manifest: Value = serde_json::from_slice(manifest).unwrap_or_default();
    let listed = manifest.get("allowScripts").and_then(Value::as_object).into_iter().flatten();
    let names = listed.filter(|(_, allowed)| **allowed == true).map(|(name, _)| name.clone());
    let names: Vec<_> = names.collect();
    let call = |first: [&'static str; 2]| {
        let quiet = ["--no-audit", "--no-fund", "--no-update-notifier"];
        first.into_iter().chain(quiet).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut calls = vec![call(["ci", "--ignore-scripts"])];
    // Without a name, this would run the scripts of all packages.
    if !names.is_empty() {
        let mut rebuild = call(["rebuild", "--ignore-scripts=false"]);
        rebuild.push("--".to_owned());
        rebuild.extend(names);
        calls.push(rebuild);
    }
    calls
}

/// The version that a package says it has.
fn manifest_version(manifest: &str) -> Option<Version> {
    manifest.lines().find_map(|line| Version::find(line.trim().strip_prefix("\"version\":")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn an_installation_runs_the_scripts_of_listed_packages_and_no_others() {
        let dir = tempfile::tempdir().unwrap();
        let npm = |args: &[&str], folder: &Path| {
            let mut npm = Command::new("npm");
            let offline = ["--offline", "--no-audit", "--no-fund", "--no-update-notifier"];
            let output = npm.args(args).args(offline).current_dir(folder).output().unwrap();
            assert!(
                output.status.success(),
                "{args:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        };
        for name in ["listed", "unlisted", "denied"] {
            let folder = dir.path().join("sources").join(name);
            fs::create_dir_all(&folder).unwrap();
            let script = r#""scripts":{"preinstall":"echo >ran","install":"echo >ran","postinstall":"echo >ran"}"#;
            let manifest = format!(r#"{{"name":"{name}","version":"1.0.0",{script}}}"#);
            fs::write(folder.join("package.json"), manifest).unwrap();
            npm(&["pack", "--ignore-scripts", "--pack-destination", "../.."], &folder);
        }
        let of = |name: &str| format!(r#""{name}":"file:{name}-1.0.0.tgz""#);
        let dependencies = ["listed", "unlisted", "denied"].map(of).join(",");
        let allowed = r#""allowScripts":{"listed":true,"denied":false}"#;
        let ran = |manifest: &str| {
            let _ = fs::remove_dir_all(dir.path().join("node_modules"));
            fs::write(dir.path().join("package.json"), manifest).unwrap();
            npm(&["install", "--package-lock-only", "--ignore-scripts"], dir.path());
            for args in installation(manifest.as_bytes()) {
                // The options first: what follows `--` is a name.
                let mut args: Vec<_> = args.iter().map(String::as_str).collect();
                args.insert(1, "--offline");
                let output = Command::new("npm").args(&args).current_dir(dir.path()).output();
                assert!(output.unwrap().status.success(), "{args:?}");
            }
            let ran = |name: &&str| dir.path().join("node_modules").join(name).join("ran").exists();
            ["listed", "unlisted", "denied"].into_iter().filter(ran).collect::<Vec<_>>()
        };
        assert_eq!(ran(&format!("{{\"dependencies\":{{{dependencies}}},{allowed}}}")), ["listed"]);
        assert!(ran(&format!("{{\"dependencies\":{{{dependencies}}}}}")).is_empty());
    }

    #[test]
    fn the_packages_with_scripts_are_those_that_are_listed_and_no_npm_runs_one_by_itself() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let read = |name: &str| files::read(&root.join(name)).unwrap();
        let json = |name: &str| -> Value { serde_json::from_slice(&read(name)).unwrap() };
        let lock = json("package-lock.json");
        let packages = lock["packages"].as_object().unwrap().iter();
        let mut scripted: Vec<_> = packages
            .filter(|(_, package)| {
                package["hasInstallScript"] == true && package["optional"] != true
            })
            .map(|(path, _)| path.rsplit("node_modules/").next().unwrap())
            .collect();
        scripted.dedup();
        let manifest = json("package.json");
        let listed: Vec<_> = manifest["allowScripts"].as_object().unwrap().keys().collect();
        assert_eq!(scripted, listed);
        let settings = read(".npmrc");
        let settings = String::from_utf8_lossy(&settings);
        assert!(settings.lines().any(|line| line == "ignore-scripts=true"), "{settings}");
    }

    #[test]
    fn version_is_the_package_s_own() {
        let manifest =
            "{\n  \"engines\": { \"node\": \">=1.2.3\" },\n  \"version\": \"4.164.0\"\n}";
        assert_eq!(manifest_version(manifest), Some(Version::new(4, 164, 0)));
    }
}
