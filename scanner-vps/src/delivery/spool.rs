//! The outbox on disk: callbacks that the worker has not accepted yet.
//!
//! One file per callback: `ID.json` is pending, `ID.rejected` is a dead letter, `ID.unreadable` is
//! damaged. Files are 0600 in a folder of 0700, because each holds its scan's signing key. Writes are
//! atomic and durable: a file appears whole or not at all, also after a power failure.

use super::PendingDelivery;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

const PENDING: &str = "json";
const DEAD_LETTER: &str = "rejected";
const UNREADABLE: &str = "unreadable";
const HALF_WRITTEN: &str = "tmp";

/// The largest file that is read. The scanner writes none that is larger.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// Why a callback is a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rejection {
    /// The HTTP status of the worker's answer; none where it was not an answer that ended the delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The reason, for people.
    pub reason: String,
}

/// The outbox cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// Another process has its lock. Two processes would send each callback twice.
    #[error("another scanner uses the spool {0}")]
    InUse(PathBuf),
    /// The operating system refused an operation.
    #[error("the spool {path}: {source}")]
    Io {
        /// The folder of the outbox.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// The folder of the outbox, locked by one process at a time.
#[derive(Debug)]
pub struct Spool {
    dir: PathBuf,
    /// Kept open for its lock, which ends with the process, however that ends.
    _lock: File,
}

impl Spool {
    /// Opens and locks the folder, and creates it where it is missing.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub fn open(dir: &Path) -> Result<Self, SpoolError> {
        let io = |source| SpoolError::Io { path: dir.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(io)?;
        fs::set_permissions(dir, Permissions::from_mode(0o700)).map_err(io)?;
        let lock = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .mode(0o600)
            .open(dir.join(".lock"))
            .map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(SpoolError::InUse(dir.to_owned())),
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        let spool = Self { dir: dir.to_owned(), _lock: lock };
        for half in spool.files(HALF_WRITTEN).map_err(io)? {
            fs::remove_file(half).map_err(io)?;
        }
        Ok(spool)
    }

    /// Writes a pending callback. When this returns, a crash does not lose it.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub fn put(&self, delivery: &PendingDelivery) -> Result<(), SpoolError> {
        self.write(&delivery.delivery_id, PENDING, &delivery.to_file(None))
    }

    /// Removes a callback that was delivered. One that is not there is no error.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub fn remove(&self, delivery: &PendingDelivery) -> Result<(), SpoolError> {
        match fs::remove_file(self.path(&delivery.delivery_id, PENDING)) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(self.failed(source)),
            _ => Ok(()),
        }
    }

    /// Turns a pending callback into a dead letter, with the reason, for a person to look at.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub fn dead_letter(
        &self,
        delivery: &PendingDelivery,
        rejection: &Rejection,
    ) -> Result<(), SpoolError> {
        self.write(&delivery.delivery_id, DEAD_LETTER, &delivery.to_file(Some(rejection)))?;
        self.remove(delivery)
    }

    /// All pending callbacks, oldest first, and how many damaged files were renamed to `.unreadable`.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub fn pending(&self) -> Result<(Vec<PendingDelivery>, usize), SpoolError> {
        let (mut pending, mut damaged) = (Vec::new(), 0);
        for path in self.files(PENDING).map_err(|e| self.failed(e))? {
            match read(&path) {
                Some(delivery) => pending.push(delivery),
                None => {
                    damaged += 1;
                    fs::rename(&path, path.with_extension(UNREADABLE))
                        .map_err(|e| self.failed(e))?;
                }
            }
        }
        pending.sort_by_key(|delivery| delivery.created);
        Ok((pending, damaged))
    }

    fn path(&self, id: &str, extension: &str) -> PathBuf {
        self.dir.join(format!("{id}.{extension}"))
    }

    fn failed(&self, source: io::Error) -> SpoolError {
        SpoolError::Io { path: self.dir.clone(), source }
    }

    fn files(&self, extension: &str) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == extension) {
                files.push(path);
            }
        }
        Ok(files)
    }

    fn write(&self, id: &str, extension: &str, content: &[u8]) -> Result<(), SpoolError> {
        let half = self.path(id, HALF_WRITTEN);
        let written = (|| {
            let mut file = OpenOptions::new()
                .create(true)
                .write(true)
                .truncate(true)
                .mode(0o600)
                .open(&half)?;
            file.write_all(content)?;
            file.sync_all()?;
            fs::rename(&half, self.path(id, extension))?;
            // A rename is durable only once its folder is synced.
            File::open(&self.dir)?.sync_all()
        })();
        written.map_err(|e| self.failed(e))
    }
}

/// `None` for a file that holds no callback whose delivery id is the file's name.
fn read(path: &Path) -> Option<PendingDelivery> {
    let size = fs::metadata(path).ok()?.len();
    let delivery =
        PendingDelivery::from_file(&fs::read(path).ok().filter(|_| size <= MAX_FILE_BYTES)?)
            .ok()?;
    (path.file_stem()? == delivery.delivery_id.as_str()).then_some(delivery)
}
