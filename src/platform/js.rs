//! JavaScript's objects, as far as the adapters need them.
//!
//! The runtime's interfaces are bound here by hand where the worker crate's wrappers bring a
//! serialiser or a stream library along: together they were a tenth of the whole wasm.

use js_sys::{Array, Object, Promise, Reflect, Uint8Array, futures::JsFuture};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The context of a request.
    pub type Context;

    #[wasm_bindgen(method, catch, js_name = waitUntil)]
    pub(super) fn wait_until(this: &Context, promise: &Promise) -> Result<(), JsValue>;

    /// A D1 database.
    #[derive(Debug)]
    pub(super) type Database;

    /// One line of the log, at the platform's levels.
    #[wasm_bindgen(js_namespace = console, js_name = log)]
    pub(super) fn log_info(line: &str);

    #[wasm_bindgen(js_namespace = console, js_name = warn)]
    pub(super) fn log_warn(line: &str);

    #[wasm_bindgen(js_namespace = console, js_name = error)]
    pub(super) fn log_error(line: &str);

    /// A statement of a D1 database.
    pub(super) type Prepared;

    #[wasm_bindgen(method, catch)]
    pub(super) fn prepare(this: &Database, sql: &str) -> Result<Prepared, JsValue>;

    #[wasm_bindgen(method, catch, variadic)]
    pub(super) fn bind(this: &Prepared, values: &Array) -> Result<Prepared, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn batch(this: &Database, statements: &Array) -> Result<Promise, JsValue>;

    /// A KV namespace.
    #[derive(Debug)]
    pub(super) type Namespace;

    #[wasm_bindgen(method, catch)]
    pub(super) fn get(this: &Namespace, key: &str) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn put(
        this: &Namespace,
        key: &str,
        value: &str,
        options: &Object,
    ) -> Result<Promise, JsValue>;

    /// A rate limiter.
    #[derive(Debug)]
    pub(super) type Limiter;

    #[wasm_bindgen(method, catch)]
    pub(super) fn limit(this: &Limiter, options: &Object) -> Result<Promise, JsValue>;

    /// The static files of this deployment.
    #[derive(Debug)]
    pub(super) type Files;

    /// Named apart from the entry point of that name.
    #[wasm_bindgen(method, catch, js_name = fetch)]
    pub(super) fn fetch_file(this: &Files, url: &str) -> Result<Promise, JsValue>;

    /// The runtime's cryptography.
    pub(super) type Subtle;

    #[wasm_bindgen(method, catch, js_name = importKey)]
    pub(super) fn import_key(
        this: &Subtle,
        format: &str,
        key: &Object,
        algorithm: &Object,
        extractable: bool,
        uses: &Array,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn verify(
        this: &Subtle,
        algorithm: &str,
        key: &JsValue,
        signature: &Uint8Array,
        data: &Uint8Array,
    ) -> Result<Promise, JsValue>;

    /// The global `fetch`. Named apart from the entry point of that name.
    #[wasm_bindgen(catch, js_name = fetch)]
    pub(super) fn fetch_url(url: &str, init: &Object) -> Result<Promise, JsValue>;

    /// Any value as a text.
    #[wasm_bindgen(js_name = String)]
    fn string_of(value: &JsValue) -> String;
}

/// What JavaScript threw, in its own words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Thrown(pub(super) String);

impl From<JsValue> for Thrown {
    fn from(value: JsValue) -> Self {
        let message = Reflect::get(&value, &"message".into()).ok().and_then(|m| m.as_string());
        Self(message.unwrap_or_else(|| string_of(&value)))
    }
}

impl From<Thrown> for JsValue {
    fn from(Thrown(why): Thrown) -> Self {
        js_sys::Error::new(&why).into()
    }
}

/// Waits for a promise that a call gave, if it gave one.
pub(super) async fn settled(promise: Result<Promise, JsValue>) -> Result<JsValue, Thrown> {
    Ok(JsFuture::from(promise?).await?)
}

/// A property of an object.
pub(super) fn property(object: &JsValue, name: &str) -> Result<JsValue, Thrown> {
    Ok(Reflect::get(object, &name.into())?)
}

/// An object of these properties.
pub(super) fn object(properties: &[(&str, JsValue)]) -> Result<Object, Thrown> {
    let object = Object::new();
    for (name, value) in properties {
        Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object)
}
