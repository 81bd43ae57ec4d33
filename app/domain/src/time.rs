//! Points in time.
//!
//! A [`Timestamp`] is whole milliseconds since 1970-01-01T00:00:00Z. It is stored as that integer on both databases, so
//! that it compares and sorts the same everywhere; a date-time type would be text on SQLite and would bring a
//! formatting library into the browser for the few forms that Postern writes. The present time is always an argument.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A date and a time of day in some offset from UTC, for people to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Civil {
    /// Proleptic Gregorian year.
    pub year: i64,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

/// A point in time together with the zone in which a person reads it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ZonedTime {
    /// The point itself.
    pub at: Timestamp,
    /// Offset of the zone from UTC at that point, in seconds, east positive.
    pub offset_seconds: i32,
    /// The zone's short name for people, e.g. `Rome` or `UTC`.
    pub zone: String,
}

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// How long after `earlier` this is; nothing when it is before.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0).max(0) as u64)
    }

    /// Date and time of day, `offset_seconds` east of UTC.
    pub fn civil(self, offset_seconds: i32) -> Civil {
        let seconds = self.seconds() + i64::from(offset_seconds);
        let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = date_of(days);
        let (hour, minute, second) = ((of_day / 3600) as u8, (of_day / 60 % 60) as u8, (of_day % 60) as u8);
        Civil { year, month, day, hour, minute, second }
    }

    /// RFC 3339 in UTC, whole seconds: `2026-11-19T08:12:00Z`.
    pub fn rfc3339(self) -> String {
        let Civil { year, month, day, hour, minute, second } = self.civil(0);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl ZonedTime {
    /// The date and time of day that the person reads.
    pub fn civil(&self) -> Civil {
        self.at.civil(self.offset_seconds)
    }
}

/// Year, month and day of a count of days since 1970-01-01: whole 400-year cycles first, then years that begin in
/// March, so that the leap day is a year's last.
fn date_of(days: i64) -> (i64, u8, u8) {
    let from_march_0000 = days + 719_468;
    let cycle = from_march_0000.div_euclid(146_097);
    let day_of_cycle = from_march_0000.rem_euclid(146_097);
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let months_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months_from_march + 2) / 5 + 1;
    let month = if months_from_march < 10 { months_from_march + 3 } else { months_from_march - 9 };
    let year = year_of_cycle + cycle * 400 + i64::from(month <= 2);
    (year, month as u8, day as u8)
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates_are_written_as_rfc3339() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_795_104_720_000, "2026-11-19T16:12:00Z"),
            (-1_000, "1969-12-31T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(Timestamp::from_ms(ms).rfc3339(), text);
        }
    }

    #[test]
    fn an_offset_moves_the_date() {
        let late = Timestamp::from_ms(1_795_131_000_000); // 2026-11-19T23:30Z
        assert_eq!(late.civil(3600), Civil { year: 2026, month: 11, day: 20, hour: 0, minute: 30, second: 0 });
    }
}
