//! A scratch folder for one scan, gone when the scan is.

use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, SystemTime},
};

/// Two scans of one process never ask for one name.
static NEXT: AtomicU64 = AtomicU64::new(0);
/// Another process may have taken a name; nobody takes ten.
const ATTEMPTS: usize = 10;
/// How often a folder that does not go is removed, and how long is waited in between.
const REMOVALS: usize = 5;
const PAUSE: Duration = Duration::from_millis(20);

/// The folder; removed with all that is in it when this value is dropped.
#[derive(Debug)]
pub struct ScratchDir(PathBuf);

impl ScratchDir {
    /// Makes a folder that only this user can read. Its name is hexadecimal: no tool finds a word
    /// in it that makes it look away.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn new(parent: &Path) -> io::Result<Self> {
        fs::create_dir_all(parent)?;
        let mut taken = io::Error::from(io::ErrorKind::AlreadyExists);
        for _ in 0..ATTEMPTS {
            let path = parent.join(name());
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = error,
                Err(error) => return Err(error),
            }
        }
        Err(taken)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ScratchDir {
    fn drop(&mut self) {
        // A child that was just ended, or a copy that is still being written, may add a file while
        // the folder is emptied.
        for _ in 0..REMOVALS {
            match fs::remove_dir_all(&self.0) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => thread::sleep(PAUSE),
                _ => return,
            }
        }
    }
}

fn name() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let seed = format!("{} {} {number}", now.as_nanos(), std::process::id());
    let mut digest = hex::encode(Sha256::digest(seed));
    digest.truncate(16);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn g07_a_scratch_folder_has_a_neutral_name_of_its_own_and_leaves_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let (a, b) =
            (ScratchDir::new(parent.path()).unwrap(), ScratchDir::new(parent.path()).unwrap());
        assert_ne!(a.path(), b.path());
        let name = a.path().file_name().unwrap().to_str().unwrap();
        assert!(name.len() == 16 && name.bytes().all(|b| b.is_ascii_hexdigit()));
        assert_eq!(a.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        fs::write(a.path().join("x"), "x").unwrap();
        drop((a, b));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
