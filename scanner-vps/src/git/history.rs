//! What only the history of a commit holds: blobs that are gone from it, and commit messages.

use super::{Fetched, GitError, GitProgram, Limits, MB, args::reading_args, tree};
use skillgate_contract::{SkillPath, callback::FileNote};
use std::{collections::HashSet, ffi::OsString};

/// Bytes of git's answers that are read.
const MAX_LISTING: usize = 32 * 1024 * 1024;

/// A commit's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The commit.
    pub commit: String,
    /// What it says.
    pub text: Vec<u8>,
}

/// A blob that only the history holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Its object id.
    pub oid: String,
    /// A path that it had, up to the first line end in it.
    pub path: Vec<u8>,
}

/// What the history holds beside the commit itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// Its blobs, each once.
    pub blobs: Vec<Blob>,
    /// Messages, newest first.
    pub messages: Vec<Message>,
    /// Blobs that the fetch left out for their size; git does not say what they were called.
    pub missing: usize,
    /// What lies beyond a limit.
    pub beyond: Vec<FileNote>,
}

/// Lists the history of what was fetched, without the blobs in `present`.
///
/// By `rev-list`, which meets each tree once however often it occurs: a comparison of commits
/// would unfold a tree that holds itself many times over, and hold all of it in memory.
///
/// # Errors
/// git failed.
pub async fn list(
    git: &GitProgram,
    fetched: &Fetched,
    folder: Option<&SkillPath>,
    present: &HashSet<&str>,
    limits: &Limits,
) -> Result<Past, GitError> {
    let dir = &fetched.git_dir;
    let ask = async |command: &[&str]| {
        let mut args = reading_args(dir, []);
        args.extend(command.iter().map(OsString::from));
        // Without --full-history a path would leave out branches whose merge threw them away.
        args.extend(["--full-history".into(), fetched.commit.as_str().into()]);
        if let Some(folder) = folder {
            args.extend(["--".into(), folder.as_str().into()]);
        }
        let said = git.read_cut(dir, args, MAX_LISTING).await?;
        if said.cut || said.code == Some(0) {
            Ok(said)
        } else {
            Err(GitError::failed("history", &said.stderr_tail))
        }
    };
    let only_blobs = ["--filter=object:type=blob", "--filter-provided-objects"];
    let listing = [&["rev-list", "--objects", "--missing=print"], &only_blobs[..]].concat();
    let mut objects = ask(&listing).await?;
    if let Some(lazy_blobs) = &fetched.lazy_blobs {
        // git names the path of a blob that it has: they come first, and are listed again.
        let mut missing = parse_missing(&objects.stdout, present);
        missing.truncate(limits.entries);
        lazy_blobs.fetch(git, &missing).await?;
        objects = ask(&listing).await?;
    }
    let log = ask(&["log", "-z", "--format=%H%n%B"]).await?;

    let (mut blobs, missing) = parse_objects(&objects.stdout, present);
    let lost = parse_missing(&objects.stdout, present);
    let unread = lost.iter().filter(|oid| fetched.is_beyond(oid)).count();
    let mut messages = parse_messages(&log.stdout);
    let many = blobs.len() > limits.entries || messages.len() > limits.entries;
    blobs.truncate(limits.entries);
    messages.truncate(limits.entries);
    let missing = missing.saturating_sub(unread);
    let mut past = Past { blobs, messages, missing, beyond: Vec::new() };
    if unread > 0 {
        let limit = limits.pack_bytes / MB;
        let reason = format!("{unread} blobs lie beyond the limit of {limit} MB for one fetch");
        past.beyond.push(FileNote::new("(history)", reason));
    }
    if objects.cut || log.cut || many {
        let reason = format!("it holds more than the limit of {} blobs or commits", limits.entries);
        past.beyond.push(FileNote::new("(history)", reason));
    }
    Ok(past)
}

/// The blobs that `rev-list --objects --missing=print` names, without those that are `present`,
/// and how many more are missing. A line that is cut off is left out.
fn parse_objects(listing: &[u8], present: &HashSet<&str>) -> (Vec<Blob>, usize) {
    let whole = listing.iter().rposition(|b| *b == b'\n').unwrap_or_default();
    let lines = listing.get(..whole).unwrap_or_default().split(|b| *b == b'\n');
    let (mut blobs, mut missing) = (Vec::new(), 0);
    for line in lines {
        let (lost, line) = line.strip_prefix(b"?").map_or((false, line), |rest| (true, rest));
        let Some((oid, path)) = line.split_at_checked(40) else { continue };
        let Ok(oid) = std::str::from_utf8(oid) else { continue };
        if !tree::is_oid(oid) || present.contains(oid) {
            continue;
        }
        if lost {
            missing += 1;
        } else {
            let path = path.strip_prefix(b" ").unwrap_or(path).to_vec();
            blobs.push(Blob { oid: oid.to_owned(), path });
        }
    }
    (blobs, missing)
}

/// The ids of the blobs that it says are missing, without those that are `present`.
fn parse_missing<'a>(listing: &'a [u8], present: &HashSet<&str>) -> Vec<&'a str> {
    let lines = listing.split(|b| *b == b'\n').filter_map(|line| line.strip_prefix(b"?"));
    let oids = lines.filter_map(|oid| std::str::from_utf8(oid.get(..40)?).ok());
    oids.filter(|oid| tree::is_oid(oid) && !present.contains(oid)).collect()
}

fn parse_messages(log: &[u8]) -> Vec<Message> {
    log.split(|b| *b == 0)
        .filter_map(|record| {
            let (commit, text) = record.split_at_checked(40)?;
            let commit = std::str::from_utf8(commit).ok().filter(|oid| tree::is_oid(oid))?;
            let text = text.trim_ascii();
            (!text.is_empty()).then(|| Message { commit: commit.to_owned(), text: text.to_vec() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    #[test]
    fn what_is_gone_is_told_from_what_is_there_and_what_is_missing() {
        let listing = format!("{A} old keys/a.env\n{B} kept\n?{A}\n?{B}\n{A} cut o");
        let (blobs, missing) = parse_objects(listing.as_bytes(), &HashSet::from([B]));
        assert_eq!(blobs, [Blob { oid: A.into(), path: b"old keys/a.env".to_vec() }]);
        assert_eq!(missing, 1);
    }

    #[test]
    fn messages_keep_their_lines_and_lose_their_commit() {
        let messages = parse_messages(format!("{A}\none\n\ntwo\n\0{B}\n\0").as_bytes());
        assert_eq!(messages, [Message { commit: A.into(), text: b"one\n\ntwo".to_vec() }]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_refused(bytes in any::<Vec<u8>>()) {
            let _ = parse_objects(&bytes, &HashSet::new());
            let _ = parse_messages(&bytes);
        }
    }
}
