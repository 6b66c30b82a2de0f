//! Embeds the rule pack of the scanner with its annotated targets, so that one binary is the whole scanner: every
//! `.yaml` of `rules/` with `VERSION` and `critical.txt`, and the files of `rules-tests/ast` and `rules-tests/text`.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scanner = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../scanner-vps");
    let rules = files(&scanner.join("rules"), &[""], &|name| {
        name.ends_with(".yaml") || matches!(name, "VERSION" | "critical.txt")
    })?;
    let targets = files(&scanner.join("rules-tests"), &["ast", "text"], &|_| true)?;
    let mut code = String::new();
    for (constant, files) in [("RULES", rules), ("TARGETS", targets)] {
        writeln!(code, "pub(super) static {constant}: &[(&str, &str)] = &[")?;
        for (name, path) in files {
            writeln!(code, "    ({name:?}, include_str!({:?})),", path.display().to_string())?;
        }
        code.push_str("];\n");
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("files.rs"), code)?;
    Ok(())
}

/// The wanted files below some folders of `root`, sorted by the name that they have below it.
fn files(
    root: &Path,
    folders: &[&str],
    wanted: &dyn Fn(&str) -> bool,
) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for folder in folders {
        let folder = root.join(folder);
        println!("cargo::rerun-if-changed={}", folder.display());
        collect(root, &folder, wanted, &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn collect(
    root: &Path,
    folder: &Path,
    wanted: &dyn Fn(&str) -> bool,
    files: &mut Vec<(String, PathBuf)>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, wanted, files)?;
        } else if wanted(name) {
            let relative = path.strip_prefix(root).map_err(io::Error::other)?;
            files.push((relative.display().to_string(), path));
        }
    }
    Ok(())
}
