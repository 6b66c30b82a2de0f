//! A panic in the wasm ends one request and no other.

use crate::{
    harness::{Bench, workspace},
    local::COMMIT,
};
use serde_json::json;
use std::fs;
use xtask::stack::StackOptions;

/// The worker's own module, behind an entry that breaks the runtime's random numbers for one
/// request where a header asks for it: the worker panics where it needs an id, as it must, since
/// an id that can be guessed must not exist.
const ENTRY: &str = r#"
import Worker from "BUILT";

const KIND = "x-planted-panic";
const generate = crypto.getRandomValues.bind(crypto);

function plant() {
  crypto.getRandomValues = () => {
    crypto.getRandomValues = generate;
    throw new Error("planted: no random numbers");
  };
}

export default {
  async fetch(request, env, ctx) {
    if (request.headers.has(KIND)) plant();
    return new Worker(ctx, env).fetch(request);
  },
};
"#;

/// A configuration like the worker's own, with `ENTRY` as its module.
fn with_planted_panic(options: &mut StackOptions) {
    let root = workspace().root().to_path_buf();
    let entry = ENTRY.replace("BUILT", root.join("build/index.js").to_str().unwrap());
    fs::write(options.dir.join("entry.mjs"), entry).unwrap();
    let config = fs::read_to_string(root.join("wrangler.toml")).unwrap();
    let migrations = root.join("d1-migrations");
    let config = config
        .replace("build/index.js", "entry.mjs")
        .replace("build/assets", root.join("build/assets").to_str().unwrap())
        .replace("\"d1-migrations\"", &format!("{migrations:?}"));
    let file = options.dir.join("wrangler.toml");
    fs::write(&file, config).unwrap();
    options.worker_config = Some(file);
}

#[test]
fn g38_a_panic_ends_its_own_request_and_no_other() {
    let bench = Bench::alone(with_planted_panic);
    let client = &bench.stack.client;
    for round in 0..3 {
        let broken = client.get("/api/v1/health", &[("x-planted-panic", "1")]).unwrap();
        assert!(broken.status >= 500, "{} {}", broken.status, broken.body);
        assert!(!broken.body.contains("planted"), "{}", broken.body);
        for _ in 0..100 {
            let answer = client.get("/api/v1/health", &[]).unwrap();
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        // What is written and verified works as before, too.
        let scans = bench.published(&format!("demo/round/{round}"), COMMIT);
        assert_eq!(scans.len(), 3);
    }
    let panicking = client
        .post(
            "/api/v1/admin/skills/publish",
            &[("x-planted-panic", "1")],
            json!({}).to_string().as_bytes(),
        )
        .unwrap();
    assert!(panicking.status >= 500, "{}", panicking.status);
    assert_eq!(bench.count("SELECT count(*) FROM skill"), 3);
}
