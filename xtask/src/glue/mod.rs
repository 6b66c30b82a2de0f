//! From the compiled wasm to a module that workerd runs: bindings, optimisation, and the shim that calls the handlers.
//!
//! It does what `worker-build` of the `worker` crate does with `--release`, and brings its shim along (`shim.js`, from
//! worker-build 0.8.7, Apache-2.0). worker-build itself would be compiled for minutes, mostly for what it downloads tools with.

use crate::files::{self, FileError};
use crate::process::{self, ProcessError};
use crate::tools::{self, ToolError, WorkerTools};
use crate::ui::{Step, Ui};
use crate::worker_build::WASM_FEATURES;
use crate::workspace::Workspace;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";
const SHIM: &str = include_str!("shim.js");
const HANDLERS: &str = "$HANDLERS";
/// What the shim itself calls.
const INTERNAL: [&str; 2] = ["__wbg_reset_state", "__worker_init_state"];
/// What Cloudflare calls.
const REQUIRED: [&str; 2] = ["fetch", "scheduled"];
/// Moving functions into their one caller makes the wasm smaller, and 6 % larger gzipped, which is what counts.
const OPTIMISE: [&str; 3] = ["-O", "--converge", "--one-caller-inline-max-function-size=20"];

/// `cargo build` of the worker; the same command again, when it is built, takes no time.
///
/// # Errors
/// When it does not build.
pub(crate) fn compile(workspace: &Workspace, step: &Step) -> Result<PathBuf, ProcessError> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--locked", "--package", "skillgate-worker", "--lib", "--release"]);
    cargo.args(["--target", TARGET]).current_dir(workspace.root());
    // Futures are those of js-sys; the macros of wasm-bindgen learn it by this alone.
    cargo.env("WASM_BINDGEN_USE_JS_SYS", "1");
    process::run(&mut cargo, &workspace.log_file("worker-compile"), step)?;
    Ok(workspace.target_dir().join(TARGET).join("release/skillgate_worker.wasm"))
}

/// Compiles the worker while the tools that the rest of its build needs are still being got.
///
/// # Errors
/// When Rust's wasm target cannot be had, or the worker does not build.
pub(crate) fn compile_ahead(ui: &Ui, workspace: &Workspace) -> Result<(), GlueError> {
    tools::ensure_wasm_target(ui, workspace)?;
    let step = ui.step("worker: compiling to wasm");
    compile(workspace, &step)?;
    step.done();
    Ok(())
}

/// Makes `out` anew, with `index.js` and `index_bg.wasm` among what they are made of.
///
/// # Errors
/// When a tool fails, or a file cannot be read or written.
pub(crate) fn write(
    workspace: &Workspace,
    tools: &WorkerTools,
    wasm: &Path,
    out: &Path,
    step: &Step,
) -> Result<(), GlueError> {
    let log = workspace.log_file("worker-build");
    files::remove_dir(out)?;
    files::create_dir(out)?;
    let mut bindgen = Command::new(&tools.bindgen.path);
    process::run(bindgen.arg(wasm).arg(out), &log, step)?;
    optimise(tools, out, &log, step)?;
    let exports = files::read(&out.join("index.js"))?;
    let shim = shim(&String::from_utf8_lossy(&exports))?;
    files::write(&out.join("shim.js"), shim)?;
    bundle(tools, out, &log, step)
}

/// Why the worker could not be compiled or bundled.
#[derive(Debug, thiserror::Error)]
pub enum GlueError {
    /// A tool failed.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// Rust's wasm target cannot be had.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The bindings lack a handler.
    #[error("the bindings of the worker export no `{0}`")]
    NoHandler(&'static str),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

fn optimise(tools: &WorkerTools, dir: &Path, log: &Path, step: &Step) -> Result<(), GlueError> {
    let wasm = dir.join("index_bg.wasm");
    let optimised = dir.join("optimised.wasm");
    let mut command = Command::new(&tools.node.wasm_opt.path);
    command.env("PATH", tools.node.path_env()).arg(&wasm).arg("-o").arg(&optimised);
    command.args(OPTIMISE);
    command.args(WASM_FEATURES.map(|feature| format!("--enable-{feature}"))).arg("--debuginfo");
    process::run(&mut command, log, step)?;
    Ok(files::rename(&optimised, &wasm)?)
}

/// The shim with what it calls in `exports`, the text that wasm-bindgen wrote.
///
/// # Errors
/// A handler that Cloudflare calls is not among them: without it the worker would build and answer nothing.
fn shim(exports: &str) -> Result<String, GlueError> {
    let functions: Vec<&str> = exports.lines().filter_map(exported_function).collect();
    if let Some(missing) = REQUIRED.into_iter().find(|name| !functions.contains(name)) {
        return Err(GlueError::NoHandler(missing));
    }
    let mut handlers = String::new();
    for name in functions.into_iter().filter(|name| !INTERNAL.contains(name)) {
        match name {
            // A request's work goes on when its client hangs up: what a webhook wants.
            "fetch" => handlers.push_str(
                "Entrypoint.prototype.fetch = async function fetch(request) {\n  \
                   let response = exports.fetch(request, this.env, this.ctx);\n  \
                   this.ctx.waitUntil(response);\n  return response;\n}\n",
            ),
            "scheduled" => handlers.push_str(
                "Entrypoint.prototype.scheduled = function scheduled (arg) {\n  \
                   return exports.scheduled.call(this, arg, this.env, this.ctx);\n}\n",
            ),
            other => {
                handlers.push_str(&format!("Entrypoint.prototype.{other} = exports.{other};\n"));
            }
        }
    }
    let mut shim = SHIM.replace(HANDLERS, &handlers);
    let classes =
        exports.lines().filter_map(|line| line.strip_prefix("export class ")?.split_once('{'));
    for (class, _) in classes {
        let class = class.trim();
        let line = format!("export const {class} = new Proxy(exports.{class}, classProxyHooks);\n");
        shim.push_str(&line);
    }
    Ok(shim)
}

/// `export function NAME(`, `export async function NAME(` or `export { OTHER as NAME }`.
fn exported_function(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("export ")?;
    let named = rest.strip_prefix("async ").unwrap_or(rest).strip_prefix("function ");
    let name = match named {
        Some(named) => named.split_once('(')?.0,
        None => rest.strip_prefix('{')?.split_once(" as ")?.1.split_once('}')?.0,
    };
    Some(name.trim())
}

/// Makes one file of the shim and the bindings.
fn bundle(tools: &WorkerTools, dir: &Path, log: &Path, step: &Step) -> Result<(), GlueError> {
    let mut esbuild = Command::new(&tools.node.esbuild.path);
    esbuild.env("PATH", tools.node.path_env()).current_dir(dir);
    esbuild.args(["--external:./index_bg.wasm", "--external:cloudflare:*", "--format=esm"]);
    esbuild.args(["--bundle", "./shim.js", "--outfile=index.js", "--allow-overwrite", "--minify"]);
    process::run(&mut esbuild, log, step)?;
    // workerd takes a compiled module from a plain import, and wrangler knows no other.
    let path = dir.join("index.js");
    let bundled =
        String::from_utf8_lossy(&files::read(&path)?).replace("import source ", "import ");
    Ok(files::write(&path, bundled)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORTS: &str = "import source wasm from \"./index_bg.wasm\";\nexport class Options {\n}\nfunction fetch2(req, env, ctx) {\n}\n\
        export { fetch2 as fetch }\nexport function scheduled(event) {\n}\nexport function start() {\n}\n\
        export function __wbg_reset_state () {\n}\n";

    #[test]
    fn the_shim_calls_each_handler_and_wraps_each_class() {
        let shim = shim(EXPORTS).unwrap();
        for line in [
            "  this.ctx.waitUntil(response);",
            "  return exports.scheduled.call(this, arg, this.env, this.ctx);",
            "Entrypoint.prototype.start = exports.start;",
            "export const Options = new Proxy(exports.Options, classProxyHooks);",
        ] {
            assert!(shim.lines().any(|l| l == line), "{line}\n{shim}");
        }
        assert!(!shim.contains("prototype.__wbg_reset_state") && !shim.contains(HANDLERS));
    }

    #[test]
    fn bindings_without_a_handler_are_refused() {
        for (handler, line) in [
            ("fetch", "export { fetch2 as fetch }\n"),
            ("scheduled", "export function scheduled(event) {\n}\n"),
        ] {
            let error = shim(&EXPORTS.replace(line, "")).unwrap_err();
            assert!(error.to_string().contains(handler), "{error}");
        }
    }
}
