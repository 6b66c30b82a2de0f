//! What this scanner asks of the operating system about its own process and machine.

use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use std::fs;

/// Characters of this machine's name in a callback.
const MAX_HOST_NAME_CHARS: usize = 80;

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
