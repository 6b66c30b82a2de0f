//! The parts of a rule's message, which says in this order: what was seen, why it matters, what to do, and behind
//! `Authors:` what its author does.

/// How a sentence begins that tells somebody who installs what to do.
const IMPERATIVES: [&str; 25] = [
    "Ask ",
    "Check ",
    "Decode ",
    "Delete ",
    "Do ",
    "Find ",
    "Follow ",
    "Install ",
    "Keep ",
    "Let ",
    "Look ",
    "Make ",
    "Move ",
    "Prefer ",
    "Read ",
    "Remove ",
    "Replace ",
    "Report ",
    "Rotate ",
    "Say ",
    "Treat ",
    "Uninstall ",
    "Use ",
    "Write ",
    "Open ",
];

/// The parts of a message; one that it lacks is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) sees: String,
    pub(crate) why: String,
    pub(crate) installer: String,
    pub(crate) author: String,
}

/// Splits a message.
pub(crate) fn parts(message: &str) -> Parts {
    let mut parts = Parts::default();
    let mut is_for_author = false;
    for (at, sentence) in sentences(message).into_iter().enumerate() {
        is_for_author |= sentence.starts_with("Authors");
        let orders = IMPERATIVES.iter().any(|begin| sentence.starts_with(begin));
        let part = match (at, is_for_author) {
            (0, _) => &mut parts.sees,
            (_, true) => &mut parts.author,
            (_, false) if orders || !parts.installer.is_empty() => &mut parts.installer,
            (_, false) => &mut parts.why,
        };
        if !part.is_empty() {
            part.push(' ');
        }
        part.push_str(sentence);
    }
    if let Some(said) = parts.author.strip_prefix("Authors: ") {
        parts.author = capitalised(said);
    }
    parts
}

/// Sentences end at a full stop, a question or exclamation mark before a blank and a capital letter.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut rest = text.trim();
    let mut from = 0;
    while let Some(end) = rest.get(from..).and_then(|tail| tail.find(['.', '?', '!'])) {
        let end = from + end + 1;
        let next = rest.get(end..).unwrap_or_default();
        let ends = next
            .strip_prefix(' ')
            .is_some_and(|next| next.trim_start().chars().next().is_some_and(char::is_uppercase));
        if ends {
            sentences.push(rest.get(..end).unwrap_or_default());
            rest = next.trim_start();
            from = 0;
        } else {
            from = end;
        }
    }
    if !rest.is_empty() {
        sentences.push(rest);
    }
    sentences
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_split_into_what_it_says_to_whom() {
        let said = parts(
            "A script is run from 203.0.113.9, e.g. by sh. It can change. Nobody sees it. Do not run it; replace \
             keys. Tokens too. Authors: publish it. Name the host.",
        );
        assert_eq!(said.sees, "A script is run from 203.0.113.9, e.g. by sh.");
        assert_eq!(said.why, "It can change. Nobody sees it.");
        assert_eq!(said.installer, "Do not run it; replace keys. Tokens too.");
        assert_eq!(said.author, "Publish it. Name the host.");
        let short = parts("A command is written with ${IFS}. Authors of courses: use a lab.");
        assert_eq!((short.why.as_str(), short.installer.as_str()), ("", ""));
        assert_eq!(short.author, "Authors of courses: use a lab.");
        assert_eq!(parts(""), Parts::default());
    }
}
