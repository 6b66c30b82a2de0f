//! Several callbacks at once, taking turns at every call of D1 and KV.

use crate::{
    harness::{
        COUNT, Harness, INTERNAL, MINUTE, PROVIDERS, SECRET, admin_request, callback_request, each,
        failed, key, request, result, started, tool, with,
    },
    sqlite::Turns,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use skillgate_worker::{handled::Handled, http::Request, router};
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

/// A request that is being answered.
type Running<'a> = Pin<Box<dyn Future<Output = Handled> + 'a>>;

/// Whose turn it is.
#[derive(Clone, Copy)]
pub(crate) enum Picks<'a> {
    /// Each picks among those that are not done.
    AmongThoseLeft(&'a [usize]),
    /// Each is the number of a callback, once all stand before their first step.
    Exactly(&'a [usize]),
}

/// A callback with the time of now, signed by the master key.
fn signed(h: &Harness, body: &Json) -> Request {
    let body = h.stamped(body);
    let signature = key(SECRET).sign(&body);
    callback_request(body, &signature)
}

/// Runs the callbacks in the order of `turns`, then whatever is left, first come first served.
/// Their statuses.
fn at_once(h: &Harness, bodies: &[Json], turns: Picks<'_>) -> Vec<u16> {
    let requests: Vec<_> = bodies.iter().map(|body| signed(h, body)).collect();
    requests_at_once(h, &requests, turns)
}

/// As [`at_once`], for requests of any kind.
pub(crate) fn requests_at_once(h: &Harness, requests: &[Request], turns: Picks<'_>) -> Vec<u16> {
    let apps: Vec<_> = requests.iter().map(|_| h.app()).collect();
    let mut running: Vec<(usize, Running<'_>)> = Vec::new();
    for (at, (app, request)) in apps.iter().zip(requests).enumerate() {
        running.push((at, Box::pin(router::handle(app, request))));
    }
    let mut statuses = vec![0; requests.len()];
    let mut context = Context::from_waker(Waker::noop());
    let mut next = match turns {
        Picks::AmongThoseLeft(picks) | Picks::Exactly(picks) => picks.iter().copied(),
    };
    let exact = matches!(turns, Picks::Exactly(_));
    // Up to the first step of each.
    let mut first = if exact { 0..requests.len() } else { 0..0 };
    while !running.is_empty() {
        let pick = first.next().or_else(|| next.next()).unwrap_or(0);
        let turn = if exact {
            running.iter().position(|(at, _)| *at == pick).unwrap_or(0)
        } else {
            pick % running.len()
        };
        let (at, future) = &mut running[turn];
        if let Poll::Ready(handled) = future.as_mut().poll(&mut context) {
            statuses[*at] = handled.response.status;
            drop(running.remove(turn));
        }
    }
    statuses
}

/// A scenario is told first and raced after: until then no store yields.
fn race(bodies: impl Fn(&[String; COUNT]) -> Vec<Json>, turns: &[usize]) -> (Harness, Vec<u16>) {
    let (h, ids) = Harness::published();
    h.take_turns(Turns::Calls);
    let statuses = at_once(&h, &bodies(&ids), Picks::AmongThoseLeft(turns));
    h.take_turns(Turns::None);
    (h, statuses)
}

/// The callbacks of three providers: the second fails the skill.
fn three(ids: &[String; COUNT]) -> Vec<Json> {
    (0..3).map(|at| result(&ids[at], PROVIDERS[at], [u32::from(at == 1), 0, 0, 0])).collect()
}

/// Every order of three callbacks with three steps each.
fn every_order() -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for _ in 0..9 {
        let longer = orders.iter().flat_map(|order: &Vec<usize>| {
            (0..3).filter(|who| order.iter().filter(|other| *other == who).count() < 3).map(|who| {
                let mut order = order.clone();
                order.push(who);
                order
            })
        });
        orders = longer.collect();
    }
    orders
}

#[test]
fn g04_three_callbacks_in_all_1680_orders_of_writing_reading_and_putting() {
    let orders = every_order();
    assert_eq!(orders.len(), 1_680);
    for (n, order) in orders.iter().enumerate() {
        let (h, ids) = Harness::published();
        // In two of three, one of the puts fails, each in its turn.
        if n % 3 > 0 {
            h.kv().fail_put_at(n / 3 % 12);
        }
        h.take_turns(Turns::Steps);
        let statuses = at_once(&h, &three(&ids), Picks::Exactly(order));
        h.take_turns(Turns::None);
        assert_eq!(statuses, [200; 3], "{order:?}");
        assert_eq!(h.phases(), each(&["PASS", "FAIL", "PASS"], "PENDING"));
        h.kv().fail_put_at(usize::MAX);
        h.run_scheduled();
        h.assert_kv_follows();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn g04_three_callbacks_at_once_in_any_interleaving(turns in proptest::collection::vec(0..3usize, 0..60)) {
        let (h, statuses) = race(three, &turns);
        prop_assert_eq!(statuses, [200; 3]);
        prop_assert_eq!(h.phases(), each(&["PASS", "FAIL", "PASS"], "PENDING"));
        h.run_scheduled();
        h.assert_kv_follows();
    }

    #[test]
    fn g12_the_same_callback_at_once_is_applied_once(turns in proptest::collection::vec(0..3usize, 0..60)) {
        let (h, statuses) = race(|ids| vec![result(&ids[0], "semgrep", [1, 0, 0, 0]); 3], &turns);
        prop_assert_eq!(statuses, [200; 3]);
        prop_assert_eq!(h.audit("scan.result"), 1);
        prop_assert_eq!(h.db().one::<i64>("SELECT count(*) FROM blocklist_entry"), 1);
        prop_assert_eq!(h.db().one::<i64>("SELECT revision FROM blocklist_revision"), 1);
        h.run_scheduled();
        h.assert_kv_follows();
    }

    #[test]
    fn g13_of_two_results_at_once_one_stands_and_the_other_is_refused(turns in proptest::collection::vec(0..2usize, 0..60)) {
        let two = |ids: &[String; COUNT]| vec![result(&ids[0], "semgrep", [1, 0, 0, 0]), result(&ids[0], "semgrep", [0; 4])];
        let (h, mut statuses) = race(two, &turns);
        let blocked = h.get("/api/v1/blocklist/check?name=tool").1["blocked"] == true;
        prop_assert_eq!(blocked, statuses[0] == 200);
        prop_assert_eq!(&h.phases()[0], if blocked { "FAIL" } else { "PASS" });
        statuses.sort_unstable();
        prop_assert_eq!(statuses, [200, 409]);
        prop_assert_eq!(h.audit("scan.result"), 1);
    }

    #[test]
    fn one_unsolicited_result_sent_twice_at_once_gets_one_row(turns in proptest::collection::vec(0..2usize, 0..60)) {
        let unsolicited = with(result("", "semgrep", [0; 4]), &json!({"scanId": null, "commitSha": crate::harness::OTHER_COMMIT}));
        let (h, statuses) = race(|_| vec![unsolicited.clone(), unsolicited.clone()], &turns);
        prop_assert_eq!(statuses, [200; 2]);
        prop_assert_eq!(h.count("SELECT count(*) FROM external_scan_result"), COUNT + 1);
    }
}

/// Polls a request up to so many times; whether it is done.
fn steps(running: &mut Running<'_>, most: usize) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    (0..most).any(|_| running.as_mut().poll(&mut context).is_ready())
}

#[test]
fn g05_a_drain_that_is_cut_off_anywhere_about_another_leaves_nothing_old_in_kv() {
    let mut cut_off = 0;
    for (before, after) in (0..14).flat_map(|before| (0..14).map(move |after| (before, after))) {
        let (h, ids) = Harness::published();
        let [first, second] = [0, 1].map(|at| signed(&h, &result(&ids[at], PROVIDERS[at], [0; 4])));
        h.take_turns(Turns::Calls);
        let apps = [h.app(), h.app()];
        let mut running: Running<'_> = Box::pin(router::handle(&apps[0], &first));
        if steps(&mut running, before) {
            continue;
        }
        let mut other: Running<'_> = Box::pin(router::handle(&apps[1], &second));
        assert!(steps(&mut other, 100));
        cut_off += usize::from(!steps(&mut running, after));
        drop(running);
        h.take_turns(Turns::None);
        h.run_scheduled();
        // Longer than one drain keeps the others away.
        h.advance(MINUTE);
        h.run_scheduled();
        h.assert_kv_follows();
    }
    assert!(cut_off > 30, "{cut_off}");
}

#[test]
fn g05_a_drain_that_takes_longer_than_its_lease_leaves_nothing_old_in_kv() {
    for before in 0..14 {
        let (h, ids) = Harness::published();
        let [first, second] = [0, 1].map(|at| signed(&h, &result(&ids[at], PROVIDERS[at], [0; 4])));
        h.take_turns(Turns::Calls);
        let apps = [h.app(), h.app()];
        let mut running: Running<'_> = Box::pin(router::handle(&apps[0], &first));
        if steps(&mut running, before) {
            break;
        }
        h.advance(MINUTE);
        let mut other: Running<'_> = Box::pin(router::handle(&apps[1], &second));
        assert!(steps(&mut other, 100));
        assert!(steps(&mut running, 100));
        h.take_turns(Turns::None);
        h.advance(MINUTE);
        h.run_scheduled();
        h.assert_kv_follows();
    }
}

#[test]
fn g15_a_report_and_a_claim_that_overtakes_it_at_once_never_both_take_place() {
    let reports = [
        |id: &str| result(id, "semgrep", [0; 4]),
        |id: &str| failed(id, "semgrep", "no"),
        |id: &str| started(id, "semgrep"),
    ];
    for (report, order) in reports.iter().flat_map(|report| (0..64).map(move |n| (report, n))) {
        let h = Harness::with(&[("DISPATCH", "pull")]);
        let id = &h.publish_tool()[0];
        assert_eq!(h.claim(id, "first").0, 200);
        h.advance(16 * MINUTE);
        let report = signed(&h, &with(report(id), &json!({"attempt": 1})));
        let headers = [("x-internal-key", INTERNAL), ("content-type", "application/json")];
        let claim = json!({"scanId": id, "claimedBy": "second"}).to_string().into_bytes();
        let claim = request("POST", "/api/v1/internal/claim-sast-scan", &headers, claim);
        h.take_turns(Turns::Calls);
        let turns: Vec<usize> = (0..6).map(|bit| order >> bit & 1).collect();
        let both = [report, claim];
        let statuses = requests_at_once(&h, &both, Picks::AmongThoseLeft(&turns));
        h.take_turns(Turns::None);
        let claims: i64 = h.db().one("SELECT max(attempt) FROM external_scan_result");
        let reported = h.audit("scan.result") + h.audit("scan.failed");
        match statuses.as_slice() {
            [200, 409] => assert_eq!(claims, 1, "{turns:?}"),
            [409, 200] => assert_eq!((claims, reported), (2, 0), "{turns:?}"),
            other => panic!("{other:?} in order {turns:?}"),
        }
    }
}

#[test]
fn a_sign_of_life_and_a_publish_that_gives_its_scan_up_at_once_leave_one_active_scan() {
    for order in 0..64 {
        let h = Harness::with(&[("DISPATCH", "pull")]);
        let [id, ..] = h.publish_tool();
        h.advance(20 * MINUTE);
        assert_eq!(h.phases(), ["TIMED_OUT"; COUNT]);
        let report = signed(&h, &started(&id, "semgrep"));
        let publish = admin_request("POST", "skills/publish", &tool());
        h.take_turns(Turns::Calls);
        let turns: Vec<usize> = (0..6).map(|bit| order >> bit & 1).collect();
        let both = [report, publish];
        let statuses = requests_at_once(&h, &both, Picks::AmongThoseLeft(&turns));
        h.take_turns(Turns::None);
        assert_eq!(statuses, [200, 202], "{turns:?}");
        let first = h.security()["providers"][0]["phase"].clone();
        let woken = h.audit("scan.started");
        assert_eq!(first, if woken == 1 { "RUNNING" } else { "PENDING" }, "{turns:?}");
        let scans = h.count("SELECT count(*) FROM external_scan_result");
        assert_eq!(scans, 2 * COUNT - woken, "{turns:?}");
    }
}

#[test]
fn a_report_that_loses_every_race_is_told_to_come_again_and_not_that_it_is_wrong() {
    let h = Harness::with(&[("DISPATCH", "pull")]);
    let id = &h.publish_tool()[0];
    let report = signed(&h, &result(id, "semgrep", [0; 4]));
    let app = h.app();
    let mut running = Box::pin(router::handle(&app, &report));
    let mut context = Context::from_waker(Waker::noop());
    let answer = loop {
        h.take_turns(Turns::Calls);
        if let Poll::Ready(handled) = running.as_mut().poll(&mut context) {
            break handled.response;
        }
        h.take_turns(Turns::None);
        assert_eq!(h.claim(id, "somebody").0, 200);
        assert_eq!(h.internal("release", &json!({"scanId": id, "claimedBy": "somebody"})).0, 200);
    };
    h.take_turns(Turns::None);
    // A scanner sends again what meets a 503, and gives up on a 409.
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("30")));
    assert_eq!(h.audit("scan.result"), 0);
}
