//! Whether a program may run texts: what it is given, reads or builds, and not only programs of its own choice.
//!
//! A program that is known to run none loads only modules that run none, names nothing that runs a text, and writes no
//! files. Any other may.

use super::literal::Program;

/// Modules of Python that run no texts, and those of tests.
const PYTHON: &str = "__future__ abc argparse ast base64 binascii bisect collections contextlib copy csv dataclasses datetime \
    decimal difflib enum fnmatch functools glob hashlib heapq html io itertools json logging math operator os pathlib \
    pytest random re secrets statistics string sys tempfile textwrap time tokenize tomllib traceback typing \
    unicodedata unittest urllib uuid warnings xml zlib yaml";
/// Modules of JavaScript that run no texts, and those of tests.
const JAVASCRIPT: &str = "assert assert/strict fs fs/promises path os url util crypto events test readline buffer \
    vitest @jest/globals mocha chai perf_hooks string_decoder";
/// Modules that a file of the skill does not stand for, whatever it is called.
const NEVER: &str = "subprocess pexpect invoke fabric timeit sh plumbum pty runpy importlib ctypes cffi pickle marshal \
    dill shelve code codeop pdb trace cProfile profile doctest multiprocessing asyncio builtins shutil";
/// What of `os` runs nothing.
const OS: &str =
    "path environ getcwd walk listdir scandir sep linesep getenv stat name pathsep curdir PathLike";
/// Names that run a text, find one that does, or write a file, in Python.
const PYTHON_SINKS: &str = "__import__ import_module globals locals vars getattr __dict__ __builtins__ builtins \
    __getattribute__ __globals__ __subclasses__ __loader__ __spec__ attrgetter methodcaller modules system popen \
    execfile write writelines write_text write_bytes dump shutil Loader UnsafeLoader FullLoader unsafe_load full_load \
    settrace setprofile displayhook excepthook getoutput getstatusoutput writerow writerows FileHandler basicConfig \
    dictConfig fileConfig get_type_hints ForwardRef loadTestsFromName loadTestsFromNames symlink_to hardlink_to rename \
    setattr f_builtins f_globals _getframe";
/// Beginnings of such names in Python.
const PYTHON_PREFIXES: [&str; 7] =
    ["spawn", "execl", "execv", "posix_spawn", "fork", "popen", "Popen"];
/// Modules that other modules load too, and that a program may take from them under any name.
const STEERING: &str = "os sys subprocess shutil builtins importlib io posix nt runpy ctypes pickle marshal codecs \
    types pty imp inspect multiprocessing";
/// Names with two underscores that lead to no other object than their own.
const DUNDERS: &str = "__name__ __main__ __file__ __future__ __init__ __all__ __version__ __author__ __doc__ __str__ \
    __repr__ __eq__ __ne__ __lt__ __hash__ __len__ __iter__ __next__ __contains__ __getitem__ __enter__ __exit__ \
    __call__ __class__ __bool__ __post_init__ __new__ __slots__";
/// What of `process` runs nothing.
const PROCESS: &str = "argv env exit exitCode cwd platform stdin stdout stderr version versions hrtime memoryUsage \
    nextTick on";
/// The same in JavaScript.
const JAVASCRIPT_SINKS: &str = "eval Function runInThisContext runInNewContext runInContext globalThis global window \
    Reflect Worker importScripts mainModule binding getBuiltinModule createRequire Deno Bun execSync spawn spawnSync \
    execFileSync execa fork write writeFile writeFileSync appendFile appendFileSync createWriteStream copyFile \
    copyFileSync cp cpSync execve dlopen rename renameSync symlink symlinkSync linkSync";
/// Programs that run nothing that they are given as constants.
const PROGRAMS: [&str; 9] = ["git", "grep", "rg", "ls", "wc", "date", "which", "uname", "hostname"];
/// Words in a call of a program that take no text.
const OPTIONS: &str = "check text capture_output encoding timeout stdout stderr True False None";
/// Parts of the names of modules, and of what is taken from them, that may run what they are given.
const RUNNING: &str = "run exec shell spawn eval system subproc process proc popen cmd command sh bash zsh term tty \
    pty ssh fabric paramiko invoke plumbum pexpect remote agent llm chat tool docker kube ansible celery task job \
    interp kernel jit vm script load loads import plugin hook call do go apply start launch write save send post \
    upload fetch http request";
/// Marks by which a program is a test, in either language.
const TESTS: [&str; 9] = [
    "import pytest",
    "import unittest",
    "from unittest",
    "from 'vitest'",
    "from \"vitest\"",
    "@jest/globals",
    "node:test",
    "describe(",
    "test.each(",
];
/// Beginnings and parts of names that stand for the code of the user, where it is not known what it is called.
const TESTED: [&str; 15] = [
    "my", "your", "app", "src", "lib", "project", "package", "guard", "filter", "sanit", "valid",
    "detect", "escap", "clean", "inject",
];
/// Bytes of one call that are looked at.
const NEAR: usize = 600;

/// Whether a program may run texts or write files. `is_own`: whether the skill has a program of a name without its ending.
pub(super) fn runs_texts(program: &Program, python: bool, is_own: impl Fn(&str) -> bool) -> bool {
    let Some(code) = program.code() else { return true };
    // Letters that stand for others, and ways to write a name in other letters.
    if !code.is_ascii() || !python && code.contains('\\') || calls_element(code, python) {
        return true;
    }
    let words = Words { text: program.text(), code };
    if python { words.python(&is_own) } else { words.javascript() }
}

/// Whether what is called is found by its name in brackets: `x['a'](`, `x['a']?.(`, `x['a'].call(`.
fn calls_element(code: &str, python: bool) -> bool {
    code.split(']').skip(1).any(|behind| {
        let blank = |c: char| c.is_whitespace() && !(python && c == '\n');
        let behind = behind.trim_start_matches(blank);
        let behind = behind.strip_prefix("?.").map_or(behind, str::trim_start);
        behind.starts_with('(')
            || !python
                && ["`", ".call(", ".apply(", ".bind("].iter().any(|call| behind.starts_with(call))
    })
}

struct Words<'a> {
    text: &'a str,
    code: &'a str,
}

/// Whether a name runs a text, finds what does, or writes a file, in either language.
pub(super) fn is_sink(name: &str) -> bool {
    is_in(PYTHON_SINKS, name)
        || is_in(JAVASCRIPT_SINKS, name)
        || PYTHON_PREFIXES.iter().any(|begin| name.starts_with(begin))
}

fn is_in(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == word)
}

/// Whether a module may be the code of the user that is tested, by the name.
fn is_tested(module: &str) -> bool {
    let first = module.trim_start_matches(['@', '/']).split(['.', '/']).next().unwrap_or_default();
    TESTED.iter().any(|part| {
        // Short ones are parts of too many words.
        if part.len() < 4 { first.starts_with(part) } else { first.contains(part) }
    })
}

/// Whether a name has no part that says that it runs something, and is no module of the language that may.
fn is_calm(name: &str) -> bool {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let running = |word: &str| {
        let lower = word.to_ascii_lowercase();
        RUNNING.split_ascii_whitespace().any(|part| {
            // Short ones are parts of too many words.
            if part.len() < 4 { lower == part } else { lower.contains(part) }
        })
    };
    let mut words = words.peekable();
    words.peek().is_some()
        && words.all(|word| {
            !running(word) && !is_sink(word) && !is_in(NEVER, word) && !is_in(STEERING, word)
        })
}

impl<'a> Words<'a> {
    /// Whether a test takes functions by their names from a module that the skill does not hold: the code of the user that
    /// is tested.
    fn takes_tested(&self, module: &str, names: &str) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ',' | ' ' | '{' | '}');
        TESTS.iter().any(|mark| self.text.contains(mark))
            && is_calm(module)
            && names.chars().all(plain)
            && !names.split(' ').any(|word| word == "as")
            && is_calm(names)
    }

    /// The words of the code, what stands before each on its line, and where it ends.
    fn all(&self) -> impl Iterator<Item = (&'a str, &'a str, usize)> + use<'a> {
        let code = self.code;
        let mut begin = 0;
        code.split_inclusive('\n').flat_map(move |line| {
            let at = begin;
            begin += line.len();
            let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
            let mut from = 0;
            std::iter::from_fn(move || {
                let start = from + line.get(from..)?.find(name)?;
                let length = line.get(start..)?.find(|c| !name(c)).unwrap_or(line.len() - start);
                from = start + length;
                Some((line.get(..start)?, line.get(start..from)?, at + from))
            })
        })
    }

    fn behind(&self, end: usize) -> &'a str {
        self.code.get(end..).unwrap_or_default()
    }

    fn python(&self, is_own: &impl Fn(&str) -> bool) -> bool {
        self.all().any(|(line, word, end)| {
            let behind = self.behind(end);
            let dotted = line.ends_with('.');
            match word {
                _ if dotted && is_in(STEERING, word) => true,
                "eval" | "exec" | "compile" => !dotted,
                "open" => self.opens_to_write(line, end),
                "pytest" => behind.starts_with(".main"),
                "import" => self.loads(line, behind, is_own),
                "os" if !line.contains("import ") && !line.trim_start().starts_with("from ") => {
                    let name = behind.strip_prefix('.').unwrap_or_default();
                    let name = name.split(|c: char| !c.is_alphanumeric() && c != '_').next();
                    !is_in(OS, name.unwrap_or_default())
                }
                "subprocess" if !line.contains("import ") => !self.starts_one(end),
                "yaml" => behind.starts_with(".load"),
                "file" => behind.starts_with('=') && !behind.starts_with("=sys.std"),
                // A program that reads itself.
                "__file__" => {
                    let rest = behind.lines().next().unwrap_or_default();
                    !(line.contains("dirname(") || rest.contains(".parent"))
                }
                "argv" => behind.starts_with("[0]"),
                "write" => !(line.ends_with("stdout.") || line.ends_with("stderr.")),
                _ => {
                    is_in(PYTHON_SINKS, word)
                        || PYTHON_PREFIXES.iter().any(|begin| word.starts_with(begin))
                        || word.starts_with("__") && word.ends_with("__") && !is_in(DUNDERS, word)
                }
            }
        })
    }

    /// Whether a file is opened to write, or it is not seen how: `open(path, 'w')`, `path.open(mode)`, `f = open`.
    fn opens_to_write(&self, line: &str, end: usize) -> bool {
        let code = self.behind(end);
        let near = code.get(..code.floor_char_boundary(code.len().min(NEAR))).unwrap_or_default();
        if !near.starts_with('(') {
            return true;
        }
        let modules = ["io.", "tokenize."];
        let of_path = line.ends_with('.') && !modules.iter().any(|module| line.ends_with(module));
        let (mut depth, mut begin, mut given) = (0usize, 1, Vec::new());
        for (at, byte) in near.bytes().enumerate() {
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 || depth == 1 && byte == b',' {
                given.push(self.text.get(end + begin..end + at).unwrap_or("*").trim());
                begin = at + 1;
            }
            if depth == 0 {
                break;
            }
        }
        let reads = |mode: &str| {
            let inner = mode.trim_matches(['"', '\'']);
            inner.len() < mode.len() && inner.chars().all(|c| matches!(c, 'r' | 'b' | 't' | 'U'))
        };
        let is_read = |(at, given): (usize, &&str)| match given.split_once('=') {
            _ if given.starts_with('*') => false,
            Some((name, mode)) if name.trim() == "mode" => reads(mode.trim()),
            Some((name, _)) if name.chars().all(|c| c.is_alphanumeric() || c == '_') => true,
            _ if at == usize::from(!of_path) => given.is_empty() || reads(given),
            _ => true,
        };
        depth > 0 || !given.iter().enumerate().all(is_read)
    }

    /// Whether an import takes a module out of another: `from glob import os as o`, `from x import *`.
    fn takes_module(behind: &str, of_own: bool) -> bool {
        let given = behind.trim_start();
        let names = match given.strip_prefix('(') {
            Some(listed) => listed.split(')').next(),
            None => given.split(['\n', ';']).next(),
        };
        let names = names.unwrap_or_default();
        names.contains(['*', '\\'])
            || names.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|name| {
                is_in(STEERING, name.trim_start_matches('_')) || !of_own && name.starts_with('_')
            })
    }

    /// Whether an import of Python loads something that may run texts.
    fn loads(&self, line: &str, behind: &str, is_own: &impl Fn(&str) -> bool) -> bool {
        let rest = behind.split(['\n', ';']).next().unwrap_or_default();
        let known = |module: &str| {
            let first = module.trim().split('.').next().unwrap_or_default();
            is_in(PYTHON, first) || !is_in(NEVER, first) && is_own(first)
        };
        if let Some((_, module)) = line.rsplit_once("from ") {
            let module = module.trim();
            let names = rest.split(',').all(|name| is_in(OS, name.trim()));
            let of_own = module.starts_with('.') || !is_in(PYTHON, module);
            if Self::takes_module(behind, of_own) {
                return true;
            }
            return match module {
                "os" => !names,
                "yaml" | "sys" => true,
                _ => {
                    let tested = is_tested(module) && self.takes_tested(module, rest.trim());
                    !(module.starts_with('.') || known(module) || tested)
                }
            };
        }
        rest.split(',').any(|module| {
            let module = module.trim();
            let (name, renamed) =
                module.split_once(' ').map_or((module, false), |(n, _)| (n, true));
            let steers = matches!(name, "os" | "sys" | "yaml");
            !(known(name) && !(renamed && steers) || module == "subprocess")
        })
    }

    fn javascript(&self) -> bool {
        self.all().any(|(line, word, end)| {
            let behind = self.behind(end);
            let dotted = line.ends_with('.');
            match word {
                // A function of that name may be the program's own.
                "process" if !dotted && !behind.starts_with('(') => {
                    let name = behind.strip_prefix('.').unwrap_or_default();
                    let name = name.split(|c: char| !c.is_alphanumeric() && c != '_').next();
                    !is_in(PROCESS, name.unwrap_or_default())
                }
                "exec" => !dotted || self.text.contains("child_process"),
                "constructor" => dotted || !behind.starts_with('('),
                "$" => behind.starts_with(['`', '(']),
                "write" => !(line.ends_with("stdout.") || line.ends_with("stderr.")),
                "setTimeout" | "setInterval" => {
                    let given = behind.trim_start().strip_prefix('(').map(str::trim_start);
                    given.is_none_or(|given| given.starts_with(['"', '\'', '`']))
                }
                "execFile" => {
                    let named = line.trim_end().ends_with('{')
                        && self.line(end).contains("child_process")
                        && behind.trim_start().starts_with('}');
                    !named && (dotted || !self.starts_one_of(end, true))
                }
                "require" | "import" | "from" => self.loads_other(word, line, end),
                _ => is_in(JAVASCRIPT_SINKS, word),
            }
        })
    }

    /// The line of the text that a place lies in.
    fn line(&self, at: usize) -> &'a str {
        let begin = self.text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |at| at + 1);
        self.text.get(begin..).and_then(|t| t.lines().next()).unwrap_or_default()
    }

    /// Whether JavaScript loads something that may run texts.
    fn loads_other(&self, word: &str, line: &str, end: usize) -> bool {
        let behind = self.text.get(end..).unwrap_or_default().trim_start();
        let called = behind.strip_prefix('(');
        let literal = match (word, called) {
            ("from", Some(_)) => return false,
            ("require", None) => return true,
            (_, Some(given)) => given.trim_start(),
            _ => behind,
        };
        let Some(mark) = literal.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            // `import { a } from 'b'` is looked at where `from` stands.
            return called.is_some() || word == "import" && behind.starts_with('.');
        };
        let name = literal.get(1..).and_then(|rest| rest.split(mark).next()).unwrap_or_default();
        let name = name.strip_prefix("node:").unwrap_or(name);
        let one = name == "child_process"
            && word == "require"
            && line.split_whitespace().eq(["const", "{", "execFile", "}", "="]);
        let begin = line.split_once("import ").map_or("", |(_, names)| names);
        let tested = word == "from" && is_tested(name) && self.takes_tested(name, begin.trim());
        let beside = name.starts_with("./") || name.starts_with("../");
        !(beside || is_in(JAVASCRIPT, name) || one || tested)
    }

    /// Whether a call of `subprocess` starts one program with constants.
    fn starts_one(&self, end: usize) -> bool {
        let behind = self.behind(end);
        let call = [".run", ".check_output", ".check_call", ".call"]
            .iter()
            .find(|call| behind.strip_prefix(**call).is_some_and(|rest| rest.starts_with('(')));
        call.is_some_and(|call| self.starts_one_of(end + call.len(), false))
    }

    /// Whether the call whose bracket opens here gives constants to a program that runs none of them.
    fn starts_one_of(&self, open: usize, callback: bool) -> bool {
        let code = self.behind(open);
        let near = code.get(..code.floor_char_boundary(code.len().min(NEAR))).unwrap_or_default();
        let Some(length) = near.find(')') else { return false };
        let call = near.get(..length).unwrap_or_default();
        let said = self.text.get(open..open + length).unwrap_or_default();
        let (list, last) =
            if callback { call.rsplit_once(',').unwrap_or((call, "")) } else { (call, "") };
        let name = |c: char| !(c.is_alphanumeric() || c == '_');
        let constant = list.split(name).all(|word| {
            word.is_empty() || is_in(OPTIONS, word) || word.chars().all(|c| c.is_ascii_digit())
        });
        let program = said.split(['"', '\'']).nth(1).unwrap_or_default();
        let plain = !said.contains(['!', '`']) && !last.contains(['(', '[', '"', '\'']);
        code.starts_with('(')
            && constant
            && plain
            && PROGRAMS.contains(&program)
            && !said.contains("-c")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str) -> bool {
        let js = ["const", "setTimeout", "await", "require", "#a", ";\n"]
            .iter()
            .any(|word| text.contains(word));
        runs_texts(&Program::of(text.into(), !js), !js, |name| name == "scan" || name == "pexpect")
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
            "import os, sys\nfrom pathlib import Path\nfrom scan import find\nos.path.join(a, b)\nsys.path.insert(0, str(Path(__file__).parent))\n",
            "from glob import glob\nfrom urllib.parse import urlparse as u\n",
            "with open(p) as f:\n    x = f.read()\nopen(p, 'rb', encoding='w')\nq.open()\nq.open(encoding='a')\n",
            "if __name__ == '__main__':\n    execute(1)\n",
            "const a = process.argv[2]; process.stdout.write(a); process.exit(1);\n",
            "import fs from 'node:fs';\nimport { x } from './x.js';\nconst y = fs.readFileSync(p, 'utf8');\n",
        ] {
            assert!(!runs(text), "{text}");
        }
    }

    #[test]
    fn the_code_of_the_user_that_a_test_takes_runs_no_texts() {
        for text in [
            "import pytest\nfrom myapp.guard import guard\n",
            "import pytest\nfrom app.filters import is_safe, clean\n",
            "import unittest\nfrom injection_filter import score\n",
            "import { it } from 'vitest';\nimport { sanitize } from '@/lib/sanitize';\n",
            "describe('a', () => {});\nimport { clean } from 'src/clean';\nconst x = 1;\n",
        ] {
            assert!(!runs(text), "{text}");
        }
        for text in [
            "from myapp.guard import guard\n",
            "import pytest\nfrom sarge import capture\n",
            "import pytest\nfrom myapp.shell import guard\n",
            "import pytest\nfrom myapp.guard import run_command\n",
            "import pytest\nfrom myapp.guard import a as b\n",
            "import pytest\nfrom myapp.guard import *\n",
            "import pytest\nfrom myapp.guard import os\n",
            "import pytest\nimport myapp\n",
            "import pytest\nfrom pexpect import run\n",
            "import pytest\nfrom myapp import system\n",
            "import { it } from 'vitest';\nimport { exec } from 'my-lib';\nconst x = 1;\n",
            "import { it } from 'vitest';\nimport { a } from 'execa';\nconst x = 1;\n",
            "import { it } from 'vitest';\nimport { a as b } from 'my-lib';\nconst x = 1;\n",
        ] {
            assert!(runs(text), "{text}");
        }
    }

    #[test]
    fn a_program_that_may_run_what_it_is_given_does() {
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
            // A mention is enough.
            "import subprocess, functools\nr = functools.partial(subprocess.run, shell=True)\n",
            "import os\nos.__dict__[\"system\"](x)\n",
            "import os\nf = os\n",
            "import pexpect\npexpect.run(x)\n",
            "import invoke\ninvoke.run(x)\n",
            "import timeit\ntimeit.timeit(x)\n",
            "import subprocess\nsubprocess.run([\"tmux\", \"send-keys\", x])\n",
            "import subprocess\nsubprocess.run([\"git\", \"-c\", \"alias.x=!\" + x, \"x\"])\n",
            "import subprocess\nsubprocess.run([\"git\", \"-calias.x=!sh a.py\", \"x\"])\n",
            "const cp = require('child_process');\nCMDS.forEach(cp.execSync);\n",
            "const f = [].constructor.constructor;\nf(x)();\n",
            "import { $ } from 'zx';\nawait $`${x}`;\n",
            "open('setup.sh', 'w').write(x)\n",
            "print(x, file=open('Makefile', 'w'))\n",
            "const f = x['a'](y);\n",
            "fs.writeFileSync('.husky/pre-commit', x);\n",
            "import os\nprint(open(__file__).read())\n",
            "from glob import os as o\no.system(x)\n",
            "from glob import (\n    glob,\n    os as o,\n)\n",
            "from tempfile import _os as o\n",
            "from scan import sys\n",
            "from scan import *\n",
            "import pathlib\no = pathlib.os\n",
            "import logging\nlogging.os.system(x)\n",
            "import logging\nlogging.basicConfig(filename=p)\n",
            "import logging\nlogging.FileHandler(p)\n",
            "import csv\ncsv.writer(f).writerow(x)\n",
            "o.posix_spawn(x, y, z)\n",
            "o.spawnlp(0, x)\n",
            "o.execvp(x, y)\n",
            "open(p, 'w')\n",
            "open(p, mode='a')\n",
            "open(p, m)\n",
            "open(p, *m)\n",
            "p.open('w')\n",
            "o = open\n",
            "print.__self__.exec(x)\n",
            "import typing\ntyping.get_type_hints(x)\n",
            "const x = 1; process.execve(x)\n",
            "const x = 1; process.dlopen(m, x)\n",
            "const p = process; p.binding(x)\n",
            "const { dlopen } = process\n",
            "const f = x['a']?.(y);\n",
            "const f = x['a'].call(0, y);\n",
            "ｅval(x)\n",
            "const f = \\u0065val(x)\n",
        ] {
            assert!(runs(text), "{text}");
        }
    }
}
