//! Several callbacks at once, taking turns at every call of D1 and KV.

use crate::harness::{Harness, PROVIDERS, SECRET, callback_request, key, result, with};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use skillgate_worker::{app::Handled, http::Request};
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

/// A request that is being answered.
type Running<'a> = Pin<Box<dyn Future<Output = Handled> + 'a>>;

/// Runs the callbacks in the order of `turns` (each a pick among those that are not done), then
/// whatever is left, first come first served. Their statuses.
fn at_once(h: &Harness, bodies: &[Json], turns: &[usize]) -> Vec<u16> {
    let requests: Vec<_> = bodies
        .iter()
        .map(|body| {
            let body = h.stamped(body);
            let signature = key(SECRET).sign(&body);
            callback_request(body, &signature)
        })
        .collect();
    requests_at_once(h, &requests, turns)
}

/// As [`at_once`], for requests of any kind.
pub(crate) fn requests_at_once(h: &Harness, requests: &[Request], turns: &[usize]) -> Vec<u16> {
    let mut running: Vec<(usize, Running<'_>)> = Vec::new();
    for (at, request) in requests.iter().enumerate() {
        running.push((at, Box::pin(h.app.handle(request))));
    }
    let mut statuses = vec![0; requests.len()];
    let mut context = Context::from_waker(Waker::noop());
    let mut turns = turns.iter().copied();
    while !running.is_empty() {
        let turn = turns.next().unwrap_or(0) % running.len();
        let (at, future) = &mut running[turn];
        if let Poll::Ready(handled) = future.as_mut().poll(&mut context) {
            statuses[*at] = handled.response.status;
            drop(running.remove(turn));
        }
    }
    statuses
}

/// A scenario is told first and raced after: until then no store yields.
fn race(bodies: impl Fn(&[String; 3]) -> Vec<Json>, turns: &[usize]) -> (Harness, Vec<u16>) {
    let (h, ids) = Harness::published();
    h.take_turns(true);
    let statuses = at_once(&h, &bodies(&ids), turns);
    h.take_turns(false);
    (h, statuses)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn g04_three_callbacks_at_once_in_any_interleaving(turns in proptest::collection::vec(0..3usize, 0..60)) {
        let each = |ids: &[String; 3]| (0..3).map(|n| result(&ids[n], PROVIDERS[n], [u32::from(n == 1), 0, 0, 0])).collect();
        let (h, statuses) = race(each, &turns);
        prop_assert_eq!(statuses, [200; 3]);
        prop_assert_eq!(h.phases(), ["PASS", "FAIL", "PASS"]);
        h.upkeep();
        h.assert_kv_follows();
    }

    #[test]
    fn g12_the_same_callback_at_once_is_applied_once(turns in proptest::collection::vec(0..3usize, 0..60)) {
        let (h, statuses) = race(|ids| vec![result(&ids[0], "semgrep", [1, 0, 0, 0]); 3], &turns);
        prop_assert_eq!(statuses, [200; 3]);
        prop_assert_eq!(h.audit("scan.result"), 1);
        prop_assert_eq!(h.db().one::<i64>("SELECT count(*) FROM blocklist_entry"), 1);
        prop_assert_eq!(h.db().one::<i64>("SELECT revision FROM blocklist_revision"), 1);
        h.upkeep();
        h.assert_kv_follows();
    }

    #[test]
    fn g13_of_two_results_at_once_one_stands_and_the_other_is_refused(turns in proptest::collection::vec(0..2usize, 0..60)) {
        let two = |ids: &[String; 3]| vec![result(&ids[0], "semgrep", [1, 0, 0, 0]), result(&ids[0], "semgrep", [0; 4])];
        let (h, mut statuses) = race(two, &turns);
        let blocked = h.get("/api/v1/blocklist/check?name=tool").1["blocked"] == true;
        prop_assert_eq!(blocked, statuses[0] == 200);
        prop_assert_eq!(&h.phases()[0], if blocked { "FAIL" } else { "PASS" });
        statuses.sort_unstable();
        prop_assert_eq!(statuses, [200, 409]);
        prop_assert_eq!(h.audit("scan.result"), 1);
    }

    #[test]
    fn one_stray_result_sent_twice_at_once_gets_one_row(turns in proptest::collection::vec(0..2usize, 0..60)) {
        let stray = with(result("", "semgrep", [0; 4]), &json!({"scanId": null, "commitSha": crate::harness::OTHER_COMMIT}));
        let (h, statuses) = race(|_| vec![stray.clone(), stray.clone()], &turns);
        prop_assert_eq!(statuses, [200; 2]);
        prop_assert_eq!(h.db().one::<i64>("SELECT count(*) FROM external_scan_result"), 4);
    }
}
