//! Sizes and contents of blobs, by `git cat-file`.
//!
//! Sizes come first, for all; contents in rounds of bounded size, so that neither one blob nor all
//! of them together ever fill the memory.

use super::{Fetched, GitError, GitProgram, args::reading_args, tree};
use std::{ops::Range, path::Path};

/// Bytes of content that one round reads, unless one blob alone is larger.
const ROUND_BYTES: u64 = 16 * 1024 * 1024;
/// Blobs that one round reads.
const ROUND_BLOBS: usize = 2_000;
/// Bytes around one blob in git's answer: its id, kind, size and line ends.
const ANSWER_FRAME: usize = 128;

/// The sizes of blobs, in their order; `None` for one that the repository does not hold. Of a commit
/// whose blobs are [fetched as needed](super::Blobs::AsNeeded), these are fetched first, in this order.
///
/// # Errors
/// git failed, or answered something else than asked; the host of the blobs failed.
pub async fn sizes(
    git: &GitProgram,
    fetched: &Fetched,
    oids: &[&str],
) -> Result<Vec<Option<u64>>, GitError> {
    let dir = &fetched.git_dir;
    let sizes = sizes_here(git, dir, oids).await?;
    let Some(lazy_blobs) = &fetched.lazy_blobs else { return Ok(sizes) };
    let missing: Vec<_> =
        oids.iter().zip(&sizes).filter(|(_, size)| size.is_none()).map(|(oid, _)| *oid).collect();
    if missing.is_empty() {
        return Ok(sizes);
    }
    lazy_blobs.fetch(git, &missing).await?;
    sizes_here(git, dir, oids).await
}

/// The sizes of the blobs that are here already.
async fn sizes_here(
    git: &GitProgram,
    git_dir: &Path,
    oids: &[&str],
) -> Result<Vec<Option<u64>>, GitError> {
    let args = reading_args(git_dir, ["cat-file", "--batch-check"]);
    let answer = ask(git, git_dir, args, oids, oids.len().saturating_mul(ANSWER_FRAME)).await?;
    let text = String::from_utf8_lossy(&answer);
    let sizes: Option<Vec<_>> = text.lines().map(parse_size).collect();
    sizes.filter(|sizes| sizes.len() == oids.len()).ok_or_else(odd_answer)
}

/// Cuts a list of sizes into rounds for [`contents`].
#[must_use]
pub fn rounds(sizes: &[u64]) -> Vec<Range<usize>> {
    let mut rounds = Vec::new();
    let (mut start, mut bytes) = (0, 0u64);
    for (at, size) in sizes.iter().enumerate() {
        if at > start && (bytes.saturating_add(*size) > ROUND_BYTES || at - start == ROUND_BLOBS) {
            rounds.push(start..at);
            (start, bytes) = (at, 0);
        }
        bytes = bytes.saturating_add(*size);
    }
    if start < sizes.len() {
        rounds.push(start..sizes.len());
    }
    rounds
}

/// The contents of one round of blobs that are there, in their order: [`sizes`] says which are.
///
/// # Errors
/// git failed, or answered something else than asked.
pub async fn contents(
    git: &GitProgram,
    git_dir: &Path,
    blobs: &[(&str, u64)],
) -> Result<Vec<Vec<u8>>, GitError> {
    let oids: Vec<_> = blobs.iter().map(|(oid, _)| *oid).collect();
    let bytes: u64 = blobs.iter().map(|(_, size)| *size).sum();
    let frame = blobs.len().saturating_mul(ANSWER_FRAME);
    let max = usize::try_from(bytes).unwrap_or(usize::MAX).saturating_add(frame);
    let args = reading_args(git_dir, ["cat-file", "--batch"]);
    let answer = ask(git, git_dir, args, &oids, max).await?;
    parse_contents(&answer, blobs).ok_or_else(odd_answer)
}

async fn ask(
    git: &GitProgram,
    git_dir: &Path,
    args: Vec<std::ffi::OsString>,
    oids: &[&str],
    max: usize,
) -> Result<Vec<u8>, GitError> {
    if oids.is_empty() {
        return Ok(Vec::new());
    }
    let question = oids.iter().flat_map(|oid| [oid, "\n"]).collect::<String>();
    let done = git.read(git_dir, args, Some(question.into_bytes()), max).await?;
    if done.code == Some(0) {
        Ok(done.stdout)
    } else {
        Err(GitError::failed("cat-file", &done.stderr_tail))
    }
}

fn odd_answer() -> GitError {
    GitError::Failed { step: "cat-file", message: "it answered something else than asked".into() }
}

/// One line of `--batch-check`: `Some(None)` for a blob that is missing.
fn parse_size(line: &str) -> Option<Option<u64>> {
    match line.split(' ').collect::<Vec<_>>()[..] {
        [oid, "missing"] if tree::is_oid(oid) => Some(None),
        [oid, "blob", size] if tree::is_oid(oid) => size.parse().ok().map(Some),
        _ => None,
    }
}

fn parse_contents(answer: &[u8], blobs: &[(&str, u64)]) -> Option<Vec<Vec<u8>>> {
    let mut rest = answer;
    let mut contents = Vec::with_capacity(blobs.len());
    for (oid, size) in blobs {
        let head = take_line(&mut rest)?;
        if head != format!("{oid} blob {size}").as_bytes() {
            return None;
        }
        let (content, tail) = rest.split_at_checked(usize::try_from(*size).ok()?)?;
        contents.push(content.to_vec());
        rest = tail.strip_prefix(b"\n")?;
    }
    rest.is_empty().then_some(contents)
}

fn take_line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|b| *b == b'\n')?;
    let (line, tail) = rest.split_at_checked(end)?;
    *rest = tail.get(1..)?;
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OID: &str = "0123456789012345678901234567890123456789";

    #[test]
    fn contents_are_cut_by_their_announced_size_and_nothing_else() {
        let answer = format!("{OID} blob 5\na\nb\nc\n{OID} blob 0\n\n");
        let blobs = [(OID, 5), (OID, 0)];
        assert_eq!(
            parse_contents(answer.as_bytes(), &blobs).unwrap(),
            [b"a\nb\nc".to_vec(), vec![]]
        );
        assert_eq!(parse_contents(answer.as_bytes(), &blobs[..1]), None);
        assert_eq!(parse_contents(b"x missing\n", &blobs), None);
    }

    #[test]
    fn a_missing_blob_is_an_answer_and_nonsense_is_none() {
        assert_eq!(parse_size(&format!("{OID} missing")), Some(None));
        assert_eq!(parse_size(&format!("{OID} blob 12")), Some(Some(12)));
        assert_eq!(parse_size("fatal: x"), None);
    }

    proptest! {
        #[test]
        fn rounds_take_every_blob_once_and_stay_within_bounds(
            sizes in proptest::collection::vec(0u64..20_000_000, 0..200)
        ) {
            let rounds = rounds(&sizes);
            let all: Vec<_> = rounds.iter().cloned().flatten().collect();
            prop_assert_eq!(all, (0..sizes.len()).collect::<Vec<_>>());
            for round in rounds {
                let one = round.len() == 1;
                prop_assert!(one || sizes[round].iter().sum::<u64>() <= ROUND_BYTES);
            }
        }
    }
}
