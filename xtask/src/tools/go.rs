//! What Go's module client brings: trufflehog, and what checks and runs the workflows.
//!
//! Each program is built from a small module in `tools/`, which holds its version and, in go.sum, the digest of every module
//! under it. trufflehog could not come by `go install` at all: its own go.mod has `replace` lines, which ours repeats. Its
//! others are of ours alone: the modules in `tools/trufflehog/left-out` stand in for the clients of other sources, and of services
//! where a found secret would be tried. No scan here uses these, and without the stand-ins they would be half of the build.

use super::cache::{Cache, Slot};
use super::error::Found;
use super::{Tool, ToolError, Version};
use crate::files::{self, find_on_path};
use crate::process;
use crate::ui::Ui;
use std::path::{Path, PathBuf};
use std::process::Command;

const GET_GO: &str = "install it from your distribution or go.dev/dl, or put this tool on PATH";

/// Secrets, in files and in history.
pub(super) const TRUFFLEHOG: GoTool = GoTool {
    name: "trufflehog",
    module: "tools/trufflehog",
    package: "github.com/trufflesecurity/trufflehog/v3",
    version: Version::new(3, 92, 5),
    least_go: Version::new(1, 24, 0),
    // 859 packages, each a few patterns: what runs long is the matching, which is in none of them.
    not_inlined: Some("github.com/trufflesecurity/trufflehog/v3/pkg/detectors/..."),
    // Without this it calls itself "dev".
    version_variable: Some("github.com/trufflesecurity/trufflehog/v3/pkg/version.BuildVersion"),
};

/// Runs workflows of GitHub Actions on this machine.
pub(super) const ACT: GoTool = GoTool {
    name: "act",
    module: "tools/workflows",
    package: "github.com/nektos/act",
    version: Version::new(0, 2, 89),
    least_go: Version::new(1, 25, 0),
    not_inlined: None,
    version_variable: None,
};

/// Checks workflows of GitHub Actions.
pub(super) const ACTIONLINT: GoTool = GoTool {
    name: "actionlint",
    module: "tools/workflows",
    package: "github.com/rhysd/actionlint/cmd/actionlint",
    version: Version::new(1, 7, 12),
    least_go: Version::new(1, 25, 0),
    not_inlined: None,
    version_variable: None,
};

/// What decides about the program that a module of ours builds: the digests of all modules under it, and the modules in its
/// own folders, which have no digest.
fn sources(module: &Path) -> Result<Vec<u8>, ToolError> {
    let mut all = files::read(&module.join("go.sum"))?;
    let mut folders: Vec<_> =
        files::list(module)?.into_iter().filter(|path| path.is_dir()).collect();
    while let Some(folder) = folders.pop() {
        for path in files::list(&folder)? {
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(module).unwrap_or(&path);
                all.extend(name.to_string_lossy().bytes());
                all.extend(files::read(&path)?);
            }
        }
    }
    Ok(all)
}

/// A program that is built from a module of ours.
#[derive(Debug)]
pub(super) struct GoTool {
    name: &'static str,
    /// The folder of our module.
    module: &'static str,
    package: &'static str,
    /// The version that is built, and the least on PATH that will do; within its major version.
    version: Version,
    least_go: Version,
    /// Packages that are compiled without inlining, which is a fifth of the time for small ones.
    not_inlined: Option<&'static str>,
    /// The variable that holds what the program answers to `--version`.
    version_variable: Option<&'static str>,
}

impl GoTool {
    /// A fitting one on PATH, else the one in the cache, built when it is not there.
    pub(super) fn ensure(&self, ui: &Ui, cache: &Cache) -> Result<Tool, ToolError> {
        if let Some(path) = find_on_path(self.name)
            && let Some(version) = Version::ask(&path)
            && self.fits(version)
        {
            return Ok(Tool { name: self.name, version, path });
        }
        let module = cache.workspace().root().join(self.module);
        let slot = cache.slot(ui, self.name, self.version, &sources(&module)?)?;
        let build = || self.build(ui, cache, &slot, &module);
        let path = slot.filled(self.name, self.version, build)?;
        Ok(Tool { name: self.name, version: self.version, path })
    }

    /// The program where [`Self::ensure`] puts it when PATH has none; it may not be there yet.
    pub(super) fn planned(&self, cache: &Cache) -> Tool {
        let path = cache.dir(self.name, self.version).join("bin").join(self.name);
        Tool { name: self.name, version: self.version, path }
    }

    fn fits(&self, version: Version) -> bool {
        version >= self.version && version.major() == self.version.major()
    }

    fn build(&self, ui: &Ui, cache: &Cache, slot: &Slot, module: &Path) -> Result<(), ToolError> {
        let go = self.find_go(module)?;
        let step = ui.step(format!("{} {}: go build", self.name, self.version));
        let path = slot.bin(self.name);
        let variable = self.version_variable.map(|name| format!(" -X {name}={}", self.version));
        let link = format!("-s -w{}", variable.unwrap_or_default());
        let mut build = in_background(&go);
        // The linker would leave the debug information out; not to write it at all saves a tenth of the time.
        build.args(["build", "-gcflags=all=-dwarf=false", "-ldflags", &link]);
        build.args(self.not_inlined.map(|packages| format!("-gcflags={packages}=-dwarf=false -l")));
        build.arg("-o").arg(&path).arg(self.package);
        build.current_dir(module).envs([("CGO_ENABLED", "0"), ("GOWORK", "off")]);
        // Go's compiler spends almost half of its time on collecting garbage, of which there is little: one process is one
        // package. The limit is for the few large ones.
        build.envs([("GOGC", "off"), ("GOMEMLIMIT", "1GiB")]);
        process::run(&mut build, &cache.workspace().log_file(self.name), &step)
            .map_err(|source| ToolError::Install { tool: self.name, source })?;
        step.done();
        Ok(())
    }

    /// An older Go fetches the one that the module asks for, unless GOTOOLCHAIN forbids it: so it is asked in there.
    fn find_go(&self, module: &Path) -> Result<PathBuf, ToolError> {
        let go = find_on_path("go");
        let version = go.as_deref().and_then(|go| {
            let answer = process::ask(Command::new(go).arg("version").current_dir(module))?;
            Version::find(&answer)
        });
        match (go, version) {
            (Some(go), Some(found)) if found >= self.least_go => Ok(go),
            _ => Err(ToolError::Missing {
                program: "go",
                wanted: self.least_go,
                found: Found(version),
                fix: GET_GO,
            }),
        }
    }
}

/// `program` at a lower priority, where `nice` exists: in a cold demo the worker and the scanner are built meanwhile, and the
/// first verdict waits for these.
fn in_background(program: &Path) -> Command {
    let Some(nice) = find_on_path("nice") else { return Command::new(program) };
    let mut command = Command::new(nice);
    command.args(["-n", "10"]).arg(program);
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn modules_pin_the_versions_of_the_catalogue() {
        for (tool, requires) in [
            (TRUFFLEHOG, TRUFFLEHOG.package),
            (ACT, ACT.package),
            (ACTIONLINT, "github.com/rhysd/actionlint"),
        ] {
            let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(tool.module);
            let module = files::read(&module.join("go.mod")).unwrap();
            let pin = format!("{requires} v{}\n", tool.version);
            assert!(String::from_utf8_lossy(&module).contains(&pin), "{pin}");
        }
    }

    /// A stand-in that no line names would do nothing, and the real module would be built.
    #[test]
    fn each_stand_in_takes_the_place_of_the_module_whose_name_it_has() {
        let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(TRUFFLEHOG.module);
        let pins = String::from_utf8(files::read(&module.join("go.mod")).unwrap()).unwrap();
        let replaced: BTreeSet<(String, PathBuf)> = pins
            .lines()
            .filter_map(|line| line.split_once(" => ./"))
            .map(|(name, folder)| (name.trim().to_owned(), module.join(folder)))
            .collect();
        let mut there = BTreeSet::new();
        let mut folders = vec![module.join("left-out")];
        while let Some(folder) = folders.pop() {
            let entries = files::list(&folder).unwrap();
            if let Some(own) = entries.iter().find(|path| path.ends_with("go.mod")) {
                let own = String::from_utf8(files::read(own).unwrap()).unwrap();
                let name = own.lines().next().and_then(|line| line.strip_prefix("module "));
                there.insert((name.unwrap().to_owned(), folder));
            }
            folders.extend(entries.into_iter().filter(|path| path.is_dir()));
        }
        assert!(there.len() > 20, "{there:?}");
        assert_eq!(replaced, there);
    }

    #[test]
    fn the_scanners_doctor_asks_for_the_same_trufflehog() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let tool = files::read(&root.join("scanner-vps/src/tools/trufflehog.rs")).unwrap();
        let tool = String::from_utf8(tool).unwrap();
        let (_, asked) = tool.split_once("name: \"trufflehog\"").unwrap();
        let (_, minimum) = asked.split_once("minimum: \"").unwrap();
        let minimum = Version::find(minimum).unwrap();
        assert!(TRUFFLEHOG.fits(minimum));
        assert_eq!(minimum, TRUFFLEHOG.version);
    }

    #[test]
    fn another_major_version_does_not_fit() {
        assert!(TRUFFLEHOG.fits(Version::new(3, 95, 0)));
        assert!(!TRUFFLEHOG.fits(Version::new(3, 92, 4)));
        assert!(!TRUFFLEHOG.fits(Version::new(4, 0, 0)));
    }
}
