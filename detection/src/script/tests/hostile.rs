//! Texts that would take more depth, memory or work than their size: each is read to its end, or its limits say that it was not.

use super::*;

/// All languages that are read so.
const DIALECTS: [Dialect; 8] = [
    Dialect::Ruby,
    Dialect::Php,
    Dialect::Perl,
    Dialect::Lua,
    Dialect::Go,
    Dialect::Awk,
    Dialect::CLike,
    Dialect::PowerShell,
];

/// Reads a text on the stack of a small thread, with little work to give; what is left of the limits.
fn left(text: &str, dialect: Dialect) -> Limits {
    let mut limits = Limits { work: 4 << 20, depth: 16, ..Limits::default() };
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(512 << 10);
        let read = || drop(chains(text, dialect, Start::Asked, &mut limits));
        builder.spawn_scoped(scope, read).unwrap().join().unwrap();
    });
    limits
}

/// Repetitions that overflow that stack where each takes a call of its own.
const DEEP: usize = 500;

#[test]
fn no_bracket_and_no_prefix_is_too_deep() {
    let parts = [
        "(",
        "[",
        "{",
        "[]",
        "()",
        "{}",
        "@ ",
        "new ",
        "!",
        "-",
        "~",
        "&",
        "*",
        "\\",
        "x(",
        "x[",
        "x{",
        "x {",
        "-> ",
        "x.b(",
        ".b",
        "::b",
        "->b",
        "->{b}",
        "&.b",
        ":b",
        "$x",
        "@x",
        "%x",
        "${",
        "$(",
        "a=",
        "a = b ",
        "a, ",
        "a => ",
        "a % ",
        "a | ",
        "a |& ",
        "a || ",
        "a ? ",
        "a -f ",
        "a -join ",
        "if ",
        "for ",
        "def a ",
        "do ",
        "return ",
        "function a(",
        "my ",
        "local ",
        "defer ",
        "foreach(",
        "\"",
        "'",
        "`",
        "\"#{",
        "\"${",
        "\"$(",
        "\"{$",
        "%(#{",
        "%w(",
        "qq(${",
        "/",
        "//",
        "/*",
        "<<A ",
        "<<~A\n",
        "@\"\n",
        "\n",
        ";",
        " \n\t",
        "#",
        "# a\n",
        "a b ",
        "echo ",
        "eval ",
        "a;",
        "it ",
    ];
    for dialect in DIALECTS {
        for part in parts {
            left(&format!("x = 1\nx = {}\n1", part.repeat(DEEP)), dialect);
        }
    }
}

#[test]
fn code_in_strings_in_code_is_left_out_and_said() {
    for (dialect, open, close) in [
        (Dialect::Ruby, "%(#{", "})"),
        (Dialect::Ruby, "\"#{", "}\""),
        (Dialect::PowerShell, "\"$(", ")\""),
    ] {
        let nested = |levels| format!("x = {}1{}\n", open.repeat(levels), close.repeat(levels));
        assert!(!left(&nested(1), dialect).exhausted, "{dialect:?} {open}");
        let deep = left(&nested(DEEP), dialect);
        // Quotes end where they begin once more: only brackets nest.
        assert!(deep.exhausted || open.starts_with('"'), "{dialect:?} {open}");
    }
}

#[test]
fn line_ends_are_one_token() {
    for dialect in DIALECTS {
        let (tokens, whole) = super::super::lexer::read(&"\n \n".repeat(50_000), dialect, 1);
        assert!(tokens.len() == 1 && whole, "{dialect:?}");
    }
}

#[test]
fn lists_of_lists_are_shared_and_not_deep() {
    for dialect in DIALECTS.into_iter().filter(|dialect| *dialect != Dialect::Awk) {
        let sigil = if dialect.has_sigils() { "$a" } else { "a" };
        for item in
            [format!("[{sigil}, {sigil}]"), format!("({sigil}, {sigil})"), format!("[{sigil}]")]
        {
            let text =
                format!("{sigil} = [1, 2];\n") + &format!("{sigil} = {item};\n").repeat(DEEP);
            assert!(!left(&text, dialect).exhausted, "{dialect:?} {item}");
        }
    }
}

#[test]
fn copies_of_what_is_known_are_charged() {
    let long = format!("$x = \"https://v.example.invalid/{}\"\n", "y".repeat(40_000));
    for (dialect, text) in [
        (Dialect::Ruby, format!("x = 1\nx{}\n", ".b".repeat(20_000))),
        (Dialect::Ruby, format!("{long}for{} in $x\n1\nend\n", " a".repeat(5_000))),
        (Dialect::Ruby, format!("{long}{}= $x\n", "a,".repeat(5_000))),
        (Dialect::Ruby, format!("{long}$x {{\n{}", "{ ".repeat(5_000))),
        (Dialect::Ruby, format!("{long}$x = \"{}\"\n", "#{$x}".repeat(5_000))),
        (Dialect::PowerShell, format!("{long}echo{}\n", " $x".repeat(5_000))),
        (Dialect::PowerShell, format!("{long}'{}' -f $x\n", "{0}".repeat(5_000))),
    ] {
        let end = text.get(text.len() - 20..);
        assert!(left(&text, dialect).exhausted, "{dialect:?} {end:?}");
    }
}
