//! The final callback of a scan: the worker accepts it whatever the repository holds.

use crate::{delivery::parse_callback, scan::ScanOutcome};
use skillgate_contract::{
    Millis,
    callback::{Callback, Coverage, Event, FileNote, MAX_COVERAGE_BYTES, MAX_COVERAGE_FILES},
    text,
};

/// Bytes of JSON of the lists of files in a callback: what the worker keeps, less two last lines that say how many more
/// there are. With 512 KiB of findings and 128 KiB of what runs by itself a callback stays below the 1 MiB that the
/// worker reads, whatever the repository's file names are.
const MAX_NOTES_BYTES: usize = MAX_COVERAGE_BYTES - 1024;
/// The name under which a result without a skill name is checked against the contract.
const UNNAMED: &str = "unnamed";
/// Characters of an error text.
const MAX_ERROR_CHARS: usize = 2_000;

/// The callback of a scan's end, of the subject that `subject` has; its event is replaced. A result
/// that the worker would refuse becomes a failure: that ends the scan, where a report that is never
/// taken would leave it running.
pub(crate) fn ended(
    now: Millis,
    subject: Callback,
    outcome: Result<ScanOutcome, String>,
) -> Callback {
    let error = match outcome {
        Ok(mut result) => {
            result.coverage = result.coverage.map(fit);
            let named = subject.skill_name.clone().or_else(|| UNNAMED.parse().ok());
            let callback = Callback {
                skill_name: named,
                event: Event::Result(Box::new(result)),
                ..subject.clone()
            };
            match parse_callback(&callback.to_json(now)) {
                // As the worker reads it: every list and text already cut to its limit.
                Some(read) => return Callback { skill_name: subject.skill_name, ..read },
                None => "the scanner made a result that breaks the contract".to_owned(),
            }
        }
        Err(error) => text::block(&error, MAX_ERROR_CHARS),
    };
    Callback { event: Event::Failed { error }, ..subject }
}

/// The callback with its lists of files cut to what a callback may hold.
pub(crate) fn with_cut_lists(callback: &Callback) -> Callback {
    let mut callback = callback.clone();
    if let Event::Result(result) = &mut callback.event {
        result.coverage = result.coverage.take().map(fit);
    }
    callback
}

/// Cuts the lists of files to what may travel; what was cut is said in the list, where the worker's
/// pages read it. A list that was cut before may be cut again.
fn fit(coverage: Coverage) -> Coverage {
    let mut left = MAX_NOTES_BYTES;
    let mut cut = |mut notes: Vec<FileNote>| {
        let all = FileNote::in_all(&notes);
        let len = |notes: &[FileNote]| u64::try_from(notes.len()).unwrap_or(u64::MAX);
        let cut_before = if len(&notes) < all { notes.pop() } else { None };
        // The last place is for what was cut, where there is any.
        let most = if all > len(&notes) || notes.len() > MAX_COVERAGE_FILES {
            MAX_COVERAGE_FILES - 1
        } else {
            MAX_COVERAGE_FILES
        };
        let mut kept: Vec<_> = notes
            .iter()
            .take(most)
            .map_while(|note| {
                let note = FileNote {
                    file: text::line(&note.file, MAX_ERROR_CHARS),
                    reason: text::line(&note.reason, MAX_ERROR_CHARS),
                    informational: note.informational,
                };
                left = left.checked_sub(note.json_bytes())?;
                Some(note)
            })
            .collect();
        let more = all - len(&kept);
        if more > 0 {
            let mut cut = cut_before.into_iter().chain(notes.into_iter().skip(kept.len()));
            let informational = cut.all(|note| !note.is_gap());
            kept.push(FileNote { informational, ..FileNote::more(more) });
        }
        kept
    };
    // What nothing could read matters most, so it takes its share first.
    let unscanned = cut(coverage.unscanned);
    let text_rules_only = cut(coverage.text_rules_only);
    Coverage { unscanned, text_rules_only, ..coverage }
}
