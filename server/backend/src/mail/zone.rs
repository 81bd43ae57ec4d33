//! Times as a person reads them, in the zone where they live. The time-zone database comes with Postern, so that a bare
//! container knows Rome.

use domain::time::{Timestamp, ZonedTime};
use jiff::tz::TimeZone;

/// Whether there is a zone of this IANA name.
pub fn is_known(iana: &str) -> bool {
    TimeZone::get(iana).is_ok()
}

/// The name of this zone as the database spells it.
pub fn canonical(iana: &str) -> Option<String> {
    TimeZone::get(iana).ok().and_then(|zone| zone.iana_name().map(str::to_owned))
}

/// Every zone of a place, by its IANA name, in order: those that one chooses from.
pub fn names() -> Vec<String> {
    let is_of_a_place = |name: &str| name.contains('/') && !name.starts_with("Etc/") && !name.starts_with("posix");
    let mut names: Vec<String> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
    names.retain(|name| is_of_a_place(name) || name == "UTC");
    names.sort();
    names
}

/// `at` in the zone with this IANA name. A name that nobody knows is read as UTC.
pub fn zoned(at: Timestamp, iana: &str) -> ZonedTime {
    let known = TimeZone::get(iana).ok();
    let instant = jiff::Timestamp::from_millisecond(at.ms()).unwrap_or_default();
    let offset_seconds = known.as_ref().map_or(0, |zone| zone.to_offset(instant).seconds());
    let name = known.as_ref().and_then(|zone| zone.iana_name()).unwrap_or("UTC");
    let zone = match name.rsplit_once('/') {
        // “Etc/GMT+5” lies west of Greenwich; its name would say the opposite of its offset.
        Some(("Etc", _)) => "UTC".into(),
        Some((_, city)) => city.replace('_', " "),
        None => name.into(),
    };
    ZonedTime { at, offset_seconds, zone }
}

/// `UTC`, `UTC+1` or `UTC+5:30`.
pub fn offset(time: &ZonedTime) -> String {
    let minutes = time.offset_seconds.div_euclid(60);
    let sign = if minutes < 0 { '-' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (0, 0) => "UTC".into(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOVEMBER: Timestamp = Timestamp::from_ms(1_795_334_400_000);

    #[test]
    fn zones_are_called_by_their_city() {
        for (iana, zone, offset) in [
            ("Europe/Rome", "Rome", "UTC+1"),
            ("America/Argentina/Buenos_Aires", "Buenos Aires", "UTC-3"),
            ("Asia/Kolkata", "Kolkata", "UTC+5:30"),
            ("America/St_Johns", "St Johns", "UTC-3:30"),
            ("UTC", "UTC", "UTC"),
            ("europe/rome", "Rome", "UTC+1"),
            ("Etc/GMT+5", "UTC", "UTC-5"),
            ("Middle-earth/Shire", "UTC", "UTC"),
            ("../../etc/passwd", "UTC", "UTC"),
            ("", "UTC", "UTC"),
        ] {
            let time = zoned(NOVEMBER, iana);
            assert_eq!((time.zone.as_str(), super::offset(&time).as_str()), (zone, offset), "{iana}");
        }
    }

    #[test]
    fn summer_is_summer() {
        let july = Timestamp::from_ms(1_783_900_800_000);
        assert_eq!(zoned(july, "Europe/Rome").offset_seconds, 2 * 3600);
        assert_eq!(zoned(NOVEMBER, "Europe/Rome").offset_seconds, 3600);
    }
}
