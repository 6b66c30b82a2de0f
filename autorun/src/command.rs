//! A program and its arguments as the one line that a POSIX shell would take for them.

/// Joins words, each quoted where a shell would read it as more or less than itself.
pub(crate) fn join<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// A word, quoted where it has to be. Variables stay as they are: agents fill them in before they run the command.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-${}".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_only_where_a_shell_would_split_them() {
        assert_eq!(join(["npx", "-y", "a@1.0.0"]), "npx -y a@1.0.0");
        assert_eq!(join(["${CLAUDE_PLUGIN_ROOT}/run", ""]), "${CLAUDE_PLUGIN_ROOT}/run ''");
        assert_eq!(join(["bash", "-c", "echo 'a b' | sh"]), r"bash -c 'echo '\''a b'\'' | sh'");
    }
}
