//! The roll-out of MFA (4.9): how far it got, who is still without, and who may be reminded.

use crate::{
    authenticators::FactorKind, ids::UserId, policy::Principal, roles::NamedRole, scope::Scope, time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A person is reminded no more often than this in one place, however many administrators press the button.
pub const REMIND_EVERY: Duration = Duration::from_secs(24 * 3600);
/// How many one press of “Remind all” reminds.
pub const REMINDED_AT_ONCE: u64 = 200;

/// How many active members have what as their strongest method.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Coverage {
    /// By kind, weakest first, as [`FactorKind::ALL`].
    pub strongest: [u64; FactorKind::ALL.len()],
    /// Without any.
    pub without: u64,
}

impl Coverage {
    /// Everybody.
    pub fn members(&self) -> u64 {
        self.with_mfa() + self.without
    }

    /// Everybody with a second factor.
    pub fn with_mfa(&self) -> u64 {
        self.strongest.iter().sum()
    }

    /// Everybody without a phishing-resistant method.
    pub fn without_phishing_resistant(&self) -> u64 {
        let have = FactorKind::ALL.into_iter().zip(self.strongest).filter(|(kind, _)| kind.is_phishing_resistant());
        self.members() - have.map(|(_, count)| count).sum::<u64>()
    }

    /// Everybody who has text messages and nothing stronger.
    pub fn sms_alone(&self) -> u64 {
        let have = FactorKind::ALL.into_iter().zip(self.strongest);
        have.filter(|(kind, _)| *kind == FactorKind::Sms).map(|(_, count)| count).sum()
    }

    /// The kinds that somebody has, strongest first, each with how many have no stronger one.
    pub fn kinds(&self) -> impl Iterator<Item = (FactorKind, u64)> {
        FactorKind::ALL.into_iter().zip(self.strongest).rev().filter(|(_, count)| *count > 0)
    }

    /// `count` of all in whole percent. Only all are 100, and only nobody is 0: who looks for the last one is not told that
    /// there is none.
    pub fn percent(&self, count: u64) -> u64 {
        let all = self.members();
        match count {
            0 => 0,
            count if count >= all => 100,
            count => ((count * 200 + all) / (all * 2)).clamp(1, 99),
        }
    }
}

/// Whether somebody without a second factor may be reminded, who was last reminded then.
pub fn may_remind(reminded_at: Option<Timestamp>, now: Timestamp) -> bool {
    reminded_at.is_none_or(|at| at + REMIND_EVERY <= now)
}

/// An active member without a second factor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WithoutMfa {
    /// Who.
    pub user_id: UserId,
    /// Name in this scope.
    pub name: String,
    /// Address.
    pub email: String,
    /// Role.
    pub role: NamedRole,
    /// Since when they are here without one.
    pub since: Timestamp,
    /// Last use of this scope.
    pub last_used_at: Option<Timestamp>,
    /// When they were last reminded.
    pub reminded_at: Option<Timestamp>,
}

/// Where a page of the list begins or ends, as the URL says it. What it cannot mean is left out, never an error.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct RollOutQuery {
    /// The page that comes after this cursor.
    #[serde(default)]
    pub after: Option<String>,
    /// The page that comes before this cursor.
    #[serde(default)]
    pub before: Option<String>,
}

/// The page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RollOut {
    /// Who looks.
    pub principal: Principal,
    /// Where.
    pub scope: Scope,
    /// Whether everybody here must have a second factor.
    pub required: bool,
    /// How far it got.
    pub coverage: Coverage,
    /// Who is without, longest first.
    pub without: Vec<WithoutMfa>,
    /// Cursor for “Previous”, if there is anything before.
    pub before: Option<String>,
    /// Cursor for “Next”, if there is anything after.
    pub after: Option<String>,
    /// The server's time.
    pub now: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_are_all_and_only_nobody_is_nobody() {
        for (with, without, percent) in
            [(0, 0, 0), (0, 5, 0), (5, 0, 100), (1, 2, 33), (2, 1, 67), (999_999, 1, 99), (1, 999_999, 1), (1, 1, 50)]
        {
            let coverage = Coverage { strongest: [0, with, 0], without };
            assert_eq!(coverage.percent(coverage.with_mfa()), percent, "{with} of {}", with + without);
        }
    }

    #[test]
    fn kinds_are_told_strongest_first_and_nobodys_is_left_out() {
        let coverage = Coverage { strongest: [0, 3, 2], without: 1 };
        let told: Vec<_> = coverage.kinds().collect();
        assert_eq!(told, [(FactorKind::Passkey, 2), (FactorKind::Totp, 3)]);
        assert_eq!((coverage.members(), coverage.with_mfa()), (6, 5));
    }

    #[test]
    fn a_reminder_is_a_day_apart_from_the_last() {
        let at = Timestamp::from_ms(1_000_000);
        assert!(may_remind(None, at));
        assert!(!may_remind(Some(at), at + REMIND_EVERY - Duration::from_millis(1)));
        assert!(may_remind(Some(at), at + REMIND_EVERY));
    }
}
