//! Settings that were renamed: the old name is read for one more release.
//!
//! No I/O: the caller says which names are set, and logs the [`Deprecation`].

use std::fmt;

/// A setting, and the name that it had in the release before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenamedSetting {
    /// The name.
    pub name: &'static str,
    /// The name that is read for one more release.
    pub old_name: &'static str,
}

/// The name under which a renamed setting is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrentName {
    /// The name that the operator used: read the value under it, and report a wrong value under it.
    /// Where neither is set, the new one.
    pub name: &'static str,
    /// What to log, once, where the old name is set.
    pub deprecation: Option<Deprecation>,
}

/// The old name of a setting is set. Its text tells the operator what happens and what to do, without
/// a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deprecation {
    /// The setting.
    pub setting: RenamedSetting,
    /// Whether the new name is set too: then it wins, and the old one is ignored whatever it says.
    pub ignored: bool,
}

impl RenamedSetting {
    /// Which of the two names counts: the new one, unless only the old one is set. `is_set` says whether
    /// a name has a value that is not blank.
    #[must_use]
    pub fn current_name(self, is_set: impl Fn(&'static str) -> bool) -> CurrentName {
        if !is_set(self.old_name) {
            return CurrentName { name: self.name, deprecation: None };
        }
        let ignored = is_set(self.name);
        let name = if ignored { self.name } else { self.old_name };
        CurrentName { name, deprecation: Some(Deprecation { setting: self, ignored }) }
    }

    /// Whether a name is the old one of this setting: its values may be spelt otherwise.
    #[must_use]
    pub fn is_old_name(self, name: &str) -> bool {
        name == self.old_name
    }
}

impl fmt::Display for Deprecation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RenamedSetting { name, old_name } = self.setting;
        if self.ignored {
            write!(
                f,
                "setting {old_name} is ignored, because {name}, its new name, is set: remove {old_name}"
            )
        } else {
            write!(f, "setting {old_name} is now {name}; the old name is accepted for one release")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTING: RenamedSetting = RenamedSetting { name: "NEW", old_name: "OLD" };

    #[test]
    fn the_new_name_wins_and_an_old_one_that_is_set_is_told() {
        for (set, name, told) in [
            (&[][..], "NEW", None),
            (&["NEW"], "NEW", None),
            (
                &["OLD"],
                "OLD",
                Some("setting OLD is now NEW; the old name is accepted for one release"),
            ),
            (
                &["NEW", "OLD"],
                "NEW",
                Some("setting OLD is ignored, because NEW, its new name, is set: remove OLD"),
            ),
        ] {
            let current = SETTING.current_name(|name| set.contains(&name));
            assert_eq!(current.name, name, "{set:?}");
            assert_eq!(current.deprecation.map(|d| d.to_string()).as_deref(), told, "{set:?}");
            assert_eq!(SETTING.is_old_name(current.name), set == ["OLD"], "{set:?}");
        }
    }
}
