//! The worker without a scanner: its cron handler, its queue, and the files of its D1 and KV.

use crate::harness::{Bench, now};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;
use xtask::stack::{Answer, StackOptions};

/// As wrangler.toml has it.
const CRON: &str = "* * * * *";
pub(crate) const COMMIT: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn alone(dir: &Path) -> StackOptions {
    let mut options = StackOptions::without_scanner(dir);
    options.worker_vars.push(("ALLOWED_REPO_HOSTS".into(), "github.com".into()));
    options
}

/// Where a skill of these tests says that it comes from; nobody asks there.
pub(crate) fn repo_url(name: &str) -> String {
    format!("https://github.com/{name}")
}

impl Bench {
    /// The worker alone; scanners pull, unless `change` says otherwise.
    pub(crate) fn alone(change: impl FnOnce(&mut StackOptions)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut options = alone(dir.path());
        change(&mut options);
        Self::start_as(dir, &options)
    }

    /// The worker alone, with its stores in memory where the system has a place for that: local KV
    /// waits for the disk at each put, which thousands of them would make the whole of a test.
    pub(crate) fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let dir = dir.unwrap();
        let options = alone(dir.path());
        Self::start_as(dir, &options)
    }

    /// Ends the worker as a power cut would, and starts it on what is left, with the same secrets.
    pub(crate) fn again(self, change: impl FnOnce(&mut StackOptions)) -> Self {
        let secrets = self.stack.secrets.clone();
        let dir: TempDir = self.crash();
        let mut options = alone(dir.path());
        options.secrets = Some(secrets);
        change(&mut options);
        Self::start_as(dir, &options)
    }

    /// Runs the cron handler to its end.
    pub(crate) fn cron(&self) {
        let url = self.stack.worker.scheduled_url(CRON);
        let path = url.strip_prefix(&self.stack.worker.base_url()).unwrap();
        let answer = self.stack.client.get(path, &[]).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Publishes `name`, of one to three segments, at a commit; answers its scans.
    pub(crate) fn published(&self, name: &str, commit: &str) -> Vec<Value> {
        let answer = self.published_as(name, &json!({"commitSha": commit}));
        assert_eq!(answer.status, 202, "{}", answer.body);
        answer.json()["scans"].as_array().unwrap().clone()
    }

    pub(crate) fn published_as(&self, name: &str, more: &Value) -> Answer {
        let repository: Vec<&str> = name.splitn(3, '/').take(2).collect();
        let mut body = json!({"name": name, "repoUrl": repo_url(&repository.join("/"))});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.stack.client.publish(&body).unwrap()
    }

    /// One call of a scanner that pulls.
    pub(crate) fn pull(&self, what: &str, scan: &str, by: &str) -> Answer {
        let body = json!({"scanId": scan, "claimedBy": by}).to_string();
        let key = self.stack.secrets.internal.as_str();
        let headers = [("content-type", "application/json"), ("x-internal-key", key)];
        let path = format!("/api/v1/internal/{what}-sast-scan");
        self.stack.client.post(&path, &headers, body.as_bytes()).unwrap()
    }

    /// What waits to be claimed.
    pub(crate) fn offered(&self) -> Vec<Value> {
        let headers = [("x-internal-key", self.stack.secrets.internal.as_str())];
        let path = "/api/v1/internal/pending-sast-scans";
        let answer = self.stack.client.get(path, &headers).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["scans"].as_array().unwrap().clone()
    }

    /// A callback with the time of now, by the key of its scan's first attempt where it names that, else by the
    /// master.
    pub(crate) fn report(&self, body: &Value) -> Answer {
        let mut body = body.clone();
        body["timestamp"] = now().into();
        let first = body["attempt"] == 1;
        let key =
            if first { self.scan_key(body["scanId"].as_str().unwrap()) } else { self.master_key() };
        self.callback(&key, &body)
    }

    /// The worker's database, to put a fault into it or to let time pass in it.
    pub(crate) fn d1(&self) -> Connection {
        writable(&self.d1_file())
    }

    /// One number from the worker's database.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.database().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// The database of the worker's KV, to put a fault into it.
    pub(crate) fn kv(&self) -> Connection {
        writable(&only_database(&self.dir.path().join("worker/v3/kv/miniflare-KVNamespaceObject")))
    }

    /// What the worker's KV holds under a key.
    pub(crate) fn kv_value(&self, key: &str) -> Option<Value> {
        let blob: String = self
            .kv()
            .query_row("SELECT blob_id FROM _mf_entries WHERE key = ?1", [key], |row| row.get(0))
            .ok()?;
        let namespaces = fs::read_dir(self.dir.path().join("worker/v3/kv")).unwrap();
        let blobs = namespaces.map(|entry| entry.unwrap().path().join("blobs").join(&blob));
        let text = fs::read(blobs.into_iter().find(|path| path.is_file())?).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Where KV differs from what the worker answers from D1 about a skill; `None` where it does not.
    pub(crate) fn kv_differs(&self, name: &str) -> Option<String> {
        let truth = self.security(name);
        let copy = |key: &str| {
            let mut copy = self.kv_value(key)?;
            let fields = copy.as_object_mut()?;
            (fields.remove("skill")? == name).then_some(())?;
            fields.remove("readAt");
            fields.remove("revision")?;
            Some(copy)
        };
        let whole = copy(&format!("external-scans:{name}"));
        if whole.as_ref() != Some(&truth) {
            return Some(format!("{name}: KV has {whole:?}, D1 {truth}"));
        }
        truth["providers"].as_array().unwrap().iter().find_map(|row| {
            let provider = row["provider"].as_str().unwrap();
            let one = copy(&format!("external-scan:{name}:{provider}"));
            (one.as_ref() != Some(row)).then(|| format!("{name}: KV has {one:?}, D1 {row}"))
        })
    }
}

fn writable(file: &Path) -> Connection {
    let database = Connection::open(file).unwrap();
    database.busy_timeout(Duration::from_secs(20)).unwrap();
    database
}

/// The one database in a folder of the local runtime's, beside its own bookkeeping.
pub(crate) fn only_database(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|path| {
            path.extension().is_some_and(|e| e == "sqlite")
                && path.file_stem().is_none_or(|stem| stem != "metadata")
        })
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

/// A result of a scan, from critical to low, with proof that all was read.
pub(crate) fn result(scan: &Value, name: &str, commit: &str, counts: [u32; 4]) -> Value {
    let [critical, high, medium, low] = counts;
    json!({
        "scanId": id(scan), "provider": scan["provider"], "skillName": name, "commitSha": commit,
        "criticalCount": critical, "highCount": high, "mediumCount": medium, "lowCount": low,
        "coverage": {"complete": true, "filesScanned": 1},
    })
}

/// A sign of life of a scan.
pub(crate) fn started(scan: &Value) -> Value {
    json!({"scanId": id(scan), "provider": scan["provider"], "event": "started"})
}

/// The id of a scan, as a publish call or as the queue names it.
pub(crate) fn id(scan: &Value) -> &str {
    scan["scanId"].as_str().or(scan["id"].as_str()).unwrap()
}

/// An object with some fields replaced or added.
pub(crate) fn with(mut object: Value, fields: &Value) -> Value {
    let more = fields.as_object().unwrap().clone();
    object.as_object_mut().unwrap().extend(more);
    object
}
