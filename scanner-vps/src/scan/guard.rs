//! Keeps a panic of our own code over a stranger's files from ending a scan without a result.

use crate::tools::{RunningTool, ToolError, ToolReport};
use skillgate_contract::Provider;
use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    task::Poll,
};

/// Runs a tool and judges what it says; a panic is [`ToolError::Panicked`].
///
/// # Errors
/// As the run; or it panicked.
pub(super) async fn guarded(
    provider: Provider,
    mut run: RunningTool<'_>,
) -> Result<ToolReport, ToolError> {
    poll_fn(|context| {
        // After a panic nothing of the run is used again.
        catch_unwind(AssertUnwindSafe(|| run.as_mut().poll(context)))
            .unwrap_or(Poll::Ready(Err(ToolError::Panicked { provider })))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn g54_a_panic_over_a_strangers_files_is_an_end_that_they_caused() {
        let run: RunningTool<'_> = Box::pin(async {
            tokio::task::yield_now().await;
            unreachable!("as a fault of ours would")
        });
        let error = guarded(Provider::Semgrep, run).await.unwrap_err();
        assert!(matches!(error, ToolError::Panicked { .. }), "{error:?}");
        assert!(error.is_limit() && !error.is_of_installation());
    }
}
