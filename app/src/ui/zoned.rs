//! Points in time as a person reads them in their own zone, which comes with the time: for who is not signed in and in a
//! hurry, “today, 21:14 (Rome)”.

use super::time::month;
use domain::time::{Civil, ZonedTime};
use leptos::prelude::*;
use std::time::Duration;

/// When, by day and clock.
#[component]
pub(crate) fn When(
    /// When.
    at: ZonedTime,
    /// The present.
    now: ZonedTime,
    /// Whether the zone is named.
    #[prop(optional)]
    zone: bool,
) -> impl IntoView {
    view! { <time datetime=at.at.rfc3339()>{zoned(&at, &now, zone)}</time> }
}

/// The same, within a sentence.
pub(crate) fn zoned(at: &ZonedTime, now: &ZonedTime, zone: bool) -> String {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let Civil { year, month: number, day, hour, minute, .. } = at.civil();
    let clock = format!("{hour:02}:{minute:02}");
    let is_on = |other: Civil| (other.year, other.month, other.day) == (year, number, day);
    let offset = now.offset_seconds;
    let when = if is_on(now.civil()) {
        tr!("time.today", clock = clock)
    } else if is_on((now.at + DAY).civil(offset)) {
        tr!("time.tomorrow", clock = clock)
    } else if is_on((now.at - DAY).civil(offset)) {
        tr!("time.yesterday", clock = clock)
    } else {
        tr!("time.on", day = day, month = month(number), year = year, clock = clock)
    };
    if zone { tr!("time.in_zone", when = when, zone = at.zone) } else { when }
}

/// A time to come, after “at”, with its zone: “21:14 tomorrow (Rome)”.
pub(crate) fn at_zoned(at: &ZonedTime, now: &ZonedTime) -> String {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let Civil { year, month: number, day, hour, minute, .. } = at.civil();
    let clock = format!("{hour:02}:{minute:02}");
    let is_on = |other: Civil| (other.year, other.month, other.day) == (year, number, day);
    let when = if is_on(now.civil()) {
        tr!("time.at_today", clock = clock)
    } else if is_on((now.at + DAY).civil(now.offset_seconds)) {
        tr!("time.at_tomorrow", clock = clock)
    } else {
        tr!("time.at_on", clock = clock, day = day, month = month(number), year = year)
    };
    tr!("time.in_zone", when = when, zone = at.zone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::Timestamp;

    fn rome(ms: i64) -> ZonedTime {
        ZonedTime { at: Timestamp::from_ms(ms), offset_seconds: 3600, zone: "Rome".into() }
    }

    #[test]
    fn days_near_the_present_have_names() {
        let now = rome(1_795_104_720_000); // 19 Nov 2026, 17:12 in Rome
        let told = |hours: i64, zone| zoned(&rome(now.at.ms() + hours * 3_600_000), &now, zone);
        assert_eq!(told(0, false), "today, 17:12");
        assert_eq!(told(6, true), "today, 23:12 (Rome)");
        assert_eq!(told(7, false), "tomorrow, 00:12");
        assert_eq!(told(-18, false), "yesterday, 23:12");
        assert_eq!(told(-42, true), "17 Nov 2026, 23:12 (Rome)");
        assert_eq!(told(31, false), "21 Nov 2026, 00:12");
        let to_come = |hours: i64| at_zoned(&rome(now.at.ms() + hours * 3_600_000), &now);
        assert_eq!(to_come(6), "23:12 today (Rome)");
        assert_eq!(to_come(24), "17:12 tomorrow (Rome)");
        assert_eq!(to_come(72), "17:12 on 22 Nov 2026 (Rome)");
    }
}
