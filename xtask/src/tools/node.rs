//! What npm brings into `node_modules`: wrangler with its workerd, wasm-opt, esbuild, a Node new enough to run them, axe-core, and
//! Microsoft's SARIF validator.

use super::error::Found;
use super::{Tool, ToolError, Version, path_with};
use crate::files::{self, find_on_path};
use crate::process;
use crate::ui::Ui;
use crate::workspace::Workspace;
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
    let mut ci = Command::new(npm);
    ci.args(["ci", "--no-audit", "--no-fund", "--no-update-notifier"])
        .current_dir(workspace.root());
    process::run(&mut ci, &workspace.log_file("npm"), &step)
        .map_err(|source| ToolError::Install { tool: "the Node tools", source })?;
    step.done();
    Ok(())
}

/// The version that a package says it has.
fn manifest_version(manifest: &str) -> Option<Version> {
    manifest.lines().find_map(|line| Version::find(line.trim().strip_prefix("\"version\":")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_the_package_s_own() {
        let manifest =
            "{\n  \"engines\": { \"node\": \">=1.2.3\" },\n  \"version\": \"4.155.0\"\n}";
        assert_eq!(manifest_version(manifest), Some(Version::new(4, 155, 0)));
    }
}
