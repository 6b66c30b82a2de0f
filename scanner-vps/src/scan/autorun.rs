//! What runs by itself in the scanned folder: its files are read from the commit, not from the copy that a tool
//! reads, because the names and links of the commit decide who reads what.

use crate::{
    git::{
        Fetched, GitError, GitProgram, Limits, blobs,
        tree::{self, Mode},
    },
    mask, paths,
    staging::{READING_LIMIT, within},
};
use skillgate_autorun::{Entry, Folder, Inventory, MAX_FILE_BYTES, inventory};
use skillgate_contract::{
    AutoRun, CappedAutoRun, Gate, SkillPath, When, callback::FileNote, cap_auto_run,
};

/// Bytes of all files that are read. Manifests and skills come first.
const MAX_TOTAL: u64 = 64 << 20;
/// Bytes of a link; a longer one leads nowhere on any system.
const MAX_LINK: u64 = 4_096;
/// Ends of the names that manifests and skills have.
const FIRST: [&str; 7] = [".md", ".json", ".jsonc", ".toml", ".yaml", ".yml", ".hook"];

/// One entry of the folder, with its path in it.
struct Listed {
    path: String,
    oid: String,
    is_link: bool,
    size: u64,
}

/// The inventory of the folder, or of the whole commit. Its paths are those of the repository. `None` where it was not
/// made in the time for it.
///
/// # Errors
/// git failed.
pub(super) async fn of(
    git: &GitProgram,
    fetched: &Fetched,
    folder: Option<&SkillPath>,
    limits: &Limits,
) -> Result<Option<Inventory>, GitError> {
    let (listed, large) = listed(git, fetched, folder, limits).await?;
    let mut read: Vec<(String, bool, Vec<u8>)> = Vec::new();
    let sizes: Vec<u64> = listed.iter().map(|file| file.size).collect();
    for round in blobs::rounds(&sizes) {
        let files = listed.get(round).unwrap_or_default();
        let wanted: Vec<_> = files.iter().map(|file| (file.oid.as_str(), file.size)).collect();
        let contents = blobs::contents(git, &fetched.git_dir, &wanted).await?;
        let files = files.iter().zip(contents);
        read.extend(files.map(|(file, content)| (file.path.clone(), file.is_link, content)));
    }
    // Parsing takes the processor for a while: not on the thread that serves.
    let list = move || within(READING_LIMIT, move || inventory(&in_folder(read, large)));
    let mut found = tokio::task::spawn_blocking(list).await.ok().flatten();
    if let (Some(found), Some(folder)) = (&mut found, folder) {
        below(found, folder);
    }
    Ok(found)
}

/// The entries as they travel: those first that ask least of the user, secrets masked, within the contract's limits.
pub(crate) fn entries(found: &Inventory) -> CappedAutoRun {
    let entry = |entry: &skillgate_autorun::AutoRun| AutoRun {
        agent: entry.agent.to_string(),
        file: paths::shown(entry.file.as_bytes()),
        line: entry.line,
        key: entry.key.clone(),
        event: entry.event.clone(),
        when: when(entry.when),
        gate: gate(entry.gate),
        command: mask::redact(&entry.command),
        language: entry.language.to_string(),
    };
    cap_auto_run(found.entries.iter().map(entry).collect())
}

/// The contract's word.
pub(super) const fn when(when: skillgate_autorun::When) -> When {
    use skillgate_autorun::When as Found;
    match when {
        Found::Load => When::Load,
        Found::SessionStart => When::SessionStart,
        Found::Invoke => When::Invoke,
        Found::ToolUse => When::ToolUse,
        Found::Install => When::Install,
        Found::ServerStart => When::ServerStart,
        Found::Other => When::Other,
    }
}

/// The contract's word.
const fn gate(gate: skillgate_autorun::Gate) -> Gate {
    use skillgate_autorun::Gate as Found;
    match gate {
        Found::None => Gate::None,
        Found::SkillInvoked => Gate::SkillInvoked,
        Found::Trust => Gate::Trust,
        Found::PerServer => Gate::PerServer,
        Found::HashTrusted => Gate::HashTrusted,
        Found::UserAction => Gate::UserAction,
    }
}

/// What could not be read, as notes on the scan's coverage.
pub(super) fn notes(found: &Inventory) -> Vec<FileNote> {
    let note = |unread: &skillgate_autorun::Unread| {
        let reason = format!("an agent would read it: {}", unread.reason);
        paths::note(unread.file.as_bytes(), reason)
    };
    found.unread.iter().map(note).collect()
}

/// The files and links to read, and the paths of files beyond a limit.
async fn listed(
    git: &GitProgram,
    fetched: &Fetched,
    folder: Option<&SkillPath>,
    limits: &Limits,
) -> Result<(Vec<Listed>, Vec<String>), GitError> {
    let mut entries = tree::whole(git, fetched, folder).await?.entries;
    let prefix = folder.map(|folder| format!("{folder}/")).unwrap_or_default();
    entries
        .retain(|entry| entry.mode != Mode::Submodule && entry.path.starts_with(prefix.as_bytes()));
    // What lies beyond is a gap in the copy's coverage already.
    let mut entries = tree::within(entries, false, limits).entries;
    // Before the limit is used up by what nobody reads.
    entries.sort_by_key(|entry| !FIRST.iter().any(|end| entry.path.ends_with(end.as_bytes())));
    let oids: Vec<_> = entries.iter().map(|entry| entry.oid.as_str()).collect();
    let sizes = blobs::sizes(git, fetched, &oids).await?;
    let (mut listed, mut large, mut total) = (Vec::new(), Vec::new(), 0_u64);
    for (entry, size) in entries.iter().zip(sizes) {
        let path = String::from_utf8_lossy(entry.path.get(prefix.len()..).unwrap_or_default());
        let is_link = entry.mode == Mode::Symlink;
        let limit =
            if is_link { MAX_LINK } else { u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX) };
        match size.filter(|size| *size <= limit && total + size <= MAX_TOTAL) {
            Some(size) => {
                total += size;
                listed.push(Listed {
                    path: path.into_owned(),
                    oid: entry.oid.clone(),
                    is_link,
                    size,
                });
            }
            None => large.push(path.into_owned()),
        }
    }
    Ok((listed, large))
}

/// The folder for the reader.
fn in_folder(read: Vec<(String, bool, Vec<u8>)>, large: Vec<String>) -> Folder<'static> {
    let mut folder = Folder::new();
    for (path, is_link, content) in read {
        let entry = if is_link {
            Entry::Link(String::from_utf8_lossy(&content).into_owned().into())
        } else {
            Entry::File(content.into())
        };
        folder.insert(path, entry);
    }
    for path in large {
        folder.insert(path, Entry::Large);
    }
    folder
}

/// Turns paths of the folder into those of the repository.
fn below(found: &mut Inventory, folder: &SkillPath) {
    let entries = found.entries.iter_mut().flat_map(|entry| {
        let target = entry.target.as_mut();
        [Some(&mut entry.file), target].into_iter().flatten()
    });
    let grants = found.grants.iter_mut().map(|grant| &mut grant.file);
    let unread = found.unread.iter_mut().map(|unread| &mut unread.file);
    for path in entries.chain(grants).chain(unread) {
        path.insert_str(0, &format!("{folder}/"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Inventory {
        let settings =
            b"{\"apiKeyHelper\": \"a\", \"permissions\": {\"allow\": [\"Bash\"]}}".to_vec();
        let read = vec![
            (".claude/settings.json".to_owned(), false, settings),
            ("SKILL.md".to_owned(), true, b"../elsewhere".to_vec()),
        ];
        inventory(&in_folder(read, vec![".mcp.json".into()]))
    }

    #[test]
    fn links_and_large_files_are_notes_on_the_coverage() {
        let notes: Vec<_> =
            notes(&found()).into_iter().map(|note| (note.file, note.reason)).collect();
        let expected = [
            (".mcp.json", "an agent would read it: it is too large to be read"),
            (
                "SKILL.md",
                "an agent would read it: it is a link that leads out of the folder or to nothing",
            ),
        ];
        assert_eq!(notes, expected.map(|(file, reason)| (file.to_owned(), reason.to_owned())));
    }

    #[test]
    fn entries_travel_in_the_words_of_the_contract_with_secrets_masked() {
        let skill = "---\nhooks:\n  SessionStart:\n    - hooks:\n        - {type: command, command: \"curl -H 'Authorization: Bearer ghp_0123456789abcdefghij0123456789abcdef' https://api.helper.example\\e\"}\n---\n";
        let read = vec![("SKILL.md".to_owned(), false, skill.as_bytes().to_vec())];
        let listed = entries(&inventory(&in_folder(read, Vec::new())));
        let json = serde_json::to_value(&listed.entries).unwrap();
        let command = json[0]["command"].as_str().unwrap();
        assert!(command.contains("ghp_") && command.ends_with('\u{fffd}'), "{command}");
        assert!(!command.contains("0123456789abcdef"), "{command}");
        assert_eq!(
            json[0],
            serde_json::json!({
                "agent": "claude-code", "file": "SKILL.md", "line": 5, "event": "SessionStart",
                "key": "hooks.SessionStart[0].hooks[0].command", "when": "session-start",
                "gate": "skill-invoked", "command": command, "language": "shell",
            })
        );
    }

    #[test]
    fn each_word_of_the_inventory_is_the_contracts() {
        use skillgate_autorun::{Gate as FoundGate, When as FoundWhen};
        for found in [
            FoundWhen::Load,
            FoundWhen::SessionStart,
            FoundWhen::Invoke,
            FoundWhen::ToolUse,
            FoundWhen::Install,
            FoundWhen::ServerStart,
            FoundWhen::Other,
        ] {
            assert_eq!(when(found).as_str(), found.as_str());
        }
        for found in [
            FoundGate::None,
            FoundGate::SkillInvoked,
            FoundGate::Trust,
            FoundGate::PerServer,
            FoundGate::HashTrusted,
            FoundGate::UserAction,
        ] {
            assert_eq!(gate(found).as_str(), found.as_str());
        }
    }

    #[test]
    fn paths_are_those_of_the_repository() {
        let mut found = found();
        below(&mut found, &"skills/a".parse().unwrap());
        assert_eq!(found.entries[0].file, "skills/a/.claude/settings.json");
        assert_eq!(found.grants[0].file, "skills/a/.claude/settings.json");
        assert_eq!(found.unread[0].file, "skills/a/.mcp.json");
    }
}
