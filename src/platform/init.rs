//! The start of an instance, and its end by a panic: what worker-build's JavaScript expects of the worker crate.
//!
//! The crate itself is not linked. Its exports keep classes, streams and errors in the wasm that nothing here uses.

// From `src/init.rs` of worker 0.8.7 of https://github.com/cloudflare/workers-rs, Apache-2.0. Changed: neither the hook of
// another crate is called nor unwinding or Emscripten provided for; names and comments.

use js_sys::Error;
use std::panic;
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen(inline_js = "
export const state = globalThis.__worker_init_state = { criticalError: false, instanceId: 0 };
")]
extern "C" {
    type InitState;

    #[wasm_bindgen(thread_local_v2, js_name = state)]
    static INIT_STATE: InitState;

    #[wasm_bindgen(method, setter, js_name = criticalError)]
    fn set_critical_error(this: &InitState, value: bool);

    #[wasm_bindgen(method, getter, js_name = instanceId)]
    fn instance_id(this: &InitState) -> u32;

    #[wasm_bindgen(method, setter, js_name = instanceId)]
    fn set_instance_id(this: &InitState, value: u32);
}

/// Counts the instance. A panic is logged with its stack, and ends the instance: the next request gets a new one.
#[wasm_bindgen(start)]
fn start() {
    panic::set_hook(Box::new(|info| {
        let error = Error::new(&format!("Rust panic: {info}"));
        console::error_2(&"Critical".into(), &error.into());
        INIT_STATE.with(|state| state.set_critical_error(true));
    }));
    INIT_STATE.with(|state| state.set_instance_id(state.instance_id() + 1));
    wasm_bindgen::handler::set_on_abort(wasm_bindgen::handler::schedule_reinit);
}

/// The state that the JavaScript looks at before each event.
#[wasm_bindgen(js_name = "__worker_init_state")]
pub fn worker_init_state() -> JsValue {
    INIT_STATE.with(|state| state.into())
}
