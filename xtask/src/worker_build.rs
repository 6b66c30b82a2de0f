//! Builds the worker: Rust to wasm, its JavaScript glue, its static files, and the size that every cold start pays for.

use crate::files::{self, FileError};
use crate::function_order;
use crate::glue::{self, GlueError};
use crate::process::{self, ProcessError};
use crate::tools::WorkerTools;
use crate::ui::{Step, Ui};
use crate::workspace::Workspace;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the gzipped wasm may weigh; `docs/costs.md` says what it is made of.
pub const MAX_GZIP_BYTES: u64 = 220 * 1024;

/// What the wasm may use: the list that the `worker` crate's own build gives to wasm-opt, so that nothing newer than workerd is written.
pub(crate) const WASM_FEATURES: [&str; 7] = [
    "mutable-globals",
    "sign-ext",
    "nontrapping-float-to-int",
    "bulk-memory",
    "multivalue",
    "reference-types",
    "exception-handling",
];

/// What wrangler serves and deploys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerBundle {
    /// The module that wrangler.toml names as `main`.
    pub main: PathBuf,
    /// The wasm that it imports.
    pub wasm: PathBuf,
    /// The wasm's size as it is.
    pub raw_bytes: u64,
    /// The wasm's size as it travels.
    pub gzip_bytes: u64,
}

/// What to do about a bundle over [`MAX_GZIP_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeLimit {
    /// It is an error.
    Enforce,
    /// It is said, no more.
    Report,
}

/// Why there is no usable bundle.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The build failed.
    #[error("the worker does not build")]
    Build(#[from] ProcessError),
    /// There is no glue for what was built.
    #[error("the worker cannot be bundled")]
    Glue(#[from] GlueError),
    /// What was built cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// What was built is no wasm, or imports what wasm-bindgen does not.
    #[error("the wasm's sections cannot be read")]
    NoWasm,
    /// Its size cannot be measured.
    #[error("the wasm cannot be compressed to measure it")]
    Measure(#[from] io::Error),
    /// It is over its budget.
    #[error(
        "the wasm is {gzip_bytes} bytes gzipped, over the budget of {MAX_GZIP_BYTES}; \
         `twiggy top`, after a build with CARGO_PROFILE_RELEASE_STRIP=false, says what grew; or build with --allow-oversize"
    )]
    Oversize {
        /// What it weighs.
        gzip_bytes: u64,
    },
}

/// Builds the worker crate for release and measures it.
///
/// # Errors
/// When it does not build, or is too large and `limit` says that this is an error.
pub fn build(
    ui: &Ui,
    workspace: &Workspace,
    tools: &WorkerTools,
    limit: SizeLimit,
) -> Result<WorkerBundle, BuildError> {
    let step = ui.step("worker: building wasm and its glue");
    files::create_dir(&workspace.state_dir())?;
    // Two builds would write the same folder, and one would read the other's wasm.
    let _lock = files::lock(ui, &workspace.state_dir().join("worker.lock"))?;
    let wasm = glue::compile(workspace, &step)?;
    // Beside `build`, since esbuild resolves paths from here; a step that fails leaves the last whole worker.
    let staging = workspace.root().join("build.tmp");
    glue::write(workspace, tools, &wasm, &staging, &step)?;
    shrink(workspace, tools, &staging.join("index_bg.wasm"), &step)?;
    write_assets(&staging.join("assets"))?;
    let out = workspace.root().join("build");
    install(&staging, &out)?;
    step.done();
    let bundle = measure(&out)?;
    let text = format!(
        "worker: wasm {} KB, gzipped {} KB of at most {} KB",
        kilobytes(bundle.raw_bytes),
        kilobytes(bundle.gzip_bytes),
        kilobytes(MAX_GZIP_BYTES),
    );
    if bundle.gzip_bytes <= MAX_GZIP_BYTES {
        ui.good(text);
        return Ok(bundle);
    }
    ui.bad(text);
    match limit {
        SizeLimit::Report => Ok(bundle),
        SizeLimit::Enforce => Err(BuildError::Oversize { gzip_bytes: bundle.gzip_bytes }),
    }
}

/// Removes what the runtime does not read, names and producers, and orders the functions.
fn shrink(
    workspace: &Workspace,
    tools: &WorkerTools,
    wasm: &Path,
    step: &Step,
) -> Result<(), BuildError> {
    let run = |options: &[&str]| {
        let mut command = Command::new(&tools.node.wasm_opt.path);
        command.env("PATH", tools.node.path_env()).arg(wasm).arg("-o").arg(wasm).args(options);
        command.args(WASM_FEATURES.map(|feature| format!("--enable-{feature}")));
        process::run(&mut command, &workspace.log_file("wasm-opt"), step)
    };
    run(&["--remove-unused-module-elements", "--strip-debug", "--strip-producers"])?;
    let named = function_order::named(&files::read(wasm)?).ok_or(BuildError::NoWasm)?;
    files::write(wasm, named)?;
    Ok(run(&["--reorder-functions-by-name", "--strip-debug"])?)
}

/// Moves the finished module, its wasm and its static files from `staging`, which goes, to where wrangler reads them.
fn install(staging: &Path, out: &Path) -> Result<(), FileError> {
    files::create_dir(out)?;
    // A folder cannot take the place of another one: for a moment there is none.
    files::remove_dir(&out.join("assets"))?;
    files::rename(&staging.join("assets"), &out.join("assets"))?;
    for name in ["index.js", "index_bg.wasm"] {
        files::rename(&staging.join(name), &out.join(name))?;
    }
    files::remove_dir(staging)
}

/// Writes the static files that wrangler.toml names.
fn write_assets(dir: &Path) -> Result<(), FileError> {
    files::remove_dir(dir)?;
    files::create_dir(dir)?;
    files::create_dir(&dir.join("rules"))?;
    for (name, text) in skillgate_openapi::files() {
        files::write(&dir.join(name), text)?;
    }
    Ok(())
}

fn measure(out: &Path) -> Result<WorkerBundle, BuildError> {
    let wasm = out.join("index_bg.wasm");
    let bytes = files::read(&wasm)?;
    let mut gzip = GzEncoder::new(CountBytes(0), Compression::best());
    gzip.write_all(&bytes)?;
    let CountBytes(gzip_bytes) = gzip.finish()?;
    Ok(WorkerBundle { main: out.join("index.js"), wasm, raw_bytes: bytes.len() as u64, gzip_bytes })
}

fn kilobytes(bytes: u64) -> u64 {
    bytes.div_ceil(1024)
}

/// A sink that only counts.
struct CountBytes(u64);

impl Write for CountBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finished_worker_replaces_the_last_one_whole_and_leaves_no_staging() {
        let root = tempfile::tempdir().unwrap();
        let (staging, out) = (root.path().join("build.tmp"), root.path().join("build"));
        for (dir, text) in [(&out, "old"), (&staging, "new")] {
            files::create_dir(dir).unwrap();
            for name in ["index.js", "index_bg.wasm"] {
                files::write(&dir.join(name), text).unwrap();
            }
            files::create_dir(&dir.join("assets")).unwrap();
            files::write(&dir.join("assets").join(text), text).unwrap();
        }
        files::write(&staging.join("shim.js"), "made on the way").unwrap();
        install(&staging, &out).unwrap();
        let names = ["assets", "index.js", "index_bg.wasm"].map(|name| out.join(name));
        assert_eq!(files::list(&out).unwrap(), names);
        for name in &names[1..] {
            assert_eq!(files::read(name).unwrap(), b"new");
        }
        assert_eq!(files::list(&names[0]).unwrap(), [names[0].join("new")]);
        assert!(!staging.exists());
    }

    #[test]
    fn the_static_files_are_those_of_this_build() {
        let out = tempfile::tempdir().unwrap();
        let dir = out.path().join("assets");
        files::create_dir(&dir).unwrap();
        files::write(&dir.join("old.html"), "old").unwrap();
        write_assets(&dir).unwrap();
        let names: Vec<_> = files::list(&dir).unwrap();
        assert_eq!(
            names,
            ["admin.js", "docs.html", "openapi.json", "rules", "rules.html"]
                .map(|name| dir.join(name))
        );
        let written = names.len() - 1 + files::list(&dir.join("rules")).unwrap().len();
        assert_eq!(written, skillgate_openapi::files().len());
    }

    #[test]
    fn bundle_is_measured_raw_and_gzipped() {
        let out = tempfile::tempdir().unwrap();
        files::write(&out.path().join("index_bg.wasm"), vec![0; 100_000]).unwrap();
        let bundle = measure(out.path()).unwrap();
        assert_eq!(bundle.raw_bytes, 100_000);
        assert!((1..1_000).contains(&bundle.gzip_bytes), "{}", bundle.gzip_bytes);
    }
}
