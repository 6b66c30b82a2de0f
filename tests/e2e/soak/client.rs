//! One of the clients: it publishes, pulls, claims and reports, through a network that loses things.

use super::{
    CLIENTS,
    message::{Claim, Message},
    plan::{Call, Fate, Plan, SCANS},
};
use crate::harness::WEBHOOK;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};
use xtask::stack::{Answer, Client, Stack};

/// Scans that may wait before no more is published.
const BACKLOG: usize = 40;
/// Claims of one round.
const ROUND: usize = 4;
const PATIENCE: Duration = Duration::from_secs(900);

/// What all clients share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    calls: Vec<Call>,
    /// What was dropped, to be sent again.
    later: Vec<Message>,
    /// Claims that were dropped once.
    dropped: BTreeSet<String>,
    /// Skills whose publish call has been answered: from then on it is not repeated.
    confirmed: BTreeSet<String>,
    /// Scans whose final report has been answered.
    pub(super) reported: BTreeSet<String>,
    published: usize,
    pub(super) claims: usize,
    pub(super) requests: BTreeMap<&'static str, usize>,
    pub(super) fates: BTreeMap<String, usize>,
    failed: bool,
}

impl Shared {
    pub(super) fn new() -> Self {
        Self { calls: Plan::calls(), ..Self::default() }
    }

    fn done(&self) -> bool {
        self.calls.is_empty() && self.later.is_empty() && self.reported.len() >= SCANS
    }
}

pub(super) struct Sender<'a> {
    plan: Plan,
    shared: &'a Mutex<Shared>,
    client: Client,
    internal: String,
    me: String,
    number: usize,
    round: usize,
}

/// Lets the others end when this client fails.
struct Alarm<'a>(&'a Mutex<Shared>);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).failed = true;
        }
    }
}

impl<'a> Sender<'a> {
    /// A client with connections of its own.
    pub(super) fn new(plan: Plan, shared: &'a Mutex<Shared>, stack: &Stack, number: usize) -> Self {
        Self {
            plan,
            shared,
            client: Client::new(&stack.worker.base_url(), &stack.secrets.admin),
            internal: stack.secrets.internal.clone(),
            me: format!("soak-{number}"),
            number,
            round: number,
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap()
    }

    /// Works until every scan has been reported.
    pub(super) fn run(mut self) {
        let _alarm = Alarm(self.shared);
        let began = Instant::now();
        loop {
            self.round += 1;
            let shared = self.shared();
            if shared.done() || shared.failed {
                return;
            }
            drop(shared);
            assert!(began.elapsed() < PATIENCE, "waited in vain: {:?}", self.shared().requests);
            let worked = self.retry() | self.publish_next() | self.publish_next() | self.pull();
            if !worked {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }

    /// Sends again what was dropped, in whatever order.
    fn retry(&self) -> bool {
        let mut shared = self.shared();
        if shared.later.is_empty() {
            return false;
        }
        let at = self.round * 7 % shared.later.len();
        let message = shared.later.swap_remove(at);
        drop(shared);
        self.deliver(&message);
        true
    }

    fn publish_next(&self) -> bool {
        let mut shared = self.shared();
        if 3 * shared.published > shared.claims + BACKLOG {
            return false;
        }
        let Some(call) = shared.calls.pop() else { return false };
        // Nobody claims what it makes before it has been answered, so that a repeat makes nothing.
        shared.confirmed.remove(&call.name());
        drop(shared);
        if self.plan.fate(&Message::Publish(call).key()) == Fate::Duplicated {
            self.post(&Message::Publish(call));
        }
        self.send(Message::Publish(call));
        true
    }

    /// Claims some of what waits, and reports it.
    fn pull(&self) -> bool {
        let headers = [("x-internal-key", self.internal.as_str())];
        let answer = self.client.get("/api/v1/internal/pending-sast-scans", &headers).unwrap();
        self.count("pending");
        assert_eq!(answer.status, 200, "{}", answer.body);
        let offered = answer.json()["scans"].as_array().unwrap().clone();
        let known: Vec<Value> = {
            let shared = self.shared();
            let confirmed =
                |scan: &Value| shared.confirmed.contains(scan["skillName"].as_str().unwrap());
            offered.into_iter().filter(confirmed).collect()
        };
        if known.is_empty() {
            return false;
        }
        // Neighbours are scans of one skill: different clients work on it at the same time.
        let start = self.number % known.len();
        let chosen = known.iter().skip(start).step_by(CLIENTS).take(ROUND);
        let claims: Vec<Claim> = chosen.flat_map(|scan| self.claim(scan)).collect();
        let (mut first, mut last) = (Vec::new(), Vec::new());
        for claim in claims {
            for message in [Message::Started(claim.clone()), Message::Result(claim.clone())] {
                let reordered = self.plan.fate(&message.key()) == Fate::Reordered;
                if reordered { &mut last } else { &mut first }.push(message);
            }
        }
        // The last of what comes late comes first: B's before A's.
        for message in first.into_iter().chain(last.into_iter().rev()) {
            self.send(message);
        }
        true
    }

    /// A claim of a scan, and the one that it has overtaken.
    fn claim(&self, scan: &Value) -> Vec<Claim> {
        let (id, attempt) = (scan["id"].as_str().unwrap(), scan["attempt"].as_u64().unwrap());
        let what = format!(
            "claim {} {} {} {attempt}",
            scan["skillName"], scan["provider"], scan["commitSha"]
        );
        let fate = self.fate(&what);
        if fate == Fate::Dropped && self.shared().dropped.insert(what) {
            return Vec::new();
        }
        let Some(mut claim) = self.claim_once(id) else { return Vec::new() };
        match fate {
            Fate::Duplicated => {
                assert!(self.claim_once(id).is_none(), "claimed twice");
                vec![claim]
            }
            // Handed back: whoever claims it next overtakes this one. Without the answer nothing is
            // known but the scan, so it is handed back too.
            Fate::Reordered | Fate::ReplyDropped => {
                if fate == Fate::ReplyDropped {
                    assert!(self.claim_once(id).is_none(), "claimed twice");
                }
                assert_eq!(self.pull_call("release", id).status, 200);
                claim.overtaken = true;
                let Some(again) = self.claim_once(id) else { return Vec::new() };
                vec![again, claim]
            }
            Fate::Arrives | Fate::Dropped => vec![claim],
        }
    }

    fn claim_once(&self, id: &str) -> Option<Claim> {
        let answer = self.pull_call("claim", id);
        let json = answer.json();
        if answer.status != 200 {
            let reason = json["reason"].as_str().unwrap_or_default();
            let known = reason == "already_claimed" || reason == "finished";
            assert!(answer.status == 409 && known, "{}", answer.body);
            return None;
        }
        self.shared().claims += 1;
        Some(Claim::read(&json["scan"]))
    }

    fn pull_call(&self, what: &'static str, id: &str) -> Answer {
        self.count(what);
        let body = json!({"scanId": id, "claimedBy": self.me}).to_string();
        let headers =
            [("content-type", "application/json"), ("x-internal-key", self.internal.as_str())];
        let path = format!("/api/v1/internal/{what}-sast-scan");
        self.client.post(&path, &headers, body.as_bytes()).unwrap()
    }

    /// Sends a message for the first time.
    fn send(&self, message: Message) {
        match self.fate(&message.key()) {
            Fate::Dropped => return self.shared().later.push(message),
            Fate::Duplicated if !matches!(message, Message::Publish(_)) => {
                self.shared().later.push(message.clone());
            }
            Fate::ReplyDropped => {
                self.post(&message);
                return self.shared().later.push(message);
            }
            Fate::Arrives | Fate::Reordered | Fate::Duplicated => {}
        }
        self.deliver(&message);
    }

    /// Sends a message and hears the answer.
    fn deliver(&self, message: &Message) {
        let answer = self.post(message);
        let claim = match message {
            Message::Publish(call) => return self.published(*call, &answer),
            Message::Started(claim) | Message::Result(claim) => claim,
        };
        if claim.overtaken {
            assert!(answer.status == 409 || answer.json()["applied"] == false, "{}", answer.body);
            return;
        }
        assert_eq!(answer.status, 200, "{message:?}: {}", answer.body);
        if matches!(message, Message::Result(_)) {
            self.shared().reported.insert(claim.id.clone());
        }
    }

    fn published(&self, call: Call, answer: &Answer) {
        assert_eq!(answer.status, 202, "{}", answer.body);
        let mut shared = self.shared();
        shared.published += 1;
        shared.confirmed.insert(call.name());
        if let Some(next) = Plan::next(call) {
            // Soon, when some of its scans are under way.
            let at = shared.calls.len().saturating_sub(call.skill % 12);
            shared.calls.insert(at, next);
        }
    }

    fn post(&self, message: &Message) -> Answer {
        let (claim, mut body) = match message {
            Message::Publish(call) => {
                self.count("publish");
                let body = json!({
                    "name": call.name(), "repoUrl": call.repo_url(), "commitSha": call.commit(),
                });
                return self.client.publish(&body).unwrap();
            }
            Message::Started(claim) => (claim, json!({"event": "started"})),
            Message::Result(claim) => (claim, claim.result(self.plan)),
        };
        self.count(if matches!(message, Message::Started(_)) { "started" } else { "result" });
        claim.complete(&mut body);
        let body = body.to_string();
        let signature = claim.sign(&body);
        let headers =
            [("content-type", "application/json"), ("x-webhook-signature", signature.as_str())];
        self.client.post(WEBHOOK, &headers, body.as_bytes()).unwrap()
    }

    fn fate(&self, key: &str) -> Fate {
        let fate = self.plan.fate(key);
        *self.shared().fates.entry(format!("{fate:?}")).or_default() += 1;
        fate
    }

    fn count(&self, what: &'static str) {
        *self.shared().requests.entry(what).or_default() += 1;
    }
}
