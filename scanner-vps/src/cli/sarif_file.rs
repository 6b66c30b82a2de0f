//! The SARIF 2.1.0 log of what `scan` found.

use skillgate_contract::{
    Provider, ScanStatus,
    callback::{Callback, Event},
    rule_page, sarif,
};
use std::{fs, path::Path};

/// Writes a log with one run for each callback. A rule's help link leads to the pages of rules of the platform, where
/// its origin is known, else to the home page of its tool.
///
/// # Errors
/// The file cannot be written; the text names it.
pub(super) fn write(
    path: &Path,
    ends: &[Callback],
    platform: &Option<String>,
) -> Result<(), String> {
    let help = |provider: Provider, rule: &str| match platform {
        Some(platform) => format!("{platform}{}", rule_page::address(provider, rule)),
        None => sarif::home(provider).to_owned(),
    };
    let scans: Vec<_> = ends.iter().map(of_callback).collect();
    let json = serde_json::to_vec(&sarif::log(&scans, &help));
    let written = json.map_err(Into::into).and_then(|json| fs::write(path, json));
    written.map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

/// The status that a callback stands for.
pub(super) fn status(callback: &Callback) -> ScanStatus {
    match &callback.event {
        Event::Started => ScanStatus::Running,
        Event::Failed { .. } => ScanStatus::Error,
        Event::Result(result) => result.conclude(false),
    }
}

fn of_callback(callback: &Callback) -> sarif::Scan<'_> {
    let mut scan = sarif::Scan {
        provider: callback.provider,
        skill_name: callback.skill_name.as_ref(),
        repo_url: callback.repo_url.as_ref(),
        commit_sha: callback.commit(),
        status: Some(status(callback)),
        tool: callback.tool.as_ref(),
        findings: &[],
        findings_truncated: false,
        coverage: None,
        error: None,
    };
    match &callback.event {
        Event::Started => {}
        Event::Failed { error } => scan.error = Some(error),
        Event::Result(result) => {
            scan.tool = result.tool.as_ref();
            scan.findings = &result.findings;
            scan.findings_truncated = result.findings_truncated;
            scan.coverage = result.coverage.as_ref();
            scan.error = result.error.as_deref();
        }
    }
    scan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::job::tests::job, delivery::tests::result, final_callback};
    use serde_json::Value;
    use skillgate_contract::{Millis, callback::Tool};

    /// The callback of a `scan`, which knows no skill name.
    fn unnamed(provider: Provider) -> Callback {
        final_callback::ended(Millis(1), Callback::of(provider), Ok(result()))
    }

    #[test]
    fn a_log_has_a_run_for_each_provider_with_what_it_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scan.sarif");
        write(&path, &Provider::ALL.map(unnamed), &None).unwrap();
        let log: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let runs = log["runs"].as_array().unwrap();
        assert_eq!(runs.len(), Provider::COUNT);
        for (run, provider) in runs.iter().zip(Provider::ALL) {
            assert_eq!(run["tool"]["driver"]["name"], provider.as_str());
            assert_eq!(run["results"].as_array().unwrap().len(), 1, "{run}");
            assert!(!run.to_string().contains("did not run"), "{run}");
        }
        let nowhere = folder.path().join("no/such/folder");
        assert!(write(&nowhere, &[], &None).is_err());
    }

    #[test]
    fn a_rule_s_help_is_on_the_platform_s_page_where_one_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scan.sarif");
        let help = |page: Option<&str>| {
            write(&path, &[unnamed(Provider::Njsscan)], &page.map(str::to_owned)).unwrap();
            let log: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            log["runs"][0]["tool"]["driver"]["rules"][0]["helpUri"].clone()
        };
        assert_eq!(help(Some("https://skills.example")), "https://skills.example/rules#njsscan");
        assert_eq!(help(None), "https://github.com/ajinabraham/njsscan");
    }

    #[test]
    fn the_log_for_code_scanning_is_of_the_same_scan() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scan.sarif");
        let mut callback = job().subject(Provider::Njsscan);
        callback.event = Event::Result(Box::new(result()));
        write(&path, std::slice::from_ref(&callback), &None).unwrap();
        let log: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let run = &log["runs"][0];
        assert_eq!(
            (&log["version"], &run["tool"]["driver"]["name"]),
            (&"2.1.0".into(), &"njsscan".into())
        );
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "r");
        let place = &run["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b.js");
        assert_eq!(run["versionControlProvenance"][0]["revisionId"], "0123456789".repeat(4));
        callback.event = Event::Failed { error: "no git".into() };
        callback.tool = Some(Tool { version: "0.4.3".into(), ..Tool::default() });
        write(&path, std::slice::from_ref(&callback), &None).unwrap();
        let log: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
        assert_eq!(log["runs"][0]["tool"]["driver"]["version"], "0.4.3");
    }
}
