//! Asks the tools for their versions.

use super::{ToolDirs, ToolPath, Toolbox, environment};
use crate::{
    exec::{self, Run},
    scratch::ScratchDir,
};
use serde_json::{Map, Value, json};
use skillgate_contract::{Provider, callback::Tool};
use std::{path::Path, time::Duration};

/// A tool that needs longer than this to say its version is not fit to scan with. The first start
/// of a Python program compiles it, on a cold disk.
const TIMEOUT: Duration = Duration::from_secs(180);

/// All that a tool says when it is asked for its version; `None` where it does not start.
pub async fn said(program: &Path, work: &ToolDirs) -> Option<String> {
    let run = Run {
        program: program.to_owned(),
        arg0: None,
        args: vec!["--version".into()],
        env: environment(program, &work.home),
        cwd: work.home.clone(),
        timeout: TIMEOUT,
        max_stdout: 64 * 1024,
        stdin: None,
        stderr_matcher: None,
    };
    let finished = exec::run(run).await.ok()?;
    // trufflehog says it on standard error.
    let said = String::from_utf8_lossy(&finished.stdout).into_owned() + &finished.stderr_tail;
    (finished.code == Some(0)).then_some(said)
}

/// The first `1.2.3` in a text.
#[must_use]
pub fn numbers(text: &str) -> Option<Vec<u64>> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|word| word.split('.').map_while(|part| part.parse().ok()).collect::<Vec<u64>>())
        .find(|parts| parts.len() >= 2)
}

/// A version as it is shown.
#[must_use]
pub fn shown(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

/// A provider's tool, for the report of a scan that came to no result, from what [`of_all`] says.
#[must_use]
pub fn tool(all: &Value, provider: Provider) -> Option<Tool> {
    let name = provider.as_str();
    let said = |name: &str| all.get(name)?.get("version")?.as_str();
    let version = said(name)?.to_owned();
    let uses_pack = super::of(provider).uses_rule_pack();
    let rules =
        if uses_pack { said("rules").unwrap_or_default().to_owned() } else { String::new() };
    Some(Tool { name: name.to_owned(), version, rules, engine: None })
}

/// Every tool of this machine with the version that it says, and that of the rule pack: a JSON
/// object. `version` is null where a tool does not say it; a trufflehog built from source does not.
pub async fn of_all(toolbox: &Toolbox, work_dir: &Path) -> Value {
    of(toolbox, work_dir, |_| true).await
}

/// The tool of one provider, asked for its version.
pub async fn of_provider(toolbox: &Toolbox, work_dir: &Path, provider: Provider) -> Option<Tool> {
    tool(&of(toolbox, work_dir, |name| name == provider.as_str()).await, provider)
}

async fn of(toolbox: &Toolbox, work_dir: &Path, wanted: impl Fn(&str) -> bool) -> Value {
    let place = ScratchDir::new(work_dir).ok();
    let work = place.as_ref().and_then(|place| ToolDirs::new(place.path()).ok());
    let mut all = Map::new();
    all.insert("rules".to_owned(), json!({"version": toolbox.rules.version()}));
    for (requirement, path) in toolbox.programs() {
        let name = requirement.name;
        if !wanted(name) {
            continue;
        }
        let said = match (&path, &work) {
            (ToolPath::Found(program), Some(work)) => said(program, work).await,
            _ => None,
        };
        let version = said.as_deref().and_then(numbers).map(|numbers| shown(&numbers));
        let found = path.found().is_ok();
        let tool = json!({"found": found, "starts": said.is_some(), "version": version});
        all.insert(name.to_owned(), tool);
    }
    all.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_of_known_version_is_told_without_its_scan() {
        let all = json!({
            "rules": {"version": "7"},
            "semgrep": {"found": true, "starts": true, "version": "1.185.0"},
            "njsscan": {"found": true, "starts": true, "version": null},
        });
        let semgrep = tool(&all, Provider::Semgrep).unwrap();
        assert_eq!((&*semgrep.version, &*semgrep.rules), ("1.185.0", "7"));
        assert_eq!(tool(&all, Provider::Njsscan), None);
        assert_eq!(tool(&all, Provider::Trufflehog), None);
    }

    #[test]
    fn a_version_is_found_in_what_a_tool_says() {
        for (said, found) in [
            ("1.185.0\n", Some("1.185.0")),
            ("git version 2.39.5 (Apple Git-1)", Some("2.39.5")),
            ("\u{1b}[34m\nnjsscan: v1.0.2 | Ajin", Some("1.0.2")),
            ("trufflehog dev", None),
            ("", None),
        ] {
            assert_eq!(numbers(said).map(|n| shown(&n)).as_deref(), found, "{said}");
        }
    }
}
