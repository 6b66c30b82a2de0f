//! The repository's folders, found from wherever a command was started.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

/// The repository that this program works on.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

/// Why the repository was not found.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// The current folder cannot be read.
    #[error("the current folder cannot be read; change to the repository and try again")]
    CurrentDir(#[source] io::Error),
    /// No folder above the current one holds this program's own manifest.
    #[error("{start} is not inside a Skillgate repository; change to one and try again")]
    NotFound {
        /// Where the search began.
        start: PathBuf,
    },
}

impl Workspace {
    /// Finds the repository around the current folder.
    ///
    /// # Errors
    /// When the current folder is unreadable, or no repository is around it.
    pub fn find() -> Result<Self, WorkspaceError> {
        let start = env::current_dir().map_err(WorkspaceError::CurrentDir)?;
        Self::around(&start)
    }

    /// Finds the repository around `start`.
    ///
    /// # Errors
    /// When no folder from `start` upwards is the repository's root.
    pub fn around(start: &Path) -> Result<Self, WorkspaceError> {
        start
            .ancestors()
            .find(|folder| folder.join("xtask/Cargo.toml").is_file())
            .map(|root| Self { root: root.to_path_buf() })
            .ok_or_else(|| WorkspaceError::NotFound { start: start.to_path_buf() })
    }

    /// The repository's root.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where this program keeps its own, ignored files: logs, database templates, demo state.
    #[must_use]
    pub fn state_dir(&self) -> PathBuf {
        self.root.join(".skillgate")
    }

    /// Where cargo puts what it builds: `CARGO_TARGET_DIR`, else `target`.
    #[must_use]
    pub fn target_dir(&self) -> PathBuf {
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
        self.root.join(target)
    }

    /// The file that takes the output of the child named `name`.
    #[must_use]
    pub fn log_file(&self, name: &str) -> PathBuf {
        self.state_dir().join("logs").join(format!("{name}.log"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_found_from_a_folder_deep_inside() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = Workspace::around(&here.join("src/tools")).unwrap();
        assert_eq!(Some(workspace.root()), here.parent());
    }

    #[test]
    fn a_folder_outside_is_refused() {
        let outside = tempfile::tempdir().unwrap();
        assert!(matches!(Workspace::around(outside.path()), Err(WorkspaceError::NotFound { .. })));
    }
}
