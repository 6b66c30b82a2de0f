//! The alarm of a rate-limited automatic blocklist entry, which two handlers raise.

use crate::{
    app::App,
    log::{Field, LogEvent},
    ports::Ports,
};

/// Logs that the hourly rate limit kept an automatic entry from blocking. `fields` name the skill, and the
/// scan that caused the entry where one did.
pub(super) fn entry_only_proposed<P: Ports>(app: &App<P>, fields: &[Field<'_>]) {
    let why = "too many automatic entries within the hour; the new one is only proposed";
    app.log(LogEvent::BlocklistRateLimited, fields, &why);
}
