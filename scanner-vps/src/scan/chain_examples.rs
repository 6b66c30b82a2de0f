//! The example of each chain's page is reported as that chain, and its look-alike is not: both are read as a scan does.

use super::{automatic::judge, settings};
use crate::{
    git::{
        Depth, Limits,
        testrepo::{TestRepo, program},
    },
    staging::stage,
    tools,
};
use skillgate_autorun::{Entry, Folder, inventory};
use skillgate_contract::Provider;
use skillgate_detection::Rule;
use skillgate_rulebook::Sample;

/// The ids of the chains that a scan finds in one file of a repository.
async fn found(sample: &Sample) -> Vec<&'static str> {
    let mut repo = TestRepo::new();
    // This repository has no folders; what runs by itself is told by the whole path.
    let name = sample.file.rsplit('/').next().unwrap_or(&sample.file);
    repo.commit(&[(name.as_bytes(), sample.text.as_bytes())]);
    let fetched = repo.fetch(None, Depth::One).await.unwrap();
    let plan = tools::plan(Provider::Semgrep, None);
    let copy = stage(&fetched, &program(), &plan, &repo.copy(), &Limits::default()).await.unwrap();
    let mut folder = Folder::new();
    folder.insert(sample.file.clone(), Entry::File(sample.text.as_bytes().to_vec().into()));
    let inventory = inventory(&folder);
    let mut findings = judge(&inventory, &copy, Provider::Semgrep).findings;
    findings.extend(settings::judge(&inventory, Provider::Semgrep));
    let of_files = copy.evidence.values().flatten().map(|evidence| evidence.chain.rule.id());
    let known = |rule: &String| Rule::ALL.iter().map(|chain| chain.id()).find(|id| id == rule);
    of_files.chain(findings.iter().filter_map(|finding| known(&finding.rule))).collect()
}

#[tokio::test]
async fn the_example_of_each_chain_is_reported_and_its_look_alike_is_not() {
    let book = skillgate_rulebook::bundled();
    let mut faults = Vec::new();
    for chain in Rule::ALL {
        let entry = book.get(chain.id()).unwrap();
        let (Some(example), Some(honest)) = (&entry.example, &entry.look_alike) else {
            faults.push(format!(
                "{}: add `example` and `look-alike` to detection/data/chains.yaml",
                chain.id()
            ));
            continue;
        };
        let reported = found(example).await;
        if !reported.contains(&chain.id()) {
            faults.push(format!("{}: its example is reported as {reported:?}", chain.id()));
        }
        let reported = found(honest).await;
        if !reported.is_empty() {
            faults.push(format!("{}: its look-alike is reported as {reported:?}", chain.id()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
