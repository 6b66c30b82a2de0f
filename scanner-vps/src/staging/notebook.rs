//! Code cells of Jupyter notebooks (nbformat 3 and 4).

use super::{Language, encoding::even_lines, language};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::HashMap};

/// As Python reads it: of two members of one name the last one counts.
type Object<'a> = HashMap<String, &'a RawValue>;

/// Code with the line of the notebook at which each of its lines stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// What it is written in.
    pub language: Language,
    /// The code, with a line end at the end of each line.
    pub text: String,
    /// For each line of `text` its line in the notebook, from 1.
    pub lines: Vec<u32>,
    /// Commands to the system from among other code.
    pub commands: bool,
}

/// The code of a notebook, cell by cell, at most `max` parts, and whether there were more. `None`:
/// it is no notebook.
#[must_use]
pub fn extract(text: &str, max: usize) -> Option<(Vec<Cell>, bool)> {
    let text = &*finite(text);
    let notebook: Object<'_> = serde_json::from_str(text).ok()?;
    let ends = text.match_indices('\n').map(|(at, _)| at).collect();
    let source = Source { text, ends };
    let kernel = kernel(&notebook);
    let mut cells = Vec::new();
    for cell in listed_cells(&notebook) {
        let Ok(cell) = serde_json::from_str::<Object<'_>>(cell.get()) else { continue };
        if string(&cell, "cell_type").as_deref() != Some("code") {
            continue;
        }
        let Some(code) = cell.get("source").or(cell.get("input")) else { continue };
        let (text, lines) = source.lines_of(code);
        cells.extend(read(&text, &lines, kernel));
        if cells.len() > max {
            cells.truncate(max);
            return Some((cells, true));
        }
    }
    Some((cells, false))
}

/// All cells of one language as one program: what one cell imports, the next one calls.
#[must_use]
pub fn joined(cells: &[Cell], language: Language) -> Option<Cell> {
    let mut parts = cells.iter().filter(|c| c.language == language && !c.commands).peekable();
    let mut all = parts.next()?.clone();
    parts.peek()?;
    for cell in parts {
        all.text.push_str(&cell.text);
        all.lines.extend(&cell.lines);
    }
    Some(all)
}

/// Python writes and reads numbers that JSON has not: others of the same length stand for them.
fn finite(text: &str) -> Cow<'_, str> {
    if !text.contains("NaN") && !text.contains("Infinity") {
        return Cow::Borrowed(text);
    }
    let (mut made, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, string)) = rest.split_once('"') {
        made.push_str(&before.replace("NaN", "1e0").replace("Infinity", "10000000"));
        let mut escaped = false;
        let end = string.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let (string, behind) = string.split_at(end.map_or(string.len(), |end| end + 1));
        made.push('"');
        made.push_str(string);
        rest = behind;
    }
    made.push_str(&rest.replace("NaN", "1e0").replace("Infinity", "10000000"));
    Cow::Owned(made)
}

/// A string of JSON, in which half a pair of surrogates is no reason to read nothing.
fn read_string(json: &str) -> Option<String> {
    let whole = || json.replace("\\ud", "\\uf").replace("\\uD", "\\uf");
    serde_json::from_str(json).or_else(|_| serde_json::from_str(&whole())).ok()
}

fn listed_cells<'a>(notebook: &Object<'a>) -> Vec<&'a RawValue> {
    let list = |value: &&'a RawValue| serde_json::from_str::<Vec<&RawValue>>(value.get()).ok();
    let mut cells = notebook.get("cells").and_then(list).unwrap_or_default();
    for sheet in notebook.get("worksheets").and_then(list).unwrap_or_default() {
        let sheet = serde_json::from_str::<Object<'_>>(sheet.get()).unwrap_or_default();
        cells.extend(sheet.get("cells").and_then(list).unwrap_or_default());
    }
    cells
}

fn string(object: &Object<'_>, member: &str) -> Option<String> {
    serde_json::from_str(object.get(member)?.get()).ok()
}

/// The language of the cells: Python, if nothing is said.
fn kernel(notebook: &Object<'_>) -> Option<Language> {
    let object = |of: &Object<'_>, member: &str| -> Option<serde_json::Value> {
        serde_json::from_str(of.get(member)?.get()).ok()
    };
    let metadata = object(notebook, "metadata").unwrap_or_default();
    let said = [["kernelspec", "language"], ["language_info", "name"]]
        .into_iter()
        .find_map(|[part, member]| metadata.get(part)?.get(member)?.as_str());
    said.map_or(Some(Language::Python), named)
}

fn named(name: &str) -> Option<Language> {
    language::of_fence(name).filter(|(_, guessed)| !guessed).map(|(language, _)| language)
}

/// The notebook's own text, to find the line of each of its strings.
struct Source<'a> {
    text: &'a str,
    ends: Vec<usize>,
}

impl Source<'_> {
    /// The code of a cell, which is a string or a list of them.
    fn lines_of(&self, code: &RawValue) -> (String, Vec<u32>) {
        let parts = serde_json::from_str::<Vec<&RawValue>>(code.get()).unwrap_or(vec![code]);
        let (mut text, mut lines) = (String::new(), Vec::new());
        for part in parts {
            let Some(string) = read_string(part.get()) else { continue };
            let line = self.line_of(part);
            for piece in even_lines(&string).split_inclusive('\n') {
                if text.is_empty() || text.ends_with('\n') {
                    lines.push(line);
                }
                text.extend(piece.chars().filter(|c| *c != '\0'));
            }
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
        lines.resize(text.matches('\n').count(), lines.last().copied().unwrap_or(1));
        (text, lines)
    }

    fn line_of(&self, value: &RawValue) -> u32 {
        let offset = value.get().as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        let before = self.ends.partition_point(|end| *end < offset);
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }
}

/// A cell by its first line (`%%bash`) or else in the language of the kernel; and the commands
/// that it gives to the system.
fn read(text: &str, lines: &[u32], kernel: Option<Language>) -> Vec<Cell> {
    let cell = |language, text, commands| Cell { language, text, lines: lines.to_vec(), commands };
    let magic = text.trim_start().strip_prefix("%%").map(|rest| rest.lines().next().unwrap_or(""));
    let mut words = magic.unwrap_or_default().split_whitespace();
    let language = match words.next() {
        None => kernel,
        Some("script") => words.next().and_then(named),
        Some("writefile" | "file") => {
            words.last().and_then(|name| language::of_path(name.as_bytes()))
        }
        Some("sx" | "system" | "!") => Some(Language::Shell),
        Some(word) => named(word.trim_end_matches(|c: char| c.is_ascii_digit())).or_else(|| {
            // What wraps a cell and leaves its language: `%%time`, `%%capture`.
            let wraps = ["time", "timeit", "capture", "prun", "debug", "px"].contains(&word);
            kernel.filter(|_| wraps)
        }),
    };
    let Some(language) = language else { return Vec::new() };
    let is_python = language == Language::Python;
    let (mut code, mut commands) = (String::new(), String::new());
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start();
        let indent = line.get(..line.len() - bare.len()).unwrap_or_default();
        if bare.starts_with("%%") && magic.is_some() {
            code.push('\n');
            commands.push('\n');
        } else if is_python && bare.starts_with(['!', '%', '?']) {
            code.push_str(indent.trim_matches('\n'));
            code.push_str("pass\n");
            commands.push_str(command(bare).unwrap_or("\n"));
        } else {
            code.push_str(line);
            let assigned = line.split_once("= !").filter(|_| is_python);
            commands.push_str(assigned.map_or("\n", |(_, command)| command));
        }
    }
    let mut cells = vec![cell(language, code, false)];
    if !commands.trim().is_empty() {
        cells.push(cell(Language::Shell, commands, true));
    }
    cells
}

fn command(line: &str) -> Option<&str> {
    ["!!", "!", "%system ", "%sx "].iter().find_map(|mark| line.strip_prefix(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells(sources: &[&str], metadata: &str) -> Vec<(Language, String, Vec<u32>)> {
        let cells: Vec<_> = sources
            .iter()
            .map(|s| serde_json::json!({"cell_type": "code", "source": s}).to_string())
            .collect();
        let notebook = format!("{{\"cells\":[\n{}\n],\"metadata\":{metadata}}}", cells.join(",\n"));
        let (cells, more) = extract(&notebook, 99).unwrap();
        assert!(!more);
        cells.into_iter().map(|c| (c.language, c.text, c.lines)).collect()
    }

    #[test]
    fn a_cell_is_read_in_its_language() {
        use Language::{JavaScript, Python, Shell};
        let found = cells(
            &[
                "a\nb",
                "%%bash\nc",
                "%%time\nd",
                "%%R\ne",
                "if x:\n  !f\n%cd g",
                "y = !h",
                "%%script sh\ni",
            ],
            "{}",
        );
        let cell =
            |language, text: &str, lines: &[u32]| (language, text.to_owned(), lines.to_vec());
        assert_eq!(
            found,
            [
                cell(Python, "a\nb\n", &[2, 2]),
                cell(Shell, "\nc\n", &[3, 3]),
                cell(Python, "\nd\n", &[4, 4]),
                cell(Python, "if x:\n  pass\npass\n", &[6, 6, 6]),
                cell(Shell, "\nf\n\n", &[6, 6, 6]),
                cell(Python, "y = !h\n", &[7]),
                cell(Shell, "h\n", &[7]),
                cell(Shell, "\ni\n", &[8, 8]),
            ]
        );
        let kernel = r#"{"kernelspec":{"language":"javascript"}}"#;
        assert_eq!(cells(&["a"], kernel), [cell(JavaScript, "a\n", &[2])]);
        assert_eq!(cells(&["a"], r#"{"language_info":{"name":"R"}}"#), []);
    }

    #[test]
    fn old_notebooks_and_repeated_members_are_read_as_jupyter_reads_them() {
        let old = r#"{"worksheets":[{"cells":[{"cell_type":"code","input":["a"]}]}]}"#;
        assert_eq!(extract(old, 9).unwrap().0[0].text, "a\n");
        let twice = r#"{"cells":[],"cells":[{"cell_type":"code","source":"x","source":"a"}]}"#;
        assert_eq!(extract(twice, 9).unwrap().0[0].text, "a\n");
        assert_eq!(extract("not json", 9), None);
    }

    #[test]
    fn what_jupyter_takes_and_json_does_not_hides_no_cell() {
        let odd = "{\"a\":[NaN,-Infinity,\"NaN \\\" NaN\",\n Infinity],\n\"cells\":[\
                   {\"cell_type\":\"code\",\"source\":[\"a # \\ud83d\\n\",\n\"b NaN\"]}]}";
        let (cells, _) = extract(odd, 9).unwrap();
        assert!(cells[0].text.starts_with("a # ") && cells[0].text.ends_with("\nb NaN\n"));
        assert_eq!(cells[0].lines, [3, 4]);
    }

    #[test]
    fn cells_are_joined_to_one_program() {
        let cells = extract(
            "{\"cells\":[{\"cell_type\":\"code\",\"source\":\"a\"},\n{\"cell_type\":\"code\",\"source\":\"!b\\nc\"}]}",
            9,
        );
        let all = joined(&cells.unwrap().0, Language::Python).unwrap();
        assert_eq!((all.text.as_str(), all.lines), ("a\npass\nc\n", vec![1, 2, 2]));
    }

    #[test]
    fn more_cells_than_are_wanted_are_told() {
        let cell = "{\"cell_type\":\"code\",\"source\":\"a\"}";
        let notebook = format!("{{\"cells\":[{}]}}", [cell; 9].join(","));
        let (cells, more) = extract(&notebook, 4).unwrap();
        assert_eq!((cells.len(), more), (4, true));
    }

    proptest! {
        #[test]
        fn each_line_has_its_place(source in proptest::collection::vec("[a%!\r\n\0é=]{0,6}", 0..5)) {
            let cell = serde_json::json!({"cells": [{"cell_type": "code", "source": source}]});
            let text = serde_json::to_string_pretty(&cell).unwrap();
            for cell in extract(&text, 99).unwrap().0 {
                prop_assert_eq!(cell.text.matches('\n').count(), cell.lines.len());
                prop_assert!(cell.text.ends_with('\n'));
            }
        }
    }
}
