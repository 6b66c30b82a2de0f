//! Names, first lines and tags, and what they stand for.

use super::*;
use proptest::prelude::*;

#[test]
fn g08_the_extension_of_the_copy_is_one_that_the_tools_know() {
    for (path, ext) in [
        ("a.js", "js"),
        ("a.JS", "js"),
        ("dist/a.min.mjs", "js"),
        ("a.cjs", "js"),
        ("a.jsx", "js"),
        ("a.mts", "ts"),
        ("a.cts", "ts"),
        ("a.TSX", "tsx"),
        ("a.pyw", "py"),
        (".bashrc", "sh"),
        ("SKILL.md", "md"),
        ("a.HTM", "html"),
        ("a.handlebars", "hbs"),
        ("Dockerfile", "txt"),
        ("package.json", "txt"),
        (".js", "txt"),
    ] {
        let (language, _) = readings(path.as_bytes(), "")[0];
        assert_eq!(language.extension(path.as_bytes()), ext, "{path}");
    }
}

#[test]
fn g08_a_first_line_names_the_language_of_a_file_without_one() {
    for (line, language) in [
        ("#!/usr/bin/env node\n", Some(Language::JavaScript)),
        ("#!/usr/bin/env -S deno run\n", Some(Language::TypeScript)),
        ("#! /usr/bin/python3.12 -u", Some(Language::Python)),
        ("#!/usr/bin/env X=1 bash\r\n", Some(Language::Shell)),
        ("#!/usr/bin/perl", None),
        ("# no", None),
        ("#!", None),
    ] {
        assert_eq!(of_shebang(line), language, "{line}");
    }
    assert_eq!(readings(b"run", "#!/bin/sh\n"), [(Language::Shell, false)]);
    assert_eq!(readings(b"notes.txt", "#!/bin/sh\n"), [(Language::Shell, false)]);
}

#[test]
fn a_file_with_two_faces_is_read_both_ways() {
    let both = [(Language::JavaScript, false), (Language::Shell, true)];
    assert_eq!(readings(b"a.js", "#!/bin/sh\n"), both);
    assert_eq!(readings(b"a.js", "#!/usr/bin/env bun\n"), [(Language::JavaScript, false)]);
}

#[test]
fn a_tag_is_read_as_renderers_read_it() {
    for (info, language) in [
        ("js", Some((Language::JavaScript, false))),
        ("TypeScript title=a", Some((Language::TypeScript, false))),
        ("{.python}", Some((Language::Python, false))),
        ("bash{1,3}", Some((Language::Shell, false))),
        ("", Some((Language::Shell, true))),
        ("console", Some((Language::Shell, true))),
        ("json", None),
    ] {
        assert_eq!(of_fence(info), language, "{info}");
    }
}

proptest! {
    #[test]
    fn any_name_and_text_has_a_reading(
        path in any::<Vec<u8>>(), text in any::<String>(), info in any::<String>()
    ) {
        prop_assert!(!readings(&path, &text).is_empty());
        let _ = of_fence(&info);
    }
}
