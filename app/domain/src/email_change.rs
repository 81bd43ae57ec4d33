//! Changing the address one signs in with (6.4): both mailboxes say yes, the present one and the new one, by a mailed link
//! each; either may say no.

use crate::{
    ids::EmailChangeId,
    time::{Timestamp, ZonedTime},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long both have to say yes.
pub const EMAIL_CHANGE_TTL: Duration = Duration::from_secs(24 * 3600);
/// How long the links go on showing what became of it.
pub const OUTCOME_TTL: Duration = Duration::from_secs(30 * 24 * 3600);

/// Which of the two mailboxes a link was sent to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mailbox {
    /// That of the address in use.
    Present,
    /// That of the address to come.
    New,
}

/// Where a change stands, as one of its two links sees it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailChangeState {
    /// This mailbox can say yes or no.
    Open,
    /// It said yes; the other has not yet.
    Confirmed,
    /// Both said yes: the new address is the one in use.
    Done,
    /// One of them said no.
    Declined,
    /// Who asked called it off, asked for another, or something made it void.
    Cancelled,
    /// Somebody has a sign-in with the new address by now.
    Taken,
    /// They did not both say yes in time.
    Expired,
}

impl EmailChangeState {
    /// Every state that is stored, as it is stored.
    const STORED: [Self; 4] = [Self::Done, Self::Declined, Self::Cancelled, Self::Taken];

    /// As stored, and as `data-state` of the page.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Confirmed => "confirmed",
            Self::Done => "done",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Taken => "taken",
            Self::Expired => "expired",
        }
    }

    /// How one ended that is stored as ended like this.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::STORED.into_iter().find(|state| state.key() == key)
    }

    /// Of one that `ended` so, if it did. `is_void` is whether the person's epoch moved on meanwhile, `confirmed` whether
    /// this mailbox said yes. The moment of `expires_at` itself is too late.
    pub fn at(ended: Option<Self>, is_void: bool, confirmed: bool, expires_at: Timestamp, now: Timestamp) -> Self {
        match ended {
            Some(state) => state,
            None if is_void => Self::Cancelled,
            None if now >= expires_at => Self::Expired,
            None if confirmed => Self::Confirmed,
            None => Self::Open,
        }
    }
}

/// What one of the links shows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeekedEmailChange {
    /// Where it stands.
    pub state: EmailChangeState,
    /// Whose link it is.
    pub mailbox: Mailbox,
    /// The new address.
    pub email: String,
    /// Until when it can be confirmed.
    pub expires_at: ZonedTime,
    /// The server's time.
    pub now: ZonedTime,
}

/// A change that waits for its mailboxes, as who asked sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PendingEmailChange {
    /// Which one.
    pub id: EmailChangeId,
    /// The new address.
    pub email: String,
    /// Whether the present mailbox said yes.
    pub present_confirmed: bool,
    /// Whether the new one did.
    pub new_confirmed: bool,
    /// Until when they can.
    pub expires_at: Timestamp,
    /// The server's time.
    pub now: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ended_stays_ended_and_the_last_moment_is_too_late() {
        use EmailChangeState::*;
        let expires_at = Timestamp::from_ms(1_000_000);
        let at = |ended, is_void, confirmed, now| {
            EmailChangeState::at(ended, is_void, confirmed, expires_at, Timestamp::from_ms(now))
        };
        assert_eq!(at(None, false, false, 999_999), Open);
        assert_eq!(at(None, false, true, 999_999), Confirmed);
        assert_eq!(at(None, false, true, 1_000_000), Expired);
        assert_eq!(at(None, true, false, 0), Cancelled);
        assert_eq!(at(Some(Done), true, true, 2_000_000), Done);
        assert_eq!(EmailChangeState::of_key("open"), None);
        assert_eq!(EmailChangeState::of_key("taken"), Some(Taken));
    }
}
