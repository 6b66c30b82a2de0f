//! `cargo xtask demo` and `cargo xtask dev`: the whole product on this machine.

mod setup;
mod verdicts;

use crate::interrupt;
use crate::samples::Sample;
use crate::stack::{Stack, StackOptions};
use crate::ui::{self, Ui};
use crate::workspace::Workspace;
use serde_json::json;
use skillgate_contract::Provider;
use std::error::Error;
use std::time::Instant;

/// The one that is compiled; pip brings the others within a minute.
const LATE: Provider = Provider::Trufflehog;

/// A sample that was published.
struct Published {
    sample: Sample,
    repo_url: String,
}

/// Gets and builds everything, scans the two samples, shows the result, and stays up until Ctrl-C unless `once`. While
/// trufflehog is still being built, the other tools' verdicts are shown.
///
/// # Errors
/// When something cannot be had, built or started, a scan comes to no end, or, with `once`, the samples came out otherwise
/// than they must.
pub fn demo(ui: &Ui, workspace: &Workspace, once: bool) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    setup::run(ui, workspace, |mut ready, late| {
        let dir = tempfile::Builder::new().prefix("skillgate-").tempdir()?;
        let options = StackOptions::new(dir.path(), &ready.scanner);
        let mut stack;
        let published;
        if late.is_here() {
            late.add_to(&mut ready.tools)?;
            stack = Stack::start(ui, workspace, &ready.tools, &options)?;
            published = publish_all(ui, &stack, &Provider::NAMES)?;
            verdicts::watch(ui, &stack.client, &published, &Provider::NAMES)?;
        } else {
            stack = Stack::start(ui, workspace, &ready.tools, &options)?;
            let early: Vec<_> =
                Provider::NAMES.into_iter().filter(|name| *name != LATE.as_str()).collect();
            published = publish_all(ui, &stack, &early)?;
            verdicts::watch(ui, &stack.client, &published, &early)?;
            let took = ui::duration(began.elapsed());
            ui.good(format_args!("first verdicts after {took}; trufflehog is still being built"));
            verdicts::show_told(ui, &stack.client, &published)?;
            late.add_to(&mut ready.tools)?;
            // The scanner looks for its tools when it starts.
            stack.restart_scanner(ui, workspace, &ready.tools)?;
            published.iter().try_for_each(|skill| scan_again(&stack, skill, LATE.as_str()))?;
            verdicts::watch(ui, &stack.client, &published, &[LATE.as_str()])?;
        }
        let differs = verdicts::show(ui, &stack.client, &published)?;
        if !differs.is_empty() {
            ui.line("");
        }
        for what in &differs {
            ui.bad(what);
        }
        ui.summary(began);
        if !once {
            stay(ui);
        } else if !differs.is_empty() {
            return Err(
                "the samples came out otherwise than they must; see the logs in .skillgate/logs"
                    .into(),
            );
        }
        Ok(())
    })
}

/// The same stack without samples, with what it takes to publish to it, until Ctrl-C.
///
/// # Errors
/// When something cannot be had, built or started.
pub fn dev(ui: &Ui, workspace: &Workspace) -> Result<(), Box<dyn Error>> {
    setup::run(ui, workspace, |mut ready, late| {
        late.add_to(&mut ready.tools)?;
        let dir = tempfile::Builder::new().prefix("skillgate-").tempdir()?;
        let options = StackOptions::new(dir.path(), &ready.scanner);
        let stack = Stack::start(ui, workspace, &ready.tools, &options)?;
        ui.line(format_args!("\nworker       {}", stack.client.url("")));
        ui.line(format_args!(
            "repositories git init --bare {}/OWNER/NAME.git is served as {}",
            stack.repos().display(),
            stack.git.url("OWNER", "NAME")
        ));
        ui.line(format_args!(
            "publish      curl {} -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' \\\n             \
             -d '{{\"name\": \"OWNER/SKILL\", \"repoUrl\": \"{}\"}}'",
            stack.client.url("/api/v1/admin/skills/publish"),
            stack.secrets.admin,
            stack.git.url("OWNER", "NAME"),
        ));
        ui.line(format_args!("logs         {}", workspace.log_file("*").display()));
        stay(ui);
        Ok(())
    })
}

fn stay(ui: &Ui) {
    ui.line("\nCtrl-C ends it.");
    interrupt::wait();
    ui.line("");
}

fn publish_all(
    ui: &Ui,
    stack: &Stack,
    providers: &[&str],
) -> Result<Vec<Published>, Box<dyn Error>> {
    Sample::ALL.into_iter().map(|sample| publish(ui, stack, sample, providers)).collect()
}

fn publish(
    ui: &Ui,
    stack: &Stack,
    sample: Sample,
    providers: &[&str],
) -> Result<Published, Box<dyn Error>> {
    let repository = sample.write(stack.repos())?;
    let (owner, name) = sample.repository();
    let repo_url = stack.git.url(owner, name);
    let commit = repository.head().unwrap_or_default();
    let mut body = sample.publication(&repo_url, commit);
    if let Some(body) = body.as_object_mut() {
        body.insert("providers".to_owned(), json!(providers));
    }
    let answer = stack.client.publish(&body)?;
    if answer.status != 202 {
        return Err(format!("publishing answered {}: {}", answer.status, answer.body).into());
    }
    ui.good(format_args!("published {} at {}", sample.name(), short(commit)));
    Ok(Published { sample, repo_url })
}

/// Has one tool scan a skill that is published.
fn scan_again(stack: &Stack, skill: &Published, provider: &str) -> Result<(), Box<dyn Error>> {
    let body = json!({ "name": skill.sample.name(), "provider": provider });
    let answer = stack.client.admin("POST", "/api/v1/admin/scan-external", &body)?;
    if answer.status != 202 {
        return Err(format!("scanning again answered {}: {}", answer.status, answer.body).into());
    }
    Ok(())
}

fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}
