//! Settings of the scanner that were renamed: the old name is read for one more release.

use skillgate_contract::renamed_setting::{CurrentName, RenamedSetting};
use std::ffi::OsString;

/// The address that `serve` listens on.
pub(crate) const LISTEN_ADDR: RenamedSetting =
    RenamedSetting { name: "SCANNER_LISTEN_ADDR", old_name: "SCANNER_BIND" };
/// The file with the operator's severities.
pub(crate) const SEVERITY_OVERRIDES_FILE: RenamedSetting =
    RenamedSetting { name: "SEVERITY_OVERRIDES_FILE", old_name: "SKILLGATE_SEVERITIES" };

/// The name to read a setting under. An old name that is set is logged. An empty or blank variable counts
/// as not set.
pub(crate) fn current_name(
    setting: RenamedSetting,
    get: impl Fn(&str) -> Option<OsString>,
) -> &'static str {
    let is_set = |name| get(name).is_some_and(|value| !value.to_string_lossy().trim().is_empty());
    let CurrentName { name, deprecation } = setting.current_name(is_set);
    if let Some(told) = deprecation {
        tracing::warn!(
            event = "settings.deprecated",
            setting = told.setting.old_name,
            replacement = told.setting.name,
            "{told}"
        );
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(new: Option<&str>, old: Option<&str>) -> &'static str {
        current_name(LISTEN_ADDR, |name| match name {
            "SCANNER_LISTEN_ADDR" => new.map(Into::into),
            "SCANNER_BIND" => old.map(Into::into),
            other => panic!("{other}"),
        })
    }

    #[test]
    fn the_old_name_is_read_where_it_alone_is_set() {
        assert_eq!(read(None, None), "SCANNER_LISTEN_ADDR");
        assert_eq!(read(Some("::1"), None), "SCANNER_LISTEN_ADDR");
        assert_eq!(read(Some("::1"), Some(" ")), "SCANNER_LISTEN_ADDR");
        assert_eq!(read(Some("::1"), Some("::2")), "SCANNER_LISTEN_ADDR");
        assert_eq!(read(None, Some("::1")), "SCANNER_BIND");
        assert_eq!(read(Some(""), Some("::1")), "SCANNER_BIND");
    }
}
