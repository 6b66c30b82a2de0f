//! Embeds the rule pack, so that the one binary is the whole scanner: every `.yaml` of `rules/`
//! outside its `tests` folder, with `VERSION` and `critical.txt`.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rules = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("rules");
    println!("cargo::rerun-if-changed={}", rules.display());
    let mut files = Vec::new();
    collect(&rules, &rules, &mut files)?;
    files.sort();
    let mut code = String::from("pub(super) static FILES: &[(&str, &str)] = &[\n");
    for name in files {
        let path = rules.join(&name);
        writeln!(code, "    ({name:?}, include_str!({:?})),", path.display().to_string())?;
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("rule_files.rs"), code)?;
    Ok(())
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let rule_test = name.contains(".test.") || matches!(name, "tests" | "test");
        if rule_test || name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if name.ends_with(".yaml") || matches!(name, "VERSION" | "critical.txt") {
            let relative = path.strip_prefix(root).map_err(io::Error::other)?;
            files.push(relative.display().to_string());
        }
    }
    Ok(())
}
