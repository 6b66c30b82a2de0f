//! What runs by itself, listed and judged within a time. What does not come to its end then is unread.

use super::{automatic, automatic::Judged, autorun};
use crate::staging::{READING_LIMIT, StagedTree, within};
use skillgate_autorun::Inventory;
use skillgate_contract::{Provider, callback::FileNote};
use std::sync::Arc;

const UNLISTED: &str = "what runs by itself could not be listed in the time for it";
const UNJUDGED: &str = "what runs by itself could not be judged in the time for it";

/// The inventory, with a note where there is none.
pub(super) fn listed(found: Option<Inventory>, copy: &mut StagedTree) -> Inventory {
    if found.is_none() {
        copy.unscanned.push(unread(UNLISTED));
    }
    let found = found.unwrap_or_default();
    copy.unscanned.extend(autorun::notes(&found));
    found
}

/// Adds to the copy what is said of an inventory.
pub(super) async fn judge(
    found: Inventory,
    copy: StagedTree,
    provider: Provider,
) -> (Inventory, StagedTree) {
    judge_with(found, copy, move |found, copy| automatic::judge(found, copy, provider)).await
}

async fn judge_with(
    found: Inventory,
    copy: StagedTree,
    judge: impl FnOnce(&Inventory, &StagedTree) -> Judged + Send + 'static,
) -> (Inventory, StagedTree) {
    let (found, copy) = (Arc::new(found), Arc::new(copy));
    let judged = {
        let (found, copy) = (Arc::clone(&found), Arc::clone(&copy));
        // Following commands takes the processor for a while: not on the thread that serves.
        let read = move || within(READING_LIMIT, move || judge(&found, &copy));
        tokio::task::spawn_blocking(read).await.ok().flatten()
    };
    let mut copy = Arc::unwrap_or_clone(copy);
    match judged {
        Some(judged) => {
            copy.findings.extend(judged.findings);
            copy.unscanned.extend(judged.unscanned);
        }
        None => copy.unscanned.push(unread(UNJUDGED)),
    }
    (Arc::unwrap_or_clone(found), copy)
}

fn unread(reason: &str) -> FileNote {
    FileNote::new("(repository)", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn g54_what_runs_by_itself_is_unread_where_its_reader_fails() {
        let copy = StagedTree::default();
        let (_, copy) = judge_with(Inventory::default(), copy, |_, _| unreachable!()).await;
        assert_eq!(copy.unscanned, [unread(UNJUDGED)]);
        let mut copy = StagedTree::default();
        listed(None, &mut copy);
        assert_eq!(copy.unscanned, [unread(UNLISTED)]);
    }
}
