//! Whether a file that nothing has read may have held code, by its name alone.

/// Extensions of formats that no interpreter runs and no agent takes for instructions: pictures, fonts,
/// sound, film, documents that are laid out, numbers, and records. An `svg` can hold scripts, an archive
/// anything.
const NO_CODE: &str = " png jpg jpeg gif webp avif bmp ico icns tif tiff psd heic \
    mp3 mp4 m4a m4v mov avi mkv webm wav flac ogg opus aac mid woff woff2 ttf otf eot \
    pdf docx pptx xlsx odt epub parquet arrow npy safetensors onnx gguf glb stl \
    jsonl ndjson geojson csv tsv log lock map ";

/// A name that says nothing, one without an extension too, may be code.
pub(super) fn can_hold_code(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let extension = match name.rsplit_once('.') {
        // `.png` is a hidden file without an extension.
        Some((stem, extension)) if !stem.is_empty() => extension,
        _ => return true,
    };
    !NO_CODE.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_name_does_not_rule_out_may_be_code() {
        for file in [
            "a.png",
            "x/LOGO.PNG",
            "fonts/a.woff2",
            "a.b.pdf",
            "song.mp3",
            "film.webm",
            "data.csv",
            "yarn.lock",
            ".cache/a.jpeg",
        ] {
            assert!(!can_hold_code(file), "{file}");
        }
        for file in [
            "run.sh",
            "SKILL.md",
            "a.py",
            "a.pyc",
            "lib.so",
            "libz.so.1.2",
            "a.wasm",
            "A.class",
            "a.exe",
            "a.bin",
            "a.zip",
            "a.svg",
            "a.html",
            "install",
            "x/.png",
            ".cursorrules",
            "a.png.sh",
            "a.png ",
            "a.",
            "",
            "png",
            "a.png/b",
            "a.jpeg gif",
            "(3 more)",
            "a.unknown",
            "package.json",
        ] {
            assert!(can_hold_code(file), "{file}");
        }
    }
}
