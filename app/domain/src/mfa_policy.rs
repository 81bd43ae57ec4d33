//! What a scope accepts of a second factor (4.4) and for how long a browser may go without giving one (4.7). Of a person's
//! scopes the strictest counts.

use crate::{guards::Loosening, policy::Principal, time::Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// For how many days “Don't ask again on this device” holds, 0 to 30; 0 is never.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct TrustDays(u8);

impl TrustDays {
    /// Every sign-in is asked.
    pub const NEVER: Self = Self(0);
    /// The most.
    pub const MOST: u8 = 30;
    /// What the form offers.
    pub const OFFERED: [Self; 5] = [Self(0), Self(1), Self(7), Self(14), Self(30)];

    /// How many.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// As a span, where any is allowed.
    pub fn span(self) -> Option<Duration> {
        (self.0 > 0).then(|| Duration::from_secs(u64::from(self.0) * 24 * 3600))
    }
}

impl TryFrom<u8> for TrustDays {
    type Error = TooManyDays;

    fn try_from(days: u8) -> Result<Self, TooManyDays> {
        if days <= Self::MOST { Ok(Self(days)) } else { Err(TooManyDays) }
    }
}

impl From<TrustDays> for u8 {
    fn from(days: TrustDays) -> u8 {
        days.0
    }
}

/// More than 30 days.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a device is trusted for 30 days at most")]
pub struct TooManyDays;

/// What a scope has set under Security > “Methods and devices”.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct MfaPolicy {
    /// How long a browser is trusted.
    pub trust: TrustDays,
    /// Only methods that cannot be talked out of anybody are accepted, where MFA is required; then no browser is trusted.
    pub phishing_resistant: bool,
}

impl MfaPolicy {
    /// Of each the stricter.
    pub fn stricter_of(self, other: Self) -> Self {
        Self {
            trust: self.trust.min(other.trust),
            phishing_resistant: self.phishing_resistant || other.phishing_resistant,
        }
    }

    /// What asking for `asked` makes of what is in force: what is stricter holds at once; what is looser, if anything is,
    /// [`crate::guards::LOOSENING`] later.
    pub fn change(self, asked: Self) -> (Self, Option<Self>) {
        let now = self.stricter_of(asked);
        (now, (now != asked).then_some(asked))
    }
}

/// Security > “Methods and devices” as its page shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MfaPolicySettings {
    /// What is in force.
    pub policy: MfaPolicy,
    /// Whether the scope requires a second factor at all.
    pub mfa_required: bool,
    /// What is to be loosened, if anything is.
    pub loosening: Option<Loosening>,
    /// Who asks.
    pub principal: Principal,
    /// The server's time.
    pub now: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(trust: u8, phishing_resistant: bool) -> MfaPolicy {
        MfaPolicy { trust: TrustDays(trust), phishing_resistant }
    }

    #[test]
    fn what_is_stricter_holds_at_once_and_what_is_looser_later() {
        assert_eq!(policy(30, false).change(policy(7, true)), (policy(7, true), None));
        assert_eq!(policy(7, true).change(policy(30, false)), (policy(7, true), Some(policy(30, false))));
        assert_eq!(policy(7, false).change(policy(14, true)), (policy(7, true), Some(policy(14, true))));
        assert_eq!(policy(7, true).change(policy(7, true)), (policy(7, true), None));
    }

    #[test]
    fn thirty_days_are_the_most() {
        assert!(TrustDays::try_from(30).is_ok());
        assert!(TrustDays::try_from(31).is_err());
        assert!(serde_json::from_str::<TrustDays>("31").is_err());
        assert_eq!(TrustDays::NEVER.span(), None);
    }
}
