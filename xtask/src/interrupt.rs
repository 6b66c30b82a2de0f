//! Ctrl-C, and the signals that mean the same.
//!
//! Children run in process groups of their own, so a terminal's Ctrl-C reaches this program alone. It takes note, ends the
//! children that somebody waits for, and lets every guard on the stack end its own: nothing is left running behind.

use crate::process;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The exit code of a program that was interrupted, as shells have it.
pub const EXIT_INTERRUPTED: u8 = 130;

static INTERRUPTED: Mutex<bool> = Mutex::new(false);
static CHANGED: Condvar = Condvar::new();

/// What to do when the person interrupts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnInterrupt {
    /// Waits end and the stack unwinds, so that each guard ends its children gently.
    Unwind,
    /// Every child is killed and this process ends: for test programs, whose stack is not ours to unwind.
    Exit,
}

/// Begins to listen for SIGINT, SIGTERM and SIGHUP. A second signal always ends everything at once.
///
/// # Errors
/// When the handlers cannot be registered.
pub fn listen(on_interrupt: OnInterrupt) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for _ in signals.forever() {
            if on_interrupt == OnInterrupt::Exit || happened() {
                exit_now();
            }
            *state() = true;
            CHANGED.notify_all();
            process::terminate_waited();
        }
    })?;
    Ok(())
}

/// Whether the person has interrupted.
#[must_use]
pub fn happened() -> bool {
    *state()
}

/// Waits until the person interrupts.
pub fn wait() {
    let mut interrupted = state();
    while !*interrupted {
        interrupted = CHANGED.wait(interrupted).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Sleeps, or wakes early at an interrupt; says whether there was one.
pub fn sleep(time: Duration) -> bool {
    let (interrupted, _) = CHANGED
        .wait_timeout_while(state(), time, |interrupted| !*interrupted)
        .unwrap_or_else(PoisonError::into_inner);
    *interrupted
}

/// The flag is a plain bool, whole at any time: a panic elsewhere does not spoil it.
fn state() -> MutexGuard<'static, bool> {
    INTERRUPTED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(
    clippy::exit,
    reason = "the person asked twice, or this is a test program that has no unwinding of ours"
)]
fn exit_now() -> ! {
    process::kill_all();
    std::process::exit(i32::from(EXIT_INTERRUPTED))
}
