//! The one place that prints: results on standard output, progress on standard error.

use std::io::{self, IsTerminal as _, Write as _};

/// Prints a result. A closed standard output (`| head`) is ignored.
pub(super) fn result(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints a line for people on standard error. A runner of GitHub Actions takes `##[…]` anywhere in a line
/// for a command, and untrusted text may hold that, so it is broken up.
pub(super) fn notice(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.replace("##[", "# #["));
}

/// Shows a step on a line that the next one replaces. Prints nothing unless standard error is a terminal.
pub(super) fn progress(text: &str) {
    let mut err = io::stderr().lock();
    if err.is_terminal() {
        let _ = write!(err, "\r\u{1b}[K{text}").and_then(|()| err.flush());
    }
}
