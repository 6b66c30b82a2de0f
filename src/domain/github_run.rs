//! Groups scans into runs on GitHub Actions and reads GitHub's reply to a request for a run.

use crate::{
    domain::retry::{backoff_until, with_jitter},
    model::{LeasedScan, Reply},
};
use skillgate_contract::{
    Millis,
    backoff::{Backoff, Jitter},
    github::{Job, Payload},
    text,
};
use std::time::Duration;

/// GitHub's reply to a request for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The run was started.
    Started,
    /// A rate limit is reached: no request before this time.
    Limited(Millis),
    /// Token, repository or workflow are wrong: no request is accepted before an admin corrects them, so the
    /// next one is sent at this time.
    Closed(Millis),
    /// This request was rejected and is retried at this time; others may be accepted.
    NotThis(Millis),
    /// GitHub is not available; the request is retried at this time.
    Failed(Millis),
}

/// The wait before a rejected request is retried, without its jitter.
const NOT_THIS: Duration = Duration::from_hours(1);
/// The wait for an admin to correct the settings.
const CLOSED: Backoff = Backoff {
    base: Duration::from_mins(10),
    factor: 2,
    cap: Duration::from_hours(1),
    jitter: Jitter::NONE,
};
/// The wait after a rate limit without a time of its end.
const LIMITED: Backoff = Backoff {
    base: Duration::from_mins(1),
    factor: 2,
    cap: Duration::from_mins(32),
    jitter: Jitter::NONE,
};
/// GitHub's own limits are of an hour; a time much later than that is a mistake.
const LONGEST_LIMIT_MS: i64 = 24 * Millis::HOUR;

/// Reads GitHub's answer; `None` where there was none. `failures` counts GitHub's refusals in a row,
/// this one included; `jitter` is random.
///
/// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit>
#[must_use]
pub fn answer(reply: Option<&Reply>, now: Millis, failures: u32, jitter: u8) -> Answer {
    let Some(reply) = reply else { return Answer::Failed(backoff_until(now, failures, jitter)) };
    match reply.status {
        200 | 204 => Answer::Started,
        403 | 429 if is_limit(reply) => Answer::Limited(limit_end(reply, now, failures)),
        // A redirect is the new address of a repository that was renamed or moved.
        301 | 302 | 307 | 308 | 401 | 403 | 404 | 410 | 451 => {
            Answer::Closed(now.after(CLOSED.delay(failures, 0)))
        }
        400 | 413 | 415 | 422 => Answer::NotThis(now.after(with_jitter(NOT_THIS, jitter))),
        _ => Answer::Failed(backoff_until(now, failures, jitter)),
    }
}

/// A 403 is a limit only where it says so: without, it is a token that may not.
fn is_limit(reply: &Reply) -> bool {
    reply.status == 429
        || reply.header("retry-after").is_some()
        || reply.header("x-ratelimit-remaining") == Some("0")
        || text::split_once(&reply.body.to_ascii_lowercase(), "rate limit").is_some()
}

/// `Retry-After` in seconds, else the reset of a limit that is used up, else at least a minute and
/// longer each time.
fn limit_end(reply: &Reply, now: Millis, failures: u32) -> Millis {
    let number = |name| reply.header(name).and_then(|text| text.trim().parse::<i64>().ok());
    let after = number("retry-after").map(|seconds| now.plus(seconds.saturating_mul(1_000)));
    let reset = number("x-ratelimit-reset")
        .filter(|_| reply.header("x-ratelimit-remaining") == Some("0"))
        .map(|seconds| Millis(seconds.saturating_mul(1_000)));
    let end = after.or(reset).unwrap_or_else(|| now.after(LIMITED.delay(failures, 0)));
    // The clocks differ by a little, and the reset of this very second is no wait at all.
    Millis(end.0.clamp(now.plus(1_000).0, now.plus(LONGEST_LIMIT_MS).0))
}

/// What an admin has to correct after a refusal.
#[must_use]
pub const fn hint(status: u16, answer: Answer) -> &'static str {
    match (answer, status) {
        (Answer::Limited(_), _) => "its limit is reached",
        (Answer::NotThis(_), _) => "the workflow does not take what is sent",
        (_, 301 | 302 | 307 | 308) => "GITHUB_REPOSITORY has moved",
        (_, 401) => "GITHUB_TOKEN is wrong or has expired",
        (_, 403) => "GITHUB_TOKEN may not start runs",
        (_, 404) => "GITHUB_REPOSITORY, or its workflow, is not there or hidden from GITHUB_TOKEN",
        _ => "no run was started",
    }
}

/// The scans that go into one request each: those of a skill that share commit and attempt.
#[must_use]
pub fn runs(scans: Vec<LeasedScan>) -> Vec<Vec<LeasedScan>> {
    let mut runs: Vec<Vec<LeasedScan>> = Vec::new();
    for scan in scans {
        let same = |other: &LeasedScan| {
            other.skill_name == scan.skill_name
                && other.repo_url == scan.repo_url
                && other.skill_path == scan.skill_path
                && other.commit_sha == scan.commit_sha
                && other.attempt == scan.attempt
                && other.provider != scan.provider
        };
        match runs.iter_mut().find(|run| run.iter().all(same)) {
            Some(run) => run.push(scan),
            None => runs.push(vec![scan]),
        }
    }
    runs
}

/// The payload of a run; `None` without scans.
#[must_use]
pub fn payload(run: &[LeasedScan], callback_url: String) -> Option<Payload> {
    let first = run.first()?;
    let job = |scan: &LeasedScan| Job { provider: scan.provider, scan_id: Some(scan.id.clone()) };
    Some(Payload {
        skill_name: first.skill_name.clone(),
        repo_url: first.repo_url.clone(),
        callback_url,
        commit_sha: first.commit_sha.clone(),
        jobs: run.iter().map(job).collect(),
        attempt: Some(first.attempt),
        skill_path: first.skill_path.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use skillgate_contract::{Provider, ScanId};

    const NOW: Millis = Millis(1_769_990_400_000);

    fn reply(status: u16, headers: &[(&'static str, &str)], body: &str) -> Reply {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Reply { status, body: body.to_owned(), headers }
    }

    fn of(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        answer(Some(&reply(status, headers, body)), NOW, 1, 0)
    }

    #[test]
    fn g20_each_status_means_something() {
        let after = |ms| NOW.plus(ms);
        for status in [200, 204] {
            assert_eq!(of(status, &[], ""), Answer::Started);
        }
        for status in [301, 307, 401, 403, 404] {
            assert_eq!(of(status, &[], ""), Answer::Closed(after(600_000)), "{status}");
        }
        for status in [400, 422] {
            assert_eq!(of(status, &[], ""), Answer::NotThis(after(3_600_000)), "{status}");
        }
        for status in [201, 408, 500, 502, 503] {
            assert_eq!(of(status, &[], ""), Answer::Failed(after(30_000)), "{status}");
        }
        assert_eq!(answer(None, NOW, 1, 0), Answer::Failed(after(30_000)));
        let closed = |failures| answer(Some(&reply(401, &[], "")), NOW, failures, 9);
        assert_eq!(closed(2), Answer::Closed(after(1_200_000)));
        assert_eq!(closed(u32::MAX), Answer::Closed(after(Millis::HOUR)));
    }

    #[test]
    fn g20_a_limit_ends_when_github_says() {
        let reset = (NOW.0 / 1_000 + 900).to_string();
        let used_up = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset.as_str())];
        let left = [("x-ratelimit-remaining", "7"), ("x-ratelimit-reset", reset.as_str())];
        for (what, seconds) in [
            (of(429, &[("retry-after", "120")], ""), 120),
            (of(403, &[("retry-after", "120")], ""), 120),
            (of(403, &[&used_up[..], &[("retry-after", "60")]].concat(), ""), 60),
            (of(403, &used_up, ""), 900),
            (of(429, &used_up, ""), 900),
            // Without a time, at least a minute; a limit that is not used up is not the one.
            (of(429, &left, ""), 60),
            (of(403, &[], "You have exceeded a secondary rate limit."), 60),
            // What cannot be a time.
            (of(429, &[("retry-after", "Sat, 28 Nov 2026 07:00:00 GMT")], ""), 60),
            (of(429, &[("retry-after", "0")], ""), 1),
            (of(429, &[("retry-after", "9223372036854775807")], ""), 86_400),
            (of(429, &[("retry-after", "-9223372036854775808")], ""), 1),
        ] {
            assert_eq!(what, Answer::Limited(NOW.plus(seconds * 1_000)));
        }
        let again = |failures| answer(Some(&reply(429, &[], "")), NOW, failures, 0);
        assert_eq!(again(3), Answer::Limited(NOW.plus(240_000)), "longer each time");
    }

    fn scan(skill: &str, provider: Provider, attempt: u32, bits: u8) -> LeasedScan {
        LeasedScan {
            id: ScanId::from_random([bits; 16]),
            skill_name: skill.parse().unwrap(),
            provider,
            repo_url: "https://github.com/o/r".parse().unwrap(),
            skill_path: None,
            commit_sha: None,
            attempt,
            failures: 0,
            turn: bits.into(),
        }
    }

    #[test]
    fn a_run_does_what_shares_skill_commit_and_attempt() {
        let [semgrep, njsscan, trufflehog, ..] = Provider::ALL;
        let mut other_commit = scan("o/a", njsscan, 1, 5);
        other_commit.commit_sha = "a".repeat(40).parse().ok();
        let grouped = runs(vec![
            scan("o/a", trufflehog, 1, 1),
            scan("o/b", semgrep, 1, 2),
            scan("o/a", semgrep, 1, 3),
            scan("o/a", njsscan, 2, 4),
            other_commit,
            scan("o/a", semgrep, 1, 6),
        ]);
        let turns: Vec<Vec<u64>> =
            grouped.iter().map(|run| run.iter().map(|scan| scan.turn).collect()).collect();
        assert_eq!(turns, [vec![1, 3], vec![2], vec![4], vec![5], vec![6]]);
        assert!(payload(&[], String::new()).is_none());
    }

    proptest! {
        #[test]
        fn no_answer_is_forgotten_or_asked_again_at_once(
            status in any::<u16>(), after in any::<String>(), reset in any::<i64>(),
            failures in any::<u32>(), jitter in any::<u8>(),
        ) {
            let reset = reset.to_string();
            let headers = [("retry-after", after.as_str()), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &reset)];
            for headers in [&headers[..], &headers[1..], &[]] {
                match answer(Some(&reply(status, headers, "")), NOW, failures, jitter) {
                    Answer::Started => prop_assert!(status == 200 || status == 204),
                    Answer::Limited(at) | Answer::Closed(at) | Answer::NotThis(at) | Answer::Failed(at) => {
                        prop_assert!((1_000..=LONGEST_LIMIT_MS).contains(&at.since(NOW)));
                    }
                }
            }
        }
    }
}
