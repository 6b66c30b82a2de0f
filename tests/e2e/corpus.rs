//! The rule pack against whole skills, malicious and benign, as the scanner reads them.

use crate::harness::{scan_locally, workspace};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};
use xtask::stack::RepoBuilder;

/// Few enough that no critical of theirs is cut from the hundred findings that travel.
const SKILLS_PER_SCAN: usize = 10;

fn skills(kind: &str) -> Vec<PathBuf> {
    let folder = workspace().root().join("scanner-vps/rules-tests").join(kind);
    let mut skills: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    skills.retain(|path| path.is_dir());
    skills.sort();
    skills
}

fn name(skill: &Path) -> String {
    skill.file_name().unwrap().to_str().unwrap().to_owned()
}

/// One repository with each skill as a folder; what a skill is expected to come to is no part of it.
fn repository(skills: &[PathBuf]) -> RepoBuilder {
    let mut repo = RepoBuilder::new();
    let mut folders: Vec<(String, PathBuf)> =
        skills.iter().map(|skill| (name(skill), skill.clone())).collect();
    while let Some((prefix, folder)) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            let path = format!("{prefix}/{}", name(&entry));
            if entry.is_dir() {
                folders.push((path, entry));
            } else if !path.ends_with("/expect.txt") {
                repo = repo.file(path, fs::read(entry).unwrap());
            }
        }
    }
    repo.commit("skills")
}

fn found_in<'a>(result: &'a Value, skill: &str, severity: &str) -> Vec<&'a Value> {
    let prefix = format!("{skill}/");
    let findings = result["findings"].as_array().unwrap().iter();
    findings
        .filter(|f| f["severity"] == severity && f["file"].as_str().unwrap().starts_with(&prefix))
        .collect()
}

#[test]
fn every_malicious_skill_has_a_critical() {
    let skills = skills("malicious");
    assert!(skills.len() >= 12);
    for group in skills.chunks(SKILLS_PER_SCAN) {
        let (result, code) = scan_locally(&repository(group), "semgrep", &[]);
        assert_eq!(code, 1, "{result}");
        let missed: Vec<_> = group
            .iter()
            .map(|skill| name(skill))
            .filter(|skill| found_in(&result, skill, "critical").is_empty())
            .collect();
        assert_eq!(missed, Vec::<String>::new(), "{result}");
    }
}

#[test]
fn no_benign_skill_has_a_critical_and_few_a_high() {
    let skills = skills("benign");
    assert!(skills.len() >= 12);
    for group in skills.chunks(SKILLS_PER_SCAN) {
        let (result, _) = scan_locally(&repository(group), "semgrep", &[]);
        assert_eq!(result["criticalCount"], 0, "{result}");
        assert_eq!(result["coverage"]["complete"], true, "{result}");
        for skill in group {
            let may_be_high = skill.join("expect.txt").is_file();
            let high = found_in(&result, &name(skill), "high");
            assert!(may_be_high || high.is_empty(), "{}: {high:?}", name(skill));
        }
    }
}
