//! The worker with ports that a test holds in its hand.

use crate::{
    logging::assert_form,
    sqlite::{Sqlite, Turns, yield_once},
};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use skillgate_contract::{Millis, Provider, ScanId, signature::SigningKey};
use skillgate_worker::{
    app::App,
    config::Config,
    dispatch,
    http::{Body, Method, Request, Response},
    log::Line,
    model::RequestId,
    ports::{
        AssetError, Cache, CacheError, Call, CryptoError, Limit, Outbound, Ports, Reply, RsaKey,
    },
    router, scheduled,
    store::LeasedScan,
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    sync::LazyLock,
};

pub(crate) const ADMIN: &str = "admin-token-of-the-tests";
pub(crate) const INTERNAL: &str = "internal-key-of-the-tests";
pub(crate) const SECRET: &str = "webhook-secret-of-the-tests";
pub(crate) const NOW: i64 = 1_769_990_400_000;
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const NAME: &str = "owner/repo/tool";
pub(crate) const REPO: &str = "https://github.com/owner/repo";
pub(crate) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
pub(crate) const OTHER_COMMIT: &str = "fedcba9876543210fedcba9876543210fedcba98";
/// How many providers there are: so many scans has a publish.
pub(crate) const COUNT: usize = Provider::COUNT;
/// Their names, in the order of answers. No test may rely on how many there are, or on which is the last.
pub(crate) const PROVIDERS: [&str; COUNT] = {
    let mut names = [""; COUNT];
    let mut at = 0;
    while at < COUNT {
        names[at] = Provider::ALL[at].as_str();
        at += 1;
    }
    names
};
const SETTINGS: [(&str, &str); 7] = [
    ("PLATFORM_URL", "https://skills.example"),
    ("DISPATCH", "scanner"),
    ("SCANNER_WORKERS", "https://a.example:9500,https://b.example:9500/"),
    ("ADMIN_TOKEN", ADMIN),
    ("WEBHOOK_SECRET", SECRET),
    ("SCANNER_WORKER_SECRET", "scanner-secret-of-the-tests"),
    ("INTERNAL_KEY", INTERNAL),
];

/// KV: a map that can fail.
#[derive(Debug, Default)]
pub(crate) struct MapCache {
    pub(crate) values: RefCell<BTreeMap<String, (String, Option<u64>)>>,
    /// Puts to go until one fails.
    fail_put_at: Cell<Option<usize>>,
    down: Cell<bool>,
    turns: Cell<Turns>,
}

impl MapCache {
    /// The n-th put from now fails; 0 is the next.
    pub(crate) fn fail_put_at(&self, n: usize) {
        self.fail_put_at.set(Some(n));
    }

    /// Whether every get and put fails.
    pub(crate) fn set_down(&self, down: bool) {
        self.down.set(down);
    }

    /// A value as JSON.
    pub(crate) fn json(&self, key: &str) -> Option<Json> {
        self.values.borrow().get(key).map(|(value, _)| serde_json::from_str(value).unwrap())
    }
}

impl Cache for MapCache {
    async fn get(&self, key: &str) -> Result<Option<String>, CacheError> {
        if self.down.get() {
            return Err(CacheError("KV GET failed: 500".to_owned()));
        }
        Ok(self.values.borrow().get(key).map(|(value, _)| value.clone()))
    }

    async fn put(&self, key: &str, value: String, ttl: Option<u64>) -> Result<(), CacheError> {
        let step = key.ends_with(":semgrep");
        if self.turns.get() == Turns::Calls || self.turns.get() == Turns::Steps && step {
            yield_once().await;
        }
        let at = self.fail_put_at.take();
        self.fail_put_at.set(at.and_then(|n| n.checked_sub(1)));
        if self.down.get() || at == Some(0) {
            return Err(CacheError("KV PUT failed: 429 Too Many Requests".to_owned()));
        }
        self.values.borrow_mut().insert(key.to_owned(), (value, ttl));
        Ok(())
    }
}

/// One request that was sent to a scanner or to GitHub.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) url: String,
    pub(crate) bearer: String,
    pub(crate) headers: Vec<(String, String)>,
    /// What was posted; null of a GET.
    pub(crate) body: Json,
    /// The very text of it.
    pub(crate) text: String,
}

/// The scanners: each accepts, unless told otherwise.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) sent: RefCell<Vec<Sent>>,
    scripted: RefCell<BTreeMap<String, Result<Reply, String>>>,
    /// How many more scans find a place; without it, all do.
    room: Cell<Option<usize>>,
}

impl Recorder {
    /// So many more scans find a place at the scanners.
    pub(crate) fn has_room(&self, room: usize) {
        self.room.set(Some(room));
    }

    /// What the scanner at a base URL answers from now on.
    pub(crate) fn answers(&self, base: &str, reply: Result<(u16, &str), &str>) {
        self.serves(&format!("{base}/scan"), reply);
    }

    /// What comes from an address from now on.
    pub(crate) fn serves(&self, url: &str, reply: Result<(u16, &str), &str>) {
        let reply = reply.map(|(status, body)| Reply {
            status,
            body: body.to_owned(),
            headers: Vec::new(),
        });
        self.scripted.borrow_mut().insert(url.to_owned(), reply.map_err(str::to_owned));
    }

    /// As [`Self::serves`], with headers.
    pub(crate) fn serves_with(
        &self,
        url: &str,
        status: u16,
        headers: &[(&'static str, &str)],
        body: &str,
    ) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let reply = Reply { status, body: body.to_owned(), headers };
        self.scripted.borrow_mut().insert(url.to_owned(), Ok(reply));
    }

    /// Both scanners refuse connections, or accept again.
    pub(crate) fn all_down(&self, down: bool) {
        for base in ["https://a.example:9500", "https://b.example:9500"] {
            self.answers(base, if down { Err("connection refused") } else { Ok((202, "{}")) });
        }
    }
}

impl Outbound for Recorder {
    async fn call(&self, call: Call<'_>) -> Result<Reply, String> {
        let own = |text: &str| text.to_owned();
        let text = call.json.clone().unwrap_or_default();
        self.sent.borrow_mut().push(Sent {
            url: own(call.url),
            bearer: own(call.bearer.unwrap_or_default()),
            headers: call.headers.iter().map(|(name, value)| (own(name), own(value))).collect(),
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        });
        let status = match (&call.json, self.room.get()) {
            (None, _) => 404,
            (Some(_), Some(0)) => 429,
            (Some(_), room) => {
                self.room.set(room.map(|room| room - 1));
                202
            }
        };
        let usual = Reply { status, body: own("{}"), headers: Vec::new() };
        self.scripted.borrow().get(call.url).cloned().unwrap_or(Ok(usual))
    }
}

/// The static files, as the build writes them.
static FILES: LazyLock<Vec<(String, String)>> = LazyLock::new(skillgate_openapi::files);

/// Everything outside the worker.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) db: Sqlite,
    pub(crate) kv: MapCache,
    pub(crate) scanners: Recorder,
    now: Cell<i64>,
    drawn: Cell<u64>,
    pub(crate) lines: RefCell<Vec<String>>,
    /// The worker was deployed without its static files.
    pub(crate) bare: Cell<bool>,
    /// How often what was counted, by limit and client; `None`: the deployment has no limits.
    pub(crate) limits: RefCell<Option<BTreeMap<String, u32>>>,
}

/// What the limits of the tests let through in a minute.
pub(crate) const MOST_A_MINUTE: u32 = 5;

impl Ports for &World {
    type Cache = MapCache;
    type Database = Sqlite;
    type Outbound = Recorder;

    fn database(&self) -> &Sqlite {
        &self.db
    }

    fn cache(&self) -> &MapCache {
        &self.kv
    }

    fn outbound(&self) -> &Recorder {
        &self.scanners
    }

    fn now(&self) -> Millis {
        Millis(self.now.get())
    }

    fn random(&self) -> [u8; 16] {
        self.drawn.set(self.drawn.get() + 1);
        let bits = Sha256::digest(self.drawn.get().to_be_bytes());
        std::array::from_fn(|at| bits[at])
    }

    async fn verify_rs256(
        &self,
        key: &RsaKey,
        signed: &[u8],
        signature: &[u8],
    ) -> Result<bool, CryptoError> {
        crate::tokens::verify(key, signed, signature)
    }

    async fn asset(&self, name: &str) -> Result<String, AssetError> {
        let files = FILES.iter().filter(|_| !self.bare.get());
        let file = files.into_iter().find(|(known, _)| *known == name);
        file.map(|(_, text)| text.clone())
            .ok_or_else(|| AssetError { missing: true, why: format!("{name}: status 404") })
    }

    async fn is_within(&self, limit: Limit, client: &str) -> bool {
        self.limits.borrow_mut().as_mut().is_none_or(|limits| {
            let counted = limits.entry(format!("{limit:?} {client}")).or_default();
            *counted += 1;
            *counted <= MOST_A_MINUTE
        })
    }

    fn has_limits(&self) -> bool {
        self.limits.borrow().is_some()
    }

    fn log(&self, line: &Line) {
        assert_form(line);
        self.lines.borrow_mut().push(line.json().to_owned());
    }
}

/// The worker under test.
#[derive(Debug)]
pub(crate) struct Harness {
    config: Config,
    pub(crate) world: World,
    to_send: RefCell<Vec<LeasedScan>>,
}

fn config(settings: &[(&str, &str)]) -> Config {
    let find = |name: &str| {
        let all = settings.iter().chain(&SETTINGS);
        all.into_iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())
    };
    Config::read(find).unwrap()
}

impl Harness {
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// With some settings changed; an empty value takes one away.
    pub(crate) fn with(settings: &[(&str, &str)]) -> Self {
        let db = Sqlite::new();
        // The made-up provider's row, as its migration would write it.
        #[cfg(feature = "fourth-provider")]
        db.execute(&format!("INSERT INTO provider (name, rank) VALUES ('stubscan', {COUNT})"))
            .unwrap();
        let world = World {
            db,
            kv: MapCache::default(),
            scanners: Recorder::default(),
            now: Cell::new(NOW),
            drawn: Cell::new(0),
            lines: RefCell::default(),
            bare: Cell::default(),
            limits: RefCell::new(Some(BTreeMap::new())),
        };
        Self { config: config(settings), world, to_send: RefCell::default() }
    }

    /// The state of one more request.
    pub(crate) fn app(&self) -> App<&World> {
        let ports = &self.world;
        let request_id = RequestId::from_random(ports.random());
        App { config: self.config.clone(), ports, request_id }
    }

    /// Deploys the worker anew, with other settings.
    pub(crate) fn configure(&mut self, settings: &[(&str, &str)]) {
        self.config = config(settings);
    }

    pub(crate) fn db(&self) -> &Sqlite {
        &self.world.db
    }

    pub(crate) fn kv(&self) -> &MapCache {
        &self.world.kv
    }

    pub(crate) fn scanners(&self) -> &Recorder {
        &self.world.scanners
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.scanners().sent.borrow().clone()
    }

    /// Every log line so far, as one text.
    pub(crate) fn log(&self) -> String {
        self.world.lines.borrow().join("\n")
    }

    /// The lines of one event.
    pub(crate) fn events(&self, name: &str) -> Vec<Json> {
        let lines = self.world.lines.borrow();
        let lines = lines.iter().map(|line| serde_json::from_str::<Json>(line).unwrap());
        lines.filter(|line| line["event"] == name).collect()
    }

    /// The names of the events that ask for a person.
    pub(crate) fn alarms(&self) -> Vec<String> {
        let lines = self.world.lines.borrow();
        let lines = lines.iter().map(|line| serde_json::from_str::<Json>(line).unwrap());
        let alarms = lines.filter(|line| line["level"] == "error");
        alarms.map(|line| line["event"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn now(&self) -> i64 {
        self.world.now.get()
    }

    pub(crate) fn advance(&self, ms: i64) {
        self.world.now.set(self.now() + ms);
    }

    /// Where several requests at once take turns.
    pub(crate) fn take_turns(&self, turns: Turns) {
        self.db().take_turns(turns);
        self.kv().turns.set(turns);
    }

    pub(crate) fn send_request(&self, request: &Request) -> Response {
        let handled = pollster::block_on(router::handle(&self.app(), request));
        self.to_send.borrow_mut().extend(handled.to_send);
        handled.response
    }

    /// What the platform does once the answer is out.
    pub(crate) fn run_sends(&self) {
        let _ = pollster::block_on(dispatch::send(&self.app(), self.to_send.take()));
    }

    /// The worker is ended before it could send anything.
    pub(crate) fn lose_sends(&self) -> usize {
        self.to_send.take().len()
    }

    pub(crate) fn run_scheduled(&self) {
        pollster::block_on(scheduled::run_scheduled(&self.app()));
    }

    pub(crate) fn fetch(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Response {
        self.send_request(&request(method, target, headers, Vec::new()))
    }

    pub(crate) fn get(&self, target: &str) -> (u16, Json) {
        read(&self.fetch("GET", target, &[]))
    }

    pub(crate) fn publish(&self, body: &Json) -> (u16, Json) {
        read(&self.publish_as(
            body.to_string().into_bytes(),
            &[("authorization", &format!("Bearer {ADMIN}")), ("content-type", "application/json")],
        ))
    }

    pub(crate) fn publish_as(&self, body: Vec<u8>, headers: &[(&str, &str)]) -> Response {
        self.send_request(&request("POST", "/api/v1/admin/skills/publish", headers, body))
    }

    /// A call of a scanner that pulls.
    pub(crate) fn internal(&self, what: &str, body: &Json) -> (u16, Json) {
        let headers = [("x-internal-key", INTERNAL), ("content-type", "application/json")];
        let target = format!("/api/v1/internal/{what}-sast-scan");
        read(&self.send_request(&request("POST", &target, &headers, body.to_string().into_bytes())))
    }

    pub(crate) fn claim(&self, scan: &str, by: &str) -> (u16, Json) {
        self.internal("claim", &json!({"scanId": scan, "claimedBy": by}))
    }

    /// The ids of what waits for a scanner.
    pub(crate) fn pending(&self) -> Vec<String> {
        let headers = [("x-internal-key", INTERNAL)];
        let (status, answer) =
            read(&self.fetch("GET", "/api/v1/internal/pending-sast-scans", &headers));
        assert_eq!(status, 200, "{answer}");
        let scans = answer["scans"].as_array().unwrap();
        scans.iter().map(|scan| scan["id"].as_str().unwrap().to_owned()).collect()
    }

    /// An admin's request below `/api/v1/admin/`.
    pub(crate) fn admin(&self, method: &str, target: &str, body: &Json) -> (u16, Json) {
        read(&self.send_request(&admin_request(method, target, body)))
    }

    pub(crate) fn scan_again(&self, body: &Json) -> (u16, Json) {
        self.admin("POST", "scan-external", body)
    }

    /// Posts a callback under a signature header as it stands.
    pub(crate) fn post_callback(&self, body: Vec<u8>, signature: &str) -> Response {
        self.send_request(&callback_request(body, signature))
    }

    /// Posts a callback with a token of GitHub's in place of a signature.
    pub(crate) fn post_with_token(&self, body: Vec<u8>, token: &str) -> Response {
        let bearer = format!("Bearer {token}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        self.send_request(&request("POST", "/api/v1/webhooks/scan-results", &headers, body))
    }

    /// A callback, at this moment, signed by a key.
    pub(crate) fn callback_by(&self, secret: &str, body: &Json) -> (u16, Json) {
        let body = self.stamped(body);
        let signature = key(secret).sign(&body);
        read(&self.post_callback(body, &signature))
    }

    /// A callback, at this moment, signed as its sender would: by its attempt's own key, or by the
    /// master where it names no attempt.
    pub(crate) fn callback(&self, body: &Json) -> (u16, Json) {
        self.callback_by(&callback_secret(body), body)
    }

    /// The bytes of a callback with the present time in it, unless it has one.
    pub(crate) fn stamped(&self, body: &Json) -> Vec<u8> {
        let mut body = body.clone();
        let object = body.as_object_mut().unwrap();
        object.entry("timestamp").or_insert_with(|| self.now().into());
        body.to_string().into_bytes()
    }

    /// The skill of most tests, published and sent: its scans in the order of [`PROVIDERS`].
    pub(crate) fn published() -> (Self, [String; COUNT]) {
        let harness = Self::new();
        let ids = harness.publish_tool();
        (harness, ids)
    }

    pub(crate) fn publish_tool(&self) -> [String; COUNT] {
        let (status, answer) = self.publish(&tool());
        assert_eq!(status, 202, "{answer}");
        self.run_sends();
        std::array::from_fn(|at| answer["scans"][at]["scanId"].as_str().unwrap().to_owned())
    }

    /// The installer's question about the skill of most tests.
    pub(crate) fn security(&self) -> Json {
        let (status, answer) = self.get(&format!("/api/v1/skills/{NAME}/security"));
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// A clean result of each provider from the `first`-th on.
    pub(crate) fn pass_from(&self, first: usize, ids: &[String; COUNT]) {
        for (id, provider) in ids.iter().zip(PROVIDERS).skip(first) {
            assert_eq!(self.callback(&result(id, provider, [0; 4])).0, 200);
        }
    }

    /// The exact states, in the order of [`PROVIDERS`].
    pub(crate) fn phases(&self) -> [String; COUNT] {
        self.phase_of(NAME)
    }

    /// As [`Self::phases`], of another skill.
    pub(crate) fn phase_of(&self, skill: &str) -> [String; COUNT] {
        let (status, answer) = self.get(&format!("/api/v1/skills/{skill}/security"));
        assert_eq!(status, 200, "{answer}");
        std::array::from_fn(|at| answer["providers"][at]["phase"].as_str().unwrap().to_owned())
    }

    /// How many audit lines have this action.
    pub(crate) fn audit(&self, action: &str) -> usize {
        self.count(&format!("SELECT count(*) FROM audit_event WHERE action = '{action}'"))
    }

    /// The one number that a query answers.
    pub(crate) fn count(&self, sql: &str) -> usize {
        usize::try_from(self.db().one::<i64>(sql)).unwrap()
    }

    /// Whether KV holds what D1 would answer about the skill of most tests.
    pub(crate) fn assert_kv_follows(&self) {
        self.assert_kv_holds(NAME);
    }

    /// Whether KV holds what D1 would answer about a skill.
    pub(crate) fn assert_kv_holds(&self, skill: &str) {
        let (_, answer) = self.get(&format!("/api/v1/skills/{skill}/security"));
        let mut copy =
            self.kv().json(&format!("external-scans:{skill}")).expect("KV has the skill");
        let copy = copy.as_object_mut().unwrap();
        copy.remove("skill");
        copy.remove("readAt");
        let revision = copy.remove("revision");
        assert_eq!(Json::from(copy.clone()), answer);
        for row in answer["providers"].as_array().unwrap() {
            let key = format!("external-scan:{skill}:{}", row["provider"].as_str().unwrap());
            let mut copy = self.kv().json(&key).expect("KV has the provider");
            let copy = copy.as_object_mut().unwrap();
            copy.remove("skill");
            assert_eq!(copy.remove("revision"), revision);
            assert_eq!(Json::from(copy.clone()), *row);
        }
    }
}

/// A word for each provider: the first ones as they are named, and `rest` for all others.
pub(crate) fn each<'a>(first: &[&'a str], rest: &'a str) -> [&'a str; COUNT] {
    std::array::from_fn(|at| first.get(at).copied().unwrap_or(rest))
}

/// The publish call of most tests.
pub(crate) fn tool() -> Json {
    json!({"name": NAME, "repoUrl": REPO, "commitSha": COMMIT})
}

/// A result with counts from critical to low, and proof that everything was read.
pub(crate) fn result(scan: &str, provider: &str, counts: [u32; 4]) -> Json {
    json!({
        "scanId": scan, "provider": provider, "skillName": NAME, "commitSha": COMMIT,
        "criticalCount": counts[0], "highCount": counts[1], "mediumCount": counts[2], "lowCount": counts[3],
        "coverage": {"complete": true, "filesScanned": 3},
    })
}

/// An object with some fields replaced or added.
pub(crate) fn with(mut object: Json, fields: &Json) -> Json {
    let more = fields.as_object().unwrap().clone();
    object.as_object_mut().unwrap().extend(more);
    object
}

pub(crate) fn started(scan: &str, provider: &str) -> Json {
    json!({"scanId": scan, "provider": provider, "event": "started"})
}

pub(crate) fn failed(scan: &str, provider: &str, error: &str) -> Json {
    json!({"scanId": scan, "provider": provider, "event": "failed", "error": error})
}

pub(crate) fn key(secret: &str) -> SigningKey {
    SigningKey::new(secret).unwrap()
}

/// The secret that the worker hands out for one attempt of a scan.
pub(crate) fn scan_secret(master: &str, scan: &str, attempt: u32) -> String {
    key(master).scan_secret(&scan.parse().unwrap(), attempt)
}

/// What a callback's honest sender signs with: the key of the attempt that it names, else the master.
pub(crate) fn callback_secret(body: &Json) -> String {
    let attempt = body["attempt"].as_u64().and_then(|attempt| attempt.try_into().ok());
    let named = body["scanId"].as_str().filter(|scan| scan.parse::<ScanId>().is_ok()).zip(attempt);
    named.map_or_else(|| SECRET.to_owned(), |(scan, attempt)| scan_secret(SECRET, scan, attempt))
}

pub(crate) fn callback_request(body: Vec<u8>, signature: &str) -> Request {
    let headers = [("content-type", "application/json"), ("x-webhook-signature", signature)];
    request("POST", "/api/v1/webhooks/scan-results", &headers, body)
}

pub(crate) fn admin_request(method: &str, target: &str, body: &Json) -> Request {
    let token = format!("Bearer {ADMIN}");
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let target = format!("/api/v1/admin/{target}");
    request(method, &target, &headers, body.to_string().into_bytes())
}

pub(crate) fn request(
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Request {
        method: Method::parse(method),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        body: Body::Bytes(body),
    }
}

/// Status and JSON of an answer.
pub(crate) fn read(response: &Response) -> (u16, Json) {
    let json = serde_json::from_str(&response.body);
    (response.status, json.unwrap_or_else(|_| panic!("no JSON: {:?}", response.body)))
}

/// The pointers of a 422.
pub(crate) fn pointers(problem: &Json) -> Vec<&str> {
    let errors = problem["errors"].as_array().unwrap();
    errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}
