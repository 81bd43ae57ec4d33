//! What a scope accepts of a second factor (4.4), for how long a browser may go without giving one (4.7), and for how long
//! somebody who is required to have one may go without (4.8). Of a person's scopes the strictest counts, and so it does of
//! an account and its portfolio's [`Floor`].

use crate::{
    loosening::{Loosenable, Loosening},
    policy::Principal,
    roll_out::Coverage,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A number of days, 0 to `MOST`; 0 is never.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Days<const MOST: u8>(u8);

/// For how many days “Don't ask again on this device” holds.
pub type TrustDays = Days<30>;

/// For how many days somebody who never had a second factor may go on without, once, where one is required.
pub type GraceDays = Days<14>;

impl TrustDays {
    /// What the form offers.
    pub const OFFERED: [Self; 5] = [Self(0), Self(1), Self(7), Self(14), Self(30)];
}

impl GraceDays {
    /// What the form offers.
    pub const OFFERED: [Self; 5] = [Self(0), Self(1), Self(3), Self(7), Self(14)];
}

impl<const MOST: u8> Days<MOST> {
    /// None.
    pub const NEVER: Self = Self(0);
    /// As many as there may be.
    pub const MOST: Self = Self(MOST);

    /// How many.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// As a span, where there are any.
    pub fn span(self) -> Option<Duration> {
        (self.0 > 0).then(|| Duration::from_secs(u64::from(self.0) * 24 * 3600))
    }
}

impl<const MOST: u8> TryFrom<u8> for Days<MOST> {
    type Error = TooManyDays;

    fn try_from(days: u8) -> Result<Self, TooManyDays> {
        if days <= MOST { Ok(Self(days)) } else { Err(TooManyDays(MOST)) }
    }
}

impl<const MOST: u8> From<Days<MOST>> for u8 {
    fn from(days: Days<MOST>) -> u8 {
        days.0
    }
}

/// More days than there may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0} days are the most")]
pub struct TooManyDays(u8);

/// What a scope has set under Security > “Methods and devices”.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct MfaPolicy {
    /// How long a browser is trusted.
    pub trust: TrustDays,
    /// Only methods that cannot be talked out of anybody are accepted, where MFA is required; then no browser is trusted.
    pub phishing_resistant: bool,
    /// How long somebody who never had a method may go on without, where MFA is required.
    pub grace: GraceDays,
    /// Codes by text message are accepted (4.3), the weaker choice.
    pub sms: bool,
    /// Nothing laxer than this, and than whether MFA is required, holds in the accounts that are linked. No account has any.
    pub floor: bool,
}

impl Loosenable for MfaPolicy {
    fn stricter_of(self, other: Self) -> Self {
        Self {
            trust: self.trust.min(other.trust),
            phishing_resistant: self.phishing_resistant || other.phishing_resistant,
            grace: self.grace.min(other.grace),
            sms: self.sms && other.sms,
            floor: self.floor || other.floor,
        }
    }
}

/// Whether a scope requires a second factor, and which, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct MfaRules {
    /// “Require MFA for all users”.
    pub required: bool,
    /// The rest.
    pub policy: MfaPolicy,
}

impl MfaRules {
    /// As they hold in a scope that has set `self`.
    pub fn above(self, floor: Option<&Floor>) -> Self {
        let Some(Floor { rules, .. }) = floor else { return self };
        Self {
            required: self.required || rules.required,
            policy: MfaPolicy { floor: self.policy.floor, ..self.policy.stricter_of(rules.policy) },
        }
    }

    /// What is asked for by who is shown what holds above `floor`. What they leave as it is shown stays as it was set, because
    /// a floor may go; and what the floor decides is not asked.
    pub fn asked(self, floor: Option<&Floor>, asked: MfaPolicy) -> MfaPolicy {
        let (own, shown) = (self.policy, self.above(floor).policy);
        let is_fixed = floor.is_some_and(|floor| floor.rules.policy.phishing_resistant);
        let is_left = is_fixed || asked.phishing_resistant == shown.phishing_resistant;
        MfaPolicy {
            trust: if asked.trust == shown.trust { own.trust } else { asked.trust },
            grace: if asked.grace == shown.grace { own.grace } else { asked.grace },
            phishing_resistant: if is_left { own.phishing_resistant } else { asked.phishing_resistant },
            sms: if asked.sms == shown.sms { own.sms } else { asked.sms },
            floor: asked.floor,
        }
    }

    /// [`Loosenable::change`] of the policy; where nothing is required of anybody, a time to set it up loosens nothing and
    /// holds at once too.
    pub fn change(self, asked: MfaPolicy) -> (MfaPolicy, Option<MfaPolicy>) {
        let grace = if self.required || self.policy.floor { self.policy.grace } else { asked.grace };
        MfaPolicy { grace, ..self.policy }.change(asked)
    }
}

/// Below what no account of a portfolio goes (4.8).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Floor {
    /// The portfolio's name.
    pub portfolio: String,
    /// What it has set.
    pub rules: MfaRules,
}

/// Security > “Methods and devices” as its page shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MfaPolicySettings {
    /// What the scope has set.
    pub own: MfaRules,
    /// What the account's portfolio asks of it, if it does.
    pub floor: Option<Floor>,
    /// What is to be loosened, if anything is.
    pub loosening: Option<Loosening>,
    /// Who is here, of a portfolio in all of its reach, and what they have: where something can be turned on that stops some
    /// of them.
    pub coverage: Option<Coverage>,
    /// Whether the operator has set up how text messages leave.
    pub has_sms_gateway: bool,
    /// Who asks.
    pub principal: Principal,
    /// The server's time.
    pub now: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(trust: u8, phishing_resistant: bool) -> MfaPolicy {
        MfaPolicy { trust: Days(trust), phishing_resistant, ..MfaPolicy::default() }
    }

    #[test]
    fn what_is_stricter_holds_at_once_and_what_is_looser_later() {
        assert_eq!(policy(30, false).change(policy(7, true)), (policy(7, true), None));
        assert_eq!(policy(7, true).change(policy(30, false)), (policy(7, true), Some(policy(30, false))));
        assert_eq!(policy(7, false).change(policy(14, true)), (policy(7, true), Some(policy(14, true))));
        assert_eq!(policy(7, true).change(policy(7, true)), (policy(7, true), None));
    }

    #[test]
    fn time_to_set_it_up_loosens_nothing_where_nothing_is_required() {
        let asked = MfaPolicy { grace: Days(7), ..policy(0, false) };
        let rules = |required, floor| MfaRules { required, policy: MfaPolicy { floor, ..policy(0, false) } };
        assert_eq!(rules(false, false).change(asked), (asked, None));
        assert_eq!(rules(true, false).change(asked), (policy(0, false), Some(asked)));
        let below = MfaPolicy { floor: true, ..asked };
        assert_eq!(rules(false, true).change(below).1, Some(below), "accounts may require one");
    }

    #[test]
    fn an_account_is_as_strict_as_its_portfolio_or_stricter() {
        let days = |trust, grace| MfaPolicy { grace: Days(grace), ..policy(trust, false) };
        let rules = MfaRules { required: true, policy: MfaPolicy { floor: true, ..days(7, 3) } };
        let floor = Floor { portfolio: String::new(), rules };
        let account = |required, policy| MfaRules { required, policy };
        assert_eq!(account(false, days(30, 14)).above(Some(&floor)), account(true, days(7, 3)));
        assert_eq!(account(false, days(1, 0)).above(Some(&floor)), account(true, days(1, 0)));
        assert_eq!(account(false, days(30, 14)).above(None), account(false, days(30, 14)));
    }

    #[test]
    fn what_a_floor_shows_is_not_taken_for_what_is_asked() {
        let own = MfaPolicy { grace: Days(14), ..policy(30, true) };
        let rules = MfaRules { required: true, policy: own };
        let above = MfaPolicy { grace: Days(7), floor: true, ..policy(7, true) };
        let floor = Floor { portfolio: String::new(), rules: MfaRules { required: true, policy: above } };
        let shown = rules.above(Some(&floor)).policy;
        assert_eq!(rules.asked(Some(&floor), shown), own, "saved as it was shown");
        // A switch that is fixed is not sent.
        assert_eq!(rules.asked(Some(&floor), MfaPolicy { phishing_resistant: false, ..shown }), own);
        let asked = rules.asked(Some(&floor), MfaPolicy { grace: Days(3), ..shown });
        assert_eq!(asked, MfaPolicy { grace: Days(3), ..own });
        assert_eq!(rules.asked(None, policy(7, false)), policy(7, false));
    }

    #[test]
    fn the_most_days_are_the_most() {
        assert!(TrustDays::try_from(30).is_ok());
        assert!(TrustDays::try_from(31).is_err());
        assert!(GraceDays::try_from(14).is_ok());
        assert!(GraceDays::try_from(15).is_err());
        assert!(serde_json::from_str::<TrustDays>("31").is_err());
        assert_eq!(TrustDays::NEVER.span(), None);
    }
}
