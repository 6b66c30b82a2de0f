//! Code inside of other files: code blocks of Markdown, cells of notebooks, scripts of pages.
//!
//! The file around it is in the copy too, where rules that need no parser read it.

use super::{Language, brackets::is_balanced, encoding, fences, language, notebook, scripts};

/// The scripts or cells that are taken from one file.
const MAX_PARTS: usize = 2_000;
/// The code blocks that are taken from one file.
const MAX_BLOCKS: usize = 20_000;
/// The code blocks of one file that are read one by one. A tool takes up to a third of a second
/// for each file; later ones are read [`JOINED_BLOCKS`] at a time, as one program.
const MAX_SINGLE_BLOCKS: usize = 100;
const JOINED_BLOCKS: usize = 25;
/// The cells of a notebook that are read one by one; more are read as one program only.
const MAX_SINGLE_CELLS: usize = 200;

/// Code inside of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) language: Language,
    /// That a parser fails on it proves nothing.
    pub(super) guessed: bool,
    /// The line of its first line in the file, from 1.
    pub(super) first_line: u32,
    /// The line in the file of each of its lines; empty where they follow the first one.
    pub(super) lines: Vec<u32>,
    pub(super) code: String,
}

/// The parts of a file that is read as `language`, and what to say about those that are too many.
/// Blocks in languages that are not `wanted` are neither taken out nor counted.
pub(super) fn parts(
    path: &[u8],
    language: Language,
    text: &str,
    wanted: impl Fn(Language) -> bool,
) -> (Vec<Part>, Option<String>) {
    let ((parts, more), limit) = match language {
        Language::Markdown => (blocks(text, wanted), MAX_BLOCKS),
        Language::Template => (scripts_of(text), MAX_PARTS),
        _ if language::extension(path).as_deref() == Some("ipynb") => (cells(text), MAX_PARTS),
        _ => return (Vec::new(), None),
    };
    let reason = format!("it has more pieces of code than the limit of {limit}");
    (parts, more.then_some(reason))
}

fn blocks(text: &str, wanted: impl Fn(Language) -> bool) -> (Vec<Part>, bool) {
    let is_wanted =
        |info: &str| language::of_fence(info).is_some_and(|(language, _)| wanted(language));
    let (fences, more) = fences::extract(text, MAX_BLOCKS, is_wanted);
    let parts = fences.into_iter().filter_map(|fence| {
        let (language, guessed) = language::of_fence(&fence.info)?;
        let session = language::is_session(&fence.info);
        let code = if session { fences::without_prompts(&fence.text) } else { fence.text };
        Some(Part { language, guessed, first_line: fence.first_line, lines: Vec::new(), code })
    });
    let mut parts: Vec<_> = parts.filter(|part| !part.code.trim().is_empty()).collect();
    let late = parts.split_off(parts.len().min(MAX_SINGLE_BLOCKS));
    parts.extend(joined(late));
    (parts, more)
}

/// Blocks of one language read as one program, each line with its place in the file. An empty line
/// stands between them, at the place of the marks behind each. A block that leaves something open
/// would change how the others are parsed: such ones are read apart from the rest.
fn joined(blocks: Vec<Part>) -> Vec<Part> {
    let mut kinds: Vec<((Language, bool, bool), Vec<Part>)> = Vec::new();
    for block in blocks {
        let balanced = is_balanced(&block.code, block.language);
        let kind = (block.language, block.guessed, balanced);
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, blocks)) => blocks.push(block),
            None => kinds.push((kind, vec![block])),
        }
    }
    let mut programs = Vec::new();
    for ((language, guessed, _), blocks) in kinds {
        for group in blocks.chunks(JOINED_BLOCKS) {
            let (mut lines, mut code) = (Vec::new(), String::new());
            for block in group {
                code.push_str(&block.code);
                code.push('\n');
                let count = encoding::count_lines(block.code.as_bytes());
                lines.extend((0..=count).map(|at| block.first_line.saturating_add(at)));
            }
            let first_line = lines.first().copied().unwrap_or(1);
            programs.push(Part { language, guessed, first_line, lines, code });
        }
    }
    programs
}

fn scripts_of(text: &str) -> (Vec<Part>, bool) {
    let (scripts, more) = scripts::extract(text, MAX_PARTS);
    let parts = scripts.into_iter().map(|script| Part {
        language: script.language,
        guessed: script.guessed,
        first_line: script.first_line,
        lines: Vec::new(),
        code: script.text,
    });
    (parts.collect(), more)
}

fn cells(text: &str) -> (Vec<Part>, bool) {
    let Some((cells, more)) = notebook::extract(text, MAX_PARTS) else {
        return (Vec::new(), false);
    };
    let part = |cell: notebook::Cell, guessed| Part {
        language: cell.language,
        guessed,
        first_line: cell.lines.first().copied().unwrap_or(1),
        lines: cell.lines,
        code: cell.text,
    };
    let many = cells.len() > MAX_SINGLE_CELLS;
    let languages = [Language::Python, Language::JavaScript, Language::TypeScript, Language::Shell];
    let mut parts: Vec<_> = languages
        .into_iter()
        .filter_map(|language| notebook::joined(&cells, language))
        .map(|all| part(all, !many))
        .collect();
    let joined = |cell: &notebook::Cell| many && !cell.commands;
    let single = cells.into_iter().filter(|cell| !joined(cell) && !cell.text.trim().is_empty());
    parts.extend(single.map(|cell| {
        let guessed = cell.commands;
        part(cell, guessed)
    }));
    (parts, more)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notebook(cells: usize) -> String {
        let cell = "{\"cell_type\":\"code\",\"source\":\"a\\n!b\"}";
        format!("{{\"cells\":[{}]}}", vec![cell; cells].join(","))
    }

    #[test]
    fn cells_are_read_one_by_one_and_together_and_many_only_together() {
        let count = |cells, language| {
            let (parts, _) = parts(b"a.ipynb", Language::Text, &notebook(cells), |_| true);
            parts.iter().filter(|part| part.language == language).count()
        };
        assert_eq!((count(1, Language::Python), count(3, Language::Python)), (1, 4));
        assert_eq!((count(150, Language::Python), count(150, Language::Shell)), (1, 150));
        assert_eq!(parts(b"a.json", Language::Text, &notebook(1), |_| true), (vec![], None));
    }

    fn all(text: &str, language: Language) -> (Vec<Part>, Option<String>) {
        parts(b"a.md", Language::Markdown, text, |wanted| wanted == language)
    }

    #[test]
    fn only_blocks_that_are_taken_out_are_counted() {
        let text = "```json\n{}\n```\n".repeat(MAX_BLOCKS + 1) + "```js\na\n```\n";
        let (parts, more) = all(&text, Language::JavaScript);
        assert_eq!((parts.len(), more), (1, None));
        assert_eq!(all(&text, Language::Python), (vec![], None));
        let (_, more) = all(&"```js\na\n```\n".repeat(MAX_BLOCKS + 1), Language::JavaScript);
        assert_eq!(more.unwrap(), "it has more pieces of code than the limit of 20000");
    }

    #[test]
    fn many_blocks_are_read_together_and_each_line_keeps_its_place() {
        let text: String = (0..600).map(|n| format!("```ts\nf({n})\n\ng({n})\n```\n")).collect();
        let (parts, more) = all(&text, Language::TypeScript);
        assert_eq!((parts.len(), more), (MAX_SINGLE_BLOCKS + 500 / JOINED_BLOCKS, None));
        let lines: Vec<_> = text.lines().collect();
        let mut seen = 0;
        for part in &parts {
            let count = part.code.lines().count();
            assert!(part.lines.is_empty() || part.lines.len() == count);
            for (at, line) in part.code.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
                let follows = part.first_line as usize + at;
                let place = part.lines.get(at).map_or(follows, |line| *line as usize);
                assert_eq!(lines[place - 1], line);
                seen += 1;
            }
        }
        assert_eq!(seen, 1_200, "no block is left out");
    }

    #[test]
    fn a_block_that_leaves_something_open_is_not_read_with_the_others() {
        let mut text = "```ts\nf(1)\n```\n".repeat(MAX_SINGLE_BLOCKS);
        text.push_str("```ts\ng(2)\n```\n```ts\nh(`\n```\n```ts\ni(3)\n```\n");
        let (parts, _) = all(&text, Language::TypeScript);
        let late: Vec<_> = parts[MAX_SINGLE_BLOCKS..].iter().map(|p| p.code.as_str()).collect();
        assert_eq!(late, ["g(2)\n\ni(3)\n\n", "h(`\n\n"]);
    }

    #[test]
    fn too_many_parts_are_told() {
        let page = "<script>a</script>".repeat(MAX_PARTS + 1);
        let (parts, more) = parts(b"a.html", Language::Template, &page, |_| true);
        assert_eq!(parts.len(), MAX_PARTS);
        assert_eq!(more.unwrap(), "it has more pieces of code than the limit of 2000");
    }
}
