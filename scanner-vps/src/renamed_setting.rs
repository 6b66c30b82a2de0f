//! Settings that were renamed: the old name is read for one more release.

use std::ffi::OsString;

/// A renamed setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RenamedSetting {
    pub(crate) name: &'static str,
    pub(crate) old_name: &'static str,
}

/// The address that `serve` listens on.
pub(crate) const LISTEN_ADDR: RenamedSetting =
    RenamedSetting { name: "SCANNER_LISTEN_ADDR", old_name: "SCANNER_BIND" };
/// The file with the operator's severities.
pub(crate) const SEVERITY_OVERRIDES_FILE: RenamedSetting =
    RenamedSetting { name: "SEVERITY_OVERRIDES_FILE", old_name: "SKILLGATE_SEVERITIES" };

/// Both names are set, to different values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("differs from {0}, its old name: unset {0}")]
pub(crate) struct NamesDiffer(&'static str);

impl RenamedSetting {
    /// The name to read the setting under: the old one where that alone is set, which is logged. An empty
    /// variable counts as not set.
    ///
    /// # Errors
    /// [`NamesDiffer`].
    pub(crate) fn current_name(
        self,
        get: impl Fn(&str) -> Option<OsString>,
    ) -> Result<&'static str, NamesDiffer> {
        let get = |name| get(name).filter(|value| !value.to_string_lossy().trim().is_empty());
        match (get(self.name), get(self.old_name)) {
            (Some(new), Some(old)) if new != old => Err(NamesDiffer(self.old_name)),
            (None, Some(_)) => {
                let Self { name, old_name } = self;
                tracing::warn!(
                    event = "settings.deprecated",
                    setting = old_name,
                    replacement = name,
                    "the next release does not read the old name"
                );
                Ok(old_name)
            }
            _ => Ok(self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(new: Option<&str>, old: Option<&str>) -> Result<&'static str, NamesDiffer> {
        LISTEN_ADDR.current_name(|name| match name {
            "SCANNER_LISTEN_ADDR" => new.map(Into::into),
            "SCANNER_BIND" => old.map(Into::into),
            other => panic!("{other}"),
        })
    }

    #[test]
    fn the_old_name_is_read_where_it_alone_is_set() {
        assert_eq!(read(None, None), Ok("SCANNER_LISTEN_ADDR"));
        assert_eq!(read(Some("::1"), None), Ok("SCANNER_LISTEN_ADDR"));
        assert_eq!(read(Some("::1"), Some(" ")), Ok("SCANNER_LISTEN_ADDR"));
        assert_eq!(read(Some("::1"), Some("::1")), Ok("SCANNER_LISTEN_ADDR"));
        assert_eq!(read(None, Some("::1")), Ok("SCANNER_BIND"));
        assert_eq!(read(Some(""), Some("::1")), Ok("SCANNER_BIND"));
    }

    #[test]
    fn two_names_with_different_values_are_an_error_that_repeats_no_value() {
        let error = read(Some("::1"), Some("::2")).unwrap_err().to_string();
        assert_eq!(error, "differs from SCANNER_BIND, its old name: unset SCANNER_BIND");
    }
}
