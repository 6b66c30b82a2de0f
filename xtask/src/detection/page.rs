//! The sections of `docs/detection.md` that this program writes, between marker comments.

use super::DetectionError;
use crate::files;
use crate::workspace::Workspace;

/// The page, from the root of the repository.
const PAGE: &str = "docs/detection.md";
/// Begins the line of a rule pack's version in every section.
pub const RULE_PACK: &str = "Rule pack ";

/// A part of the page that is written by program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// The samples of this repository; a test recomputes it.
    Samples,
    /// The packages; needs the network.
    Packages,
    /// The time of one scan on one core; of one machine.
    Time,
}

impl Section {
    /// The comments around it.
    const fn markers(self) -> (&'static str, &'static str) {
        match self {
            Self::Samples => (
                "<!-- samples: kept true by tests/e2e/detection.rs -->\n",
                "<!-- end of samples -->\n",
            ),
            Self::Packages => {
                ("<!-- packages: cargo xtask detection -->\n", "<!-- end of packages -->\n")
            }
            Self::Time => ("<!-- time: cargo xtask detection -->\n", "<!-- end of time -->\n"),
        }
    }
}

/// What the page says in a section.
///
/// # Errors
/// When the page cannot be read or lacks the section.
pub fn section(workspace: &Workspace, section: Section) -> Result<String, DetectionError> {
    let (_, text, _) = split(&page(workspace)?, section)?;
    Ok(text)
}

/// Writes a section.
///
/// # Errors
/// When the page cannot be read or written, or lacks the section.
pub fn update(workspace: &Workspace, section: Section, text: &str) -> Result<(), DetectionError> {
    let (before, _, after) = split(&page(workspace)?, section)?;
    let (begin, end) = section.markers();
    let whole = [&before, begin, text, end, &after].concat();
    Ok(files::write(&workspace.root().join(PAGE), whole)?)
}

fn page(workspace: &Workspace) -> Result<String, DetectionError> {
    let bytes = files::read(&workspace.root().join(PAGE))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn split(page: &str, section: Section) -> Result<(String, String, String), DetectionError> {
    let (begin, end) = section.markers();
    let parts = page.split_once(begin).and_then(|(before, rest)| {
        let (text, after) = rest.split_once(end)?;
        Some((before.to_owned(), text.to_owned(), after.to_owned()))
    });
    parts.ok_or(DetectionError::NoSection(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_what_stands_between_its_own_markers() {
        let page = "a\n<!-- time: cargo xtask detection -->\nold\n<!-- end of time -->\nb\n";
        let (before, text, after) = split(page, Section::Time).unwrap();
        assert_eq!([before.as_str(), &text, &after], ["a\n", "old\n", "b\n"]);
        assert!(matches!(split(page, Section::Samples), Err(DetectionError::NoSection(_))));
    }
}
