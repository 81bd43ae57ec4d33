//! What is left of a span: of the twelve hours to accept, of a throttle. The server writes what is left at its present
//! time; in the browser a timer counts on from there, by what has passed there since, so that a clock that is set wrong
//! does no harm.

use super::browser;
use domain::time::Timestamp;
use leptos::prelude::*;
use std::time::Duration;

/// “11 h 42 min”, live; by the second in the last minute.
#[component]
pub(crate) fn Countdown(
    /// Where it ends.
    until: Timestamp,
    /// The present.
    now: Timestamp,
) -> impl IntoView {
    let left = counting(until.since(now));
    view! { <time datetime=until.rfc3339()>{move || span(left.get())}</time> }
}

/// “0:24”, live, and something else once it is over.
#[component]
pub(crate) fn Throttle(
    /// How many seconds to wait.
    seconds: u32,
    /// Told when the time is over.
    #[prop(optional, into)]
    over: Option<Callback<()>>,
) -> impl IntoView {
    let left = counting(Duration::from_secs(seconds.into()));
    Effect::new(move |_| {
        if let (true, Some(over)) = (left.get().is_zero(), over) {
            over.run(());
        }
    });
    let clock = move || {
        let seconds = left.get().as_secs();
        format!("{}:{:02}", seconds / 60, seconds % 60)
    };
    view! {
        <span class="figures" role="timer">
            {clock}
        </span>
    }
}

/// What is left of `span`, from now on and down to nothing.
fn counting(span: Duration) -> Signal<Duration> {
    let left = RwSignal::new(span);
    Effect::new(move |_| {
        let begun = browser::ticks_ms();
        browser::every(1, move || {
            let passed = Duration::from_millis(browser::ticks_ms().saturating_sub(begun).max(0) as u64);
            let rest = span.saturating_sub(passed);
            // Only whole steps are shown: notify when one is crossed.
            if whole(rest) != whole(left.get_untracked()) {
                left.set(rest);
            }
        });
    });
    left.into()
}

fn whole(span: Duration) -> u64 {
    span.as_secs()
}

/// “11 h 42 min”, “42 min”, “24 s”. Rounded down, so that it never promises more than there is.
pub(crate) fn span(left: Duration) -> String {
    let seconds = left.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match seconds {
        0..60 => tr!("time.left.seconds", seconds = seconds),
        60..3600 => tr!("time.left.minutes", minutes = minutes),
        3600..86_400 => tr!("time.left.hours", hours = hours, minutes = minutes),
        _ => tr!("time.left.days", days = days, hours = hours),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_never_rounded_up() {
        for (seconds, expected) in [
            (12 * 3600 - 1, "11 h 59 min"),
            (11 * 3600 + 42 * 60 + 59, "11 h 42 min"),
            (3599, "59 min"),
            (59, "59 s"),
            (0, "0 s"),
            (25 * 3600, "1 d 1 h"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), expected);
        }
    }
}
