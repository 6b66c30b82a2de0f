//! Batch files of Windows, rewritten as a shell would write them: variables, escapes, quotes.

/// A batch file as a text of shell commands with the same lines.
#[must_use]
pub fn as_shell(text: &str) -> String {
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn line(line: &str) -> String {
    let mut rest = line.trim().trim_start_matches('@').trim_start();
    // What stands in front of a command: conditions and loops.
    for _ in 0..4 {
        let lower = rest.to_ascii_lowercase();
        let behind = if lower.starts_with("rem ")
            || lower.starts_with("::")
            || lower.starts_with(':')
            || lower.starts_with("goto ")
        {
            Some("")
        } else if let Some(condition) = lower.strip_prefix("if ") {
            let words = if condition.trim_start().starts_with("not ") { 2 } else { 1 };
            skip_words(rest, words + condition_words(condition))
        } else if lower.starts_with("for ") {
            lower.find(" do ").and_then(|at| rest.get(at + 4..))
        } else if lower.starts_with("call ") {
            rest.get(5..)
        } else {
            None
        };
        match behind {
            Some(behind) => rest = behind.trim_start().trim_start_matches(['(', '@']).trim_start(),
            None => break,
        }
    }
    let assigns = rest.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("set "));
    if let Some(assignment) = rest.get(4..).filter(|_| assigns) {
        let assignment = assignment.trim().trim_matches('"');
        return match assignment.split_once('=') {
            Some((name, value)) if !name.starts_with('/') => {
                format!("{}={}", name.trim(), words(&format!("\"{value}\"")))
            }
            _ => String::new(),
        };
    }
    words(rest)
}

/// Words that a condition has behind `if`, without the command: `exist x`, `a==b`, `errorlevel 1`.
fn condition_words(condition: &str) -> usize {
    let condition = condition.trim_start().trim_start_matches("not ").trim_start();
    let begins = |word: &str| condition.starts_with(word);
    if begins("exist ") || begins("errorlevel ") || begins("defined ") { 2 } else { 1 }
}

fn skip_words(text: &str, count: usize) -> Option<&str> {
    let mut rest = text;
    for _ in 0..count {
        rest = rest.trim_start();
        let quoted = rest.starts_with('"');
        let end =
            if quoted { rest.get(1..)?.find('"')? + 2 } else { rest.find(char::is_whitespace)? };
        rest = rest.get(end..)?;
    }
    Some(rest)
}

/// Words with the variables and the quotes of a shell. A backslash stands for itself.
fn words(text: &str) -> String {
    let mut result = String::new();
    let (mut quoted, mut chars) = (false, text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                quoted = !quoted;
                result.push('"');
            }
            '^' if !quoted => {
                if let Some(next) = chars.next() {
                    result.push('\\');
                    result.push(next);
                }
            }
            '%' | '!' => {
                let name: String = chars
                    .clone()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .take(64)
                    .collect();
                let closes = !name.is_empty() && chars.clone().nth(name.chars().count()) == Some(c);
                if closes {
                    for _ in 0..=name.chars().count() {
                        chars.next();
                    }
                    result.push_str("${");
                    result.push_str(&name);
                    result.push('}');
                } else {
                    result.push(c);
                }
            }
            '\\' => result.push_str("\\\\"),
            '$' | '`' => result.extend(['\\', c]),
            '\'' if !quoted => result.push_str("\\'"),
            '#' | ';' | '(' | ')' | '{' | '}' if !quoted => result.extend(['\\', c]),
            c => result.push(c),
        }
    }
    if quoted {
        result.push('"');
    }
    result
}

#[cfg(test)]
mod tests {
    use super::as_shell;

    #[test]
    fn a_batch_file_reads_as_the_commands_that_it_runs() {
        for (batch, shell) in [
            ("@echo off", "echo off"),
            ("set U=http://a/b", "U=\"http://a/b\""),
            ("c^url %U% -o \"%TEMP%\\a.exe\"", "c\\url ${U} -o \"${TEMP}\\\\a.exe\""),
            ("if exist \"%TEMP%\\a b\" start \"\" x", "start \"\" x"),
            ("for %%f in (a b) do @del %%f", "del %%f"),
            ("rem curl | sh", ""),
            (":label", ""),
        ] {
            assert_eq!(as_shell(batch), shell, "{batch}");
        }
    }
}
