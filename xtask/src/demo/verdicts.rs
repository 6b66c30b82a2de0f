//! The outcome of the samples: each scan's end as it comes, and whether the whole is as the demo promises.

use super::{Published, short};
use crate::interrupt;
use crate::process::ProcessError;
use crate::samples::Sample;
use crate::stack::Client;
use crate::ui::Ui;
use serde_json::Value;
use skillgate_contract::Provider;
use std::collections::BTreeSet;
use std::error::Error;
use std::iter;
use std::time::{Duration, Instant};

/// Six scans take well under a minute; a machine under load gets this long.
const MAX_WAIT: Duration = Duration::from_secs(15 * 60);
const POLL: Duration = Duration::from_millis(500);

/// The outcome of one sample.
#[derive(Debug, PartialEq, Eq)]
struct Judgement {
    /// What the installer hears.
    told: String,
    /// What is not as the demo promises.
    differs: Vec<String>,
}

/// Says each scan's end as it comes, until those of `providers` have ended for all skills.
pub(super) fn watch(
    ui: &Ui,
    client: &Client,
    published: &[Published],
    providers: &[&str],
) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let step = ui.step(format!("scanning: {}", providers.join(", ")));
    let mut ended = BTreeSet::new();
    while ended.len() < published.len() * providers.len() {
        if began.elapsed() > MAX_WAIT {
            return Err("the scans did not end in time; see the logs in .skillgate/logs".into());
        }
        for skill in published {
            let answer = client.security(skill.sample.name())?.json();
            for row in rows(&answer) {
                let (provider, phase) = (text(row, "provider"), text(row, "phase"));
                let waiting = matches!(phase.as_str(), "NONE" | "PENDING" | "RUNNING");
                let asked = providers.contains(&provider.as_str());
                if asked && !waiting && ended.insert((skill.sample.name(), provider.clone())) {
                    ui.note(format_args!("{} {provider}: {phase}", skill.sample.name()));
                }
            }
        }
        step.tick();
        if interrupt::sleep(POLL) {
            return Err(ProcessError::Interrupted.into());
        }
    }
    step.done();
    Ok(())
}

/// Says what an installer hears of each skill by now.
pub(super) fn show_told(
    ui: &Ui,
    client: &Client,
    published: &[Published],
) -> Result<(), Box<dyn Error>> {
    for skill in published {
        let told = skill.judgement(client)?.told;
        ui.line(format_args!("  {}: an installer is told: {told}", skill.sample.name()));
    }
    Ok(())
}

/// Shows the outcome of the samples. Returns what is not as it must be.
pub(super) fn show(
    ui: &Ui,
    client: &Client,
    published: &[Published],
) -> Result<Vec<String>, Box<dyn Error>> {
    let mut differs = Vec::new();
    let head = ["skill", "provider", "result", "crit", "high", "med", "low", "commit", "seconds"];
    let mut table = vec![head.map(str::to_owned).to_vec()];
    for skill in published {
        for row in rows(&client.security(skill.sample.name())?.json()) {
            let scan = client.scan(skill.sample.name(), &text(row, "provider"))?.json();
            let counts = ["criticalCount", "highCount", "mediumCount", "lowCount"]
                .map(|count| row.get(count).map(Value::to_string).unwrap_or_default());
            let seconds = scan.get("durationMs").and_then(Value::as_f64).unwrap_or_default() / 1e3;
            let cells = [skill.sample.name().to_owned(), text(row, "provider"), text(row, "phase")]
                .into_iter()
                .chain(counts)
                .chain([short(&text(row, "commitSha")).to_owned(), format!("{seconds:.1}")]);
            table.push(cells.collect());
        }
    }
    ui.line("");
    ui.table(&table);
    for skill in published {
        let bare = skill.bare_name();
        let judgement = skill.judgement(client)?;
        let told = judgement.told;
        differs.extend(judgement.differs);
        ui.line(format_args!("\n{}", skill.sample.name()));
        ui.line(format_args!("  an installer is told: {told}"));
        for path in [
            format!("/skills/{}/security", skill.sample.name()),
            format!("/api/v1/skills/{bare}/security"),
        ] {
            ui.line(format_args!("  {}", client.url(&path)));
        }
    }
    ui.line(format_args!("\nblocklist\n  {}", client.url("/api/v1/blocklist")));
    Ok(differs)
}

impl Published {
    /// The last part of the skill's name.
    fn bare_name(&self) -> &'static str {
        self.sample.name().rsplit('/').next().unwrap_or_default()
    }

    /// Asks the worker what it says of the skill now.
    fn judgement(&self, client: &Client) -> Result<Judgement, Box<dyn Error>> {
        let check = client.check(self.bare_name(), Some(&self.repo_url))?.json();
        let security = client.security(self.sample.name())?.json();
        Ok(judge(self.sample, &security, &check))
    }
}

/// What the answers of `/security` and `/check` say of a sample: a malicious one must fail and be blocked, an honest one
/// pass with every tool. Pure.
fn judge(sample: Sample, security: &Value, check: &Value) -> Judgement {
    let overall = match text(security, "overallVerdict") {
        verdict if verdict.is_empty() => "no verdict".to_owned(),
        verdict => verdict,
    };
    let blocked = check.get("blocked").and_then(Value::as_bool);
    let told = match (blocked, overall.as_str()) {
        (Some(true), _) => {
            let reason = check.get("entry").map(|entry| text(entry, "reason"));
            format!("stop: {}", reason.unwrap_or_default())
        }
        (Some(false), "PASS") => "nothing stands against it".to_owned(),
        (Some(false), "FAIL") => "not blocked, but FAIL".to_owned(),
        (Some(false), other) => format!("not proven: {other}"),
        (None, _) => "nothing: the blocklist did not answer".to_owned(),
    };
    let mut differs = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            differs.push(format!("{} {what}", sample.name()));
        }
    };
    match sample {
        Sample::Malicious => {
            must(overall == "FAIL", format!("must FAIL, and is {overall}"));
            must(blocked == Some(true), "must be blocked, and is not".to_owned());
        }
        Sample::Clean => {
            let scans: Vec<_> =
                rows(security).map(|row| (text(row, "provider"), text(row, "phase"))).collect();
            let (all, found) = (Provider::COUNT, scans.len());
            must(found == all, format!("must have {all} scans, and has {found}"));
            for (provider, phase) in scans {
                must(phase == "PASS", format!("must PASS with {provider}, and is {phase}"));
            }
            must(overall == "PASS", format!("must PASS, and is {overall}"));
            must(blocked == Some(false), "must be known not to be blocked, and is not".to_owned());
        }
    }
    Judgement { told, differs }
}

fn rows(security: &Value) -> impl Iterator<Item = &Value> {
    let list = security.get("providers").and_then(Value::as_array);
    iter::once(list).flatten().flatten()
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn security(overall: &str, phases: [&str; Provider::COUNT]) -> Value {
        let row = |(provider, phase)| json!({"provider": provider, "phase": phase});
        let rows: Vec<_> = Provider::NAMES.into_iter().zip(phases).map(row).collect();
        json!({"overallVerdict": overall, "providers": rows})
    }

    fn free() -> Value {
        json!({"blocked": false, "rejected": false})
    }

    #[test]
    fn what_the_demo_is_for_is_as_it_must_be() {
        let blocked =
            json!({"blocked": true, "entry": {"reason": "semgrep found 4 critical findings"}});
        let bad = judge(Sample::Malicious, &security("FAIL", ["FAIL", "PASS", "PASS"]), &blocked);
        assert_eq!(bad.told, "stop: semgrep found 4 critical findings");
        assert_eq!(bad.differs, [""; 0]);
        let good = judge(Sample::Clean, &security("PASS", ["PASS"; 3]), &free());
        assert_eq!((good.told.as_str(), good.differs), ("nothing stands against it", Vec::new()));
    }

    #[test]
    fn a_malicious_sample_that_got_away_is_no_success() {
        let name = Sample::Malicious.name();
        let bad = judge(Sample::Malicious, &security("TIMED_OUT", ["ERROR"; 3]), &free());
        assert_eq!(bad.told, "not proven: TIMED_OUT");
        assert_eq!(
            bad.differs,
            [
                format!("{name} must FAIL, and is TIMED_OUT"),
                format!("{name} must be blocked, and is not")
            ]
        );
        let bad = judge(Sample::Malicious, &security("FAIL", ["FAIL"; 3]), &free());
        assert_eq!((bad.told.as_str(), bad.differs.len()), ("not blocked, but FAIL", 1));
    }

    #[test]
    fn an_honest_sample_that_is_not_proven_is_no_success() {
        let name = Sample::Clean.name();
        let good =
            judge(Sample::Clean, &security("TIMED_OUT", ["PASS", "INCOMPLETE", "PASS"]), &free());
        assert_eq!(good.told, "not proven: TIMED_OUT");
        assert_eq!(
            good.differs,
            [
                format!("{name} must PASS with njsscan, and is INCOMPLETE"),
                format!("{name} must PASS, and is TIMED_OUT")
            ]
        );
    }

    #[test]
    fn an_answer_that_is_none_is_no_success() {
        for sample in Sample::ALL {
            let none = judge(sample, &Value::Null, &json!({"status": 503}));
            assert_eq!(none.told, "nothing: the blocklist did not answer");
            assert!(none.differs.len() >= 2, "{:?}", none.differs);
        }
    }
}
