//! Files that hold code which no tool here reads: archives and compiled programs.
//!
//! Honest skills carry templates in a zip, so an archive is worth a low finding; what is a program
//! by its format or its name, a medium one, but for bytecode beside its source. `tools/dedup.rs` caps both for a repository. Formats
//! are told by their first bytes (crate `infer`), so a name hides nothing; office documents and
//! fonts are neither.

use super::{binary, finding, language};
use crate::paths::shown;
use skillgate_contract::{Finding, Provider, Severity};
use std::collections::HashSet;

/// The rule of these findings.
pub(super) const RULE: &str = "skillgate.coverage.packed-code";

/// Archives whose names say that what they hold runs. Parted by spaces.
const PACKAGES: &str = "jar war whl egg vsix crx xpi apk nupkg gem";

/// What is said of a file of bytes that holds code; `None` of any other.
pub(super) fn finding(provider: Provider, path: &[u8], content: &[u8]) -> Option<Finding> {
    let (severity, what) = kind(path, content)?;
    let message = format!("This file is {what}: what runs or is written from it was not read.");
    Some(finding::finding(provider, RULE, severity, &message, &shown(path), None))
}

/// Bytecode beside its source is what Python writes there: a habit, though nothing shows that the
/// two agree.
pub(super) fn beside_source(findings: &mut [Finding], paths: &[&[u8]]) {
    let paths: HashSet<String> = paths.iter().map(|path| shown(path)).collect();
    for finding in findings.iter_mut().filter(|finding| finding.rule == RULE) {
        if source_of(&finding.file).is_some_and(|source| paths.contains(&source)) {
            finding.severity = Severity::Low;
        }
    }
}

/// PEP 3147: `a/__pycache__/b.cpython-311.pyc` comes from `a/b.py`, and `a/b.pyc` does too.
pub(super) fn source_of(path: &str) -> Option<String> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.strip_suffix(".pyc").or_else(|| name.strip_suffix(".pyo"))?;
    let folder = match folder.strip_suffix("__pycache__") {
        Some(parent) => parent.trim_end_matches('/'),
        None => folder,
    };
    let module = stem.split('.').next().unwrap_or(stem);
    Some(if folder.is_empty() { format!("{module}.py") } else { format!("{folder}/{module}.py") })
}

/// How office documents before 2007 begin ([MS-CFB], 2.2).
const OLD_DOCUMENT: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// Names of streams with macros or packed files, in UTF-16 ([MS-OVBA], [MS-OLEDS]).
const MACROS: [&str; 2] = ["_VBA_PROJECT", "Ole10Native"];

/// Whether a file is an office document of the old kind, or an object of another program in a new one.
pub(super) fn is_old_document(content: &[u8]) -> bool {
    content.starts_with(OLD_DOCUMENT)
}

/// Whether such a document holds macros or files.
pub(super) fn has_macros(content: &[u8]) -> bool {
    is_old_document(content)
        && MACROS.iter().any(|name| {
            let wide: Vec<u8> = name.bytes().flat_map(|byte| [byte, 0]).collect();
            content.windows(wide.len()).any(|window| window == wide)
        })
}

fn kind(path: &[u8], content: &[u8]) -> Option<(Severity, &'static str)> {
    if binary::is_compiled(content) {
        return Some((Severity::Medium, "compiled code"));
    }
    let extension = language::extension(path).unwrap_or_default();
    let archive = infer::get(content).map(|kind| kind.extension()).filter(|kind| {
        matches!(*kind, "zip" | "tar" | "gz" | "bz2" | "xz" | "zst" | "7z" | "rar")
    })?;
    if archive == "zip" && PACKAGES.split_ascii_whitespace().any(|entry| entry == extension) {
        return Some((Severity::Medium, "a package of code"));
    }
    // Documents are zips too, and say so by their names.
    let is_document = matches!(
        extension.as_str(),
        "docx" | "pptx" | "xlsx" | "odt" | "ods" | "odp" | "epub" | "npz" | "pt" | "pth" | "svgz"
    );
    (!is_document).then_some((Severity::Low, "an archive"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_low_programs_medium_and_documents_nothing() {
        let zip = b"PK\x03\x04\x14\0\0\0\0\0".as_slice();
        let elf = b"\x7fELF\x02\x01\x01\0".repeat(9);
        let gz = b"\x1f\x8b\x08\0\0\0\0\0".as_slice();
        let exe = b"MZ\x90\0".repeat(16);
        let font = b"wOF2\0\x01\0\0".as_slice();
        for (name, content, severity) in [
            ("template.zip", zip, Some(Severity::Low)),
            ("a.tar.gz", gz, Some(Severity::Low)),
            ("tool.jar", zip, Some(Severity::Medium)),
            ("tool.WHL", zip, Some(Severity::Medium)),
            ("x.vsix", zip, Some(Severity::Medium)),
            ("form.docx", zip, None),
            ("data.npz", zip, None),
            ("logo.png", zip, Some(Severity::Low)),
            ("run", &elf, Some(Severity::Medium)),
            ("setup.exe", &exe, Some(Severity::Medium)),
            ("a.woff2", font, None),
        ] {
            let found = finding(Provider::Semgrep, name.as_bytes(), content);
            assert_eq!(found.map(|found| found.severity), severity, "{name}");
        }
    }

    #[test]
    fn bytecode_beside_its_source_is_low() {
        let paths: [&[u8]; 2] = [b"a/b.py", b"c.py"];
        for (name, severity) in [
            ("a/__pycache__/b.cpython-311.pyc", Severity::Low),
            ("a/b.pyc", Severity::Low),
            ("__pycache__/c.cpython-311.pyc", Severity::Low),
            ("a/c.pyc", Severity::Medium),
            ("a/b.so", Severity::Medium),
        ] {
            let content = [b"\xa7\r\r\n".as_slice(), &[0; 12]].concat();
            let mut findings = vec![finding(Provider::Semgrep, name.as_bytes(), &content).unwrap()];
            beside_source(&mut findings, &paths);
            assert_eq!(findings[0].severity, severity, "{name}");
        }
    }
}
