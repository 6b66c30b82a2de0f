//! Ten thousand events with everything that a network and a fleet of scanners do to them, at the
//! pace of a clock that tests move.

use crate::harness::{COMMIT, Harness, MINUTE, REPO, callback_secret, with};
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

const EVENTS: usize = 10_000;
const SKILLS: usize = 700;

/// Chances in percent, from a seed, so that a failure comes again.
struct Luck(TestRng);

impl Luck {
    fn below(&mut self, n: usize) -> usize {
        use proptest::prelude::Rng as _;
        usize::try_from(self.0.next_u32()).unwrap() % n
    }

    fn percent(&mut self, p: usize) -> bool {
        self.below(100) < p
    }
}

/// The scanners, and what of theirs is under way to the worker.
struct World {
    luck: Luck,
    /// Requests with the time at which they arrive.
    post: Vec<(i64, Json)>,
    events: usize,
    lossy: bool,
    repeats: usize,
    refused: usize,
}

impl World {
    /// Sends a callback: as it goes, or lost, twice, or late.
    fn tell(&mut self, now: i64, body: Json) {
        if self.lossy && self.luck.percent(5) {
            return;
        }
        if self.lossy && self.luck.percent(5) {
            let later = now + i64::try_from(self.luck.below(5)).unwrap() * MINUTE;
            self.post.push((later, body.clone()));
        }
        // Minutes late, it comes behind what was sent after it; at times, when all hope is lost.
        let late = match self.luck.below(100) {
            _ if !self.lossy => 0,
            0..5 => 3 * MINUTE,
            5..8 => 40 * MINUTE,
            _ => 0,
        };
        self.post.push((now + late, body));
    }

    /// One of five scanners takes what it can get.
    fn pull(&mut self, h: &Harness) {
        let me = format!("vps-{}", self.luck.below(5));
        for id in h.pending().into_iter().take(20) {
            let (status, answer) = h.claim(&id, &me);
            self.events += 1;
            assert!(matches!(status, 200 | 409), "{answer}");
            // Claimed, and the scanner or the reply is gone.
            if status != 200 || self.lossy && self.luck.percent(5) {
                continue;
            }
            let scan = &answer["scan"];
            let about = json!({"scanId": scan["id"], "provider": scan["provider"], "attempt": scan["attempt"]});
            let now = h.now();
            self.tell(now, with(about.clone(), &json!({"event": "started"})));
            let ends = now + i64::try_from(1 + self.luck.below(4)).unwrap() * MINUTE;
            let critical = u32::from(self.luck.percent(3));
            let end = if self.luck.percent(3) {
                json!({"event": "failed", "error": "the tool broke"})
            } else {
                json!({
                    "skillName": scan["skillName"], "commitSha": scan["commitSha"],
                    "criticalCount": critical, "highCount": 0, "mediumCount": 0, "lowCount": 0,
                    "coverage": {"complete": true, "filesScanned": 3},
                })
            };
            self.tell(ends, with(about, &end));
        }
    }

    /// Whatever has arrived by now.
    fn deliver(&mut self, h: &Harness) {
        let now = h.now();
        let (due, later) = self.post.drain(..).partition(|(at, _)| *at <= now);
        self.post = later;
        let due: Vec<(i64, Json)> = due;
        for (_, body) in due {
            let (status, answer) = h.callback_by(&callback_secret(&body), &body);
            self.events += 1;
            assert!(matches!(status, 200 | 409), "{body} {answer}");
            self.repeats += usize::from(answer["applied"] == false);
            self.refused += usize::from(status == 409);
        }
    }
}

fn name(n: usize) -> String {
    format!("owner/repo/tool-{n}")
}

#[test]
fn g19_ten_thousand_events_with_losses_repeats_and_disorder_lose_and_double_nothing() {
    let h = Harness::with(&[
        ("DISPATCH", "pull"),
        ("SCANNER_WORKERS", ""),
        ("AUTO_BLOCK_LIMIT_PER_HOUR", "100000"),
    ]);
    let luck = Luck(TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let mut world =
        World { luck, post: Vec::new(), events: 0, lossy: true, repeats: 0, refused: 0 };
    let mut asked = BTreeSet::new();
    while world.events < EVENTS {
        for _ in 0..10 {
            let n = world.luck.below(SKILLS);
            let skill = json!({"name": name(n), "repoUrl": REPO, "commitSha": COMMIT});
            // The registry says the same thing twice.
            for _ in 0..=usize::from(world.luck.percent(5)) {
                let (status, answer) = h.publish(&skill);
                assert_eq!(status, 202, "{answer}");
                world.events += 1;
                let scans = answer["scans"].as_array().unwrap();
                asked.extend(scans.iter().map(|scan| scan["scanId"].as_str().unwrap().to_owned()));
            }
        }
        world.pull(&h);
        world.deliver(&h);
        h.advance(MINUTE / 2);
        h.run_scheduled();
    }
    // The network heals, and what is left is worked off.
    world.lossy = false;
    for _ in 0..3_000 {
        let open: i64 = h.db().one(
            "SELECT count(*) FROM external_scan_result
            WHERE status IN ('PENDING', 'RUNNING') OR (status = 'TIMED_OUT' AND given_up_at IS NULL)",
        );
        if open == 0 {
            break;
        }
        world.pull(&h);
        world.deliver(&h);
        h.advance(MINUTE);
        h.run_scheduled();
    }

    // The trouble has really been there.
    assert!(world.repeats > 100 && world.refused > 20, "{} {}", world.repeats, world.refused);
    assert!(h.audit("scan.timed_out") > 200 && h.audit("scan.claimed") > 3_000);
    let none = |what: &str, sql: &str| {
        let rows = h.db().query(sql);
        assert!(rows.is_empty(), "{what}: {} rows, {:?}", rows.len(), rows.first());
    };
    none(
        "not ended",
        "SELECT id, status FROM external_scan_result
        WHERE status IN ('PENDING', 'RUNNING') OR (status = 'TIMED_OUT' AND given_up_at IS NULL)",
    );
    let there: BTreeSet<String> = h
        .db()
        .query("SELECT id FROM external_scan_result")
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(asked.is_subset(&there), "a scan that was promised is lost");
    none(
        "ended twice, or unlogged",
        "SELECT id FROM external_scan_result r WHERE status NOT IN ('TIMED_OUT') AND 1 <> (SELECT count(*) FROM audit_event a
        WHERE a.scan_id = r.id AND a.action IN ('scan.result', 'scan.failed'))",
    );
    none(
        "an attempt given out twice",
        "SELECT id FROM external_scan_result r WHERE attempt <> (SELECT count(*) FROM audit_event a
        WHERE a.scan_id = r.id AND a.action = 'scan.claimed')",
    );
    none(
        "a critical that blocks nothing, or an entry without one",
        "SELECT skill_name FROM (
            SELECT DISTINCT skill_name FROM external_scan_result WHERE critical_count > 0
            EXCEPT SELECT skill_name FROM blocklist_entry WHERE state = 'active')
        UNION ALL SELECT skill_name FROM (
            SELECT skill_name FROM blocklist_entry
            EXCEPT SELECT skill_name FROM external_scan_result WHERE critical_count > 0)",
    );
    none("KV behind", "SELECT name FROM skill WHERE kv_revision <> revision");
    let given_up: i64 =
        h.db().one("SELECT count(*) FROM external_scan_result WHERE status = 'TIMED_OUT'");
    let all = i64::try_from(there.len()).unwrap();
    assert!(given_up * 50 < all, "{given_up} of {all} never had an answer");
    let skills = h.db().query("SELECT name FROM skill ORDER BY name");
    for skill in skills {
        let skill = skill["name"].as_str().unwrap();
        h.assert_kv_holds(skill);
    }
}
