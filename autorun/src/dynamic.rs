//! Commands in the text of a skill that an agent runs before the model sees it.

use crate::text::{after, before, between, is_js_space};

/// A command and the byte where its text begins.
pub(crate) type Command<'a> = (usize, &'a str);

/// What Claude Code runs: a code span behind an exclamation mark at the start of a line or behind white space, and
/// fences whose info string begins with the mark. Neither knows Markdown: comments, lists and other fences are no
/// shelter.
pub(crate) fn claude(body: &str) -> Vec<Command<'_>> {
    let mut commands = fences(body);
    commands.extend(spans(body).filter(|(at, _)| {
        // The text begins behind the mark and the backtick.
        before(body, at - 2).chars().next_back().is_none_or(is_js_space)
    }));
    commands.sort_unstable();
    commands
}

/// What OpenCode runs: every such span, wherever it stands.
pub(crate) fn opencode(body: &str) -> Vec<Command<'_>> {
    spans(body).collect()
}

/// Code spans of one backtick behind an exclamation mark.
fn spans(body: &str) -> impl Iterator<Item = Command<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + after(body, from).find("!`")? + 2;
            let length = after(body, start).find('`')?;
            if length > 0 {
                from = start + length + 1;
                return Some((start, between(body, start, start + length)));
            }
            from = start;
        }
    })
}

/// The commands of marked fences.
fn fences(body: &str) -> Vec<Command<'_>> {
    let mut commands = Vec::new();
    let mut from = 0;
    while let Some(at) = after(body, from).find("```!") {
        let rest = from + at + 4;
        let text = after(body, rest);
        let start = rest + (text.len() - text.trim_start_matches(is_js_space).len());
        let Some(length) = after(body, start).find("```") else { break };
        let command = between(body, start, start + length).trim_end_matches(is_js_space);
        if !command.is_empty() {
            commands.push((start, command));
        }
        from = start + length + 3;
    }
    commands
}

/// `!{…}` with balanced braces, as Gemini CLI runs it in the prompt of a command.
pub(crate) fn gemini(prompt: &str) -> Vec<Command<'_>> {
    let mut commands = Vec::new();
    let mut from = 0;
    while let Some(at) = after(prompt, from).find("!{") {
        let start = from + at + 2;
        let mut depth = 1_usize;
        let end = after(prompt, start).char_indices().find_map(|(index, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            (depth == 0).then_some(start + index)
        });
        let Some(end) = end else { break };
        let text = between(prompt, start, end);
        let command = text.trim();
        if !command.is_empty() {
            commands.push((start + text.len() - text.trim_start().len(), command));
        }
        from = end + 1;
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(found: Vec<Command<'_>>) -> Vec<&str> {
        found.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn claude_runs_spans_behind_white_space_only() {
        for ran in [
            "!`a`",
            "x !`a`",
            "x\u{a0}!`a`",
            "x\r!`a`",
            "x\u{2028}!`a`",
            "- !`a`",
            "| !`a` |",
            "<!--\n!`a`\n-->",
            "```sh\n!`a`\n```",
        ] {
            assert_eq!(texts(claude(ran)), ["a"], "{ran:?}");
        }
        for inert in [
            "(!`a`)",
            "x=!`a`",
            "|!`a`|",
            "**!`a`**",
            "x\u{200b}!`a`",
            "\\!`a`",
            "#!`a`",
            "！`a`",
            "!``",
            "!`a",
        ] {
            assert_eq!(texts(claude(inert)), Vec::<&str>::new(), "{inert:?}");
        }
        assert_eq!(texts(claude("!`a\nb` and !`c`!`d`")), ["a\nb", "c"]);
    }

    #[test]
    fn claude_runs_marked_fences() {
        for ran in [
            "```!\na\n```",
            "text ```!\na\n```",
            "````!\na\n````",
            "```!   \r\na\r\n```",
            "x ```! a``` y",
        ] {
            assert_eq!(texts(claude(ran)), ["a"], "{ran:?}");
        }
        for inert in ["```bash!\na\n```", "~~~!\na\n~~~", "```!\na\n", "```!\n```"] {
            assert_eq!(texts(claude(inert)), Vec::<&str>::new(), "{inert:?}");
        }
    }

    #[test]
    fn opencode_runs_every_span_and_no_fence() {
        assert_eq!(texts(opencode("(!`a`) **!`b`**!`c` ```!\nd\n```")), ["a", "b", "c"]);
    }

    #[test]
    fn gemini_balances_braces() {
        assert_eq!(texts(gemini("x !{echo ${A} } !{b} !{c")), ["echo ${A}", "b"]);
    }
}
