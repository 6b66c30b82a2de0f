//! What Go's module client brings: trufflehog.
//!
//! Its own go.mod has `replace` lines, which `go install` refuses; the small module in `tools/trufflehog` repeats them and pins
//! everything, and the program is built from there.

use super::cache::{Cache, Slot};
use super::error::Found;
use super::{Tool, ToolError, Version};
use crate::files::{self, find_on_path};
use crate::process;
use crate::ui::Ui;
use std::path::{Path, PathBuf};
use std::process::Command;

const NAME: &str = "trufflehog";
const PACKAGE: &str = "github.com/trufflesecurity/trufflehog/v3";
const VERSION: Version = Version::new(3, 92, 5);
/// The least version on PATH whose JSON output our parser knows; within its major version.
const LEAST_ON_PATH: Version = Version::new(3, 90, 0);
const LEAST_GO: Version = Version::new(1, 24, 0);
const GET_GO: &str =
    "install it from your distribution or go.dev/dl, or put a trufflehog 3.90 or newer on PATH";

/// A fitting trufflehog on PATH, else the one in the cache, built when it is not there.
pub(super) fn ensure_trufflehog(ui: &Ui, cache: &Cache) -> Result<Tool, ToolError> {
    if let Some(path) = find_on_path(NAME)
        && let Some(version) = Version::ask(&path)
        && fits(version)
    {
        return Ok(Tool { name: NAME, version, path });
    }
    let module = cache.workspace().root().join("tools/trufflehog");
    let slot = cache.slot(ui, NAME, VERSION, &files::read(&module.join("go.sum"))?)?;
    let path = slot.bin(NAME);
    if !(slot.is_complete() && path.is_file()) {
        slot.begin()?;
        build(ui, cache, &slot, &module)?;
        let found = Version::ask(&path);
        if found != Some(VERSION) {
            return Err(ToolError::Unfit {
                program: NAME,
                path,
                found: Found(found),
                wanted: VERSION,
            });
        }
        slot.complete()?;
    }
    Ok(Tool { name: NAME, version: VERSION, path })
}

fn fits(version: Version) -> bool {
    version >= LEAST_ON_PATH && version.major() == LEAST_ON_PATH.major()
}

fn build(ui: &Ui, cache: &Cache, slot: &Slot, module: &Path) -> Result<(), ToolError> {
    let go = find_go()?;
    let step = ui.step(format!("{NAME} {VERSION}: go build"));
    let path = slot.bin(NAME);
    // Without this it calls itself "dev".
    let link = format!("-s -w -X {PACKAGE}/pkg/version.BuildVersion={VERSION}");
    let mut build = Command::new(go);
    build.args(["build", "-ldflags", &link, "-o"]).arg(&path).arg(PACKAGE);
    build.current_dir(module).envs([("CGO_ENABLED", "0"), ("GOWORK", "off")]);
    process::run(&mut build, &cache.workspace().log_file(NAME), &step)
        .map_err(|source| ToolError::Install { tool: NAME, source })?;
    step.done();
    Ok(())
}

fn find_go() -> Result<PathBuf, ToolError> {
    let go = find_on_path("go");
    let version = go.as_deref().and_then(|go| Version::ask_with(go, &["version"]));
    match (go, version) {
        (Some(go), Some(found)) if found >= LEAST_GO => Ok(go),
        _ => Err(ToolError::Missing {
            program: "go",
            wanted: LEAST_GO,
            found: Found(version),
            fix: GET_GO,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_pins_the_version_of_the_catalogue() {
        let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/trufflehog/go.mod");
        let module = files::read(&module).unwrap();
        let pin = format!("require {PACKAGE} v{VERSION}\n");
        assert!(String::from_utf8_lossy(&module).contains(&pin), "{pin}");
    }

    #[test]
    fn another_major_version_does_not_fit() {
        assert!(fits(Version::new(3, 95, 0)));
        assert!(!fits(Version::new(3, 89, 2)));
        assert!(!fits(Version::new(4, 0, 0)));
    }
}
