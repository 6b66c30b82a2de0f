//! What this scanner asks of the operating system about its own process and machine.

use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use tokio::time::sleep;

/// Characters of this machine's name in a callback.
const MAX_HOST_NAME_CHARS: usize = 80;

/// A stop of a service reaches the scanner and its tools in any order: how long the scanner's own signal may come after a tool's.
const LATER_SIGNAL: Duration = Duration::from_secs(1);
/// Whether this process was told to stop.
static STOPPING: AtomicBool = AtomicBool::new(false);

/// Notes that this process was told to stop.
pub(crate) fn note_stop() {
    STOPPING.store(true, Ordering::Relaxed);
}

/// Whether this process was told to stop, or is within a second from now.
pub(crate) async fn is_stopping() -> bool {
    if !STOPPING.load(Ordering::Relaxed) {
        sleep(LATER_SIGNAL).await;
    }
    STOPPING.load(Ordering::Relaxed)
}

/// Makes this process non-dumpable. The tools run as the same user: without this they could read the
/// secrets in its memory or environment, and a core file could hold them. A failure is only logged.
pub(crate) fn deny_memory_access() {
    if let Err(e) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(event = "process.hardening_failed", "{e}");
    }
}

/// This machine's host name, cut to 80 characters; `unknown` where the system does not say it.
pub(crate) fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = skillgate_contract::text::line(name.trim(), MAX_HOST_NAME_CHARS);
    if name.is_empty() { "unknown".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[tokio::test]
    async fn a_stop_that_comes_within_a_second_counts() {
        assert!(!is_stopping().await);
        let (stopping, ()) = tokio::join!(is_stopping(), async {
            sleep(LATER_SIGNAL / 4).await;
            note_stop();
        });
        assert!(stopping);
        let asked = Instant::now();
        assert!(is_stopping().await && asked.elapsed() < LATER_SIGNAL);
    }
}
