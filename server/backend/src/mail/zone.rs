//! The person's time zone: points in time as they read them, on pages and in mails.

use domain::time::{Timestamp, ZonedTime};
use jiff::tz::TimeZone;

/// `at` in the zone of the IANA name `iana`. The zone's short name for people is its city, `Rome` of `Europe/Rome`. A name
/// that is not known is read as UTC.
pub fn zoned(at: Timestamp, iana: &str) -> ZonedTime {
    let utc = ZonedTime { at, offset_seconds: 0, zone: "UTC".to_owned() };
    let (Ok(zone), Ok(point)) = (TimeZone::get(iana), jiff::Timestamp::from_millisecond(at.ms())) else { return utc };
    let city = iana.rsplit('/').next().unwrap_or(iana).replace('_', " ");
    ZonedTime { at, offset_seconds: zone.to_offset(point).seconds(), zone: city }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summer_and_winter_differ_and_an_unknown_zone_is_utc() {
        let (winter, summer) = (Timestamp::from_ms(1_795_104_720_000), Timestamp::from_ms(1_782_000_000_000));
        assert_eq!(zoned(winter, "Europe/Rome").offset_seconds, 3600);
        assert_eq!(zoned(summer, "Europe/Rome").offset_seconds, 7200);
        assert_eq!(zoned(winter, "Europe/Rome").zone, "Rome");
        assert_eq!(zoned(winter, "Mars/Olympus"), ZonedTime { at: winter, offset_seconds: 0, zone: "UTC".into() });
        assert_eq!(zoned(winter, "").zone, "UTC");
    }
}
