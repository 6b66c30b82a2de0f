//! The alarm of a rate-limited automatic blocklist entry, which two handlers raise.

use crate::{
    app::App,
    log::{Field, LogEvent, Value},
    ports::Ports,
    store::Waiting,
};

/// Logs that the hourly rate limit kept an automatic entry from blocking. `fields` name the skill, and the
/// scan that caused the entry where one did; the entry tells owner, rule and puller.
pub(super) fn entry_only_proposed<P: Ports>(app: &App<P>, fields: &[Field<'_>], entry: &Waiting) {
    let why = "too many owners have new automatic entries within the hour, or too many by this puller; the new one is only proposed";
    let named = [
        ("owner", Value::Text(&entry.owner)),
        ("rule", Value::Text(&entry.rule)),
        ("puller", Value::Text(&entry.puller)),
    ];
    app.log(LogEvent::BlocklistRateLimited, &[fields, &named].concat(), &why);
}
