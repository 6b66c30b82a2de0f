//! Looking for programs in the folders of PATH.

use std::{ffi::OsStr, path::PathBuf};

/// The absolute path of the first program of this name in the folders of `path`. A relative folder counts for nothing: what it
/// means depends on where the scanner was started.
#[must_use]
pub(crate) fn program_on_path(name: &str, path: &OsStr) -> Option<PathBuf> {
    which::which_in_global(name, Some(path)).ok()?.find(|program| program.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _};

    #[test]
    fn a_program_is_an_executable_file_in_an_absolute_folder() {
        let folders = tempfile::tempdir().unwrap();
        let [first, second] = ["a", "b"].map(|name| folders.path().join(name));
        for (folder, mode) in [(&first, 0o644), (&second, 0o755)] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("tool"), "#!/bin/sh\n").unwrap();
            fs::set_permissions(folder.join("tool"), fs::Permissions::from_mode(mode)).unwrap();
        }
        fs::create_dir(first.join("folder")).unwrap();
        let path = std::env::join_paths([&first, &second]).unwrap();
        assert_eq!(program_on_path("tool", &path), Some(second.join("tool")));
        for missing in ["folder", "nothing", ""] {
            assert_eq!(program_on_path(missing, &path), None, "{missing}");
        }
        for relative in ["", ".", "src", "../../../../../../bin"] {
            assert_eq!(program_on_path("sh", relative.as_ref()), None, "{relative}");
        }
    }
}
