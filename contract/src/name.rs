//! What a skill is called, and where in its repository it lives.

use crate::{RepoUrl, text::is_hidden_or_control};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Segments that stand for something else behind `/skills/`, in any case.
const RESERVED: [&str; 5] = ["security", "badge", "installs", "search", "history"];
const MAX_SEGMENTS: usize = 3;
const MAX_SEGMENT_LEN: usize = 100;

/// A skill's full name: one to three segments (`tool`, `owner/tool`, `owner/repo/tool`), each
/// `[A-Za-z0-9._-]{1,100}`. Kept as written; looked up, and compared with entries of the blocklist, without
/// regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SkillName(String);

/// The text cannot be a skill's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SkillNameError {
    /// No segment, or more than three.
    #[error("must have one to three segments separated by '/'")]
    Segments,
    /// A segment is empty, too long or has a character outside the set.
    #[error("each segment must be 1 to 100 characters of letters, digits, '.', '_' and '-'")]
    Characters,
    /// A segment means something else in a URL.
    #[error("no segment may be security, badge, installs, search, history or dots only")]
    Reserved,
}

impl SkillName {
    /// The full name, as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment: the name by which the installer asks.
    #[must_use]
    pub fn bare(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Whether this name has one segment only.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        !self.0.contains('/')
    }

    /// Owner, repository and skill, as the installer puts them together: the three segments, or, of a
    /// shorter name, what its repository says.
    #[must_use]
    pub fn slugs(&self, repo: &RepoUrl) -> [String; 3] {
        let segments: Vec<&str> = self.0.split('/').collect();
        match *segments {
            [owner, repo, skill] => [owner, repo, skill],
            _ => [repo.owner(), repo.repo(), self.bare()],
        }
        .map(str::to_owned)
    }

    /// The path of the skill's report page.
    #[must_use]
    pub fn report_path(&self) -> String {
        format!("/skills/{}/security", self.0)
    }
}

impl FromStr for SkillName {
    type Err = SkillNameError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if s.is_empty() || s.split('/').count() > MAX_SEGMENTS {
            return Err(SkillNameError::Segments);
        }
        for segment in s.split('/') {
            let well_formed = (1..=MAX_SEGMENT_LEN).contains(&segment.len())
                && segment
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
            if !well_formed {
                return Err(SkillNameError::Characters);
            }
            let reserved = RESERVED.iter().any(|r| segment.eq_ignore_ascii_case(r))
                || segment.bytes().all(|b| b == b'.');
            if reserved {
                return Err(SkillNameError::Reserved);
            }
        }
        Ok(Self(s.to_owned()))
    }
}

impl TryFrom<String> for SkillName {
    type Error = SkillNameError;

    fn try_from(s: String) -> Result<Self, Self::Error> {
        s.parse()
    }
}

impl From<SkillName> for String {
    fn from(name: SkillName) -> Self {
        name.0
    }
}

impl fmt::Display for SkillName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The folder of a skill inside a repository of many: relative, `/`-separated, without `.` and
/// `..` segments, at most 512 bytes. The whole repository is no path at all (`None`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SkillPath(String);

/// The text cannot be a folder inside a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a relative folder of at most 512 bytes, without '.', '..', '\\', control or hidden characters"
)]
pub struct SkillPathError;

impl SkillPath {
    /// The folder, without a slash at either end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a repository path lies in this folder.
    #[must_use]
    pub fn contains(&self, path: &[u8]) -> bool {
        path.strip_prefix(self.0.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'/'))
    }
}

impl FromStr for SkillPath {
    type Err = SkillPathError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let folder = s.strip_suffix('/').unwrap_or(s);
        let ok = (1..=512).contains(&folder.len())
            && !folder.chars().any(|c| is_hidden_or_control(c) || c == '\\')
            && folder.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if ok { Ok(Self(folder.to_owned())) } else { Err(SkillPathError) }
    }
}

impl TryFrom<String> for SkillPath {
    type Error = SkillPathError;

    fn try_from(s: String) -> Result<Self, Self::Error> {
        s.parse()
    }
}

impl From<SkillPath> for String {
    fn from(path: SkillPath) -> Self {
        path.0
    }
}

impl fmt::Display for SkillPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_of_one_to_three_segments() {
        for good in ["tool", "owner/tool", "o/r/t", "a.b_c-d", "..a", "History2"] {
            assert_eq!(good.parse::<SkillName>().unwrap().as_str(), good);
        }
        assert_eq!("o/r/t".parse::<SkillName>().unwrap().bare(), "t");
        for (bad, why) in [
            ("", SkillNameError::Segments),
            ("a/b/c/d", SkillNameError::Segments),
            ("a//b", SkillNameError::Characters),
            ("/a", SkillNameError::Characters),
            ("a b", SkillNameError::Characters),
            ("ä", SkillNameError::Characters),
            (&"a".repeat(101), SkillNameError::Characters),
            ("a/..", SkillNameError::Reserved),
            ("Security", SkillNameError::Reserved),
            ("a/badge", SkillNameError::Reserved),
        ] {
            assert_eq!(bad.parse::<SkillName>(), Err(why), "{bad}");
        }
    }

    #[test]
    fn a_folder_holds_what_is_below_it_only() {
        let path: SkillPath = "skills/pdf/".parse().unwrap();
        assert!(path.contains(b"skills/pdf/SKILL.md"));
        assert!(!path.contains(b"skills/pdf2/SKILL.md"));
        assert!(!path.contains(b"skills/pdf"));
        for bad in ["", "/", "/a", "a/../b", "./a", "a\\b", "a\nb", "a\u{202e}b", &"a".repeat(513)]
        {
            assert!(bad.parse::<SkillPath>().is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(s in any::<String>()) {
            if let Ok(name) = s.parse::<SkillName>() {
                prop_assert_eq!(name.as_str(), s);
            }
        }
    }
}
