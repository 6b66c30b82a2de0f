//! The folder that holds installed tools, and one slot in it.
//!
//! A slot is locked while somebody installs into it, and complete only once its marker is written, as the last step: what an
//! interrupted install left is never taken for a tool. The marker holds a fingerprint of what the install was made from. Tools
//! are installed in their final place, since a Python environment cannot be moved.

use super::error::Found;
use super::{ToolError, Version};
use crate::files::{self, failed};
use crate::ui::Ui;
use crate::workspace::Workspace;
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

const MARKER: &str = ".complete";

/// Where tools are installed, and where the logs of that go.
#[derive(Debug)]
pub(super) struct Cache {
    root: PathBuf,
    workspace: Workspace,
}

impl Cache {
    /// The user's cache: `SKILLGATE_CACHE`, else `skillgate` in the system's usual place.
    pub(super) fn open(workspace: &Workspace) -> Result<Self, ToolError> {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let root = set("SKILLGATE_CACHE")
            .or_else(|| set("XDG_CACHE_HOME").map(|dir| dir.join("skillgate")))
            .or_else(|| set("HOME").map(|dir| dir.join(".cache/skillgate")))
            .ok_or(ToolError::NoCache)?;
        files::create_dir(&root)?;
        let root = root.canonicalize().map_err(failed("resolve", &root))?;
        Ok(Self { root, workspace: workspace.clone() })
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The repository whose tools these are.
    pub(super) fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// The folder of one tool and version, whether it is there or not.
    pub(super) fn dir(&self, name: &str, version: Version) -> PathBuf {
        self.root.join(format!("{name}-{version}"))
    }

    /// The slot of one tool and version, locked; `made_from` is whatever else decides what is in it.
    pub(super) fn slot(
        &self,
        ui: &Ui,
        name: &str,
        version: Version,
        made_from: &[u8],
    ) -> Result<Slot, ToolError> {
        let dir = self.dir(name, version);
        let lock = files::lock(ui, &self.root.join(format!("{name}-{version}.lock")))?;
        let stamp = files::fingerprint([made_from]);
        Ok(Slot { dir, stamp, _lock: lock })
    }
}

/// One tool's folder, ours alone until this is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    dir: PathBuf,
    stamp: String,
    _lock: File,
}

impl Slot {
    /// The tool's folder.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The program `name` of this tool.
    pub(super) fn bin(&self, name: &str) -> PathBuf {
        self.dir.join("bin").join(name)
    }

    /// The program `name` of this tool; where the slot is not complete, `install` makes it, and it has to say that it is of
    /// this version.
    pub(super) fn filled(
        &self,
        name: &'static str,
        version: Version,
        install: impl FnOnce() -> Result<(), ToolError>,
    ) -> Result<PathBuf, ToolError> {
        let path = self.bin(name);
        if self.is_complete() && path.is_file() {
            return Ok(path);
        }
        self.begin()?;
        install()?;
        let found = Version::ask(&path);
        if found != Some(version) {
            let found = Found(found);
            return Err(ToolError::Unfit { program: name, path, found, wanted: version });
        }
        self.complete()?;
        Ok(path)
    }

    /// Whether an install from these very inputs went through to its end.
    fn is_complete(&self) -> bool {
        fs::read_to_string(self.dir.join(MARKER)).is_ok_and(|stamp| stamp == self.stamp)
    }

    /// Makes the folder, and takes back the mark of an install from other inputs.
    fn begin(&self) -> Result<(), ToolError> {
        files::create_dir(&self.dir)?;
        let marker = self.dir.join(MARKER);
        if marker.exists() {
            fs::remove_file(&marker).map_err(failed("remove", &marker))?;
        }
        Ok(())
    }

    /// Marks the slot as complete.
    fn complete(&self) -> Result<(), ToolError> {
        Ok(files::write(&self.dir.join(MARKER), &self.stamp)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    const VERSION: Version = Version::new(1, 2, 3);

    fn cache(root: &Path) -> Cache {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        Cache { root: root.to_path_buf(), workspace: Workspace::around(here).unwrap() }
    }

    #[test]
    fn slot_is_complete_only_once_marked() {
        let root = tempfile::tempdir().unwrap();
        let slot = cache(root.path()).slot(&Ui::silent(), "tool", VERSION, b"pins").unwrap();
        slot.begin().unwrap();
        assert!(!slot.is_complete());
        slot.complete().unwrap();
        assert!(slot.is_complete());
    }

    #[test]
    fn a_slot_is_filled_once_and_by_the_wanted_version_only() {
        let root = tempfile::tempdir().unwrap();
        let slot = cache(root.path()).slot(&Ui::silent(), "tool", VERSION, b"pins").unwrap();
        let install = |version: &str| {
            let program = slot.bin("tool");
            files::create_dir(program.parent().unwrap()).unwrap();
            files::write(&program, format!("#!/bin/sh\necho tool {version}\n")).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
            Ok(())
        };
        let other = slot.filled("tool", VERSION, || install("1.2.4"));
        assert!(matches!(other, Err(ToolError::Unfit { .. })), "{other:?}");
        assert!(!slot.is_complete());
        assert_eq!(slot.filled("tool", VERSION, || install("1.2.3")).unwrap(), slot.bin("tool"));
        slot.filled("tool", VERSION, || panic!("it is there")).unwrap();
    }

    #[test]
    fn other_inputs_make_it_incomplete_again() {
        let root = tempfile::tempdir().unwrap();
        let cache = cache(root.path());
        let slot = cache.slot(&Ui::silent(), "tool", VERSION, b"pins").unwrap();
        slot.begin().unwrap();
        slot.complete().unwrap();
        drop(slot);
        let slot = cache.slot(&Ui::silent(), "tool", VERSION, b"other pins").unwrap();
        assert!(!slot.is_complete());
    }
}
