//! Points in time for people: relative in words, exact on hover and for machines. The present is the server's and comes
//! in with the data, so that server and browser write the same.

use super::browser;
use domain::time::{Civil, Timestamp};
use leptos::prelude::*;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How long ago, or how soon. On hover the exact time, once hydrated in the reader's own zone.
#[component]
pub(crate) fn Time(
    /// When.
    at: Timestamp,
    /// The present.
    now: Timestamp,
) -> impl IntoView {
    view! {
        <time datetime=at.rfc3339() title=clock(at)>
            {relative(at, now)}
        </time>
    }
}

/// The exact time: in UTC at first, since no zone is known, and once hydrated in the reader's own.
pub(crate) fn clock(at: Timestamp) -> Signal<String> {
    let clock = RwSignal::new(exact(at));
    Effect::new(move |_| {
        if let Some((name, offset)) = browser::zone(at) {
            // `Europe/Rome` is told as Rome.
            let name = name.rsplit('/').next().unwrap_or_default().replace('_', " ");
            clock.set(in_zone(at, offset, &name));
        }
    });
    clock.into()
}

/// `19 Nov 2026, 08:12 (UTC)`: for where no zone is known.
fn exact(at: Timestamp) -> String {
    in_zone(at, 0, "UTC")
}

fn in_zone(at: Timestamp, offset_seconds: i32, zone: &str) -> String {
    let Civil { year, month: number, day, hour, minute, .. } = at.civil(offset_seconds);
    let clock = format!("{hour:02}:{minute:02}");
    let when = tr!("time.on", day = day, month = month(number), year = year, clock = clock);
    tr!("time.in_zone", when = when, zone = zone)
}

/// “4 minutes ago”, “in 11 hours”.
pub(crate) fn relative(at: Timestamp, now: Timestamp) -> String {
    let ago = now.seconds() - at.seconds();
    let future = ago < 0;
    match ago.abs() {
        ..MINUTE if future => tr!("time.soon").into(),
        ..MINUTE => tr!("time.just_now").into(),
        span @ MINUTE..HOUR if future => tr_n!("time.in_minutes", span / MINUTE),
        span @ MINUTE..HOUR => tr_n!("time.minutes_ago", span / MINUTE),
        span @ HOUR..DAY if future => tr_n!("time.in_hours", span / HOUR),
        span @ HOUR..DAY => tr_n!("time.hours_ago", span / HOUR),
        span if future => tr_n!("time.in_days", span / DAY),
        span if span < 60 * DAY => tr_n!("time.days_ago", span / DAY),
        span if span < 730 * DAY => tr_n!("time.months_ago", span / (30 * DAY)),
        span => tr_n!("time.years_ago", span / (365 * DAY)),
    }
}

pub(super) fn month(number: u8) -> &'static str {
    match number {
        1 => tr!("time.month.jan"),
        2 => tr!("time.month.feb"),
        3 => tr!("time.month.mar"),
        4 => tr!("time.month.apr"),
        5 => tr!("time.month.may"),
        6 => tr!("time.month.jun"),
        7 => tr!("time.month.jul"),
        8 => tr!("time.month.aug"),
        9 => tr!("time.month.sep"),
        10 => tr!("time.month.oct"),
        11 => tr!("time.month.nov"),
        _ => tr!("time.month.dec"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_by_their_distance() {
        let now = Timestamp::from_ms(1_795_104_720_000);
        let told = |seconds: i64| relative(Timestamp::from_ms(now.ms() - seconds * 1000), now);
        for (seconds, expected) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (4 * MINUTE + 59, "4 minutes ago"),
            (HOUR, "1 hour ago"),
            (DAY, "yesterday"),
            (9 * DAY, "9 days ago"),
            (61 * DAY, "2 months ago"),
            (800 * DAY, "2 years ago"),
            (-5, "in a moment"),
            (-11 * HOUR - 42 * MINUTE, "in 11 hours"),
            (-3 * DAY, "in 3 days"),
        ] {
            assert_eq!(told(seconds), expected, "{seconds} s ago");
        }
    }

    #[test]
    fn the_exact_time_names_its_zone() {
        assert_eq!(exact(Timestamp::from_ms(1_795_104_720_000)), "19 Nov 2026, 16:12 (UTC)");
    }
}
