//! Makes the worker's JavaScript glue: `skillgate-bindgen INPUT.wasm FOLDER` writes `index.js` and `index_bg.wasm` into FOLDER.
//!
//! A program of its own, not a part of `xtask`, so that the tests do not compile wasm-bindgen, and the lints only check it.

#![forbid(unsafe_code)]

use anyhow::{Context as _, bail};
use std::{env, path::PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// What the files are called.
const NAME: &str = "index";

fn main() -> anyhow::Result<()> {
    let args: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [input, folder] = args.as_slice() else {
        bail!("usage: skillgate-bindgen INPUT.wasm FOLDER")
    };
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(input)
        .out_name(NAME)
        .module(true)?
        .typescript(false)
        // After a panic the shim makes a new instance, in place of the one whose memory nobody can trust.
        .reset_state_function(true)
        .force_enable_abort_handler(true);
    bindgen.generate(folder).with_context(|| format!("no glue for {}", input.display()))
}
