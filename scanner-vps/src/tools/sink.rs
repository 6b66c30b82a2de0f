//! Whether a program runs texts: what it is given, reads or builds, and not only programs of its own choice.

use super::literal::{Span, spans};

/// Calls that run what they are given, and the words of which a program must hold one for them to be meant. Both parted
/// by spaces.
const SINKS: [(&str, &str); 7] = [
    ("eval exec compile __import__ import_module run_path run_module execfile", ""),
    ("Function runInThisContext runInNewContext runInContext", ""),
    (
        "run call check_output check_call getoutput getstatusoutput Popen create_subprocess_shell \
         create_subprocess_exec",
        "subprocess",
    ),
    (
        "system popen startfile posix_spawn spawnl spawnv spawnlp spawnvp execl execv execvp execlp",
        "os",
    ),
    (
        "exec execSync spawn spawnSync execFile execFileSync fork execa Command",
        "child_process execa Bun Deno zx",
    ),
    ("load loads unsafe_load full_load", "pickle marshal dill yaml"),
    ("setTimeout setInterval", ""),
];
/// Sinks that are methods of patterns too: they run only where nothing stands before them.
const BARE: &str = "eval exec compile";
/// Ways to a sink without its name.
const DISGUISES: [&str; 6] =
    ["__builtins__", "builtins", "globals()[", "getattr(os", "getattr(subprocess", "ctypes"];
/// Names of files that something starts by itself, or that steer an agent.
const STARTED: [&str; 15] = [
    ".bashrc",
    ".zshrc",
    ".profile",
    ".bash_profile",
    "crontab",
    "authorized_keys",
    "LaunchAgents",
    "systemd",
    "autostart",
    ".git/hooks",
    "CLAUDE.md",
    "AGENTS.md",
    "settings.json",
    "SKILL.md",
    ".sh\"",
];
const WRITERS: [&str; 7] = [
    "write_text(",
    ".write(",
    "writeFile",
    "appendFile",
    "createWriteStream",
    "copyFile",
    "shutil.",
];
const INTERPRETERS: [&str; 20] = [
    "sh",
    "bash",
    "zsh",
    "dash",
    "ksh",
    "env",
    "sudo",
    "python",
    "python3",
    "node",
    "deno",
    "bun",
    "perl",
    "ruby",
    "php",
    "cmd",
    "cmd.exe",
    "powershell",
    "pwsh",
    "xargs",
];
/// Bytes behind a call in which its first argument and its options are looked for.
const NEAR: usize = 600;

/// Whether a program runs texts, or writes what something else will start.
pub(super) fn runs_texts(text: &str, python: bool) -> bool {
    let spans = spans(text, python);
    let code = masked(text, &spans);
    if DISGUISES.iter().any(|way| code.contains(way)) {
        return true;
    }
    let writes = WRITERS.iter().any(|call| code.contains(call));
    if writes && STARTED.iter().any(|name| text.contains(name)) {
        return true;
    }
    SINKS.iter().any(|(names, needs)| {
        let meant = needs.is_empty() || needs.split(' ').any(|word| text.contains(word));
        meant && names.split_ascii_whitespace().any(|name| is_called(text, &code, name))
    }) || ["import", "require"].iter().any(|name| loads_by_value(text, &code, name))
}

/// The places of a word in code.
fn words<'a>(code: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, usize)> + 'a {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name).filter_map(move |(at, _)| {
        let before = code.get(..at)?;
        let behind = code.get(at + name.len()..)?;
        let whole = !before.chars().next_back().is_some_and(part)
            && !behind.chars().next().is_some_and(part);
        whole.then_some((before, at + name.len()))
    })
}

fn is_called(text: &str, code: &str, name: &str) -> bool {
    // A function of the program's own, called without an owner.
    let own = [format!("def {name}("), format!("function {name}(")];
    let is_own = own.iter().any(|definition| code.contains(definition));
    words(code, name).any(|(before, end)| {
        let line = before.rsplit('\n').next().unwrap_or_default();
        let dotted = before.ends_with('.');
        let behind = code.get(end..).unwrap_or_default();
        if line.ends_with("def ") || line.ends_with("function ") || is_own && !dotted {
            return false;
        }
        if dotted && BARE.split(' ').any(|bare| bare == name) && !text.contains("child_process") {
            return false;
        }
        let Some(given) = behind.trim_start().strip_prefix('(') else {
            // Kept under another name.
            let rest = behind.lines().next().unwrap_or_default();
            let imported = line.contains("import") && rest.trim_start().starts_with("as ");
            let kept =
                line.trim_end_matches(|c: char| c.is_alphanumeric() || "_.".contains(c)).trim_end();
            return imported
                || dotted && kept.ends_with('=')
                || rest.trim_start().starts_with(':')
                    && text.contains("child_process")
                    && line.contains('{');
        };
        let from = text.len() - (code.len() - end) + (behind.len() - given.len());
        !is_fixed(name, text.get(from..).unwrap_or_default())
    })
}

/// `import(path)`, `require(path)`: what is loaded is chosen while the program runs.
fn loads_by_value(text: &str, code: &str, name: &str) -> bool {
    words(code, name).any(|(_, end)| {
        let given = text.get(end..).and_then(|behind| behind.strip_prefix('('));
        given.is_some_and(|given| !given.trim_start().starts_with(['"', '\'', '`', ')']))
    })
}

/// Whether what a call starts is a literal, no shell and no interpreter; or what it is given is a function.
fn is_fixed(name: &str, given: &str) -> bool {
    let given = given.trim_start();
    let near = given.get(..given.floor_char_boundary(given.len().min(NEAR))).unwrap_or_default();
    let call = near.split("\n\n").next().unwrap_or(near);
    if given.starts_with(')') {
        return true;
    }
    if matches!(name, "setTimeout" | "setInterval") {
        return !given.starts_with(['"', '\'', '`']);
    }
    if matches!(name, "load" | "loads") {
        return call.contains("SafeLoader") || !call.contains("Loader") && name == "loads";
    }
    if call.contains("shell=True") || call.contains("shell: true") {
        return false;
    }
    let list = given.trim_start_matches(['[', '(', ' ', '\n', '\t']);
    let Some(quote) = list.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return false };
    let word = list.get(1..).and_then(|rest| rest.split(quote).next()).unwrap_or_default();
    let program = word.rsplit('/').next().unwrap_or(word);
    let is_one = !word.is_empty() && !word.contains(char::is_whitespace);
    is_one
        && !INTERPRETERS.contains(&program)
        && !matches!(
            name,
            "eval" | "exec" | "compile" | "Function" | "execSync" | "system" | "popen"
        )
}

/// The text with blanks in place of what its literals and comments hold.
fn masked(text: &str, spans: &[Span]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for span in spans.iter().filter(|span| !span.interpolated) {
        let inner = bytes.get_mut(span.start..span.end).unwrap_or_default();
        inner.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
    }
    // Whole characters are covered, so this stays a text.
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str) -> bool {
        let js = ["const", "setTimeout", "await", "require", "#a"]
            .iter()
            .any(|word| text.contains(word));
        runs_texts(text, !js)
    }

    #[test]
    fn a_program_that_only_starts_what_it_names_runs_no_texts() {
        for text in [
            "import re\nP = [r\"eval(\", 'os.system(']\nprint(re.compile(P[0]))\n",
            "import subprocess\nsubprocess.run([\"git\", \"log\"], check=True)\n",
            "const { execFile } = require('child_process');\nexecFile('git', ['log'], done);\n",
            "const m = /a/.exec(text); RULE.exec(line);\n",
            "def run(args):\n    return 1\nrun(1)\n",
            "setTimeout(() => done(), 5)\n",
            "import json\njson.loads(text)\n",
            "# eval(x)\nx = 1\n",
        ] {
            assert!(!runs(text), "{text}");
        }
    }

    #[test]
    fn a_program_that_runs_what_it_is_given_does() {
        for text in [
            "eval(x)\n",
            "import os\nos.system(x)\n",
            "import subprocess as s\ns.run(x, shell=True)\n",
            "import subprocess\nsubprocess.run([\"bash\", \"-c\", x])\n",
            "from os import system as s\ns(x)\n",
            "import subprocess\nr = subprocess.run\nr(x)\n",
            "const { exec: e } = require('child_process'); e(x)\n",
            "require('child_process').execSync(x)\n",
            "const f = new Function(x)\n",
            "const q = /\"/; eval(x); // \"\n",
            "class A { #a = eval(x) }\n",
            "a = b // c; eval(x)\n",
            "getattr(os, 'sys' + 'tem')(x)\n",
            "await import(path)\n",
            "print(f\"{eval(x)}\")\n",
            "open(home + '/.bashrc', 'a').write(x)\n",
            "import yaml\nyaml.load(x, Loader=yaml.UnsafeLoader)\n",
        ] {
            assert!(runs(text), "{text}");
        }
    }
}
