//! Points in time, as integer milliseconds.

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::time::Duration;

/// Milliseconds since the Unix epoch. Rows and the signed callback hold the integer; answers hold
/// the RFC 3339 text of it in UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

impl Millis {
    /// One minute, in milliseconds.
    pub const MINUTE: i64 = 60_000;
    /// One hour, in milliseconds.
    pub const HOUR: i64 = 60 * Self::MINUTE;

    /// RFC 3339 in UTC with milliseconds: `2026-11-23T10:00:00.000Z`. A time that no calendar
    /// holds reads as the epoch.
    #[must_use]
    pub fn rfc3339(self) -> String {
        DateTime::from_timestamp_millis(self.0)
            .unwrap_or_default()
            .to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// This time moved by `ms`, stopping at the ends of the range.
    #[must_use]
    pub const fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// This time moved by a delay, in whole milliseconds, stopping at the end of the range.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        self.plus(i64::try_from(delay.as_millis()).unwrap_or(i64::MAX))
    }

    /// Milliseconds from `earlier` to this time, stopping at the ends of the range.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rfc3339())
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = DateTime::parse_from_rfc3339(&text).map_err(D::Error::custom)?;
        Ok(Self(time.timestamp_millis()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_rfc_3339() {
        assert_eq!(Millis(1_769_990_400_000).rfc3339(), "2026-02-02T00:00:00.000Z");
        let read = serde_json::from_str::<Millis>("\"2026-02-02T01:00:00+01:00\"").unwrap();
        assert_eq!(read, Millis(1_769_990_400_000));
        assert_eq!(Millis(i64::MAX).rfc3339(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Millis(1).after(Duration::from_micros(2_999)), Millis(3));
        assert_eq!(Millis(1).after(Duration::MAX), Millis(i64::MAX));
        assert_eq!(Millis(i64::MIN).plus(-1).since(Millis(1)), i64::MIN);
    }
}
