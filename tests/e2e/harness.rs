//! What every end-to-end test stands on.

use crate::local::only_database;
use serde_json::{Value, json};
use skillgate_contract::{Millis, Provider, ScanId, signature::SigningKey};
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;
use xtask::{
    stack::{Answer, RepoBuilder, Stack, StackOptions},
    tools::Tools,
    ui::Ui,
    workspace::Workspace,
};

/// No scan of a test takes longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);
pub(crate) const PROVIDERS: [&str; Provider::COUNT] = Provider::NAMES;
pub(crate) const WEBHOOK: &str = "/api/v1/webhooks/scan-results";

pub(crate) fn workspace() -> Workspace {
    Workspace::around(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The real tools, found or installed once.
pub(crate) fn tools() -> &'static Tools {
    static TOOLS: OnceLock<Tools> = OnceLock::new();
    TOOLS.get_or_init(|| {
        xtask::interrupt::listen(xtask::interrupt::OnInterrupt::Exit).unwrap();
        Tools::ensure(&Ui::silent(), &workspace()).expect("the tools can be had")
    })
}

/// The scanner beside this test program.
pub(crate) fn scanner_binary() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let binary = here.ancestors().nth(2).unwrap().join("skillgate-scanner");
    assert!(
        binary.is_file(),
        "{} is not built: run `cargo build --package skillgate-scanner`",
        binary.display()
    );
    binary
}

/// A running stack in a folder of its own.
pub(crate) struct Bench {
    pub(crate) stack: Stack,
    pub(crate) dir: TempDir,
    _clock: Clock,
}

/// Says at its end how long a test had its stack.
struct Clock(Instant);

impl Drop for Clock {
    fn drop(&mut self) {
        let thread = std::thread::current();
        println!("{}: {:.1} s", thread.name().unwrap_or_default(), self.0.elapsed().as_secs_f64());
    }
}

impl Bench {
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {})
    }

    pub(crate) fn start_with(change: impl FnOnce(&mut StackOptions)) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), change)
    }

    /// As [`Self::start_with`], on what an earlier stack has left in its folder.
    pub(crate) fn start_in(dir: TempDir, change: impl FnOnce(&mut StackOptions)) -> Self {
        let mut options = StackOptions::new(dir.path(), &scanner_binary());
        change(&mut options);
        Self::start_as(dir, &options)
    }

    pub(crate) fn start_as(dir: TempDir, options: &StackOptions) -> Self {
        let clock = Clock(Instant::now());
        let stack = Stack::start(&Ui::silent(), &workspace(), tools(), options);
        Self { stack: stack.unwrap_or_else(|e| panic!("{e}")), dir, _clock: clock }
    }

    /// Ends everything at once, as a power cut would, and hands over what is left.
    pub(crate) fn crash(self) -> TempDir {
        let Self { stack, dir, .. } = self;
        let Stack { worker, scanner, .. } = stack;
        worker.kill();
        if let Some(scanner) = scanner {
            scanner.kill();
        }
        dir
    }

    /// Makes `demo/NAME` and publishes it as `demo/NAME/NAME` at its HEAD, which is returned.
    pub(crate) fn publish(&self, name: &str, repo: &RepoBuilder) -> String {
        let repository = repo.write(self.stack.repos(), "demo", name).unwrap();
        let commit = repository.head().unwrap().to_owned();
        let answer = self.publish_at(name, Some(&commit));
        assert_eq!(answer.status, 202, "{}", answer.body);
        commit
    }

    pub(crate) fn publish_at(&self, name: &str, commit: Option<&str>) -> Answer {
        let body = json!({
            "name": format!("demo/{name}/{name}"), "repoUrl": self.stack.git.url("demo", name), "commitSha": commit,
        });
        self.stack.client.publish(&body).unwrap()
    }

    pub(crate) fn security(&self, name: &str) -> Value {
        let answer = self.stack.client.security(name).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    pub(crate) fn scan(&self, name: &str, provider: &str) -> Value {
        self.stack.client.scan(name, provider).unwrap().json()
    }

    /// Waits until every provider has come to an end, and answers what the installer is told.
    pub(crate) fn settled(&self, name: &str) -> Value {
        wait_for(
            || {
                let security = self.security(name);
                let waits = rows(&security).iter().any(waits);
                (!waits).then_some(security)
            },
            || format!("{}\n{}", self.security(name), self.logs()),
        )
    }

    /// Waits until one provider's scan has this phase.
    pub(crate) fn wait_for_phase(&self, name: &str, provider: &str, phase: &str) {
        wait_for(
            || (row(&self.security(name), provider)["phase"] == phase).then_some(()),
            || format!("{}\n{}", self.security(name), self.logs()),
        );
    }

    pub(crate) fn logs(&self) -> String {
        let scanner = self.stack.scanner.as_ref().map(|s| std::fs::read_to_string(s.log()));
        format!("scanner: {}", scanner.and_then(Result::ok).unwrap_or_default())
    }

    /// Where the worker's own database is.
    pub(crate) fn d1_file(&self) -> PathBuf {
        only_database(&self.dir.path().join("worker/v3/d1/miniflare-D1DatabaseObject"))
    }

    /// The worker's own database, to read it.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        rusqlite::Connection::open_with_flags(self.d1_file(), flags).unwrap()
    }

    /// Everything that the worker has written, as text.
    pub(crate) fn written(&self) -> String {
        let database = self.database();
        let mut written = String::new();
        for table in ["skill", "external_scan_result", "blocklist_entry", "dispatch", "audit_event"]
        {
            let mut rows = database.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let columns = rows.column_count();
            let mut rows = rows.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let values: Vec<rusqlite::types::Value> =
                    (0..columns).map(|i| row.get(i).unwrap()).collect();
                written.push_str(&format!("{table}: {values:?}\n"));
            }
        }
        written
    }

    /// Sends a callback as a scanner would, signed with `key`.
    pub(crate) fn callback(&self, key: &SigningKey, body: &Value) -> Answer {
        let body = body.to_string();
        self.signed(&key.sign(body.as_bytes()), body.as_bytes())
    }

    pub(crate) fn signed(&self, signature: &str, body: &[u8]) -> Answer {
        let headers = [("content-type", "application/json"), ("x-webhook-signature", signature)];
        self.stack.client.post(WEBHOOK, &headers, body).unwrap()
    }

    pub(crate) fn master_key(&self) -> SigningKey {
        SigningKey::new(self.stack.secrets.webhook.clone()).unwrap()
    }

    /// The key of the first attempt of a scan.
    pub(crate) fn scan_key(&self, scan_id: &str) -> SigningKey {
        self.master_key().scan_key(&scan_id.parse::<ScanId>().unwrap(), 1)
    }
}

pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Millis(i64::try_from(since.as_millis()).unwrap()).0
}

pub(crate) fn rows(security: &Value) -> &Vec<Value> {
    security["providers"].as_array().unwrap()
}

pub(crate) fn row<'a>(security: &'a Value, provider: &str) -> &'a Value {
    rows(security).iter().find(|row| row["provider"] == provider).unwrap()
}

fn waits(row: &Value) -> bool {
    matches!(row["phase"].as_str(), Some("NONE" | "PENDING" | "RUNNING"))
}

/// Asks again and again until there is an answer; fails with `what` when there is none in time.
pub(crate) fn wait_for<T>(mut ask: impl FnMut() -> Option<T>, what: impl Fn() -> String) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain: {}", what());
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// `skillgate-scanner` with the real tools, in a folder of its own.
pub(crate) fn scanner(dir: &Path) -> Command {
    let tools = &tools().scanner;
    let mut command = Command::new(scanner_binary());
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", dir)
        .env("SEMGREP_BIN", &tools.semgrep.path)
        .env("NJSSCAN_BIN", &tools.njsscan.path)
        .env("TRUFFLEHOG_BIN", &tools.trufflehog.path)
        .current_dir(dir);
    command
}

/// One result of `skillgate-scanner scan --format json`, and the exit code.
pub(crate) fn scan_locally(repo: &RepoBuilder, provider: &str, more: &[&str]) -> (Value, i32) {
    let dir = tempfile::tempdir().unwrap();
    let repository = repo.write(dir.path(), "demo", "skill").unwrap();
    let output = scanner(dir.path())
        .args(["scan", "--format", "json", "--provider", provider])
        .args(more)
        .arg(&repository.path)
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    (json[0].clone(), output.status.code().unwrap())
}

/// The places of the findings of a rule whose id holds `part`.
pub(crate) fn places(result: &Value, part: &str) -> Vec<(String, u64)> {
    let findings = result["findings"].as_array().unwrap();
    let found = findings.iter().filter(|f| f["rule"].as_str().unwrap().contains(part));
    found
        .map(|f| (f["file"].as_str().unwrap().to_owned(), f["line"].as_u64().unwrap_or(0)))
        .collect()
}
