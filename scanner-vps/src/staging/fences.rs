//! Code blocks of Markdown.
//!
//! After CommonMark 0.31 (fenced code blocks, block quotes, list items), and where in doubt on the
//! side of reading more: a tagged block inside another block is taken out as well, since whoever
//! follows the text may run it.

/// One code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// What stands behind the opening marks.
    pub info: String,
    /// The line of its first line of code, from 1.
    pub first_line: u32,
    /// The code, each line with its line end, without what the block is indented or quoted by.
    pub text: String,
}

/// Marks that open or close a block, and what stands around them.
#[derive(Debug, Clone, Copy)]
struct Marks<'a> {
    mark: char,
    count: usize,
    quotes: usize,
    indent: usize,
    in_list: bool,
    info: &'a str,
}

/// The code blocks of a text whose tags are wanted, in the order of their first lines; at most
/// `max`, and whether there were more.
#[must_use]
pub fn extract(markdown: &str, max: usize, wanted: impl Fn(&str) -> bool) -> (Vec<Fence>, bool) {
    let lines: Vec<&str> = markdown.lines().collect();
    let mut fences = Vec::new();
    let take = |marks: Marks<'_>, start: usize, end: usize, fences: &mut Vec<Fence>| {
        if wanted(marks.info) {
            fences.push(fence(marks, start, lines.get(start..end)));
        }
    };
    let mut open: Option<(Marks<'_>, usize)> = None;
    let mut inner: Option<(Marks<'_>, usize)> = None;
    let mut list_indent = 0;
    for (at, line) in lines.iter().enumerate() {
        if fences.len() > max {
            break;
        }
        let marks = marks_of(line, list_indent);
        if let Some((outer, start)) = open {
            let left = has_left(outer, line);
            if let Some((nested, from)) = inner
                && (left || marks.is_some_and(|m| closes(nested, m) || !m.info.is_empty()))
            {
                take(nested, from, at, &mut fences);
                inner = None;
            }
            if left || marks.is_some_and(|m| closes(outer, m)) {
                take(outer, start, at, &mut fences);
                open = None;
                if !left {
                    continue;
                }
            } else if let Some(marks) = marks.filter(|m| !m.info.is_empty()) {
                inner = Some((marks, at + 1));
                continue;
            } else {
                continue;
            }
        }
        list_indent = next_list_indent(line, list_indent);
        open = marks_of(line, list_indent).map(|marks| (marks, at + 1));
    }
    for (marks, start) in [inner, open].into_iter().flatten() {
        take(marks, start, lines.len(), &mut fences);
    }
    let more = fences.len() > max;
    fences.truncate(max);
    fences.sort_by_key(|fence| fence.first_line);
    (fences, more)
}

/// Takes the prompts from the record of a terminal; its lines stay where they are.
#[must_use]
pub fn without_prompts(session: &str) -> String {
    session
        .split_inclusive('\n')
        .map(|line| {
            let bare = line.trim_start();
            ["$ ", "% ", "> "].iter().find_map(|prompt| bare.strip_prefix(prompt)).unwrap_or(line)
        })
        .collect()
}

fn closes(open: Marks<'_>, marks: Marks<'_>) -> bool {
    marks.mark == open.mark && marks.count >= open.count && marks.info.is_empty()
}

/// Whether a line stands outside of the quote or list item that a block was opened in.
fn has_left(open: Marks<'_>, line: &str) -> bool {
    let (quotes, rest) = unquoted(line, open.quotes);
    let outdented = !rest.trim().is_empty() && indent_of(rest) == 0;
    quotes < open.quotes || open.in_list && open.indent > 0 && outdented
}

/// The marks that a line consists of, if it does.
fn marks_of(line: &str, list_indent: usize) -> Option<Marks<'_>> {
    let (quotes, rest) = unquoted(line, usize::MAX);
    let (item, rest) = unlisted(rest);
    let indent = item + indent_of(rest);
    let marks = rest.trim_start();
    let mark = marks.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let info = marks.trim_start_matches(mark);
    let count = marks.len() - info.len();
    let info = info.trim();
    // Four columns of indentation make a block of another kind, which shows the marks as text;
    // with a tag they are taken for what they say even so.
    let too_deep = indent > list_indent.max(item) + 3 && info.is_empty();
    let inline = mark == '`' && info.contains('`');
    let in_list = item > 0 || (list_indent > 0 && indent >= list_indent);
    (count >= 3 && !inline && !too_deep).then_some(Marks {
        mark,
        count,
        quotes,
        indent,
        in_list,
        info,
    })
}

/// The column of the content of the list item that the next line may belong to.
fn next_list_indent(line: &str, now: usize) -> usize {
    let (_, rest) = unquoted(line, usize::MAX);
    match unlisted(rest) {
        (0, rest) if rest.trim().is_empty() => now,
        (0, rest) if indent_of(rest) == 0 => 0,
        (0, _) => now,
        (item, _) => item,
    }
}

/// A line without at most `most` quote marks, and how many it had.
fn unquoted(line: &str, most: usize) -> (usize, &str) {
    let (mut quotes, mut rest) = (0, line);
    while quotes < most
        && indent_of(rest) < 4
        && let Some(quoted) = rest.trim_start().strip_prefix('>')
    {
        rest = quoted.strip_prefix(' ').unwrap_or(quoted);
        quotes += 1;
    }
    (quotes, rest)
}

/// A line without its list marks, and the column at which its content starts.
fn unlisted(line: &str) -> (usize, &str) {
    let mut rest = line;
    loop {
        let bare = rest.trim_start();
        let digits = bare.len() - bare.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let mark = match digits {
            0 => bare.starts_with(['-', '*', '+']),
            1..=9 => bare.get(digits..).is_some_and(|s| s.starts_with(['.', ')'])),
            _ => false,
        };
        let behind = bare.get(digits + 1..).filter(|s| mark && s.starts_with([' ', '\t']));
        match behind {
            Some(behind) => rest = behind.get(1..).unwrap_or_default(),
            None => break,
        }
    }
    (line.len() - rest.len(), rest)
}

fn indent_of(line: &str) -> usize {
    line.chars()
        .take_while(|c| matches!(c, ' ' | '\t'))
        .map(|c| if c == '\t' { 4 } else { 1 })
        .sum()
}

fn fence(marks: Marks<'_>, start: usize, lines: Option<&[&str]>) -> Fence {
    let mut text = String::new();
    for line in lines.unwrap_or_default() {
        let (_, mut rest) = unquoted(line, marks.quotes);
        for _ in 0..marks.indent {
            match rest.strip_prefix([' ', '\t']) {
                Some(less) => rest = less,
                None => break,
            }
        }
        text.push_str(rest);
        text.push('\n');
    }
    let first_line = u32::try_from(start + 1).unwrap_or(u32::MAX);
    Fence { info: marks.info.to_owned(), first_line, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn blocks(markdown: &str) -> Vec<(String, u32, String)> {
        let (fences, _) = extract(markdown, 100, |_| true);
        fences.into_iter().map(|f| (f.info, f.first_line, f.text)).collect()
    }

    fn block(info: &str, line: u32, text: &str) -> (String, u32, String) {
        (info.into(), line, text.into())
    }

    #[test]
    fn g08_a_block_is_found_at_its_line() {
        assert_eq!(blocks("# T\n\n```js\na\n\nb\n```\nx\n"), [block("js", 4, "a\n\nb\n")]);
        assert_eq!(blocks("~~~ sh x\na\n~~~~\n"), [block("sh x", 2, "a\n")]);
        assert_eq!(blocks("```\r\na\r\n```\r\n"), [block("", 2, "a\n")]);
        assert_eq!(blocks("   ```sh\n   a\n  ```"), [block("sh", 2, "a\n")]);
    }

    #[test]
    fn an_open_block_runs_to_the_end() {
        assert_eq!(blocks("```sh\na\nb"), [block("sh", 2, "a\nb\n")]);
        assert_eq!(blocks("````sh\n```\na\n````"), [block("sh", 2, "```\na\n")]);
    }

    #[test]
    fn quotes_and_lists_do_not_hide_a_block() {
        assert_eq!(blocks("> ```sh\n> a\n> ```\n"), [block("sh", 2, "a\n")]);
        assert_eq!(blocks("> ```sh\n> a\nb\n"), [block("sh", 2, "a\n")]);
        assert_eq!(blocks("1. do:\n\n   ```sh\n   a\n   ```\n"), [block("sh", 4, "a\n")]);
        assert_eq!(blocks("- ```sh\n  a\n  ```\n"), [block("sh", 2, "a\n")]);
        assert_eq!(blocks("- a\n    - b\n\n      ```\n      c\n      ```"), [block("", 5, "c\n")]);
        assert_eq!(blocks("> - ```py\n>   a\n>   ```\n"), [block("py", 2, "a\n")]);
    }

    #[test]
    fn a_block_in_a_block_is_taken_out_too() {
        assert_eq!(
            blocks("````md\n```js\na\n```\n````\n"),
            [block("md", 2, "```js\na\n```\n"), block("js", 3, "a\n")]
        );
        let trick = blocks("    ```\n\n```js\na\n```\n");
        assert!(trick.contains(&block("js", 4, "a\n")), "{trick:?}");
    }

    #[test]
    fn inline_code_is_no_block() {
        assert_eq!(blocks("```not a block```\ntext\n"), []);
        assert_eq!(blocks("``\nx\n``\n"), []);
    }

    #[test]
    fn prompts_go_and_lines_stay() {
        assert_eq!(without_prompts("$ a\nout\n  $ b\n"), "a\nout\nb\n");
    }

    #[test]
    fn more_blocks_than_are_wanted_are_not_silently_dropped() {
        let count = |text: &str, max| {
            let (fences, more) = extract(text, max, |info| info == "sh");
            (fences.len(), more)
        };
        let ten = "```sh\na\n```\n".repeat(10);
        assert_eq!((count(&ten, 4), count(&ten, 9)), ((4, true), (9, true)));
        assert_eq!(count(&ten, 10), (10, false));
        assert_eq!(count(&("```json\n{}\n```\n".repeat(99) + &ten), 10), (10, false));
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart(s in "([`~> \\-*1.\t a]|\n|\r\n|```|~~~|js){0,60}") {
            let count = s.lines().count();
            for fence in extract(&s, 1000, |_| true).0 {
                let end = fence.first_line as usize - 1 + fence.text.lines().count();
                prop_assert!(end <= count);
            }
        }

        #[test]
        fn each_line_of_code_stands_where_the_map_says(code in "[a-z]{1,9}(\n[a-z]{0,9}){0,5}") {
            let text = format!("intro\n\n```py\n{code}\n```\n");
            let fence = &extract(&text, 9, |_| true).0[0];
            let lines: Vec<_> = text.lines().collect();
            for (at, line) in fence.text.lines().enumerate() {
                prop_assert_eq!(lines[fence.first_line as usize - 1 + at], line);
            }
        }
    }
}
