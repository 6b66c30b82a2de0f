//! Projects the public blocklist into KV: built from D1 page by page, served without reading an entry.
//!
//! The key `blocklist` holds one line of JSON and behind it the list as it is answered, an entry a line. A value of
//! KV ends at 25 MiB, and a worker at 128 MB of memory: what is longer goes on under the keys
//! `blocklist:{digest}:{part}`, and no more than one page of rows is in memory beside the text.

use crate::{
    app::App,
    domain::blocklist::{shown, shown_in_brief},
    error::AppError,
    log::LogEvent,
    model::BlocklistRevision,
    ports::{Cache, CacheError, DatabaseError, Ports},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use skillgate_contract::{
    Millis,
    json::{self, JsonMembers},
};

/// The key of the list in KV.
const LIST_KEY: &str = "blocklist";

/// Where a part ends, but for the entry that is begun.
const PART_BYTES: usize = 8 * 1024 * 1024;

/// A list longer than this is told in brief: a worker has 128 MB for it, and holds it twice while it
/// is handed over.
const FULL_BYTES: usize = 16 * 1024 * 1024;

/// How long KV keeps the parts behind the first: 7 days, in seconds.
const PART_TTL_SECONDS: u64 = 604_800;

/// A list that is not changed for so long, in seconds, is built anew before its parts go.
const PART_REFRESH_SECONDS: i64 = 302_400;

/// Entries read at once.
const PAGE: u32 = 1_000;

/// How often the build restarts because the list changed while it was read.
const MOST_ROUNDS: usize = 4;

/// A list longer than this is not built by whoever asks for it just behind a change: a thousand
/// installers would read all of it from D1 at once, which `check` needs at that very moment.
const LONG_BYTES: usize = 1024 * 1024;

/// How late a long list may be, in milliseconds: a minute until the cron handler builds it, and one
/// until KV shows that everywhere.
const MOST_LATE: i64 = 2 * Millis::MINUTE;

/// The list as KV keeps it. It is the whole truth exactly while its revision is D1's.
#[derive(Debug, Serialize)]
pub(crate) struct Copy {
    pub(crate) revision: i64,
    /// Of the list's text: its ETag, without the quotes.
    pub(crate) digest: String,
    /// When it was read from D1, in milliseconds.
    read_at: i64,
    bytes: usize,
    parts: usize,
    #[serde(skip)]
    first: String,
}

impl Copy {
    fn parse(value: &str) -> Option<Self> {
        let (line, first) = value.split_once('\n')?;
        let mut members: JsonMembers = json::parse(line)?;
        let mut size = |name| usize::try_from(members.take::<u64>(name)?).ok();
        let (bytes, parts) = (size("bytes")?, size("parts")?);
        let copy = Self {
            revision: members.take("revision")?,
            digest: members.take("digest")?,
            read_at: members.take("read_at")?,
            bytes,
            parts,
            first: first.to_owned(),
        };
        (copy.first.len() <= copy.bytes).then_some(copy)
    }

    /// Whether it may be served as it is, though it lacks a change.
    pub(crate) fn may_lack(&self, since: Option<Millis>, now: Millis) -> bool {
        self.bytes > LONG_BYTES && since.is_some_and(|since| now.since(since) < MOST_LATE)
    }

    /// Its age in seconds.
    pub(crate) fn age(&self, now: Millis) -> i64 {
        (now.since(Millis(self.read_at)) / 1_000).max(0)
    }

    fn key(&self, part: usize) -> String {
        format!("{LIST_KEY}:{}:{part}", self.digest)
    }
}

/// The copy's first part and what the line before it says; `None` where there is none.
pub(crate) async fn get<P: Ports>(app: &App<P>) -> Option<Copy> {
    let value = app.ports.cache().get(LIST_KEY).await.unwrap_or_default()?;
    Copy::parse(&value)
}

/// The whole text; `None` where a part of it is lost.
pub(crate) async fn body<P: Ports>(app: &App<P>, copy: &Copy) -> Option<String> {
    let mut body = String::with_capacity(copy.bytes);
    body.push_str(&copy.first);
    for part in 1..copy.parts {
        body.push_str(&app.ports.cache().get(&copy.key(part)).await.unwrap_or_default()?);
    }
    (body.len() == copy.bytes).then_some(body)
}

/// Builds the list where KV's copy is behind, or old.
///
/// # Errors
/// As [`build`].
pub(crate) async fn sync<P: Ports>(app: &App<P>) -> Result<(), AppError> {
    let revision = app.store().blocklist_revision(None).await?.revision;
    let behind = get(app).await.is_none_or(|copy| {
        copy.revision != revision || copy.age(app.ports.now()) > PART_REFRESH_SECONDS
    });
    if behind && revision > 0 { build(app).await.map(drop) } else { Ok(()) }
}

/// Builds the list from D1, and puts it into KV as far as that works.
///
/// # Errors
/// [`AppError::Database`], also where the list changes faster than it can be read.
pub(crate) async fn build<P: Ports>(app: &App<P>) -> Result<(Copy, String), AppError> {
    let mut form = Form::Full;
    for _ in 0..MOST_ROUNDS {
        let read_at = app.ports.now();
        let list = match read(app, form).await? {
            Read::Changed => continue,
            Read::TooLong => {
                form = Form::Brief;
                continue;
            }
            Read::All(list) => list,
        };
        let digest = hex::encode(Sha256::digest(&list.body));
        let copy = Copy {
            revision: list.revision.revision,
            digest: digest.get(..32).unwrap_or(&digest).to_owned(),
            read_at: read_at.0,
            bytes: list.body.len(),
            parts: list.cuts.len() + 1,
            first: String::new(),
        };
        if let Err(error) = put(app, &copy, &list).await {
            app.log(LogEvent::KvWriteFailed, &[], &error);
        }
        return Ok((copy, list.body));
    }
    Err(DatabaseError("the blocklist changes faster than it can be read".to_owned()).into())
}

/// The detail of each entry in the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Full,
    Brief,
}

/// The result of reading the list.
enum Read {
    All(List),
    /// It changed between two pages.
    Changed,
    /// It is too long to be told in full.
    TooLong,
}

/// The list's text, and where its parts end.
struct List {
    revision: BlocklistRevision,
    body: String,
    cuts: Vec<usize>,
}

async fn read<P: Ports>(app: &App<P>, form: Form) -> Result<Read, AppError> {
    let internal = |error: serde_json::Error| AppError::Internal(error.to_string());
    let (mut body, mut cuts) = (String::from("{\"entries\":[\n"), Vec::new());
    let (mut count, mut from, mut last, mut of) = (0_usize, 0, None, None);
    loop {
        let (revision, mut rows) = app.store().blocklist_page(last.as_ref(), PAGE).await?;
        if *of.get_or_insert(revision) != revision {
            return Ok(Read::Changed);
        }
        let full = rows.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
        for row in &rows {
            if count > 0 {
                body.push_str(",\n");
            }
            let entry = match form {
                Form::Full => shown(row, &app.config.platform_url),
                Form::Brief => shown_in_brief(row),
            };
            body.push_str(&serde_json::to_string(&entry).map_err(internal)?);
            count += 1;
            if body.len() - from >= PART_BYTES {
                from = body.len();
                cuts.push(from);
            }
        }
        if form == Form::Full && body.len() > FULL_BYTES {
            return Ok(Read::TooLong);
        }
        last = rows.pop();
        if !full {
            let changed = serde_json::to_string(&revision.changed_at).map_err(internal)?;
            body.push_str(&format!("\n],\"count\":{count},\"lastUpdated\":{changed}}}"));
            return Ok(Read::All(List { revision, body, cuts }));
        }
    }
}

/// The first part last: with it, all others are there.
async fn put<P: Ports>(app: &App<P>, copy: &Copy, list: &List) -> Result<(), CacheError> {
    let cache = app.ports.cache();
    let List { body, cuts, .. } = list;
    let ends = cuts.iter().copied().chain([body.len()]);
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let parts = starts.zip(ends).map(|(from, to)| body.get(from..to).unwrap_or_default());
    for (number, part) in parts.clone().enumerate().skip(1) {
        cache.put(&copy.key(number), part.to_owned(), Some(PART_TTL_SECONDS)).await?;
    }
    let line = serde_json::to_string(copy).unwrap_or_default();
    let first = parts.clone().next().unwrap_or_default();
    cache.put(LIST_KEY, format!("{line}\n{first}"), None).await
}
