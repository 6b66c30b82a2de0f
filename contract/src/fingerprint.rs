//! What makes two findings the same: rule, file and code, on whatever line and in whatever commit.
//!
//! There are two forms, because each was published before the other could take its bytes. Neither
//! changes: rows of databases hold the one, code scanning services compare the other with what they
//! were sent before. Both are the first 32 hex digits of SHA-256 over the three texts, each behind its
//! length, so that no text of one part can pass for another's.

use crate::Finding;
use sha2::{Digest, Sha256};

/// Hex digits of a fingerprint: 128 bits.
const DIGITS: usize = 32;

impl Finding {
    /// The form in the worker's database, of critical findings: what an admin has lifted does not
    /// block again. Lengths are 32-bit integers, little-endian.
    #[must_use]
    pub fn database_fingerprint(&self) -> String {
        self.fingerprint(|length| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes())
    }

    /// The form in `partialFingerprints` of SARIF logs, before the number behind the colon. Lengths
    /// are 64-bit integers, big-endian.
    #[must_use]
    pub fn sarif_fingerprint(&self) -> String {
        self.fingerprint(|length| u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes())
    }

    fn fingerprint<const N: usize>(&self, length: impl Fn(usize) -> [u8; N]) -> String {
        let mut digest = Sha256::new();
        for part in [&self.rule, &self.file, &self.code] {
            digest.update(length(part.len()));
            digest.update(part);
        }
        let mut digits = hex::encode(digest.finalize());
        digits.truncate(DIGITS);
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Severity;

    fn finding(rule: &str, file: &str, code: &str) -> Finding {
        Finding {
            rule: rule.into(),
            severity: Severity::Critical,
            message: "m".into(),
            file: file.into(),
            line: Some(1),
            end_line: None,
            code: code.into(),
            provider: None,
            chain: Vec::new(),
        }
    }

    #[test]
    fn both_forms_are_what_was_stored_and_sent_before() {
        let found = finding("r", "a.js", "eval(x)");
        assert_eq!(found.database_fingerprint(), "0f956e3dbab233f37604918df0d6fe9b");
        assert_eq!(found.sarif_fingerprint(), "66309e344754442bbc58a6ddac8ef2a5");
    }

    #[test]
    fn only_rule_file_and_code_count_and_no_part_passes_for_another() {
        let here = finding("r", "a.js", "eval(x)");
        let moved = Finding { line: Some(9), message: "another".into(), ..here.clone() };
        for form in [Finding::database_fingerprint, Finding::sarif_fingerprint] {
            assert_eq!(form(&here), form(&moved));
            for (rule, file, code) in [
                ("r2", "a.js", "eval(x)"),
                ("r", "b.js", "eval(x)"),
                ("r", "a.js", "eval(y)"),
                ("ra", ".js", "eval(x)"),
            ] {
                assert_ne!(form(&finding(rule, file, code)), form(&here), "{rule} {file} {code}");
            }
        }
    }
}
