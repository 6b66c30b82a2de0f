//! The alarm of a rate-limited automatic blocklist entry, which two handlers raise.

use crate::{app::App, ports::Ports};
use skillgate_contract::SkillName;

/// Logs that the hourly rate limit kept an automatic entry from blocking. `by` names the scan that
/// caused the entry; it is empty where a publish did.
pub(super) fn entry_only_proposed<P: Ports>(app: &App<P>, skill: &SkillName, by: &str) {
    app.ports.log(&format!(
        "ALARM blocklist.rate_limited: too many automatic entries within the hour; {skill} is only proposed{by}"
    ));
}
