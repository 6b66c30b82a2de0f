//! Secrets on their way to wrangler: in a file for this user only, gone with its owner; never in arguments.

use crate::files::{self, FileError};
use std::env;
use std::fs::{OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Why secrets cannot be handed over.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Its value would be read as another one.
    #[error(
        "the secret {name} has a line break, a quote, a backslash or a dollar sign, \
         which wrangler's env files cannot hold; choose another"
    )]
    Unfit {
        /// The setting.
        name: String,
    },
    /// The file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// An env file in a private folder; both go when this is dropped.
#[derive(Debug)]
pub(super) struct SecretFile {
    path: PathBuf,
    _dir: TempDir,
}

impl SecretFile {
    /// Writes `NAME='value'` lines.
    pub(super) fn write(secrets: &[(String, String)]) -> Result<Self, SecretError> {
        let dir = tempfile::Builder::new()
            .prefix("skillgate-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .map_err(files::failed("create a folder in", &env::temp_dir()))?;
        let path = dir.path().join("env");
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(files::failed("create", &path))?;
        for (name, value) in secrets {
            if value.contains(['\n', '\r', '\'', '\\', '$']) {
                return Err(SecretError::Unfit { name: name.clone() });
            }
            writeln!(file, "{name}='{value}'").map_err(files::failed("write", &path))?;
        }
        Ok(Self { path, _dir: dir })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn one(value: &str) -> Vec<(String, String)> {
        vec![("TOKEN".to_owned(), value.to_owned())]
    }

    #[test]
    fn secrets_are_for_this_user_only() {
        let file = SecretFile::write(&one("a b\"c")).unwrap();
        assert_eq!(fs::read_to_string(file.path()).unwrap(), "TOKEN='a b\"c'\n");
        for path in [file.path(), file.path().parent().unwrap()] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o077, 0);
        }
    }

    #[test]
    fn secrets_go_with_their_owner() {
        let file = SecretFile::write(&one("value")).unwrap();
        let path = file.path().to_path_buf();
        drop(file);
        assert!(!path.exists());
    }

    #[test]
    fn secrets_that_would_be_read_differently_are_refused() {
        for value in ["a$HOME", "a'b", "a\nB=c", "a\\nb"] {
            assert!(
                matches!(SecretFile::write(&one(value)), Err(SecretError::Unfit { .. })),
                "{value}"
            );
        }
    }
}
