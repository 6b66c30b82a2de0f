//! `skillgate-scanner rules`: what the rules see, from data in this binary, and the checks of a pack of one's own.

use super::{EXIT_UNKNOWN, Format, rules_pack, terminal};
use serde_json::json;
use skillgate_contract::text;
use skillgate_rulebook::{Book, Entry, Kind, Sample, bundled};
use std::{fmt::Write as _, path::PathBuf, process::ExitCode};

/// Columns of prose.
const WIDTH: usize = 96;
/// Ids that are proposed in place of an unknown one.
const PROPOSED: usize = 10;

/// The commands of `rules`.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum RulesCommand {
    /// List the bundled rules and chains with their severities.
    List {
        /// How to print the list.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Say what a rule sees, why it matters, what it leaves alone and what to do: exit 2 there is no such rule.
    Explain {
        /// The rule's id, as a finding names it.
        id: String,
    },
    /// Check a pack of your own before SKILLGATE_RULES names it: exit 0 it is right, 1 it is not, 2 it could not be
    /// checked whole.
    Lint {
        /// The folder of the pack.
        dir: PathBuf,
    },
    /// Run semgrep's tests of a pack: exit 0 they hold, 1 they do not, 2 they could not run.
    Test {
        /// The folder of the pack, or of rules with their targets beside them.
        dir: PathBuf,
        /// The folder of the targets, where it is another one: `TARGETS/a/b/*` tests `DIR/a/b.yaml`.
        targets: Option<PathBuf>,
    },
}

/// Runs the command.
pub async fn run(command: RulesCommand) -> ExitCode {
    match command {
        RulesCommand::List { format } => {
            terminal::result(&list(&bundled(), format));
            ExitCode::SUCCESS
        }
        RulesCommand::Explain { id } => match explain(&bundled(), &id) {
            Ok(text) => {
                terminal::result(&text);
                ExitCode::SUCCESS
            }
            Err(why) => {
                terminal::notice(&why);
                ExitCode::from(EXIT_UNKNOWN)
            }
        },
        RulesCommand::Lint { dir } => rules_pack::lint(&dir).await,
        RulesCommand::Test { dir, targets } => rules_pack::test(&dir, targets.as_deref()).await,
    }
}

fn list(book: &Book, format: Format) -> String {
    match format {
        Format::Table => book.entries.iter().fold(String::new(), |mut out, entry| {
            let _ = writeln!(out, "{:<8}  {:<44}  {}", entry.severity, entry.id, entry.sees);
            out
        }),
        Format::Json => {
            let row = |entry: &Entry| {
                let tags: Vec<_> = entry.tags.iter().map(|tag| tag.id).collect();
                json!({
                    "id": entry.id, "severity": entry.severity, "family": entry.family(), "sees": entry.sees,
                    "tags": tags, "since": entry.since,
                })
            };
            let rows: Vec<_> = book.entries.iter().map(row).collect();
            serde_json::to_string_pretty(&rows).unwrap_or_default() + "\n"
        }
    }
}

/// The page of a rule as text; else why there is none.
fn explain(book: &Book, id: &str) -> Result<String, String> {
    let Some(entry) = book.get(id.trim()) else {
        let near = |entry: &&Entry| entry.id.contains(id.trim()) && !id.trim().is_empty();
        let near: Vec<_> = book
            .entries
            .iter()
            .filter(near)
            .take(PROPOSED)
            .map(|entry| entry.id.as_str())
            .collect();
        let shown = text::line(id, 100);
        return Err(if near.is_empty() {
            format!(
                "{shown}: no bundled rule has this id; `skillgate-scanner rules list` lists them"
            )
        } else {
            format!("{shown}: no bundled rule has this id; did you mean {}?", near.join(", "))
        });
    };
    let reads = match &entry.kind {
        Kind::Text => "reads text of any language".to_owned(),
        Kind::Syntax(languages) => format!("reads the syntax of {}", languages.join(", ")),
        Kind::Chain => "joins facts along the data".to_owned(),
        Kind::Scanner => "reported by the scanner itself".to_owned(),
    };
    let mut out = format!("{}\n{}, {reads}, since {}\n", entry.id, entry.severity, entry.since);
    for (title, text) in [
        ("What it sees", &entry.sees),
        ("Why it matters", &entry.why),
        ("What to do if you install it", &entry.installer),
        ("What to do if it is yours", &entry.author),
    ] {
        if !text.is_empty() {
            let _ = write!(out, "\n{title}\n{}", wrapped(text));
        }
    }
    for (title, sample) in [
        ("What it reports (inert, from its tests)", &entry.example),
        ("What it leaves alone", &entry.look_alike),
    ] {
        if let Some(sample) = sample {
            let _ = write!(out, "\n{title}: {}\n{}", sample.file, shown(sample));
        }
    }
    out.push_str("\nElsewhere\n");
    for tag in &entry.tags {
        let _ = writeln!(out, "  {} {}", tag.id, tag.name);
    }
    Ok(out)
}

/// A sample, marked as such at each line, with nothing that moves a cursor.
fn shown(sample: &Sample) -> String {
    sample.visible().lines().fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "  | {line}");
        out
    })
}

/// Prose in lines of at most [`WIDTH`] columns; a longer word stands alone.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            out.push('\n');
            column = 0;
        }
        out.push_str(if column == 0 { "  " } else { " " });
        out.push_str(word);
        column += length + if column == 0 { 2 } else { 1 };
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_and_a_chain_are_explained_with_what_their_pages_say() {
        let book = bundled();
        for (id, parts) in [
            (
                "skillgate.crypto.miner",
                ["What to do if it is yours", "  | nohup ./xmrig", "CWE-506"],
            ),
            ("skillgate.download-exec.chain", ["joins facts", "203.0.113.9", "T1105"]),
        ] {
            let text = explain(&book, id).unwrap();
            for part in parts {
                assert!(text.contains(part), "{part}\n{text}");
            }
        }
    }

    #[test]
    fn no_explanation_moves_a_cursor_or_is_too_wide_in_its_prose() {
        let book = bundled();
        for entry in &book.entries {
            let text = explain(&book, &entry.id).unwrap();
            assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{text}");
            assert!(!text.contains(['\u{202e}', '\u{200b}']), "{text}");
            let prose =
                text.lines().filter(|line| line.starts_with("  ") && !line.starts_with("  |"));
            assert!(prose.map(|line| line.chars().count()).max() <= Some(WIDTH), "{text}");
        }
    }

    #[test]
    fn an_unknown_id_gets_near_ones() {
        let book = bundled();
        let why = explain(&book, "crypto.miner").unwrap_err();
        assert!(why.ends_with("did you mean skillgate.crypto.miner?"), "{why}");
        let why = explain(&book, "\u{1b}[31mx").unwrap_err();
        assert!(why.contains("rules list") && !why.contains('\u{1b}'), "{why}");
    }

    #[test]
    fn the_list_names_every_rule_once() {
        let book = bundled();
        let table = list(&book, Format::Table);
        assert_eq!(table.lines().count(), book.entries.len());
        assert!(table.starts_with("critical  skillgate.agent-memory.hidden-directive"), "{table}");
        let json: serde_json::Value = serde_json::from_str(&list(&book, Format::Json)).unwrap();
        assert_eq!(json.as_array().map(Vec::len), Some(book.entries.len()));
    }
}
