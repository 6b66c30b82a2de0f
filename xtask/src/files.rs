//! Small file operations that several modules share, with errors that name the file.

use crate::ui::Ui;
use sha2::{Digest, Sha256};
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A file operation failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {path}; check its permissions and the free space on that disk")]
pub struct FileError {
    action: &'static str,
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// Attaches what was tried, and on which path, to an [`io::Error`].
pub(crate) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
    let path = path.to_path_buf();
    move |source| FileError { action, path, source }
}

/// Makes `dir` and every folder above it.
pub(crate) fn create_dir(dir: &Path) -> Result<(), FileError> {
    fs::create_dir_all(dir).map_err(failed("create the folder", dir))
}

/// Removes `dir` with all that is in it; a folder that is not there is fine.
pub(crate) fn remove_dir(dir: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(failed("remove the folder", dir)(error))
        }
        _ => Ok(()),
    }
}

/// Reads a whole file as bytes.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    fs::read(path).map_err(failed("read", path))
}

/// Writes a whole file.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), FileError> {
    fs::write(path, bytes).map_err(failed("write", path))
}

/// Moves a finished file or folder to its name.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), FileError> {
    fs::rename(from, to).map_err(failed("move into place", to))
}

/// Copies a folder of plain files and folders.
pub(crate) fn copy_dir(from: &Path, to: &Path) -> Result<(), FileError> {
    create_dir(to)?;
    for entry in list(from)? {
        let target = to.join(entry.file_name().unwrap_or_default());
        if entry.is_dir() {
            copy_dir(&entry, &target)?;
        } else {
            fs::copy(&entry, &target).map_err(failed("copy", &entry))?;
        }
    }
    Ok(())
}

/// What is in a folder, in the order of its names.
pub(crate) fn list(dir: &Path) -> Result<Vec<PathBuf>, FileError> {
    let mut entries = fs::read_dir(dir)
        .and_then(|entries| {
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()
        })
        .map_err(failed("list the folder", dir))?;
    entries.sort();
    Ok(entries)
}

/// A short fingerprint of inputs, for folder names and markers; each part is told from the next.
pub(crate) fn fingerprint<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    let mut digest = hex::encode(hasher.finalize());
    digest.truncate(16);
    digest
}

/// Takes the lock at `path`, waiting for another process that holds it; it goes with the file that is returned.
pub(crate) fn lock(ui: &Ui, path: &Path) -> Result<File, FileError> {
    let file = File::options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(failed("open the lock", path))?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(failed("lock", path)(error)),
    }
    ui.note(format_args!("another process holds {}; waiting for it", path.display()));
    file.lock().map_err(failed("lock", path))?;
    Ok(file)
}

/// The program called `name` on PATH, as the shell would find it.
#[must_use]
pub fn find_on_path(name: &str) -> Option<PathBuf> {
    which::which_global(name).ok()
}

/// Whether `path` is a file that may be run.
pub(crate) fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprint_tells_parts_apart() {
        let joined = fingerprint([b"ab".as_slice(), b"c"]);
        assert_ne!(joined, fingerprint([b"a".as_slice(), b"bc"]));
        assert_eq!(joined.len(), 16);
    }

    #[test]
    fn copied_folder_has_the_same_files() {
        let scratch = tempfile::tempdir().unwrap();
        let from = scratch.path().join("from");
        create_dir(&from.join("inner")).unwrap();
        write(&from.join("inner/file"), "content").unwrap();
        let to = scratch.path().join("to");
        copy_dir(&from, &to).unwrap();
        assert_eq!(read(&to.join("inner/file")).unwrap(), b"content");
    }

    #[test]
    fn lock_is_held_until_it_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let held = lock(&Ui::silent(), &path).unwrap();
        let other = File::open(&path).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(held);
        assert!(other.try_lock().is_ok());
    }

    #[test]
    fn error_names_the_file_and_the_fix() {
        let error = read(Path::new("/nowhere/at/all")).unwrap_err();
        assert!(error.to_string().contains("cannot read /nowhere/at/all"));
    }
}
