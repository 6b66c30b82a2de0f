//! Joins skills into one scan: each start of semgrep costs seconds.

use super::Files;
use crate::stack::RepoBuilder;

/// Most skills of one scan. A report holds 100 findings; a scan with more of them is halved.
const SKILLS_PER_SCAN: usize = 40;
/// Most files of one scan of several skills, so that no time limit of the scanner comes near.
const FILES_PER_SCAN: usize = 200;

/// Indices of skills that are scanned together, in their order.
#[must_use]
pub fn batches(skills: &[&Files]) -> Vec<Vec<usize>> {
    let mut batches = Vec::new();
    let (mut batch, mut files) = (Vec::new(), 0);
    for (index, skill) in skills.iter().enumerate() {
        let full = batch.len() == SKILLS_PER_SCAN || files + skill.len() > FILES_PER_SCAN;
        if full && !batch.is_empty() {
            batches.push(std::mem::take(&mut batch));
            files = 0;
        }
        batch.push(index);
        files += skill.len();
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    batches
}

/// The folder of a skill in a repository of several. It says nothing that a rule looks at.
#[must_use]
pub fn folder(index: usize) -> String {
    format!("k{index:05}")
}

/// One skill as a repository of its own.
#[must_use]
pub fn alone(files: &Files) -> RepoBuilder {
    let fill = |repo: RepoBuilder, (path, content): &(String, Vec<u8>)| repo.file(path, content);
    files.iter().fold(RepoBuilder::new(), fill).commit("skill")
}

/// Several skills as folders of one repository.
#[must_use]
pub fn together<'a>(skills: impl IntoIterator<Item = (String, &'a Files)>) -> RepoBuilder {
    let mut repo = RepoBuilder::new();
    for (folder, files) in skills {
        for (path, content) in files {
            repo = repo.file(format!("{folder}/{path}"), content);
        }
    }
    repo.commit("skills")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skill(files: usize) -> Files {
        (0..files).map(|n| (format!("{n}.md"), Vec::new())).collect()
    }

    #[test]
    fn batches_keep_to_both_limits_and_leave_nobody_out() {
        let (small, large) = (skill(1), skill(FILES_PER_SCAN + 1));
        let mut skills = vec![&small; 90];
        skills.insert(30, &large);
        let batches = batches(&skills);
        let sizes: Vec<_> = batches.iter().map(Vec::len).collect();
        assert_eq!(sizes, [30, 1, 40, 20]);
        assert_eq!(batches.concat(), (0..91).collect::<Vec<_>>());
    }
}
