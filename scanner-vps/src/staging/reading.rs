//! Our own reading of a stranger's bytes, within a time: where it hangs or panics, it is left to itself, and what it read
//! counts as unread.

use std::{sync::mpsc, thread, time::Duration};

/// What one file, or one step over all files, may take: honest ones take a second.
pub(crate) const READING_LIMIT: Duration = Duration::from_secs(120);
/// Readings of one scan that are left to themselves, at most: each goes on taking a processor.
const MAX_LEFT: u32 = 3;

/// Reads on a thread of its own; `None` where that takes longer than `limit`, or panics. The thread is not waited for.
pub(crate) fn within<T: Send + 'static>(
    limit: Duration,
    read: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let thread = thread::Builder::new().name("reading".to_owned());
    thread.spawn(move || sender.send(read())).ok()?;
    receiver.recv_timeout(limit).ok()
}

/// The readings of one scan.
#[derive(Debug)]
pub(super) struct Readings {
    pub(super) limit: Duration,
    left: u32,
}

impl Default for Readings {
    fn default() -> Self {
        Self { limit: READING_LIMIT, left: MAX_LEFT }
    }
}

impl Readings {
    /// As [`within`]; nothing is read once too many readings were left to themselves.
    pub(super) fn read<T: Send + 'static>(
        &mut self,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        if self.left == 0 {
            return None;
        }
        let done = within(self.limit, read);
        self.left -= u32::from(done.is_none());
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn g54_a_reading_that_hangs_is_left_and_few_of_a_scan_are() {
        let began = Instant::now();
        let mut readings = Readings { limit: Duration::from_millis(50), ..Readings::default() };
        assert_eq!(readings.read(|| 1), Some(1));
        for _ in 0..MAX_LEFT {
            assert_eq!(readings.read(|| thread::sleep(Duration::from_secs(20))), None);
        }
        assert_eq!(readings.read(|| 1), None);
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    }
}
