//! `allowed-tools` as Claude Code splits it, and which of its items allow every shell command.

use crate::value::{Node, Value};

/// The tools of a value. Only text counts, in a list as well; blanks and commas part tools outside of brackets, line
/// breaks and tabs do not.
pub(crate) fn of(node: &Node) -> Vec<String> {
    let texts: Vec<&str> = match &node.value {
        Value::Str(text) => vec![text],
        Value::List(items) => items.iter().filter_map(Node::text).collect(),
        _ => Vec::new(),
    };
    let mut tools = Vec::new();
    for text in texts {
        split(text, &mut tools);
    }
    // A star stands for every tool there is, and as such allows nothing in advance.
    if tools.iter().any(|tool| tool == "*") { vec!["*".into()] } else { tools }
}

fn split(text: &str, tools: &mut Vec<String>) {
    let mut tool = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            ',' | ' ' if !inside => push(&mut tool, tools),
            _ => {
                inside = match c {
                    '(' => true,
                    ')' => false,
                    _ => inside,
                };
                tool.push(c);
            }
        }
    }
    push(&mut tool, tools);
}

fn push(tool: &mut String, tools: &mut Vec<String>) {
    let trimmed = tool.trim();
    if !trimmed.is_empty() {
        tools.push(trimmed.to_owned());
    }
    tool.clear();
}

/// Whether a tool is every command of a shell: `Bash`, and `Bash(…)` with nothing or only stars and blanks between the
/// brackets.
pub(crate) fn is_all_shell(tool: &str) -> bool {
    ["Bash", "PowerShell"].iter().any(|shell| {
        tool.strip_prefix(shell).is_some_and(|rest| {
            rest.is_empty()
                || rest
                    .strip_prefix('(')
                    .and_then(|rest| rest.strip_suffix(')'))
                    .is_some_and(is_any)
        })
    })
}

/// A pattern of nothing, or of stars with blanks around and between them.
fn is_any(pattern: &str) -> bool {
    pattern.is_empty()
        || (pattern.contains('*') && pattern.bytes().all(|byte| b"* ".contains(&byte)))
}

/// Whether a tool allows any command of a shell.
pub(crate) fn is_shell(tool: &str) -> bool {
    ["Bash", "PowerShell"].iter().any(|shell| {
        tool.strip_prefix(shell).is_some_and(|rest| rest.is_empty() || rest.starts_with('('))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> Vec<String> {
        of(&Node { line: 1, value: Value::Str(text.into()) })
    }

    #[test]
    fn blanks_and_commas_part_tools_outside_of_brackets() {
        assert_eq!(
            from("Bash(git:*) Bash(a, b; c:*),Read"),
            ["Bash(git:*)", "Bash(a, b; c:*)", "Read"]
        );
        assert_eq!(from("Read\nBash(*)"), ["Read\nBash(*)"]);
        assert_eq!(from(" , "), Vec::<String>::new());
        assert_eq!(from("Read * Bash(*)"), ["*"]);
    }

    #[test]
    fn only_the_whole_shell_is_all_shell() {
        for tool in
            ["Bash", "Bash()", "Bash(*)", "Bash(**)", "Bash( * )", "Bash(* *)", "PowerShell(*)"]
        {
            assert!(is_all_shell(tool), "{tool}");
        }
        for tool in [
            "*",
            "bash",
            "BASH(*)",
            "Bash(:*)",
            "Bash( )",
            "Bash(*:*)",
            "Bash(?*)",
            "Bash(sh:*)",
            "Read\nBash(*)",
            "Bashful",
            "B*",
        ] {
            assert!(!is_all_shell(tool), "{tool}");
        }
        // A blank parts the name and its brackets, and the name alone is enough.
        assert!(from("Bash (*)").iter().any(|tool| is_all_shell(tool)));
    }
}
