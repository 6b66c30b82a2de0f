//! Blocklist entries after any sequence of blocks, lifts, entries by hand, results that nobody asked for and
//! moves of the commit, against a model of the rules.

use crate::{
    harness::{COMMIT, HOUR, Harness, MINUTE, NAME, OTHER_COMMIT, PROVIDERS, REPO, result, with},
    lifting::{check, scan},
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// Something that happens to the one skill.
#[derive(Debug, Clone)]
enum Happening {
    /// A provider scans a commit: findings as bits, and how many more it counts but does not list.
    Scan {
        provider: usize,
        other: bool,
        found: u8,
        hidden: usize,
    },
    /// A provider reports of the commit that its newest scan was not of, and nobody asked for it.
    Unsolicited {
        provider: usize,
        found: u8,
        hidden: usize,
    },
    /// An admin lifts an entry that stands: the first, or the last of the two there can be.
    Lift(bool),
    /// An admin adds an entry, for the source or for the name, of one of two severities.
    ByHand {
        sourced: bool,
        shouted: bool,
        low: bool,
        text: bool,
    },
    Wait(i64),
    Scheduled,
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening as H;
    prop_oneof![
        8 => (0..2usize, prop::bool::weighted(0.2), 0..8u8, 0..3usize)
            .prop_map(|(provider, other, found, hidden)| H::Scan { provider, other, found, hidden }),
        4 => (0..2usize, 0..8u8, 0..2usize).prop_map(|(provider, found, hidden)| H::Unsolicited { provider, found, hidden }),
        4 => any::<bool>().prop_map(H::Lift),
        2 => (prop::bool::weighted(0.7), any::<bool>(), any::<bool>(), any::<bool>())
            .prop_map(|(sourced, shouted, low, text)| H::ByHand { sourced, shouted, low, text }),
        1 => prop_oneof![Just(1_000), Just(HOUR)].prop_map(H::Wait),
        1 => Just(H::Scheduled),
    ]
}

/// What a scan found: the listed ones, and the number of all.
type Found = (BTreeSet<u8>, usize);

/// A scan's part in an entry: provider, commit, and what it found.
type Charge = (usize, bool, Found);

/// The rules, told once more in another way.
#[derive(Debug, Default)]
struct Model {
    /// The entry of the skill's source: whether it blocks, and what it rests on.
    entry: Option<(bool, Vec<Charge>)>,
    /// Whether the name is blocked wherever it comes from.
    name_blocked: bool,
    lifted: Vec<Charge>,
    /// Which commit is published, and which each provider's newest scan was of.
    published: Option<bool>,
    newest: BTreeMap<usize, bool>,
    /// What nobody asked for: whether it still taints, as far as no entry rests on it.
    unsolicited: Vec<(Charge, bool)>,
}

impl Model {
    fn was_lifted(&self, provider: usize, other: bool, found: &Found) -> bool {
        let same: Vec<_> =
            self.lifted.iter().filter(|(p, o, _)| (*p, *o) == (provider, other)).collect();
        let known: BTreeSet<_> = same.iter().flat_map(|(_, _, (set, _))| set).copied().collect();
        let all_listed = found.0.len() == found.1;
        let most = same.iter().map(|(_, _, (_, count))| *count).max();
        found.0.is_subset(&known) && (all_listed || most.is_some_and(|most| found.1 <= most))
    }

    /// Charges what is known of the commit that is published now.
    fn publishes(&mut self, other: bool) {
        self.published = Some(other);
        let (known, rest) =
            std::mem::take(&mut self.unsolicited).into_iter().partition(|(charge, _)| {
                charge.1 == other && !self.was_lifted(charge.0, charge.1, &charge.2)
            });
        self.unsolicited = rest;
        let known: Vec<(Charge, bool)> = known;
        for ((provider, other, found), _) in known {
            self.scanned(provider, other, found);
        }
    }

    /// A result that nobody asked for.
    fn add_unsolicited(&mut self, charge: Charge) {
        if charge.2.1 == 0 {
            return;
        }
        self.unsolicited.push((charge, true));
        if let Some(published) = self.published {
            self.publishes(published);
        }
    }

    fn is_tainted(&self) -> bool {
        let taints = |((provider, other, found), taints): &(Charge, bool)| {
            *taints && !self.was_lifted(*provider, *other, found)
        };
        match &self.entry {
            _ if self.name_blocked => false,
            Some((active, _)) => !active,
            None => self.unsolicited.iter().any(taints),
        }
    }

    fn scanned(&mut self, provider: usize, other: bool, found: Found) {
        if found.1 == 0 || self.was_lifted(provider, other, &found) {
            return;
        }
        let charge = (provider, other, found);
        if let Some((_, evidence)) = &mut self.entry {
            evidence.push(charge);
            return;
        }
        // All are of one owner, which takes one unit an hour: the limit is never reached. `rate_limit` tests it.
        self.entry = Some((true, vec![charge]));
    }
}

fn happens(h: &Harness, model: &mut Model, what: &Happening) {
    match what {
        Happening::Scan { provider, other, found, hidden } => {
            let listed: BTreeSet<u8> = (0..3).filter(|bit| found & (1 << bit) != 0).collect();
            let rules: Vec<String> = listed.iter().map(|bit| format!("rule-{bit}")).collect();
            let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
            let count = listed.len() + hidden;
            let commit = if *other { OTHER_COMMIT } else { COMMIT };
            scan(h, PROVIDERS[*provider], commit, count, &rules);
            model.publishes(*other);
            model.newest.insert(*provider, *other);
            model.scanned(*provider, *other, (listed, count));
        }
        Happening::Unsolicited { provider, found, hidden } => {
            let Some(newest) = model.newest.get(provider) else { return };
            let listed: BTreeSet<u8> = (0..3).filter(|bit| found & (1 << bit) != 0).collect();
            let findings: Vec<_> = listed
                .iter()
                .map(|bit| json!({"rule": format!("rule-{bit}"), "severity": "critical", "message": "m", "file": "a.js", "code": "x"}))
                .collect();
            let (other, count) = (!newest, listed.len() + hidden);
            let more = json!({"scanId": null, "commitSha": if other { OTHER_COMMIT } else { COMMIT }, "findings": findings});
            let counts = [u32::try_from(count).unwrap(), 0, 0, 0];
            let (status, answer) =
                h.callback(&with(result("", PROVIDERS[*provider], counts), &more));
            assert_eq!(status, 200, "{answer}");
            if answer["applied"] == true {
                model.add_unsolicited((*provider, other, (listed, count)));
            }
        }
        Happening::Lift(last) => {
            let standing = h.db().query(
                "SELECT id, source_url FROM blocklist_entry WHERE state IN ('proposed', 'active') ORDER BY source_url",
            );
            let Some(row) = (if *last { standing.last() } else { standing.first() }) else {
                return;
            };
            let target = format!("blocklist/{}", row["id"].as_str().unwrap());
            assert_eq!(h.admin("DELETE", &target, &json!({"reason": "mistake"})).0, 200);
            model.unsolicited.iter_mut().for_each(|(_, taints)| *taints = false);
            if row["source_url"].is_null() {
                model.name_blocked = false;
            } else {
                model.lifted.extend(model.entry.take().unwrap().1);
            }
        }
        Happening::ByHand { sourced, shouted, low, text } => {
            let body = json!({
                "skillName": if *shouted { NAME.to_uppercase() } else { NAME.to_owned() }, "sourceUrl": sourced.then_some(REPO), "threatType": "malware",
                "severity": if *low { "low" } else { "critical" },
                "reason": if *text { "steals keys" } else { "spams" }, "evidenceUrls": ["https://proof.example/1"],
            });
            assert_eq!(h.admin("POST", "blocklist", &body).0, 201);
            if *sourced {
                let evidence = model.entry.take().map(|(_, evidence)| evidence);
                model.entry = Some((true, evidence.unwrap_or_default()));
            } else {
                model.name_blocked = true;
            }
        }
        Happening::Wait(ms) => h.advance(*ms),
        Happening::Scheduled => h.run_scheduled(),
    }
}

fn none(h: &Harness, what: &str, sql: &str) {
    let found = h.db().query(sql);
    assert!(found.is_empty(), "{what}: {found:?}");
}

/// Holds at every moment, in the rows themselves.
fn always(h: &Harness) {
    none(h, "two standing entries of one source", "SELECT skill_name FROM blocklist_entry
        WHERE state IN ('proposed', 'active') GROUP BY lower(skill_name), ifnull(source_url, '') HAVING count(*) > 1");
    none(
        h,
        "an entry without evidence and without an admin",
        "SELECT id FROM blocklist_entry e
        WHERE discovered_by <> 'admin' AND NOT EXISTS (SELECT 1 FROM external_scan_result r
            WHERE r.entry_id = e.id AND r.critical_count > 0 AND r.repo_url = e.source_url)",
    );
    none(
        h,
        "a start that no one audit line tells",
        "SELECT id FROM blocklist_entry e WHERE 1 <> (
        SELECT count(*) FROM audit_event a WHERE json_extract(a.detail, '$.entryId') = e.id
        AND a.action IN ('blocklist.blocked', 'blocklist.proposed', 'blocklist.added'))",
    );
    none(
        h,
        "a confirmation that no audit line tells",
        "SELECT id FROM blocklist_entry e
        WHERE state = 'active' AND EXISTS (SELECT 1 FROM audit_event a
            WHERE json_extract(a.detail, '$.entryId') = e.id AND a.action = 'blocklist.proposed')
        AND NOT EXISTS (SELECT 1 FROM audit_event a
            WHERE json_extract(a.detail, '$.entryId') = e.id AND a.action = 'blocklist.confirmed')",
    );
    none(h, "an end that no one audit line of an admin tells", "SELECT id FROM blocklist_entry e
        WHERE (state = 'withdrawn') <> (SELECT count(*) FROM audit_event a WHERE json_extract(a.detail, '$.entryId') = e.id
            AND a.action IN ('blocklist.lifted', 'blocklist.dropped') AND a.actor = 'admin')");
    none(
        h,
        "an automatic entry that is not critical",
        "SELECT id FROM blocklist_entry WHERE discovered_by = 'external-scan' AND severity <> 'critical'",
    );
}

/// The entries by id; those that are withdrawn whole.
fn entries(h: &Harness) -> BTreeMap<String, Json> {
    let rows = h.db().query("SELECT * FROM blocklist_entry");
    rows.into_iter().map(|row| (row["id"].as_str().unwrap().to_owned(), row)).collect()
}

/// ETag, text, and the entries of the public list.
fn list(h: &Harness) -> (String, String, Json) {
    let response = h.fetch("GET", "/api/v1/blocklist", &[]);
    let json: Json = serde_json::from_str(&response.body).unwrap();
    assert_eq!(json["count"].as_u64().unwrap(), json["entries"].as_array().unwrap().len() as u64);
    let tag = response.header("etag").unwrap().to_owned();
    (tag, response.body, json["entries"].clone())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, max_shrink_iters: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn g31_blocks_and_lifts_in_any_order_keep_the_rules(happenings in proptest::collection::vec(happening(), 1..25)) {
        let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "1"), ("DISPATCH_BUDGET_PER_HOUR", "1000")]);
        let mut model = Model::default();
        let (mut rows, mut shown) = (entries(&h), list(&h));
        for what in happenings {
            h.advance(MINUTE / 60);
            happens(&h, &mut model, &what);
            always(&h);

            let after = entries(&h);
            for (id, row) in &rows {
                let now = after.get(id).expect("no entry is ever gone");
                prop_assert!(row["state"] != "withdrawn" || now == row, "a withdrawn entry was changed");
                prop_assert!(!(row["state"] == "active" && now["state"] == "proposed"));
            }
            rows = after;

            let now = list(&h);
            prop_assert_eq!(now.0 == shown.0, now.2 == shown.2, "the ETag changes exactly when the entries do: {:?}", what);
            prop_assert_eq!(now.0 == shown.0, now.1 == shown.1);
            shown = now;

            let blocks = model.entry.as_ref().is_some_and(|(active, _)| *active);
            prop_assert_eq!(check(&h), (blocks || model.name_blocked, model.is_tainted()), "{:?} {:?}", what, model);
            let active: i64 = h.db().one("SELECT count(*) FROM blocklist_entry WHERE state = 'active'");
            prop_assert_eq!(check(&h).0, active > 0);
            prop_assert_eq!(shown.2.as_array().unwrap().len() as i64, active);
        }
        // Built from the rows alone, the list is the same.
        h.kv().values.borrow_mut().clear();
        prop_assert_eq!(list(&h), shown);
    }
}
