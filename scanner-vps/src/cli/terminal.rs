//! The one place that prints: results on standard output, progress on standard error.

use std::io::{self, IsTerminal as _, Write as _};

/// Prints a result. A reader that went away (`| head`) is no error of ours.
pub(super) fn result(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints a line for people beside the result. A runner of GitHub Actions reads along: it takes `##[…]`
/// anywhere in a line for a command to itself, and foreign text may hold that.
pub(super) fn notice(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.replace("##[", "# #["));
}

/// Shows what is going on, on one line that the next one replaces; silent where nobody watches.
pub(super) fn progress(text: &str) {
    let mut err = io::stderr().lock();
    if err.is_terminal() {
        let _ = write!(err, "\r\u{1b}[K{text}").and_then(|()| err.flush());
    }
}
