//! What Rust's own clients bring: the wasm target, and our program around wasm-bindgen's library.

use super::{Tool, ToolError, Version};
use crate::files::find_on_path;
use crate::native_build;
use crate::process;
use crate::ui::Ui;
use crate::workspace::Workspace;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// wasm-bindgen: of the worker, and of the library that makes its glue.
pub(super) const WASM_BINDGEN: Version = Version::new(0, 2, 130);

/// Builds the program of `bindgen/`; when it is built, this takes no time.
pub(super) fn ensure_bindgen(ui: &Ui, workspace: &Workspace) -> Result<Tool, ToolError> {
    let step = ui.step(format!("wasm-bindgen {WASM_BINDGEN}: building"));
    let path = native_build::build(workspace, "skillgate-bindgen", "bindgen", &step)
        .map_err(|source| ToolError::Install { tool: "wasm-bindgen", source })?;
    step.done();
    Ok(Tool { name: "wasm-bindgen", version: WASM_BINDGEN, path })
}

/// Sees to it that the worker can be compiled to wasm.
pub(crate) fn ensure_wasm_target(ui: &Ui, workspace: &Workspace) -> Result<(), ToolError> {
    // rustup refuses to add what another rustup is adding.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut rustc = Command::new("rustc");
    let sysroot = process::ask(rustc.args(["--print", "sysroot"]).current_dir(workspace.root()));
    let library = |sysroot: String| {
        Path::new(sysroot.trim()).join("lib/rustlib").join(WASM_TARGET).join("lib")
    };
    if sysroot.is_some_and(|sysroot| library(sysroot).is_dir()) {
        return Ok(());
    }
    let rustup = find_on_path("rustup").ok_or(ToolError::NoWasmTarget { target: WASM_TARGET })?;
    let step = ui.step(format!("Rust's {WASM_TARGET} target: fetching"));
    let mut rustup = Command::new(rustup);
    rustup.args(["target", "add", WASM_TARGET]).current_dir(workspace.root());
    process::run(&mut rustup, &workspace.log_file("rustup"), &step)
        .map_err(|source| ToolError::Install { tool: WASM_TARGET, source })?;
    step.done();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;

    /// The bindings in the worker and the glue around them must come from one version.
    #[test]
    fn worker_and_glue_are_of_one_wasm_bindgen() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for (file, krate) in
            [("Cargo.toml", "wasm-bindgen"), ("bindgen/Cargo.toml", "wasm-bindgen-cli-support")]
        {
            let manifest = String::from_utf8(files::read(&root.join(file)).unwrap()).unwrap();
            let pin = format!("\n{krate} = \"={WASM_BINDGEN}\"\n");
            assert!(manifest.contains(&pin), "{file} must have: {pin}");
        }
    }

    #[test]
    fn the_least_rust_that_is_promised_is_the_one_that_all_tests_run_with() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let read = |name| String::from_utf8(files::read(&root.join(name)).unwrap()).unwrap();
        let manifest = read("Cargo.toml");
        let (_, rest) = manifest.split_once("\nrust-version = \"").unwrap();
        let (promised, _) = rest.split_once('"').unwrap();
        for (file, line) in [
            ("rust-toolchain.toml", format!("channel = \"{promised}.0\"")),
            ("scanner-vps/Dockerfile", format!("FROM rust:{promised}-")),
            ("README.md", format!("Rust {promised} or later")),
        ] {
            assert!(read(file).contains(&line), "{file} must have: {line}");
        }
    }
}
