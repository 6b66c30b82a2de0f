//! Cloudflare: the only place that names its types.

mod assets;
mod costs;
mod crypto;
mod d1;
#[expect(unreachable_pub, reason = "wasm-bindgen exports what is public only")]
mod entry;
mod fetch;
#[expect(unreachable_pub, reason = "wasm-bindgen exports what is public only")]
mod init;
mod js;
mod kv;
mod request;

use crate::ports::{AssetError, CryptoError, Level, Limit, Line, Ports, RsaKey};
use skillgate_contract::Millis;
use wasm_bindgen::{JsCast, JsValue};

/// The real world, for the length of one request.
#[derive(Debug)]
pub(crate) struct Cloudflare {
    database: d1::D1,
    cache: kv::Kv,
    outbound: fetch::Fetch,
    assets: js::Files,
    /// Of guesses and of installs; undefined where wrangler.toml has none.
    limiters: [js::Limiter; 2],
    costs: costs::Costs,
}

impl Cloudflare {
    fn new(env: &JsValue) -> Result<Self, js::Thrown> {
        let costs = costs::Costs::default();
        Ok(Self {
            database: d1::D1(binding(env, "DB")?, costs.clone(), None.into()),
            cache: kv::Kv(binding(env, "SUMMARIES")?, costs.clone()),
            outbound: fetch::Fetch,
            // Not there, or without the file: only what reads a file says so.
            assets: js::property(env, "ASSETS")?.unchecked_into(),
            limiters: [
                js::property(env, "GUESS_LIMIT")?.unchecked_into(),
                js::property(env, "INSTALL_LIMIT")?.unchecked_into(),
            ],
            costs,
        })
    }
}

/// A binding that wrangler.toml promises.
fn binding<T: JsCast>(env: &JsValue, name: &str) -> Result<T, js::Thrown> {
    let binding = js::property(env, name)?;
    if binding.is_undefined() {
        return Err(js::Thrown(format!("there is no binding {name}")));
    }
    Ok(binding.unchecked_into())
}

impl Ports for Cloudflare {
    type Cache = kv::Kv;
    type Database = d1::D1;
    type Outbound = fetch::Fetch;

    fn database(&self) -> &d1::D1 {
        &self.database
    }

    fn cache(&self) -> &kv::Kv {
        &self.cache
    }

    fn outbound(&self) -> &fetch::Fetch {
        &self.outbound
    }

    fn now(&self) -> Millis {
        now()
    }

    fn random(&self) -> [u8; 16] {
        random()
    }

    async fn verify_rs256(
        &self,
        key: &RsaKey,
        signed: &[u8],
        signature: &[u8],
    ) -> Result<bool, CryptoError> {
        crypto::verify_rs256(key, signed, signature).await
    }

    async fn asset(&self, name: &str) -> Result<String, AssetError> {
        assets::read(&self.assets, name).await
    }

    async fn is_within(&self, limit: Limit, client: &str) -> bool {
        let [guesses, installs] = &self.limiters;
        let limiter = match limit {
            Limit::Guesses => guesses,
            Limit::Installs => installs,
        };
        // Where there is none, the call throws.
        let Ok(options) = js::object(&[("key", client.into())]) else { return true };
        let Ok(outcome) = js::settled(limiter.limit(&options)).await else { return true };
        js::property(&outcome, "success").ok().and_then(|it| it.as_bool()).unwrap_or(true)
    }

    fn has_limits(&self) -> bool {
        self.limiters.iter().all(|limiter| !limiter.is_undefined())
    }

    fn log(&self, line: &Line) {
        write(line);
    }
}

/// Writes a line to the log of Cloudflare Workers, which has a level of its own for each line.
fn write(line: &Line) {
    let write = match line.level() {
        Level::Info => js::log_info,
        Level::Warn => js::log_warn,
        Level::Error => js::log_error,
    };
    write(line.json());
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds fit 53 bits for ages")]
fn now() -> Millis {
    Millis(js_sys::Date::now() as i64)
}

fn random() -> [u8; 16] {
    let mut bits = [0; 16];
    // The runtime's generator does not fail; were it to, an id that is not random must not exist.
    assert!(getrandom::fill(&mut bits).is_ok(), "the runtime has no random generator");
    bits
}
