//! Members of archives as files of findings: `folder/kit.zip!/run.sh`, as the address of a file in a Java archive is.

use crate::text;

/// What stands between the path of an archive and the name of a member.
const MARK: &[u8] = b"!/";
/// Extensions of the files that the scanner opens by their bytes: archives, packages, documents, and pictures with
/// something behind their end. Parted by spaces. A file of another name is opened too; a link then leads to the whole
/// path, which exists nowhere, and not to a file that somebody else chose.
const EXTENSIONS: &str = "zip skill mcpb dxt vsix whl jar war egg nupkg xpi crx apk aar ear \
    tar tgz gz gzip tbz tbz2 txz bz2 xz \
    docx docm dotx dotm xlsx xlsm xltx xltm pptx pptm potx potm odt ods odp epub \
    png jpg jpeg gif webp bmp pyc pyo";

/// The path of the archive and the name of the member, where a path is of one. A real folder may end in `!` too: a path
/// is cut only where what stands before has the extension of a file that is opened, at the first such place.
#[must_use]
pub fn split(path: &str) -> Option<(&str, &str)> {
    let marks = path.as_bytes().windows(MARK.len()).enumerate();
    let mut marks = marks.filter(|(_, part)| *part == MARK).map(|(at, _)| at);
    marks.find_map(|at| {
        let (archive, member) = (path.get(..at)?, path.get(at + MARK.len()..)?);
        let extension = archive.rsplit('/').next()?.rsplit_once('.')?.1;
        let is_opened = EXTENSIONS.split(' ').any(|known| extension.eq_ignore_ascii_case(known));
        (is_opened && !extension.is_empty()).then_some((archive, member))
    })
}

/// A text about a file, with the name and line of the member where the file is one: what a place that can only be of a
/// file of the repository does not say.
#[must_use]
pub(crate) fn said(about: &str, path: &str, line: Option<u32>) -> String {
    let mut said = about.to_owned();
    if let Some((_, member)) = split(path) {
        said.push_str(" (in its member ");
        said.push_str(&text::line(member, crate::MAX_STRING_CHARS));
        if let Some(line) = line {
            said.push_str(", line ");
            said.push_str(&line.to_string());
        }
        said.push(')');
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cut_behind_an_archive_only() {
        for (path, expected) in [
            ("kit.zip!/a/run.sh", Some(("kit.zip", "a/run.sh"))),
            ("a/KIT.TAR.GZ!/run.sh", Some(("a/KIT.TAR.GZ", "run.sh"))),
            ("a.docx!/x.docx!/word/y", Some(("a.docx", "x.docx!/word/y"))),
            ("README!/kit.skill!/run.sh", Some(("README!/kit.skill", "run.sh"))),
            ("README!/run.sh", None),
            ("README.md!/run.sh", None),
            ("a.zip/b!/run.sh", None),
            ("zip!/run.sh", None),
            ("a.!/run.sh", None),
            ("a.zip", None),
            ("!/", None),
            ("", None),
        ] {
            assert_eq!(split(path), expected, "{path}");
        }
    }

    #[test]
    fn a_member_is_named_with_its_line() {
        assert_eq!(
            said("It runs.", "a.zip!/b\u{202e}.sh", Some(4)),
            "It runs. (in its member b\u{fffd}.sh, line 4)"
        );
        assert_eq!(said("It runs.", "a.zip!/b.sh", None), "It runs. (in its member b.sh)");
        assert_eq!(said("It runs.", "a!/b.sh", Some(4)), "It runs.");
    }
}
