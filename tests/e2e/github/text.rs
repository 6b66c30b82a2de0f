//! What the text of the workflows must be, whatever a run does.

use super::workflow::WORKFLOW;
use crate::harness::workspace;
use skillgate_contract::Provider;
use std::{fs, process::Command};

/// The first major version of each action that runs on a Node that GitHub's runners still have (24).
const MAJORS: &[(&str, u32)] = &[
    ("actions/checkout", 5),
    ("actions/setup-go", 6),
    ("actions/upload-artifact", 6),
    ("actions/download-artifact", 7),
    ("actions/attest-build-provenance", 3),
];

#[test]
fn every_action_is_pinned_and_of_a_node_that_runners_have() {
    for entry in fs::read_dir(workspace().root().join(".github/workflows")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for used in text.lines().filter_map(|line| line.split_once("uses: ")).map(|(_, u)| u) {
            let (pinned, version) = used.split_once(" # v").unwrap();
            let (action, commit) = pinned.split_once('@').unwrap();
            assert!(commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{used}");
            let least = MAJORS.iter().find(|(known, _)| *known == action);
            let (_, least) = least.unwrap_or_else(|| panic!("which Node does {action} want?"));
            let major: u32 = version.split('.').next().unwrap().parse().unwrap();
            assert!(major >= *least, "{}: {used}", path.display());
        }
    }
}

/// A job's name, and its lines before its steps, then those of each step; without comments.
fn jobs(text: &str) -> Vec<(&str, Vec<String>)> {
    let mut jobs: Vec<(&str, Vec<String>)> = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let name = line.strip_prefix("  ").filter(|rest| !rest.starts_with([' ', '-']));
        if let Some(name) = name.and_then(|name| name.strip_suffix(':')) {
            jobs.push((name, vec![String::new()]));
            continue;
        }
        let Some((_, parts)) = jobs.last_mut() else { continue };
        if line.starts_with("      - ") {
            parts.push(String::new());
        }
        let part = parts.last_mut().unwrap();
        part.push_str(line);
        part.push('\n');
    }
    jobs
}

/// Code of strangers: crates that are built, tools, what earlier runs kept, and what reads a stranger's files.
const STRANGERS: &[&str] =
    &["programs.sh", "install-tool.sh", "github scan", "actions/checkout@", "kept.py", "seal.py"];

fn scans(parts: &[String]) -> bool {
    parts.iter().any(|part| part.contains("github scan"))
}

/// The jobs of a matrix share their outputs: the last to set one wins, whichever it is meant for.
#[test]
fn g55_each_result_is_bound_to_the_output_of_a_job_of_its_own() {
    let text = fs::read_to_string(workspace().root().join(WORKFLOW)).unwrap();
    let (_, below) = text.split_once("\njobs:\n").unwrap();
    let jobs = jobs(below);
    for provider in Provider::ALL {
        let (_, parts) = jobs.iter().find(|(job, _)| *job == provider.as_str()).unwrap();
        let head = parts.first().unwrap();
        assert!(!head.contains("matrix"), "{provider}: {head}");
        for line in [
            format!("PROVIDER: {provider}\n"),
            "outputs:\n      digest: ${{ steps.scan.outputs.digest }}\n".to_owned(),
            format!("if: ${{{{ contains(needs.prepare.outputs.scans, '\"{provider}\"') }}}}\n"),
            "permissions: {}\n".to_owned(),
        ] {
            assert_eq!(head.matches(&line).count(), 1, "{provider}: {line}");
        }
        let same = head.trim_end().ends_with("    steps: *scan");
        assert!(same != scans(parts), "{provider}: its steps are those of the others");
    }
    let (_, report) = jobs.iter().find(|(job, _)| *job == "report").unwrap();
    let all = Provider::ALL.map(Provider::as_str).join(", ");
    assert!(report.concat().contains(&format!("    needs: [prepare, {all}]\n")));
    let step = report.iter().find(|step| step.contains("github report")).unwrap();
    assert!(step.contains("DIGEST: ${{ needs[matrix.scan.provider].outputs.digest }}\n"));
    assert!(
        step.contains(
            "github report out/result.json --provider \"$PROVIDER\" --digest \"$DIGEST\""
        )
    );
}

/// Whoever breaks one job of a run can store artifacts and cache entries. `actions/cache/restore` unpacks an entry with
/// `tar -x -P`, so its members go wherever they name, before anything can check a seal; an action that downloads the artifacts of
/// another run unpacks them too.
#[test]
fn g56_nothing_that_an_earlier_run_kept_is_unpacked_before_its_seal_is_checked() {
    for entry in fs::read_dir(workspace().root().join(".github/workflows")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let (_, below) = text.split_once("\njobs:\n").unwrap();
        for (job, parts) in jobs(below) {
            for step in &parts {
                assert!(!step.contains("actions/cache"), "{}: {step}", path.display());
                let sets_up = step.contains("uses: actions/setup-");
                assert!(!sets_up || step.contains("cache: false\n"), "{}: {step}", path.display());
                assert!(!step.contains("run-id:"), "{}: {step}", path.display());
            }
            let kept = parts.iter().filter(|step| step.contains("kept")).count();
            if !(path.ends_with(WORKFLOW) && job == "prepare") {
                assert_eq!(kept, 0, "{}: {job}", path.display());
                continue;
            }
            let at = |what: &str| parts.iter().position(|step| step.contains(what)).unwrap();
            let (taken, checked) = (
                at("run: python3 tools/actions/kept.py \"$ENTRY\" kept\n"),
                at("run: python3 tools/actions/seal.py open built \"$ENTRY\" kept\n"),
            );
            let (made, stored) = (
                at("run: python3 tools/actions/seal.py make built \"$ENTRY\"\n"),
                at("          path: kept.sealed\n"),
            );
            assert_eq!((checked, stored), (taken + 1, made + 1), "nothing runs in between");
            assert!(checked < at("programs.sh"));
            // A step that is skipped would leave a folder that nothing has checked.
            let check = &parts[checked];
            assert!(!check.contains("if: ") && !check.contains("continue-on-error"), "{check}");
            for step in [taken, checked, made] {
                assert!(parts[step].contains("ENTRY: ${{ steps.seal.outputs.key }}\n"));
            }
            assert!(parts[stored].contains("          name: ${{ steps.seal.outputs.key }}\n"));
            // What reads a stranger's bytes has no key, and what has the key has no token.
            assert!(!parts[taken].contains("secrets") && !check.contains("github.token"));
        }
    }
}

#[test]
fn secrets_stand_in_the_steps_that_report_and_in_no_job_that_runs_code_of_strangers() {
    let text = fs::read_to_string(workspace().root().join(WORKFLOW)).unwrap();
    let (above, below) = text.split_once("\njobs:\n").unwrap();
    let above: Vec<_> = above.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(!above.join("\n").contains("secrets"), "for every job");
    let jobs = jobs(below);
    let steps = jobs.iter().map(|(_, parts)| parts.len() - 1).sum::<usize>();
    assert_eq!(steps, text.lines().filter(|line| line.starts_with("      - ")).count());
    let mut reporting = Vec::new();
    for (job, parts) in &jobs {
        let (head, steps) = parts.split_first().unwrap();
        assert!(!head.contains("secrets"), "{job}: for each of its steps");
        for step in steps.iter().filter(|step| step.contains("secrets")) {
            for used in step.split("secrets").skip(1) {
                let name: String =
                    used.chars().skip(1).take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let right = match name.as_str() {
                    "WEBHOOK_SECRET" => {
                        step.contains("programs/skillgate-scanner github report ")
                            || step.contains("shell: python3 {0}")
                    }
                    "CACHE_SIGNING_KEY" | "CACHE_KEY" => {
                        step.contains("run: python3 tools/actions/seal.py ")
                    }
                    _ => false,
                };
                assert!(used.starts_with('.') && right, "{job}: secrets{used}");
                assert!(!step.contains("uses: "), "{job}: an action with a secret\n{step}");
            }
        }
        let all = parts.concat();
        if all.contains("secrets.WEBHOOK_SECRET") || head.contains("id-token: write") {
            reporting.push(*job);
            let strange: Vec<_> = STRANGERS.iter().filter(|code| all.contains(**code)).collect();
            assert!(strange.is_empty(), "{job} may report, and runs {strange:?}");
        }
    }
    assert_eq!(reporting, ["started", "report"]);
}

/// GitHub compares groups without regard to case, and cancels the older one of two runs that wait in the same.
#[test]
fn scans_wait_for_each_other_by_the_exact_name_of_their_skill() {
    let text = fs::read_to_string(workspace().root().join(WORKFLOW)).unwrap();
    let groups: Vec<_> =
        text.lines().filter_map(|line| line.trim().strip_prefix("group: ")).collect();
    let skill = "${{ fromJSON(needs.prepare.outputs.scans || '[{\"skill\":\"none\"}]')[0].skill }}";
    assert_eq!(groups, Provider::ALL.map(|provider| format!("scan-{skill}-{provider}")));
}

/// Where the first job does not say which scans were asked for, all providers are meant.
#[test]
fn the_workflow_knows_every_provider() {
    let text = fs::read_to_string(workspace().root().join(WORKFLOW)).unwrap();
    let all = Provider::ALL.map(|provider| format!(r#"{{"provider":"{provider}"}}"#)).join(",");
    let lists: Vec<_> = text.lines().filter(|line| line.contains("scan: ${{ fromJSON(")).collect();
    assert_eq!(lists.len(), 1, "{lists:?}");
    assert!(lists.iter().all(|line| line.contains(&format!("'[{all}]'"))), "{lists:?}");
    let names = Provider::ALL.map(|provider| format!("\"{provider}\"")).join(",");
    assert!(text.contains(&format!("a JSON list; empty: [{names}]")));
}

/// A variable under its old name never ends a run: the scans would end as ERROR, and no retry mends a setting.
#[test]
fn an_old_name_of_a_variable_is_a_warning() {
    let text = fs::read_to_string(workspace().root().join(WORKFLOW)).unwrap();
    let (_, below) = text.split_once("\njobs:\n").unwrap();
    let jobs = jobs(below);
    let mut steps = jobs.iter().flat_map(|(_, parts)| parts);
    let step = steps.find(|step| step.contains("name: Check renamed variables")).unwrap();
    let (_, script) = step.split_once("run: |\n").unwrap();
    let said = |new: &str, old: &str| {
        let mut shell = Command::new("bash");
        let shell = shell.args(["-e", "-c", script]).env("NEW", new).env("OLD", old);
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!((said("", ""), said("16", "")), (String::new(), String::new()));
    assert!(said("", "16").starts_with("::warning::rename the variable SCAN_MINUTES"));
    for old in ["16", "20"] {
        assert!(said("16", old).starts_with("::warning::SCAN_MINUTES is ignored"));
    }
}

/// The scanner ends by itself, with a word on why: what cuts it off must come later.
#[test]
fn a_scan_is_cut_off_only_after_its_own_limits() {
    let text = fs::read_to_string(workspace().root().join(WORKFLOW)).unwrap();
    let (_, below) = text.split_once("\njobs:\n").unwrap();
    let jobs = jobs(below);
    // The one whose steps the others repeat.
    let (_, parts) = jobs.iter().find(|(_, parts)| parts.len() > 1 && scans(parts)).unwrap();
    let minutes = |part: &str| -> Option<u64> {
        let (_, limit) = part.split_once("timeout-minutes: ")?;
        limit.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())?.parse().ok()
    };
    let (head, steps) = parts.split_first().unwrap();
    let scan = steps.iter().find(|step| step.contains("github scan")).unwrap();
    // The scanner knows when the step ends, and ends its tools before. That it needs no more, its own tests show.
    let (_, given) = scan.split_once("timeout-minutes: ${{ fromJSON(").unwrap();
    let (given, _) = given.split_once(") }}").unwrap();
    assert!(scan.contains(&format!("STEP_MINUTES: ${{{{ {given} }}}}")), "{scan}");
    assert!(scan.contains("github scan --provider \"$PROVIDER\" --step-minutes \"$STEP_MINUTES\""));
    assert_eq!(minutes(scan), Some(16), "{scan}");
    let all: u64 = steps.iter().filter_map(|step| minutes(step)).sum();
    assert!(minutes(head).unwrap() > all, "{head}");
}
