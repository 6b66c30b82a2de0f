//! What a file's name says about who reads it. Its content is judged elsewhere.

use super::{Language, language};
use crate::staging::language::extension;
use skillgate_contract::{Provider, Reads};

/// Extensions of formats that are bytes: no interpreter or agent takes such a file for
/// instructions, whatever its size. Parted by spaces.
const BYTES: &str = "png jpg jpeg gif webp avif bmp ico icns tif tiff psd heic svgz mp3 mp4 m4a \
    m4v mov avi mkv webm wav flac ogg opus aac mid woff woff2 ttf otf eot pdf doc docx ppt pptx \
    xls xlsx odt epub parquet arrow npy npz safetensors onnx gguf ggml pt pth h5 tflite ckpt \
    sqlite sqlite3 db glb stl fbx";

/// Extensions of archives: bytes too. Parted by spaces.
const ARCHIVES: &str = "zip gz tgz bz2 xz zst 7z rar tar";

/// Extensions of records: text, and no instructions. Settings are none, whatever else bears their
/// extension. Parted by spaces.
const RECORDS: &str = "jsonl ndjson geojson csv tsv log lock map";

/// Extensions of what a program loads or links as code: bytes too. Parted by spaces.
const LOADABLE: &str =
    "so dll dylib pyd node exe com o obj a lib pyc pyo class jar war whl egg wasm";

/// More of them, whose text is read all the same. Parted by spaces.
const PACKAGES: &str = "beam luac jsc hbc dex vsix crx xpi apk nupkg gem pyz";

/// Extensions of memory written out: bytes, and what is in them can run. Parted by spaces.
const MEMORY: &str = "bin dat pkl pickle joblib model weights mo";

/// Extensions of code that none of the tools has a parser for, but that runs. Parted by spaces.
const OTHER_CODE: &str = "rb pl php lua go rs java kt cs c cc cpp h swift ps1 psm1 bat cmd fish \
    awk vbs applescript";

/// Extensions of programs that a path alone starts. Parted by spaces.
const SCRIPTS: &str = "sh bash zsh ksh fish command py rb pl ps1 bat cmd";

/// Extensions of what people and agents read. Parted by spaces.
const PROSE: &str = "md mdx mdc markdown txt text rst adoc asciidoc org rules prompt ipynb";

/// Extensions of settings: programs and agents act on them. Parted by spaces.
const SETTINGS: &str = "json jsonc json5 yaml yml toml ini cfg conf config cnf env properties \
    envrc xml desktop service mk cmake gradle tf sql";

fn listed(list: &str, extension: &str) -> bool {
    list.split_ascii_whitespace().any(|entry| entry == extension)
}

fn extension_is_in(path: &[u8], lists: &[&str]) -> bool {
    extension(path).is_some_and(|e| lists.iter().any(|list| listed(list, &e)))
}

/// Whether a file of this name is code by its extension.
#[must_use]
pub fn is_code(path: &[u8]) -> bool {
    language::of_path(path)
        .is_some_and(|language| language.is_parsed() || language == Language::Template)
        || extension_is_in(path, &[OTHER_CODE])
}

/// Whether a file of this name is taken for text by those who read or run it, whatever bytes are
/// in it: code, prose and settings. A name without an extension says nothing ([`is_bare`]).
#[must_use]
pub fn is_text(path: &[u8]) -> bool {
    is_code(path) || extension_is_in(path, &[PROSE, SETTINGS])
}

/// Whether a file of this name is a program that its path alone starts.
#[must_use]
pub fn is_script(path: &[u8]) -> bool {
    extension_is_in(path, &[SCRIPTS])
}

/// Whether a file of this name is for people and agents to read.
#[must_use]
pub fn is_prose(path: &[u8]) -> bool {
    extension_is_in(path, &[PROSE])
}

/// Whether a name has no extension to say what the file is: `install`, `.cursorrules`.
#[must_use]
pub fn is_bare(path: &[u8]) -> bool {
    extension(path).is_none()
}

/// Whether an honest file of this name is bytes.
#[must_use]
pub fn is_bytes(path: &[u8]) -> bool {
    is_library(path) || extension_is_in(path, &[BYTES, ARCHIVES, LOADABLE, MEMORY])
}

/// Whether a file of this name is data, in a format that may be an archive inside.
#[must_use]
pub fn is_data(path: &[u8]) -> bool {
    extension_is_in(path, &[BYTES])
}

/// Whether a file of this name is an archive: what it holds is not what its name says.
#[must_use]
pub fn is_archive(path: &[u8]) -> bool {
    extension_is_in(path, &[ARCHIVES])
}

/// Whether a file of this name, if it is bytes, is loaded as code.
#[must_use]
pub fn is_loadable(path: &[u8]) -> bool {
    is_library(path) || extension_is_in(path, &[LOADABLE, PACKAGES])
}

/// `libz.so.1.2.13`
fn is_library(path: &[u8]) -> bool {
    let is_version = |b: &u8| b.is_ascii_digit() || *b == b'.';
    let end = path.iter().rposition(|b| !is_version(b)).map_or(0, |at| at + 1);
    let (stem, version) = path.split_at(end);
    !version.is_empty() && stem.ends_with(b".so")
}

/// Whether a file is read in the same way under both names.
#[must_use]
pub fn are_alike(a: &[u8], b: &[u8]) -> bool {
    let kinds = |path: &[u8]| {
        let notebook = extension(path).as_deref() == Some("ipynb");
        (language::of_path(path), notebook, is_text(path), is_bare(path), is_bytes(path))
    };
    kinds(a) == kinds(b)
}

/// Whether a provider's tool would read a file of this name for what people and programs read in
/// it. Its absence leaves a gap.
#[must_use]
pub fn is_read_by(provider: Provider, path: &[u8]) -> bool {
    match provider.spec().reads {
        Reads::AllText | Reads::AllBytes => is_text(path) || is_bare(path),
        Reads::NodeCode => can_hold_code(provider, path),
    }
}

/// Whether a file of this name can hold code or settings that this provider's tool would read,
/// should its content be out of references.
#[must_use]
pub fn can_hold_code(provider: Provider, path: &[u8]) -> bool {
    match (provider.spec().reads, language::of_path(path)) {
        (Reads::NodeCode, Some(language)) => language.is_node() || language == Language::Markdown,
        (Reads::NodeCode, None) => is_bare(path),
        (Reads::AllText | Reads::AllBytes, _) => may_hold_code(path),
    }
}

/// Whether a file of this name can hold code or settings of any kind: its extension is neither
/// that of a format of bytes nor that of records.
#[must_use]
pub fn may_hold_code(path: &[u8]) -> bool {
    !extension_is_in(path, &[BYTES, ARCHIVES, RECORDS])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_holds_no_code_and_the_unknown_may() {
        for (path, code) in [("a.png", false), ("a.JSONL", false), ("a.js", true), ("x", true)] {
            assert_eq!(can_hold_code(Provider::Semgrep, path.as_bytes()), code, "{path}");
        }
        for path in [".claude/settings.json", "mcp.JSON", "a.jsonc", "tsconfig.json5"] {
            for provider in [Provider::Semgrep, Provider::Trufflehog] {
                assert!(can_hold_code(provider, path.as_bytes()), "{path}");
            }
            assert!(!can_hold_code(Provider::Njsscan, path.as_bytes()), "{path}");
        }
        assert!(!can_hold_code(Provider::Njsscan, b"a.py"));
        assert!(can_hold_code(Provider::Njsscan, b"a.tsx"));
        assert!(is_code(b"a.rb") && is_code(b"a.Py") && !is_code(b"a.png"));
    }

    #[test]
    fn what_agents_and_programs_act_on_is_text() {
        for path in ["SKILL.md", "rules.mdc", "a.yaml", "setup.cfg", "mcp.json", "a.py", "a.TXT"] {
            assert!(is_text(path.as_bytes()), "{path}");
        }
        for path in ["a.png", "a.bin", "a.unknown", "a.csv"] {
            assert!(!is_text(path.as_bytes()), "{path}");
        }
        assert!(is_bytes(b"libz.so.1.2.13") && !is_bytes(b"a.so.sh") && !is_bytes(b"a.1"));
        for path in ["a.pyc", "A.SO", "libz.so.1", "a.jar", "a.wasm", "x.node", "a.beam"] {
            assert!(is_loadable(path.as_bytes()), "{path}");
        }
        for path in ["a.png", "a.pdf", "a.bin", "a.py", "a.zip", "so", "a.1"] {
            assert!(!is_loadable(path.as_bytes()), "{path}");
        }
        assert!(is_script(b"a/b.SH") && !is_script(b"a.ts") && !is_script(b"sh"));
        assert!(is_prose(b"SKILL.md") && !is_prose(b"a.yaml"));
        assert!(is_bare(b"x/.cursorrules") && is_bare(b"install") && !is_bare(b"a.b"));
    }
}
