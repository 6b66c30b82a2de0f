//! Listening to a child's standard error without keeping it.

use super::{Heard, Watch};

/// Of a line; what is longer is judged by its beginning.
const MAX_LINE: usize = 4096;

/// Hears lines out of pieces.
#[derive(Debug)]
pub(super) struct Listener {
    watch: Option<Watch>,
    pub(super) heard: Heard,
    line: Vec<u8>,
    heading: Option<String>,
}

impl Listener {
    pub(super) fn new(watch: Option<Watch>) -> Self {
        Self { watch, heard: Heard::default(), line: Vec::new(), heading: None }
    }

    /// Takes the next piece.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        let Some(watch) = self.watch else { return };
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = MAX_LINE.saturating_sub(self.line.len());
            self.line.extend(piece.iter().take(room));
            if piece.last() == Some(&b'\n') {
                self.end_of_line(watch);
            }
        }
    }

    fn end_of_line(&mut self, watch: Watch) {
        let line = String::from_utf8_lossy(&self.line).trim_end().to_owned();
        self.line.clear();
        if line.contains(watch.heading) {
            self.heard.headings = self.heard.headings.saturating_add(1);
            self.heading = Some(line);
        } else if line.contains(watch.alarm) {
            // One that nothing stands above is heard all the same.
            let heading = self.heading.clone().unwrap_or_default();
            if self.heard.alarmed.last() != Some(&heading) {
                self.heard.alarmed.push(heading);
            }
        }
    }
}
