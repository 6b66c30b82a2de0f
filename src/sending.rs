//! Sending leased scans, to scanners here and to GitHub in [`crate::github`].
//!
//! Runs after the answer or from the cron handler, and may be cut off at any point: a scan whose
//! send was not noted is due again when its lease ends, under the next attempt number.

use crate::{
    app::App,
    config::DispatchMode,
    domain::sending::{self, Took},
    error::AppError,
    ports::{Call, Outbound, Ports},
    store::{FailingScanner, LeasedScan, SendOutcome},
};
use skillgate_contract::{
    Millis,
    scan_request::{CallbackSecret, ScanRequest},
    text,
};

/// No scanner took a scan.
struct NotTaken {
    why: String,
    /// One of them has no room now: it is a matter of time, and neither the scan nor the hour's budget
    /// pays for it.
    busy: bool,
    /// None of them would take another one.
    nobody: bool,
}

impl<P: Ports> App<P> {
    /// Sends scans that were leased, and notes what came of each. Whether any was taken.
    pub async fn send(&self, scans: Vec<LeasedScan>) -> bool {
        match &self.config.dispatch {
            _ if scans.is_empty() => false,
            DispatchMode::Github(github) => self.start_runs(github, scans).await,
            DispatchMode::Scanner { .. } | DispatchMode::Pull => self.send_each(scans).await,
        }
    }

    async fn send_each(&self, scans: Vec<LeasedScan>) -> bool {
        // Without the list nobody is skipped: a send is tried in vain, and nothing is lost.
        let mut failing = self.store().failing_scanners().await.unwrap_or_default();
        let mut nobody = None;
        let mut taken = false;
        for scan in scans {
            // Where no scanner takes one scan, the others need not wait for the same answer or silence.
            let offered = match nobody.take() {
                Some(not_taken) => Err(not_taken),
                None => self.offer(&scan, &mut failing).await,
            };
            let now = self.ports.now();
            let mut outcome = SendOutcome::default();
            match offered {
                Ok(()) => {
                    taken = true;
                    let deadline = now.plus(self.config.pending_timeout_ms);
                    outcome.sent(&scan, now, deadline, None);
                }
                Err(not_taken) => {
                    let [random, ..] = self.ports.random();
                    let again = sending::retry_at(now, scan.failures.saturating_add(1), random);
                    if not_taken.busy {
                        outcome.waits(&scan, now, again, &not_taken.why);
                    } else {
                        self.keep(&mut outcome, &scan, again, &not_taken.why, true);
                    }
                    nobody = Some(not_taken).filter(|not_taken| not_taken.nobody);
                }
            }
            self.note(self.store().note_send(outcome).await);
        }
        taken
    }

    /// A scan that nobody took stays, to be sent again, unless that was tried for long enough.
    pub(crate) fn keep(
        &self,
        outcome: &mut SendOutcome,
        scan: &LeasedScan,
        again: Millis,
        why: &str,
        counts: bool,
    ) {
        let (skill, provider) = (&scan.skill_name, scan.provider);
        if counts && scan.failures.saturating_add(1) >= sending::MOST_FAILURES {
            self.ports.log(&format!("ALARM dispatch.given_up {skill} {provider}: {why}"));
            let why = format!("could not be sent to any scanner: {why}");
            outcome.given_up(scan, &self.token(), &why, &self.end_of_scan());
        } else {
            self.ports.log(&format!("dispatch of {skill} {provider} failed: {why}"));
            outcome.failed(scan, self.ports.now(), again, why, counts);
        }
    }

    /// Offers a scan to the scanners in turn until one takes it; those that failed of late come
    /// last. What each did is noted.
    async fn offer(
        &self,
        scan: &LeasedScan,
        failing: &mut Vec<FailingScanner>,
    ) -> Result<(), NotTaken> {
        let unsent = |why: String| NotTaken { why, busy: false, nobody: false };
        let DispatchMode::Scanner { workers } = &self.config.dispatch else {
            return Err(unsent("scans are pulled, not sent".to_owned()));
        };
        let (body, secret, bearer) = self.request(scan).map_err(unsent)?;
        // A scanner that repeats what it was sent must not write the secrets into our log.
        let shown = |reply: &str| {
            let reply = reply.replace(&secret, "[secret]").replace(bearer, "[secret]");
            text::line(&reply, 200)
        };
        let mut failures = Vec::new();
        let (mut busy, mut nobody) = (false, true);
        for worker in sending::order(workers, scan.turn, failing, self.ports.now()) {
            let url = format!("{worker}/scan");
            let json = Some(body.clone());
            let call = Call { url: &url, bearer: Some(bearer), headers: &[], json };
            let reply = self.ports.outbound().call(call).await;
            let took = Took::of(reply.as_ref().map(|reply| reply.status).ok());
            busy |= took == Took::Busy;
            nobody &= matches!(took, Took::Failed | Took::Busy);
            self.note(self.remember(worker, took, &reply, failing).await);
            match reply {
                Ok(_) if took == Took::It => return Ok(()),
                Ok(reply) => failures.push(format!(
                    "{worker} answered {}: {}",
                    reply.status,
                    shown(&reply.body)
                )),
                Err(why) => failures.push(format!("{worker}: {}", text::line(&why, 200))),
            }
        }
        Err(NotTaken { why: failures.join("; "), busy, nobody })
    }

    /// The body of the request, the scan's own key in it, and the token that it goes out with.
    fn request(&self, scan: &LeasedScan) -> Result<(String, String, &str), String> {
        let (Some(secret), Some(bearer)) =
            (&self.config.webhook_secret, &self.config.scanner_secret)
        else {
            return Err("WEBHOOK_SECRET or SCANNER_WORKER_SECRET is not configured".to_owned());
        };
        let scan_secret = secret.scan_secret(&scan.id);
        let callback_secret: CallbackSecret = scan_secret.parse().map_err(|e| format!("{e}"))?;
        let request = ScanRequest {
            repo_url: scan.repo_url.clone(),
            skill_name: scan.skill_name.clone(),
            provider: scan.provider,
            callback_url: self.config.callback_url(),
            callback_secret,
            commit_sha: scan.commit_sha.clone(),
            scan_id: Some(scan.id.clone()),
            attempt: Some(scan.attempt),
            skill_path: scan.skill_path.clone(),
        };
        let body = serde_json::to_string(&request).map_err(|e| e.to_string())?;
        Ok((body, scan_secret, bearer.expose()))
    }

    /// Notes that a scanner fails, or that it no longer does.
    async fn remember(
        &self,
        worker: &str,
        took: Took,
        reply: &Result<crate::ports::Reply, String>,
        failing: &mut Vec<FailingScanner>,
    ) -> Result<(), AppError> {
        let known = failing.iter().position(|scanner| scanner.url == worker);
        match (took, known) {
            (Took::Failed, _) => {
                let now = self.ports.now();
                let before = known.map(|at| failing.swap_remove(at).failures).unwrap_or_default();
                let failures = before.saturating_add(1);
                let error = match reply {
                    Ok(reply) => format!("answered {}", reply.status),
                    Err(why) => text::line(why, 200),
                };
                let scanner = FailingScanner {
                    url: worker.to_owned(),
                    failures,
                    error,
                    failed_at: now,
                    skip_until: sending::skip_until(now, failures),
                };
                failing.push(scanner.clone());
                self.store().scanner_failed(&scanner).await
            }
            (Took::It | Took::Busy, Some(at)) => {
                failing.swap_remove(at);
                self.store().scanner_works(worker).await
            }
            (Took::It | Took::Busy | Took::Refused, _) => Ok(()),
        }
    }
}
