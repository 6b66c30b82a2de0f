//! Embeds the documents of `docs/` that are pages too. One that is not there yet is `None`.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let docs = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../docs");
    println!("cargo::rerun-if-changed={}", docs.display());
    let include = |path: &Path| format!("include_str!({:?})", path.display().to_string());
    let detection = docs.join("detection.md");
    let detection = if detection.exists() {
        format!("Some({})", include(&detection))
    } else {
        "None".to_owned()
    };
    let code = format!(
        "pub(super) const AGENTS: &str = {};\npub(super) const DETECTION: Option<&str> = {detection};\n",
        include(&docs.join("agents.md")),
    );
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("documents.rs"), code)?;
    Ok(())
}
