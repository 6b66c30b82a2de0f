//! Samples of rules: what follows an annotation `ruleid:` or `ok:` in the annotated targets of the pack.

use crate::entry::Sample;
use std::collections::BTreeMap;

/// Lines and bytes of a sample that is shown rather than a longer one.
const FITS: (usize, usize) = (16, 900);

/// The samples of one rule.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    /// What it reports.
    pub(crate) reported: Vec<Sample>,
    /// What it leaves alone.
    pub(crate) left_alone: Vec<Sample>,
}

/// The samples of every rule, by its id, from targets with their names below `rules-tests`.
pub(crate) fn by_rule(targets: &[(&str, &str)]) -> BTreeMap<String, Samples> {
    let mut targets = targets.to_vec();
    // `miner.md` before `miner.2.md`: the first target of a rule is its plainest one.
    targets.sort_by_key(|(name, _)| (name.matches('.').count(), *name));
    let mut rules: BTreeMap<String, Samples> = BTreeMap::new();
    for (name, text) in targets {
        let lines: Vec<&str> = text.lines().collect();
        let file = name.rsplit('/').next().unwrap_or(name);
        for (at, line) in lines.iter().enumerate() {
            let Some((reported, ids)) = annotation(line) else { continue };
            let text = body(&lines, at, name.starts_with("ast/"));
            let sample = Sample { file: file.to_owned(), text };
            for id in ids {
                let samples = rules.entry(id.to_owned()).or_default();
                let list = if reported { &mut samples.reported } else { &mut samples.left_alone };
                list.push(sample.clone());
            }
        }
    }
    rules
}

/// The sample to show: the first that fits, else the first.
pub(crate) fn shown(samples: &[Sample]) -> Option<Sample> {
    let fits =
        |sample: &&Sample| sample.text.lines().count() <= FITS.0 && sample.text.len() <= FITS.1;
    samples.iter().find(fits).or_else(|| samples.first()).cloned()
}

/// Whether a line says that the next one is reported or left alone, and by which rules.
fn annotation(line: &str) -> Option<(bool, impl Iterator<Item = &str>)> {
    let comment = line.trim_start();
    let said = ["#", "//", "<!--"].iter().find_map(|mark| comment.strip_prefix(mark))?.trim();
    let (reported, ids) = match said.strip_prefix("ruleid:") {
        Some(ids) => (true, ids),
        None => (false, said.strip_prefix("ok:")?),
    };
    let ids = ids.trim_end_matches("-->").split(',').map(str::trim);
    Some((reported, ids.filter(|id| !id.is_empty())))
}

/// The text that the annotation in line `at` is about. Code also gets the lines before it that belong to it.
fn body(lines: &[&str], at: usize, code: bool) -> String {
    let mut body: Vec<&str> = if code { before(lines, at) } else { Vec::new() };
    let own = body.len();
    let mut about_another = true;
    let mut cut = false;
    for line in lines.iter().skip(at + 1) {
        match annotation(line) {
            // Several annotations may stand above one text.
            Some(_) if about_another => continue,
            Some(_) => {
                cut = code;
                break;
            }
            None => about_another = false,
        }
        if code && line.trim().is_empty() {
            break;
        }
        body.push(line);
    }
    if cut {
        // What stands between two annotations and is not the first statement belongs to the second one.
        let statement = statement(body.get(own..).unwrap_or_default());
        body.truncate(own + statement);
    }
    while body.last().is_some_and(|line| line.trim().is_empty()) {
        body.pop();
    }
    let indent = body.iter().filter(|line| !line.trim().is_empty()).map(|line| blanks(line)).min();
    let dedented = body.iter().map(|line| line.get(indent.unwrap_or(0)..).unwrap_or_default());
    dedented.collect::<Vec<_>>().join("\n")
}

/// The lines of code above an annotation as far as a blank line or the end of the statement that another annotation
/// is about: they hold what the statement below uses.
fn before<'a>(lines: &[&'a str], at: usize) -> Vec<&'a str> {
    let head = lines.get(..at).unwrap_or_default();
    let from = head.iter().rposition(|line| line.trim().is_empty() || annotation(line).is_some());
    let mut from = from.map_or(0, |line| line + 1);
    let below_another = from.checked_sub(1).and_then(|line| head.get(line));
    if below_another.is_some_and(|line| annotation(line).is_some()) {
        from += statement(head.get(from..).unwrap_or_default());
    }
    head.get(from..).unwrap_or_default().to_vec()
}

/// The number of lines of the first statement: as far as its brackets close, with the block below it.
fn statement(lines: &[&str]) -> usize {
    let mut depth = 0_i32;
    let closes = |line: &&str| {
        depth += balance(line);
        depth <= 0 && !line.trim_end().ends_with('\\')
    };
    let closed = lines.iter().position(closes).map_or(lines.len(), |last| last + 1);
    let indent = lines.first().map_or(0, |line| blanks(line));
    let block = lines.iter().skip(closed).take_while(|line| blanks(line) > indent).count();
    closed + block
}

/// How many brackets a line opens more than it closes.
fn balance(line: &str) -> i32 {
    line.chars().fold(0, |depth, c| match c {
        '(' | '[' | '{' => depth + 1,
        ')' | ']' | '}' => depth - 1,
        _ => depth,
    })
}

fn blanks(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_what_follows_its_annotation() {
        let text = "# ruleid: a.b, a.c\none\n two\n\n# ok: a.b\n<!-- ok: a.c -->\nfine\n";
        let rules = by_rule(&[("text/x/y.md", text)]);
        let texts = |samples: &[Sample]| {
            samples.iter().map(|sample| sample.text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(texts(&rules["a.b"].reported), ["one\n two"]);
        assert_eq!(texts(&rules["a.b"].left_alone), ["fine"]);
        assert_eq!(texts(&rules["a.c"].left_alone), ["fine"]);
    }

    #[test]
    fn code_comes_with_the_lines_that_it_uses() {
        let text = "def f():\n    k = read()\n    # ruleid: a\n    send(\n        k)\n    e = copy()\n    # ok: a\n    keep(e)\n\nother()\n";
        let rules = by_rule(&[("ast/python/x.py", text)]);
        let a = &rules["a"];
        assert_eq!(a.reported[0].text, "def f():\n    k = read()\n    send(\n        k)");
        assert_eq!(a.left_alone[0].text, "e = copy()\nkeep(e)");
    }

    #[test]
    fn the_plainest_target_comes_first_and_what_fits_is_shown() {
        let long = format!("# ruleid: a\n{}", "x\n".repeat(40));
        let rules = by_rule(&[("text/a/a.2.md", "# ruleid: a\nsecond\n"), ("text/a/a.md", &long)]);
        assert_eq!(rules["a"].reported[0].file, "a.md");
        assert_eq!(shown(&rules["a"].reported).unwrap().text, "second");
        assert_eq!(shown(&[]), None);
    }
}
