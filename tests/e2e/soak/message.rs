//! What the clients of the soak send.

use super::plan::{Call, Plan};
use crate::harness::now;
use serde_json::{Value, json};
use skillgate_contract::{ScanStatus, signature::SigningKey};

/// A scan that a client has claimed.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) id: String,
    name: String,
    provider: String,
    commit: String,
    attempt: u64,
    secret: String,
    /// It was handed back and claimed again since.
    pub(super) overtaken: bool,
}

/// What a client sends: at once, twice, or later.
#[derive(Debug, Clone)]
pub(super) enum Message {
    Publish(Call),
    Started(Claim),
    Result(Claim),
}

impl Claim {
    /// As the answer to a claim names it.
    pub(super) fn read(scan: &Value) -> Self {
        let text = |name: &str| scan[name].as_str().unwrap().to_owned();
        Self {
            id: text("id"),
            name: text("skillName"),
            provider: text("provider"),
            commit: text("commitSha"),
            attempt: scan["attempt"].as_u64().unwrap(),
            secret: text("callbackSecret"),
            overtaken: false,
        }
    }

    /// What every report of this claim says, at this moment.
    pub(super) fn complete(&self, body: &mut Value) {
        body["scanId"] = self.id.as_str().into();
        body["provider"] = self.provider.as_str().into();
        body["attempt"] = self.attempt.into();
        body["timestamp"] = now().into();
    }

    pub(super) fn sign(&self, body: &str) -> String {
        SigningKey::new(self.secret.clone()).unwrap().sign(body.as_bytes())
    }

    pub(super) fn result(&self, plan: Plan) -> Value {
        let (status, counts) = plan.outcome(&self.name, &self.provider, &self.commit);
        if status == ScanStatus::Error {
            return json!({"event": "failed", "error": "the tool was killed"});
        }
        let [critical, high, medium, low] = counts;
        json!({
            "skillName": self.name, "commitSha": self.commit, "criticalCount": critical,
            "highCount": high, "mediumCount": medium, "lowCount": low,
            "coverage": {"complete": true, "filesScanned": 1},
        })
    }
}

impl Message {
    /// Names it whatever its scan's id is.
    pub(super) fn key(&self) -> String {
        let of = |claim: &Claim| {
            format!("{} {} {} {}", claim.name, claim.provider, claim.commit, claim.attempt)
        };
        match self {
            Self::Publish(call) => format!("publish {} {}", call.name(), call.moved),
            Self::Started(claim) => format!("started {}", of(claim)),
            Self::Result(claim) => format!("result {}", of(claim)),
        }
    }
}
