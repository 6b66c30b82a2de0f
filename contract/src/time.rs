//! Points in time, as integer milliseconds.

use chrono::DateTime;
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
    const DAY: i64 = 24 * Self::HOUR;

    /// RFC 3339 in UTC with milliseconds: `2026-11-23T10:00:00.000Z`. A time outside of the years 0
    /// to 9999, which the format cannot hold, reads as the epoch. Written out by hand: chrono's formatting is 3 KB
    /// of wasm.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let of_day = self.0.rem_euclid(Self::DAY);
        let (second, minute, hour) = (of_day / 1_000, of_day / Self::MINUTE, of_day / Self::HOUR);
        match date(self.0.div_euclid(Self::DAY)) {
            (year @ 0..=9_999, month, day) => format!(
                "{year:04}-{month:02}-{day:02}T{hour:02}:{:02}:{:02}.{:03}Z",
                minute % 60,
                second % 60,
                of_day % 1_000
            ),
            _ => "1970-01-01T00:00:00.000Z".to_owned(),
        }
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

/// Year, month and day of the Gregorian calendar, by the days since 1970-01-01. Years are counted from 1 March, so that
/// a leap day is the last of its year; months have 30.6 days then.
const fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + 400 * era + if month <= 2 { 1 } else { 0 }, month, day)
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
    use chrono::SecondsFormat;
    use proptest::prelude::*;

    #[test]
    fn times_read_as_rfc_3339() {
        assert_eq!(Millis(1_769_990_400_000).rfc3339(), "2026-02-02T00:00:00.000Z");
        let read = serde_json::from_str::<Millis>("\"2026-02-02T01:00:00+01:00\"").unwrap();
        assert_eq!(read, Millis(1_769_990_400_000));
        assert_eq!(Millis(i64::MAX).rfc3339(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Millis(1).after(Duration::from_micros(2_999)), Millis(3));
        assert_eq!(Millis(1).after(Duration::MAX), Millis(i64::MAX));
        assert_eq!(Millis(i64::MIN).plus(-1).since(Millis(1)), i64::MIN);
        assert_eq!(Millis(i64::MIN).rfc3339(), "1970-01-01T00:00:00.000Z");
    }

    const FIRST: i64 = -62_167_219_200_000;
    const LAST: i64 = 253_402_300_799_999;

    #[test]
    fn four_digits_of_a_year_are_the_limit() {
        assert_eq!(Millis(FIRST).rfc3339(), "0000-01-01T00:00:00.000Z");
        assert_eq!(Millis(LAST).rfc3339(), "9999-12-31T23:59:59.999Z");
        for outside in [FIRST - 1, LAST + 1] {
            assert_eq!(Millis(outside).rfc3339(), "1970-01-01T00:00:00.000Z");
        }
    }

    fn by_chrono(ms: i64) -> String {
        let time = DateTime::from_timestamp_millis(ms).unwrap();
        time.to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    #[test]
    fn every_day_of_eight_centuries_is_the_one_of_chrono() {
        for day in (-135_000..160_000).map(|day| day * Millis::DAY) {
            assert_eq!(Millis(day).rfc3339(), by_chrono(day));
        }
    }

    proptest! {
        #[test]
        fn any_time_is_the_one_of_chrono(ms in FIRST..=LAST) {
            prop_assert_eq!(Millis(ms).rfc3339(), by_chrono(ms));
        }
    }
}
