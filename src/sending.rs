//! Sending leased scans to scanners.
//!
//! Runs after the answer or from the cron handler, and may be cut off at any point: a scan whose
//! send was not noted is due again when its lease ends, under the next attempt number.

use crate::{
    app::App,
    config::DispatchMode,
    domain::sending,
    error::AppError,
    ports::{Outbound, Ports},
    store::LeasedScan,
};
use skillgate_contract::{
    scan_request::{CallbackSecret, ScanRequest},
    text,
};

impl<P: Ports> App<P> {
    /// Sends scans that were leased, one after the other, and notes what came of each.
    pub async fn send(&self, scans: Vec<LeasedScan>) {
        for scan in scans {
            if let Err(error) = self.send_one(&scan).await
                && let Some(line) = error.log_line()
            {
                self.ports.log(&line);
            }
        }
    }

    async fn send_one(&self, scan: &LeasedScan) -> Result<(), AppError> {
        match self.offer(scan).await {
            Ok(()) => {
                let now = self.ports.now();
                let deadline = now.plus(self.config.pending_timeout_ms);
                self.store().sent(scan, now, deadline).await
            }
            Err(why) => {
                let now = self.ports.now();
                let [random, ..] = self.ports.random();
                let again = sending::retry_at(now, scan.attempt, random);
                self.ports.log(&format!(
                    "dispatch of {} {} failed: {why}",
                    scan.skill_name, scan.provider
                ));
                self.store().send_failed(scan, now, again, &why).await
            }
        }
    }

    /// Offers a scan to the scanners in turn until one accepts it.
    async fn offer(&self, scan: &LeasedScan) -> Result<(), String> {
        let DispatchMode::Scanner { workers } = &self.config.dispatch else {
            return Err("scans are pulled, not sent".to_owned());
        };
        let (Some(secret), Some(bearer)) =
            (&self.config.webhook_secret, &self.config.scanner_secret)
        else {
            return Err("WEBHOOK_SECRET or SCANNER_WORKER_SECRET is not configured".to_owned());
        };
        let callback_secret: CallbackSecret =
            secret.scan_secret(&scan.id).parse().map_err(|e| format!("{e}"))?;
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
        let mut failures = Vec::new();
        for worker in sending::order(workers, scan.turn) {
            let url = format!("{worker}/scan");
            let reply = self.ports.outbound().post_json(&url, bearer.expose(), body.clone()).await;
            match reply {
                Ok(reply) if reply.status == 202 => return Ok(()),
                Ok(reply) => failures.push(format!(
                    "{worker} answered {}: {}",
                    reply.status,
                    text::line(&reply.body, 200)
                )),
                Err(why) => failures.push(format!("{worker}: {}", text::line(&why, 200))),
            }
        }
        Err(failures.join("; "))
    }
}
