//! The folder in which reports wait until the worker has taken them.
//!
//! One file per report: `ID.json` waits, `ID.rejected` was refused for good, `ID.unreadable` is
//! damaged. Files are 0600 in a folder of 0700, because each holds its scan's signing key. A file
//! appears whole or not at all, also when the power fails.

use super::Parcel;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

const WAITING: &str = "json";
const REJECTED: &str = "rejected";
const UNREADABLE: &str = "unreadable";
const HALF_WRITTEN: &str = "tmp";

/// No report is larger; what is, is none of ours.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// Why a report is not sent any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rejection {
    /// The receiver's answer, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What was wrong.
    pub reason: String,
}

/// The spool cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// Another process has it: each report would be sent twice.
    #[error("another scanner uses the spool {0}")]
    InUse(PathBuf),
    /// The system said no.
    #[error("the spool {path}: {source}")]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The folder; held by one process at a time.
#[derive(Debug)]
pub struct Spool {
    dir: PathBuf,
    /// Held open for its lock, which ends with the process however that ends.
    _lock: File,
}

impl Spool {
    /// Opens the folder, making it where it is missing.
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

    /// Writes a report; when this returns, no crash loses it.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub fn put(&self, parcel: &Parcel) -> Result<(), SpoolError> {
        self.write(&parcel.delivery_id, WAITING, &parcel.to_file(None))
    }

    /// Removes a report that has arrived.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub fn remove(&self, parcel: &Parcel) -> Result<(), SpoolError> {
        match fs::remove_file(self.path(&parcel.delivery_id, WAITING)) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(self.failed(source)),
            _ => Ok(()),
        }
    }

    /// Puts a report aside for a person to look at, with the reason.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub fn park(&self, parcel: &Parcel, rejection: &Rejection) -> Result<(), SpoolError> {
        self.write(&parcel.delivery_id, REJECTED, &parcel.to_file(Some(rejection)))?;
        self.remove(parcel)
    }

    /// All waiting reports, oldest first, and how many files were damaged and put aside.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub fn waiting(&self) -> Result<(Vec<Parcel>, usize), SpoolError> {
        let (mut parcels, mut damaged) = (Vec::new(), 0);
        for path in self.files(WAITING).map_err(|e| self.failed(e))? {
            match read(&path) {
                Some(parcel) => parcels.push(parcel),
                None => {
                    damaged += 1;
                    fs::rename(&path, path.with_extension(UNREADABLE))
                        .map_err(|e| self.failed(e))?;
                }
            }
        }
        parcels.sort_by_key(|parcel| parcel.created);
        Ok((parcels, damaged))
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
            // The name is durable only when the folder is.
            File::open(&self.dir)?.sync_all()
        })();
        written.map_err(|e| self.failed(e))
    }
}

/// `None` for a file that is no report under its own name.
fn read(path: &Path) -> Option<Parcel> {
    let size = fs::metadata(path).ok()?.len();
    let parcel =
        Parcel::from_file(&fs::read(path).ok().filter(|_| size <= MAX_FILE_BYTES)?).ok()?;
    (path.file_stem()? == parcel.delivery_id.as_str()).then_some(parcel)
}
