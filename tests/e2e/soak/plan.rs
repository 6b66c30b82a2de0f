//! What the soak asks for, what each scan comes to, and what befalls each message: all of it follows
//! from the seed.

use skillgate_contract::ScanStatus;

/// Skills; each is published once, and the first [`MOVED`] of them once more at another commit.
const SKILLS: usize = 960;
const MOVED: usize = 40;
/// With these, 3,000 scans: as many claims, signs of life and results, and 1,000 publish calls.
pub(super) const SCANS: usize = 3 * (SKILLS + MOVED);

/// What befalls a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Arrives,
    /// Twice.
    Duplicated,
    /// Not at all; its sender tries again later.
    Dropped,
    /// It does, but the answer does not; its sender tries again later.
    ReplyDropped,
    /// Behind what was sent after it.
    Reordered,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) seed: u64,
}

/// One publish call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) skill: usize,
    /// The second one, at another commit.
    pub(super) moved: bool,
}

impl Call {
    /// One owner for each skill: an owner uses one unit of the hour's limit of automatic entries,
    /// so that one owner would never reach it.
    pub(super) fn name(self) -> String {
        format!("soak{0}/repo{0}/skill{0}", self.skill)
    }

    pub(super) fn repo_url(self) -> String {
        format!("https://github.com/soak{0}/repo{0}", self.skill)
    }

    pub(super) fn commit(self) -> String {
        format!("{:039x}{}", self.skill, u8::from(self.moved))
    }
}

impl Plan {
    /// The first calls, the last one first.
    pub(super) fn calls() -> Vec<Call> {
        (0..SKILLS).rev().map(|skill| Call { skill, moved: false }).collect()
    }

    /// The call that follows on this one.
    pub(super) fn next(call: Call) -> Option<Call> {
        (!call.moved && call.skill < MOVED).then_some(Call { moved: true, ..call })
    }

    /// A number below 100 for a key, the same for every run with this seed.
    fn roll(self, key: &str) -> u64 {
        let hash = key.bytes().fold(self.seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33) % 100
    }

    /// 5 of 100 each, and 5 whose answer is lost.
    pub(super) fn fate(self, key: &str) -> Fate {
        match self.roll(key) {
            0..5 => Fate::Duplicated,
            5..10 => Fate::Dropped,
            10..15 => Fate::Reordered,
            15..20 => Fate::ReplyDropped,
            _ => Fate::Arrives,
        }
    }

    /// What a scan comes to, and its counts from critical to low.
    pub(super) fn outcome(
        self,
        name: &str,
        provider: &str,
        commit: &str,
    ) -> (ScanStatus, [u32; 4]) {
        match self.roll(&format!("outcome {name} {provider} {commit}")) {
            0..6 => (ScanStatus::Fail, [2, 0, 1, 0]),
            6..10 => (ScanStatus::Fail, [0, 6, 0, 0]),
            10..14 => (ScanStatus::Error, [0; 4]),
            14..30 => (ScanStatus::Pass, [0, 1, 2, 3]),
            _ => (ScanStatus::Pass, [0; 4]),
        }
    }
}
