//! Stages a fetched commit: reads its blobs, and writes the tree that one tool reads.

use super::{
    Language, Origin, StagedTree,
    classify::PendingFile,
    folder::{self, FolderError},
    links::{self, Chosen},
    names, packed_code,
    profile::{StagingProfile, reads_below},
    reference_closure::{MAX_HOPS, ReferenceClosure},
    writer::Writer,
};
use crate::git::{
    Fetched, GitError, GitProgram, Limits, MB, blobs, history,
    tree::{self, Entry},
};
use crate::paths::note;
use skillgate_contract::{History, Provider, SkillPath, callback::FileNote};
use std::{collections::HashSet, path::Path};

/// The place of a note on the commit's files together, and on the history's.
const IN_COMMIT: &str = "(repository)";
const IN_HISTORY: &str = "(history)";

/// What is staged, and for whom.
#[derive(Debug, Clone)]
pub struct StagingPlan {
    /// The tool that reads it.
    pub tool: &'static dyn StagingProfile,
    /// All tools, whose suppression comments are overwritten.
    pub tools: Vec<&'static dyn StagingProfile>,
    /// Only this folder is copied.
    pub skill_path: Option<SkillPath>,
}

/// Why nothing was staged.
#[derive(Debug, thiserror::Error)]
pub enum StagingError {
    /// The repository could not be read.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The skill's folder is none.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A staged file could not be written.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The tool would skip every file below the folder for the sake of its name.
    #[error(
        "{provider} reads nothing below {path}: choose a scratch folder whose path has none of \
         {words} in it"
    )]
    SkippedPath {
        /// Whose tool.
        provider: Provider,
        /// The folder.
        path: String,
        /// What no path may have in it, separated by commas.
        words: String,
    },
}

impl StagingError {
    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Io { path, source }
    }
}

/// A blob that is to be copied.
struct Wanted {
    path: Vec<u8>,
    oid: String,
    size: u64,
    origin: Origin,
}

/// Stages a commit in a new folder `root` below `into`.
///
/// # Errors
/// The commit cannot be read, the folder of the plan holds no file, or the disk refuses.
pub async fn stage(
    fetched: &Fetched,
    git: &GitProgram,
    plan: &StagingPlan,
    into: &Path,
    limits: &Limits,
) -> Result<StagedTree, StagingError> {
    let into = into.canonicalize().map_err(StagingError::io(into))?;
    let provider = plan.tool.provider();
    if !reads_below(plan.tool, &into) {
        let words = plan.tool.skipped_paths().join(", ");
        return Err(StagingError::SkippedPath {
            provider,
            path: into.display().to_string(),
            words,
        });
    }
    let mut writer = Writer::new(plan, &into, limits)?;
    let listing = tree::whole(git, fetched, plan.skill_path.as_ref()).await?;
    let index = folder::index(git, fetched, &listing).await?;
    let (folder, linked) = folder::real(&index, plan.skill_path.as_ref())?;
    writer.copy.not_read.extend(linked);
    writer.copy.folder = folder.as_ref().map(ToString::to_string);
    let tree = folder::entries(listing, folder.as_ref(), limits);
    writer.copy.unscanned.extend(tree.beyond.iter().cloned());

    let within = folder.as_ref().map(|folder| folder.as_str().as_bytes());
    let choice = links::choose(provider, &index, within, &tree.entries);
    writer.copy.unscanned.extend(choice.unscanned);
    writer.copy.not_read.extend(choice.not_read);
    writer.closure = within.map(|folder| ReferenceClosure::new(index, folder, &choice.files));
    let mut writer = copy_commit(git, fetched, choice.files, writer, limits).await?;
    writer.compare_bytecode();
    let mut writer = aside(move || {
        writer.link_programs();
        Ok(writer)
    })
    .await?;
    let paths: Vec<_> = tree.entries.iter().map(|entry| entry.path.as_slice()).collect();
    packed_code::beside_source(&mut writer.copy.findings, &paths);
    if provider.spec().covers == History::WholeHistory {
        let folder = folder.as_ref();
        writer = copy_history(git, fetched, folder, &tree.entries, writer, limits).await?;
    }
    plant(plan, &mut writer)?;
    Ok(writer.finish())
}

/// Stages the planted positives alone, to try a tool, in a new folder `root` below `into`.
///
/// # Errors
/// The disk refuses.
pub fn stage_planted(plan: &StagingPlan, into: &Path) -> Result<StagedTree, StagingError> {
    let mut writer = Writer::new(plan, into, &Limits::default())?;
    plant(plan, &mut writer)?;
    Ok(writer.finish())
}

fn plant(plan: &StagingPlan, writer: &mut Writer) -> Result<(), StagingError> {
    let mut positives = plan.tool.planted().iter();
    positives.try_for_each(|(language, content)| writer.write(planted(*language, content)))
}

/// Copies files of the commit, and from hop to hop those that they call outside of the folder.
async fn copy_commit(
    git: &GitProgram,
    fetched: &Fetched,
    mut files: Vec<Chosen>,
    mut writer: Writer,
    limits: &Limits,
) -> Result<Writer, StagingError> {
    for _ in 0..=MAX_HOPS {
        let entry = |Chosen { path, oid, .. }| (path, oid, Origin::File);
        let blobs = files.into_iter().map(entry).collect();
        let sized = sized(git, fetched, blobs, IN_COMMIT, &mut writer, limits).await?;
        writer = copy(git, fetched, sized, writer).await?;
        files = writer.closure.as_mut().map(ReferenceClosure::take).unwrap_or_default();
        if files.is_empty() {
            break;
        }
    }
    let gaps = writer.closure.take().map(|closure| closure.end(&files)).unwrap_or_default();
    writer.copy.unscanned.extend(gaps);
    Ok(writer)
}

/// Leaves out what is missing or beyond a limit, and says so of all of them at `place`. What can
/// hold code comes first, so that pictures do not use up its room.
async fn sized(
    git: &GitProgram,
    fetched: &Fetched,
    mut files: Vec<(Vec<u8>, String, Origin)>,
    place: &str,
    writer: &mut Writer,
    limits: &Limits,
) -> Result<Vec<Wanted>, StagingError> {
    let provider = writer.provider;
    files.sort_by_key(|(path, ..)| !names::can_hold_code(provider, path));
    let oids: Vec<_> = files.iter().map(|(_, oid, _)| oid.as_str()).collect();
    let sizes = blobs::sizes(git, fetched, &oids).await?;
    let mut wanted = Vec::new();
    let (mut total, mut beyond, mut data_beyond) = (0u64, 0usize, 0usize);
    for ((path, oid, origin), size) in files.into_iter().zip(sizes) {
        let archive = provider.spec().reports_evasion && names::is_archive(&path);
        let code = archive || names::can_hold_code(provider, &path);
        match size.filter(|size| *size <= limits.blob_bytes) {
            None if fetched.is_beyond(&oid) => {
                *(if code { &mut beyond } else { &mut data_beyond }) += 1;
            }
            None => {
                let reason =
                    format!("it is larger than the limit of {} MB", limits.blob_bytes / MB);
                let copy = &mut writer.copy;
                let notes = if code { &mut copy.unscanned } else { &mut copy.not_read };
                notes.push(note(&path, reason));
            }
            Some(size) if total.saturating_add(size) > limits.total_bytes => {
                *(if code { &mut beyond } else { &mut data_beyond }) += 1;
            }
            Some(size) => {
                total += size;
                wanted.push(Wanted { path, oid, size, origin });
            }
        }
    }
    let copy = &mut writer.copy;
    for (notes, files, kinds) in [
        (&mut copy.unscanned, beyond, ""),
        (&mut copy.not_read, data_beyond, " of kinds that hold no code for this tool"),
    ] {
        if files > 0 {
            let limit = limits.total_bytes / MB;
            let reason = format!("{files} files{kinds} lie beyond the limit of {limit} MB in all");
            notes.push(FileNote::new(place, reason));
        }
    }
    Ok(wanted)
}

async fn copy(
    git: &GitProgram,
    fetched: &Fetched,
    mut wanted: Vec<Wanted>,
    mut writer: Writer,
) -> Result<Writer, StagingError> {
    let sizes: Vec<_> = wanted.iter().map(|w| w.size).collect();
    for round in blobs::rounds(&sizes) {
        let blobs: Vec<_> =
            wanted.iter().take(round.len()).map(|w| (w.oid.as_str(), w.size)).collect();
        let contents = blobs::contents(git, &fetched.git_dir, &blobs).await?;
        let files: Vec<_> = wanted.drain(..round.len()).zip(contents).collect();
        writer = aside(move || {
            for (file, content) in files {
                writer.classify(&file.path, &file.origin, &content)?;
            }
            Ok(writer)
        })
        .await?;
    }
    Ok(writer)
}

/// Does what takes the processor for a while: not on the thread that serves.
async fn aside(
    work: impl FnOnce() -> Result<Writer, StagingError> + Send + 'static,
) -> Result<Writer, StagingError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        let source = std::io::Error::other(error);
        Err(StagingError::Io { path: "the copy".into(), source })
    })
}

async fn copy_history(
    git: &GitProgram,
    fetched: &Fetched,
    folder: Option<&SkillPath>,
    entries: &[Entry],
    mut writer: Writer,
    limits: &Limits,
) -> Result<Writer, StagingError> {
    let in_history = |reason: String| FileNote::new(IN_HISTORY, reason);
    writer.copy.unscanned.extend(fetched.history_note.clone().map(in_history));
    let present: HashSet<_> = entries.iter().map(|entry| entry.oid.as_str()).collect();
    let past = history::list(git, fetched, folder, &present, limits).await?;
    writer.copy.unscanned.extend(past.beyond);
    if past.missing > 0 {
        let (count, limit) = (past.missing, limits.blob_bytes / MB);
        let reason = format!("{count} blobs that are gone by now are larger than {limit} MB");
        writer.copy.not_read.push(in_history(reason));
    }

    let blobs = past.blobs.into_iter().map(|blob| {
        let origin = Origin::History { oid: blob.oid.clone() };
        (blob.path, blob.oid, origin)
    });
    let wanted = sized(git, fetched, blobs.collect(), IN_HISTORY, &mut writer, limits).await?;
    let mut writer = copy(git, fetched, wanted, writer).await?;
    for message in past.messages {
        let short = message.commit.get(..7).unwrap_or_default();
        let path = format!("commit message {short}");
        let origin = Origin::History { oid: message.commit.clone() };
        writer.classify(path.as_bytes(), &origin, &message.text)?;
    }
    Ok(writer)
}

fn planted(language: Language, content: &str) -> PendingFile {
    PendingFile {
        path: "(planted)".into(),
        extension: language.extension(b""),
        language,
        origin: Origin::Planted,
        guessed: false,
        raw: false,
        reports: false,
        lines: Vec::new(),
        evidence: Vec::new(),
        content: content.into(),
    }
}
