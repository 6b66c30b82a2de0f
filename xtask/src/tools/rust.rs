//! What Rust's own clients bring: the wasm target, the wasm-bindgen tool, worker-build.

use super::cache::{Cache, Slot};
use super::{Tool, ToolError, Version};
use crate::files::{self, find_on_path};
use crate::process;
use crate::ui::Ui;
use crate::workspace::Workspace;
use std::env;
use std::path::Path;
use std::process::Command;

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The glue generator. Its own lock file holds versions that the registries no longer all have, so it is resolved afresh.
pub(super) const WASM_BINDGEN: CargoTool = CargoTool {
    krate: "wasm-bindgen-cli",
    program: "wasm-bindgen",
    version: Version::new(0, 2, 130),
    locked: false,
    // They are TLS for its test runner, which is not used here.
    default_features: false,
};

/// The build driver.
pub(super) const WORKER_BUILD: CargoTool = CargoTool {
    krate: "worker-build",
    program: "worker-build",
    version: Version::new(0, 8, 7),
    locked: true,
    default_features: true,
};

/// A program that `cargo install` builds.
#[derive(Debug)]
pub(super) struct CargoTool {
    krate: &'static str,
    program: &'static str,
    version: Version,
    locked: bool,
    default_features: bool,
}

impl CargoTool {
    /// The program on PATH in this very version, else the one in the cache, built when it is not there.
    pub(super) fn ensure(&self, ui: &Ui, cache: &Cache) -> Result<Tool, ToolError> {
        if let Some(path) = find_on_path(self.program)
            && self.fits(&path)
        {
            return Ok(self.at(&path));
        }
        let slot = cache.slot(ui, self.krate, self.version, &[])?;
        let install = || {
            // An interrupted run may have got as far as this.
            if self.fits(&slot.bin(self.program)) {
                return Ok(());
            }
            self.install(ui, cache, &slot)
        };
        Ok(self.at(&slot.filled(self.program, self.version, install)?))
    }

    fn fits(&self, path: &Path) -> bool {
        Version::ask(path) == Some(self.version)
    }

    fn at(&self, path: &Path) -> Tool {
        Tool { name: self.program, version: self.version, path: path.to_path_buf() }
    }

    fn install(&self, ui: &Ui, cache: &Cache, slot: &Slot) -> Result<(), ToolError> {
        let step = ui.step(format!("{} {}: cargo install", self.program, self.version));
        // A target folder in the slot keeps what was compiled when this is interrupted.
        let target = slot.dir().join("target");
        let mut cargo = cargo();
        cargo.args(["install", self.krate, "--version", &self.version.to_string(), "--force"]);
        cargo.args(self.locked.then_some("--locked"));
        cargo.args((!self.default_features).then_some("--no-default-features"));
        // Optimised, each takes minutes longer to compile, and saves a second when it runs.
        cargo.args(["--profile", "dev"]);
        cargo.envs([("CARGO_PROFILE_DEV_DEBUG", "false"), ("CARGO_INCREMENTAL", "0")]);
        cargo.arg("--root").arg(slot.dir()).arg("--target-dir").arg(&target);
        cargo.current_dir(slot.dir()).env_remove("RUSTFLAGS");
        process::run(&mut cargo, &cache.workspace().log_file(self.krate), &step)
            .map_err(|source| ToolError::Install { tool: self.krate, source })?;
        files::remove_dir(&target)?;
        step.done();
        Ok(())
    }
}

/// The cargo that started this program, else the one on PATH.
fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Sees to it that the worker can be compiled to wasm.
pub(super) fn ensure_wasm_target(ui: &Ui, workspace: &Workspace) -> Result<(), ToolError> {
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

/// Refuses a locked `wasm-bindgen` that the tool would not understand; one that is not locked yet is fine.
pub(super) fn check_wasm_bindgen_lock(workspace: &Workspace) -> Result<(), ToolError> {
    let lock = files::read(&workspace.root().join("Cargo.lock")).unwrap_or_default();
    match locked_version(&String::from_utf8_lossy(&lock), "wasm-bindgen") {
        Some(locked) if locked != WASM_BINDGEN.version => {
            Err(ToolError::WasmBindgenDiffers { locked, tool: WASM_BINDGEN.version })
        }
        _ => Ok(()),
    }
}

fn locked_version(lock: &str, krate: &str) -> Option<Version> {
    let name = format!("name = \"{krate}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    Version::find(lines.next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";

    #[test]
    fn locked_version_is_that_of_the_very_crate() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen"), Some(Version::new(0, 2, 130)));
        assert_eq!(locked_version(LOCK, "worker"), None);
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
