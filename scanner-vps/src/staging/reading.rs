//! Our own reading of a stranger's bytes, within a time: where it hangs or panics, it is left to itself, and what it read
//! counts as unread.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

/// What one file, or one step over all files, may take: honest ones take a second.
pub(crate) const READING_LIMIT: Duration = Duration::from_secs(120);
/// What the readings of one scan's files may take together.
pub(crate) const SCAN_LIMIT: Duration = Duration::from_secs(300);
/// Readings of one scan that are left to themselves, at most: each goes on taking a processor.
const MAX_LEFT: u32 = 3;

/// The readings of this process that were left to themselves.
static ABANDONED: Abandoned = Abandoned::new();

/// Readings that were left to themselves and still run. At [`Abandoned::MOST`] nothing more is read.
#[derive(Debug)]
struct Abandoned {
    running: AtomicUsize,
    refused: AtomicUsize,
}

impl Abandoned {
    /// At most: each goes on taking a processor.
    const MOST: usize = 8;

    const fn new() -> Self {
        Self { running: AtomicUsize::new(0), refused: AtomicUsize::new(0) }
    }

    fn is_full(&self) -> bool {
        self.running.load(Ordering::SeqCst) >= Self::MOST
    }

    fn within<T: Send + 'static>(
        &'static self,
        limit: Duration,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        if self.is_full() {
            self.refused.fetch_add(1, Ordering::SeqCst);
            tracing::error!(
                event = "reading.refused",
                "readings of earlier scans still run: restart the scanner if this goes on"
            );
            return None;
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        let is_over = Arc::new(AtomicBool::new(false));
        let end = End { of: self, is_over: Arc::clone(&is_over) };
        let thread = thread::Builder::new().name("reading".to_owned());
        let read = move || {
            let _end = end;
            let _ = sender.send(read());
        };
        thread.spawn(read).ok()?;
        let done = receiver.recv_timeout(limit);
        if done.is_err() {
            self.running.fetch_add(1, Ordering::SeqCst);
            // Whoever comes second knows that the thread was counted and has ended.
            if is_over.swap(true, Ordering::SeqCst) {
                self.running.fetch_sub(1, Ordering::SeqCst);
            }
        }
        done.ok()
    }
}

/// The end of a reading's thread, by a panic too.
struct End {
    of: &'static Abandoned,
    is_over: Arc<AtomicBool>,
}

impl Drop for End {
    fn drop(&mut self) {
        if self.is_over.swap(true, Ordering::SeqCst) {
            self.of.running.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// Reads on a thread of its own; `None` where that takes longer than `limit`, or panics, or too many readings of this
/// process were left to themselves ([`refused_readings`]). The thread is not waited for.
pub(crate) fn within<T: Send + 'static>(
    limit: Duration,
    read: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    ABANDONED.within(limit, read)
}

/// Whether [`within`] reads nothing now.
pub(crate) fn readings_are_full() -> bool {
    ABANDONED.is_full()
}

/// How many readings of this process were refused so far: a scan during which there are more could not read all that it
/// should have.
pub(crate) fn refused_readings() -> usize {
    ABANDONED.refused.load(Ordering::SeqCst)
}

/// The readings of one scan.
#[derive(Debug)]
pub(super) struct Readings {
    pub(super) limit: Duration,
    /// What is left of the time for all.
    pub(super) time: Duration,
    left: u32,
}

impl Default for Readings {
    fn default() -> Self {
        Self { limit: READING_LIMIT, time: SCAN_LIMIT, left: MAX_LEFT }
    }
}

impl Readings {
    /// As [`within`]; nothing is read once too many readings were left to themselves, or all together took their time.
    pub(super) fn read<T: Send + 'static>(
        &mut self,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        if self.left == 0 || self.time.is_zero() {
            return None;
        }
        let began = Instant::now();
        let done = within(self.limit.min(self.time), read);
        self.time = self.time.saturating_sub(began.elapsed());
        self.left -= u32::from(done.is_none());
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g54_a_reading_that_hangs_is_left_and_few_of_a_scan_are() {
        let began = Instant::now();
        let mut readings = Readings { limit: Duration::from_millis(50), ..Readings::default() };
        assert_eq!(readings.read(|| 1), Some(1));
        for _ in 0..MAX_LEFT {
            assert_eq!(readings.read(|| thread::sleep(Duration::from_secs(5))), None);
        }
        assert_eq!(readings.read(|| 1), None);
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    }

    #[test]
    fn g54_slow_readings_of_a_scan_have_a_time_together() {
        let mut readings = Readings { time: Duration::from_millis(400), ..Readings::default() };
        let slow = || thread::sleep(Duration::from_millis(90));
        let read = (0..30).filter_map(|_| readings.read(slow)).count();
        assert!((1..5).contains(&read), "{read}");
        assert_eq!(readings.read(|| 1), None);
    }

    #[test]
    fn g54_few_readings_of_a_process_are_left_and_their_end_makes_room() {
        static OWN: Abandoned = Abandoned::new();
        let (hold, held) = mpsc::channel::<()>();
        let held = Arc::new(std::sync::Mutex::new(held));
        for _ in 0..Abandoned::MOST {
            let held = Arc::clone(&held);
            let hang = move || held.lock().is_ok_and(|held| held.recv().is_ok());
            assert_eq!(OWN.within(Duration::from_millis(10), hang), None);
        }
        assert_eq!((OWN.within(READING_LIMIT, || 1), OWN.is_full()), (None, true));
        assert_eq!(OWN.refused.load(Ordering::SeqCst), 1);
        drop(hold);
        let began = Instant::now();
        while OWN.running.load(Ordering::SeqCst) > 0 {
            assert!(began.elapsed() < Duration::from_secs(20));
            thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(OWN.within(READING_LIMIT, || 1), Some(1));
        // A panic is no reading that still runs.
        assert_eq!(
            OWN.within(READING_LIMIT, || unreachable!("as a fault of ours would")),
            None::<()>
        );
        assert!(!OWN.is_full());
    }
}
