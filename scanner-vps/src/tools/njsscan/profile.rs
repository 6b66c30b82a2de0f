//! How njsscan wants its files staged: canaries that its stock rules report, and paths that it skips.

use crate::staging::{Language, StagingProfile, profile::Suppression};
use skillgate_contract::Provider;

/// What njsscan skips wherever it stands in a file's absolute path (libsast's and njsscan's
/// settings), in lower case.
const SKIPPED_PATHS: [&str; 10] = [
    "spec",
    "example",
    "fixtures",
    "jquery",
    ".git",
    "node_modules",
    "bower_components",
    ".min.js",
    ".svn",
    "__macosx",
];

/// The tool of the provider of the same name.
#[derive(Debug, Clone, Copy)]
pub struct Njsscan;

impl StagingProfile for Njsscan {
    fn provider(&self) -> Provider {
        Provider::Njsscan
    }

    fn canary(&self, language: Language, _mark: &str, id: &str) -> String {
        // Stock rules report both: `buffer_noassert` in code, `handlebar_mustache_template` in
        // templates.
        if language.is_parsed() {
            format!("\n;__vs_{id}.readUInt8(0,true);\n")
        } else if language == Language::Template {
            format!("\n{{{{{{__vs_{id}}}}}}}\n")
        } else {
            String::new()
        }
    }

    fn planted(&self) -> &'static [(Language, &'static str)] {
        // The canary alone is a match of a stock rule.
        &[
            (Language::JavaScript, ""),
            (Language::TypeScript, ""),
            (Language::Tsx, ""),
            (Language::Template, ""),
        ]
    }

    fn suppressions(&self) -> &'static [Suppression] {
        &[Suppression { word: b"njsscan-ignore", letter: 13 }]
    }

    fn steering_files(&self) -> &'static [&'static str] {
        &[".njsscan", ".njsscanignore"]
    }

    fn skipped_paths(&self) -> &'static [&'static str] {
        &SKIPPED_PATHS
    }
}
