//! Builds the callbacks about one scan that was requested from this server.

use super::runner::ScanFailure;
use crate::{
    delivery::PendingDelivery,
    final_callback,
    git::Source,
    random::unique_id,
    scan::{ScanJob, ScanOutcome},
};
use skillgate_contract::{
    Millis,
    callback::{Callback, Event, Tool},
    scan_request::ScanRequest,
};

/// The scan job that a request describes.
pub(super) fn job(request: &ScanRequest) -> ScanJob {
    ScanJob {
        source: Source::Remote(request.repo_url.clone()),
        skill_name: Some(request.skill_name.clone()),
        provider: request.provider,
        commit: request.commit_sha.clone(),
        skill_path: request.skill_path.clone(),
    }
}

/// Builds the callbacks about one scan.
#[derive(Debug, Clone)]
pub(super) struct CallbackBuilder {
    pub(super) request: ScanRequest,
    pub(super) worker_host: String,
    pub(super) isolation: Option<String>,
    /// The tool that runs, for a scan that ends without a result.
    pub(super) tool: Option<Tool>,
}

impl CallbackBuilder {
    /// The `started` callback, which is also the heartbeat.
    pub(super) fn started(&self, now: Millis) -> PendingDelivery {
        self.delivery(now, Event::Started)
    }

    /// The final callback: the result or the failure.
    pub(super) fn ended(
        &self,
        now: Millis,
        outcome: Result<ScanOutcome, ScanFailure>,
    ) -> PendingDelivery {
        let delivery = self.delivery(now, Event::Started);
        let outcome = outcome.map_err(|failure| failure.why);
        let callback = final_callback::ended(now, delivery.callback.clone(), outcome);
        PendingDelivery { callback, ..delivery }
    }

    fn delivery(&self, now: Millis, event: Event) -> PendingDelivery {
        let ScanRequest { repo_url, skill_name, provider, .. } = self.request.clone();
        let callback = Callback {
            scan_id: self.request.scan_id.clone(),
            skill_name: Some(skill_name),
            repo_url: Some(repo_url),
            commit_sha: self.request.commit_sha.clone(),
            attempt: self.request.attempt,
            worker_host: Some(self.worker_host.clone()),
            isolation: self.isolation.clone(),
            tool: self.tool.clone(),
            event,
            ..Callback::of(provider)
        };
        let (url, secret) =
            (self.request.callback_url.clone(), self.request.callback_secret.clone());
        PendingDelivery::new(unique_id(), now, url, secret, callback)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::tests::{SECRET, result};
    use skillgate_contract::{
        AutoRun, ChainStep, Counts, Finding, Gate, ScanStatus, Severity, When,
        callback::{Coverage, FileNote},
        signature::MAX_BODY_BYTES,
    };

    fn reporter() -> CallbackBuilder {
        let request = ScanRequest {
            repo_url: "https://github.com/o/r".parse().unwrap(),
            skill_name: "o/r/t".parse().unwrap(),
            provider: skillgate_contract::Provider::Semgrep,
            callback_url: "https://skills.example/api/v1/webhooks/scan-results".into(),
            callback_secret: SECRET.parse().unwrap(),
            commit_sha: None,
            scan_id: Some("scan-1".parse().unwrap()),
            attempt: Some(1),
            skill_path: None,
        };
        CallbackBuilder { request, worker_host: "host".into(), isolation: None, tool: None }
    }

    #[test]
    fn no_repository_can_make_a_report_too_large_to_be_taken() {
        let long = "\u{10ffff}".repeat(5_000);
        let note = FileNote::new(&*long, &*long);
        let step = ChainStep {
            fact: "run".into(),
            file: "a.sh".into(),
            line: 1,
            end_line: Some(1),
            code: "\u{10ffff}".repeat(150),
        };
        let entry = AutoRun {
            agent: long.clone(),
            file: long.clone(),
            line: 1,
            key: long.clone(),
            event: Some(long.clone()),
            when: When::Load,
            gate: Gate::None,
            command: "\"\\\n".repeat(900),
            language: long.clone(),
        };
        let finding = Finding {
            rule: long.clone(),
            severity: Severity::Critical,
            message: long.clone(),
            file: long.clone(),
            line: None,
            end_line: None,
            code: long.clone(),
            provider: None,
            chain: vec![step; 20],
        };
        let outcome = ScanOutcome {
            counts: Counts { critical: 900, ..Counts::default() },
            findings: vec![finding; 900],
            coverage: Some(Coverage {
                complete: false,
                files_scanned: 1,
                text_rules_only: vec![note.clone(); 900],
                unscanned: vec![note; 900],
            }),
            auto_run: Some(vec![entry; 900]),
            ..result()
        };
        let delivery = reporter().ended(Millis(1), Ok(outcome));
        assert!(delivery.callback.to_json(Millis(1)).len() < MAX_BODY_BYTES);
        let Event::Result(sent) = delivery.callback.event else { panic!("a result is expected") };
        assert_eq!(sent.counts.critical, 900);
        assert!(sent.findings_truncated && !sent.findings.is_empty());
        assert_eq!(sent.findings[0].chain.len(), 20);
        assert!(sent.auto_run_truncated && sent.auto_run.unwrap().len() > 3);
        let unscanned = sent.coverage.unwrap().unscanned;
        assert!(unscanned.len() > 1 && unscanned.last().unwrap().file.contains("more"));
    }

    #[test]
    fn a_list_that_is_cut_says_of_how_many_and_one_that_fits_stands_whole() {
        let sent = |number: usize| {
            let note = FileNote::new("a.js", "a submodule");
            let unscanned = vec![note; number];
            let coverage = Coverage { unscanned, ..result().coverage.unwrap() };
            let outcome = ScanOutcome { coverage: Some(coverage), ..result() };
            let delivery = reporter().ended(Millis(1), Ok(outcome));
            let again = final_callback::with_cut_lists(&delivery.callback);
            assert_eq!(again, delivery.callback, "cut once");
            let Event::Result(sent) = delivery.callback.event else {
                panic!("a result is expected")
            };
            sent.coverage.unwrap().unscanned
        };
        for (number, listed, last) in
            [(200, 200, "a.js"), (201, 200, "(2 more)"), (5_000, 200, "(4801 more)")]
        {
            let sent = sent(number);
            assert_eq!((sent.len(), sent.last().unwrap().file.as_str()), (listed, last));
        }
    }

    #[test]
    fn what_is_informational_takes_no_pass_away_however_much_of_it_is_cut() {
        let concluded = |unscanned: Vec<FileNote>| {
            let coverage = Coverage { complete: true, unscanned, ..Coverage::default() };
            let clean = ScanOutcome {
                claimed: None,
                counts: Counts::default(),
                findings: vec![],
                coverage: Some(coverage),
                error: None,
                ..result()
            };
            let delivery = reporter().ended(Millis(1), Ok(clean));
            let Event::Result(sent) = delivery.callback.event else {
                panic!("a result is expected")
            };
            sent.conclude(false)
        };
        let informational = || FileNote::new("void", "a link to nothing").informational();
        let picture = || FileNote::new("a.png", "a Git LFS pointer");
        for note in [informational(), picture()] {
            for number in [1, 200, 5_000] {
                assert_eq!(
                    concluded(vec![note.clone(); number]),
                    ScanStatus::Pass,
                    "{number} {note:?}"
                );
            }
        }
        let mut one_gap = vec![informational(); 5_000];
        one_gap.push(FileNote::new("run.sh", "too large"));
        assert_eq!(concluded(one_gap), ScanStatus::Incomplete, "it is among those that are cut");
    }

    #[test]
    fn a_failure_names_the_tool_that_was_to_run_and_a_result_its_own() {
        let tool = Tool {
            name: "semgrep".into(),
            version: "1.185.0".into(),
            rules: "7".into(),
            engine: None,
        };
        let reporter = CallbackBuilder { tool: Some(tool.clone()), ..reporter() };
        let failed = reporter.ended(Millis(1), Err(ScanFailure::new("no git"))).callback;
        let sent: serde_json::Value = serde_json::from_slice(&failed.to_json(Millis(1))).unwrap();
        assert_eq!(sent["tool"]["version"], "1.185.0");
        let ended = reporter.ended(Millis(1), Ok(result())).callback;
        let sent: serde_json::Value = serde_json::from_slice(&ended.to_json(Millis(1))).unwrap();
        assert_eq!(sent["tool"]["version"], result().tool.unwrap().version);
    }

    #[test]
    fn a_result_that_breaks_the_contract_ends_the_scan_as_failed() {
        // A finding that no count covers.
        let outcome = ScanOutcome { counts: Counts::default(), ..result() };
        let delivery = reporter().ended(Millis(1), Ok(outcome));
        assert!(matches!(delivery.callback.event, Event::Failed { .. }));
    }

    #[test]
    fn a_report_keeps_its_delivery_id_and_all_that_the_scan_said() {
        let delivery = reporter().ended(Millis(1), Ok(result()));
        assert_eq!(delivery.callback.delivery_id.as_ref(), Some(&delivery.delivery_id));
        let Event::Result(sent) = delivery.callback.event else { panic!("a result is expected") };
        assert_eq!((sent.coverage, sent.counts), (result().coverage, result().counts));
    }

    #[test]
    fn what_went_wrong_is_shown_without_what_could_act_on_a_reader() {
        let failure = ScanFailure::new(format!("bad\u{1b}[2J{}", "x".repeat(9_000)));
        let delivery = reporter().ended(Millis(1), Err(failure));
        let Event::Failed { error } = delivery.callback.event else { panic!("a failure") };
        assert!(!error.contains('\u{1b}') && error.chars().count() == 2_000);
    }
}
