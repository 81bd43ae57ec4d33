//! The guards of an MFA reset (5.6, 5.12): what a request needs besides the person's “Accept”. Settled once, when the
//! request is made, so that nothing that is loosened later makes it easier.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Within this span one mailbox does not give back both password and second factor (5.12).
pub const ONE_MAILBOX: Duration = Duration::from_secs(72 * 3600);
/// How many wrong numbers end a request.
pub const NUMBER_TRIES: u8 = 3;

/// Why a number is asked for: four digits that only the asker sees, who tells them by another channel than the mailbox.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberReason {
    /// The password was set by a mailed link lately: who reads the mailbox has it, and would have the factor next.
    PasswordMailed,
}

/// Whether the accept page asks for a number, and why. `password_mailed_at` is when the present password was set by a
/// mailed link, if it was.
pub fn number(password_mailed_at: Option<Timestamp>, now: Timestamp) -> Option<NumberReason> {
    password_mailed_at.filter(|at| now < *at + ONE_MAILBOX).map(|_| NumberReason::PasswordMailed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_from_the_mailbox_asks_for_a_number_for_three_days() {
        let now = Timestamp::from_ms(1_795_334_400_000);
        let reason = Some(NumberReason::PasswordMailed);
        for (at, expected) in [
            (None, None),
            (Some(now), reason),
            (Some(now - ONE_MAILBOX + Duration::from_millis(1)), reason),
            (Some(now - ONE_MAILBOX), None),
            // Servers' clocks differ.
            (Some(now + Duration::from_secs(60)), reason),
        ] {
            assert_eq!(number(at, now), expected, "{at:?}");
        }
    }
}
