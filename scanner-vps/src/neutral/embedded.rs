//! Code inside of other files: code blocks of Markdown, cells of notebooks, scripts of pages.
//!
//! The file around it is in the copy too, where rules that need no parser read it.

use super::{Language, fences, language, notebook, scripts};

/// The parts that are taken from one file.
const MAX_PARTS: usize = 2_000;
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
pub(super) fn parts(path: &[u8], language: Language, text: &str) -> (Vec<Part>, Option<String>) {
    let (parts, more) = match language {
        Language::Markdown => blocks(text),
        Language::Template => scripts_of(text),
        _ if language::extension(path).as_deref() == Some("ipynb") => cells(text),
        _ => return (Vec::new(), None),
    };
    let reason = format!("it has more pieces of code than the limit of {MAX_PARTS}");
    (parts, more.then_some(reason))
}

fn blocks(text: &str) -> (Vec<Part>, bool) {
    let (fences, more) = fences::extract(text, MAX_PARTS);
    let parts = fences.into_iter().filter_map(|fence| {
        let (language, guessed) = language::of_fence(&fence.info)?;
        let session = language::is_session(&fence.info);
        let code = if session { fences::without_prompts(&fence.text) } else { fence.text };
        Some(Part { language, guessed, first_line: fence.first_line, lines: Vec::new(), code })
    });
    (parts.filter(|part| !part.code.trim().is_empty()).collect(), more)
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
            let (parts, _) = parts(b"a.ipynb", Language::Text, &notebook(cells));
            parts.iter().filter(|part| part.language == language).count()
        };
        assert_eq!((count(1, Language::Python), count(3, Language::Python)), (1, 4));
        assert_eq!((count(150, Language::Python), count(150, Language::Shell)), (1, 150));
        assert_eq!(parts(b"a.json", Language::Text, &notebook(1)), (vec![], None));
    }

    #[test]
    fn too_many_parts_are_told() {
        let page = "<script>a</script>".repeat(MAX_PARTS + 1);
        let (parts, more) = parts(b"a.html", Language::Template, &page);
        assert_eq!(parts.len(), MAX_PARTS);
        assert_eq!(more.unwrap(), "it has more pieces of code than the limit of 2000");
    }
}
