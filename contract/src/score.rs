//! Counts of findings, and what they add up to.

use crate::{
    Severity,
    json::{FromJson, Members},
};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};

/// How many findings of each severity a scan made: of everything found, not only of what is listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counts {
    /// How many critical findings there are; each of them blocks.
    #[serde(rename = "criticalCount")]
    pub critical: u32,
    /// How many findings of severity high there are.
    #[serde(rename = "highCount")]
    pub high: u32,
    /// How many findings of severity medium there are.
    #[serde(rename = "mediumCount")]
    pub medium: u32,
    /// How many findings of severity low there are.
    #[serde(rename = "lowCount")]
    pub low: u32,
}

impl Members for Counts {
    fn members<S: SerializeStruct>(&self, to: &mut S) -> Result<(), S::Error> {
        let Self { critical, high, medium, low } = self;
        to.serialize_field("criticalCount", critical)?;
        to.serialize_field("highCount", high)?;
        to.serialize_field("mediumCount", medium)?;
        to.serialize_field("lowCount", low)
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_object(serializer)
    }
}

/// The judgement on a scan that ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// Nothing was found that fails the skill.
    Pass,
    /// A critical finding, or a score below 50.
    Fail,
}

impl Verdict {
    /// The word in payloads and rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
        }
    }
}

impl FromJson for Verdict {
    fn from_json(value: serde_json::Value) -> Option<Self> {
        let text = value.as_str()?;
        [Self::Pass, Self::Fail].into_iter().find(|verdict| verdict.as_str() == text)
    }
}

impl Counts {
    /// Counts the severities of a list.
    pub fn of(severities: impl IntoIterator<Item = Severity>) -> Self {
        let mut counts = Self::default();
        for severity in severities {
            let slot = counts.slot(severity);
            *slot = slot.saturating_add(1);
        }
        counts
    }

    fn slot(&mut self, severity: Severity) -> &mut u32 {
        match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
        }
    }

    /// The count of one severity.
    #[must_use]
    pub const fn get(&self, severity: Severity) -> u32 {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
        }
    }

    /// The number of findings of all severities together.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.critical.saturating_add(self.high).saturating_add(self.medium).saturating_add(self.low)
    }

    /// `max(0, 100 − (25·critical + 10·high + 3·medium + 1·low))`.
    #[must_use]
    pub fn score(&self) -> u32 {
        let penalty = u64::from(self.critical) * 25
            + u64::from(self.high) * 10
            + u64::from(self.medium) * 3
            + u64::from(self.low);
        u32::try_from(100u64.saturating_sub(penalty)).unwrap_or(0)
    }

    /// FAIL where the score is below 50 or anything is critical, else PASS.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.critical > 0 || self.score() < 50 { Verdict::Fail } else { Verdict::Pass }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn counts(critical: u32, high: u32, medium: u32, low: u32) -> Counts {
        Counts { critical, high, medium, low }
    }

    #[test]
    fn the_table_of_scores_and_verdicts() {
        for (c, score, verdict) in [
            (counts(0, 0, 0, 0), 100, Verdict::Pass),
            (counts(0, 0, 2, 0), 94, Verdict::Pass),
            (counts(2, 0, 1, 0), 47, Verdict::Fail),
            (counts(1, 0, 0, 0), 75, Verdict::Fail),
            (counts(0, 5, 0, 0), 50, Verdict::Pass),
            (counts(0, 5, 0, 1), 49, Verdict::Fail),
            (counts(0, 10, 0, 0), 0, Verdict::Fail),
            (counts(u32::MAX, u32::MAX, u32::MAX, u32::MAX), 0, Verdict::Fail),
        ] {
            assert_eq!((c.score(), c.verdict()), (score, verdict), "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn more_findings_never_raise_the_score(
            a in any::<(u32, u32, u32, u32)>(), severity in 0usize..4
        ) {
            let before = counts(a.0, a.1, a.2, a.3);
            let mut after = before;
            let slot = after.slot(Severity::WORST_FIRST[severity]);
            *slot = slot.saturating_add(1);
            prop_assert!(after.score() <= before.score());
            prop_assert!(before.verdict() == Verdict::Pass || after.verdict() == Verdict::Fail);
        }
    }
}
