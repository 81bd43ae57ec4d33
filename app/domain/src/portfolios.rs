//! Portfolios (7.1): who makes one, how an account comes into it, and when it leaves.
//!
//! An account is in one portfolio at most, because its Owner agreed to that having been shown what it means: a
//! [`LinkRequest`] waits until then. The link stands on the Portfolio Owner being an Owner or Admin of the account
//! ([`vouches`]); when that is no longer so, the account's Owner has [`CONFIRM_WITHIN`] to say that it stays.

use crate::{
    accounts::Plan,
    guards::Guards,
    ids::{AccountId, LinkRequestId, MembershipId},
    mfa_policy::Floor,
    policy::Principal,
    roles::{Area, Level, NamedRole, Rank, Role},
    scope::Scope,
    time::Timestamp,
    users::MembershipStatus,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a request waits for the account's Owner.
pub const REQUEST_TTL: Duration = Duration::from_secs(14 * 24 * 3600);
/// How long the account's Owner has to confirm a link that the Portfolio Owner does not stand for any more.
pub const CONFIRM_WITHIN: Duration = Duration::from_secs(30 * 24 * 3600);
/// How often a portfolio asks the same account within [`REQUESTS_SPAN`].
pub const REQUESTS: u64 = 3;
/// See [`REQUESTS`].
pub const REQUESTS_SPAN: Duration = Duration::from_secs(24 * 3600);

/// Why an account cannot be in a portfolio.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfit {
    /// It was closed.
    Closed,
    /// It is in another one.
    InAnotherPortfolio,
    /// It is on the free plan.
    FreePlan,
}

/// Whether an account of this kind may come into a portfolio at all. One that is in and is put on the free plan stays.
///
/// # Errors
/// Why not.
pub const fn may_be_linked(plan: Plan, is_closed: bool) -> Result<(), Unfit> {
    match (is_closed, plan) {
        (true, _) => Err(Unfit::Closed),
        (false, Plan::Free) => Err(Unfit::FreePlan),
        (false, Plan::Paid) => Ok(()),
    }
}

/// Whether an account may join a portfolio: one of this kind, and in none.
///
/// # Errors
/// Why not, in the order in which it could be mended last.
pub const fn may_join(plan: Plan, is_closed: bool, is_linked: bool) -> Result<(), Unfit> {
    match may_be_linked(plan, is_closed) {
        Err(Unfit::Closed) => Err(Unfit::Closed),
        _ if is_linked => Err(Unfit::InAnotherPortfolio),
        other => other,
    }
}

/// Whether a Portfolio Owner who stands here in an account stands for its link.
pub fn vouches(rank: Rank, status: MembershipStatus) -> bool {
    rank >= Rank::Admin && status == MembershipStatus::Active
}

/// Whether who has this role in a portfolio sees or does anything in the accounts that are linked. What concerns the
/// portfolio itself alone, its log for instance, does not count; the list of its accounts comes with its settings.
pub fn reaches_accounts(role: Role) -> bool {
    let seen = [
        Area::UserManagement,
        Area::AccountSettings,
        Area::MfaReset,
        Area::Content,
        Area::ProfilesListsSegments,
        Area::DataPlatform,
    ];
    let permissions = role.permissions();
    // Who sets its rules sets those below which no account goes.
    seen.into_iter().any(|area| permissions.allow(area, Level::View))
        || permissions.allow(Area::SecuritySettings, Level::Edit)
}

/// Where a request stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkRequestState {
    /// The account's Owner can agree.
    Open,
    /// The account's Owner agreed.
    Agreed,
    /// The account's Owner did not.
    Declined,
    /// It was called off, or who asked may not ask any more.
    Cancelled,
    /// Nobody answered in time.
    Expired,
    /// The account joined another portfolio.
    Superseded,
}

impl LinkRequestState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Open, Self::Agreed, Self::Declined, Self::Cancelled, Self::Expired, Self::Superseded];

    /// As stored, and as `data-state` of the page.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Agreed => "agreed",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
        }
    }

    /// The state with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// Of one that ended in this way, or can be agreed to until `expires_at`. The moment itself is too late.
    pub fn at(ended: Option<Self>, expires_at: Timestamp, now: Timestamp) -> Self {
        match ended {
            Some(state) => state,
            None if now < expires_at => Self::Open,
            None => Self::Expired,
        }
    }
}

/// That a portfolio asks an account to join, as the account sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkRequest {
    /// Which one.
    pub id: LinkRequestId,
    /// The portfolio's name.
    pub portfolio: String,
    /// Who asked: its Owner.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// Until when it can be agreed to.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub state: LinkRequestState,
}

/// A link whose Portfolio Owner does not stand for it any more.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkToConfirm {
    /// The portfolio's name.
    pub portfolio: String,
    /// When it ends unless it is confirmed.
    pub until: Timestamp,
}

/// What waits for an account's Owner.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct WaitingLinks {
    /// Portfolios that ask it to join.
    pub requests: Vec<LinkRequest>,
    /// Its own link, where that is to be confirmed.
    pub to_confirm: Option<LinkToConfirm>,
}

impl WaitingLinks {
    /// Whether nothing does.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.to_confirm.is_none()
    }
}

/// Somebody who has reach over linked accounts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reaching {
    /// Their name in the portfolio.
    pub name: String,
    /// As what.
    pub role: NamedRole,
}

/// What a portfolio can do in the accounts that are linked, and who.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Power {
    /// The portfolio's name.
    pub portfolio: String,
    /// Who has reach, in the order in which they came: one page of them.
    pub people: Vec<Reaching>,
    /// How many they are.
    pub total: u64,
    /// The page before, if there is one.
    pub before: Option<MembershipId>,
    /// The page after, if there is one.
    pub after: Option<MembershipId>,
    /// Below what no account goes, where it has set that.
    pub floor: Option<Floor>,
    /// What an MFA reset that is asked for there needs at least.
    pub guards: Guards,
}

/// Which of those who have reach to list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ReachQuery {
    /// Only who comes after this one.
    #[serde(default)]
    pub after: Option<MembershipId>,
    /// Only who comes before this one; `after` is stronger.
    #[serde(default)]
    pub before: Option<MembershipId>,
}

/// An account's link, and what waits to be answered, as the account sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AccountLink {
    /// Where.
    pub scope: Scope,
    /// Who looks.
    pub principal: Principal,
    /// The account's plan.
    pub plan: Option<Plan>,
    /// The portfolio that it is in, if it is in one.
    pub link: Option<Link>,
    /// Those that ask it to join.
    pub requests: Vec<LinkRequest>,
    /// The server's time.
    pub now: Timestamp,
}

/// The portfolio that an account is in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Link {
    /// What it can do, and who.
    pub power: Power,
    /// Since when, where that is known.
    pub linked_at: Option<Timestamp>,
    /// When it ends unless the account's Owner confirms it, where that is asked.
    pub confirm_until: Option<Timestamp>,
}

/// What an account's Owner agrees to, before they do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Consent {
    /// Where.
    pub scope: Scope,
    /// The account's name.
    pub account: String,
    /// Who looks.
    pub principal: Principal,
    /// What is asked.
    pub request: LinkRequest,
    /// What the portfolio will be able to do, and who; nothing once it is answered.
    pub power: Option<Power>,
    /// Why the account cannot join as it is, if it cannot.
    pub unfit: Option<Unfit>,
    /// The server's time.
    pub now: Timestamp,
}

/// A linked account, as its portfolio sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkedAccount {
    /// Which one.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// Active members.
    pub members: u64,
    /// Since when, where that is known.
    pub linked_at: Option<Timestamp>,
    /// When it leaves unless its Owner confirms the link, where that is asked.
    pub confirm_until: Option<Timestamp>,
}

/// An account of which the Portfolio Owner is Owner or Admin, and which is not in the portfolio.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// Which one.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// Whether the Portfolio Owner owns it too, and so agrees themselves.
    pub is_own: bool,
    /// How far it is.
    pub candidacy: Candidacy,
}

/// How far an account is from joining.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Candidacy {
    /// It can be asked.
    MayBeAsked,
    /// It was asked.
    Asked {
        /// By which request.
        id: LinkRequestId,
        /// Until when it can be agreed to.
        expires_at: Timestamp,
    },
    /// It cannot join.
    Unfit(Unfit),
}

/// Manage > Accounts of a portfolio.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PortfolioAccounts {
    /// Where.
    pub scope: Scope,
    /// Who looks.
    pub principal: Principal,
    /// Those that are linked, by name.
    pub linked: Vec<LinkedAccount>,
    /// Those that could be, by name; for the Portfolio Owner alone, whose own accounts they are.
    pub candidates: Vec<Candidate>,
    /// The server's time.
    pub now: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paid_account_in_no_portfolio_may_join_and_others_are_told_why_not() {
        for (plan, is_closed, is_linked, answer) in [
            (Plan::Paid, false, false, Ok(())),
            (Plan::Paid, false, true, Err(Unfit::InAnotherPortfolio)),
            (Plan::Free, false, false, Err(Unfit::FreePlan)),
            (Plan::Free, false, true, Err(Unfit::InAnotherPortfolio)),
            (Plan::Paid, true, true, Err(Unfit::Closed)),
            (Plan::Free, true, false, Err(Unfit::Closed)),
        ] {
            assert_eq!(may_join(plan, is_closed, is_linked), answer, "{plan:?} {is_closed} {is_linked}");
        }
    }

    #[test]
    fn an_active_owner_or_admin_stands_for_a_link() {
        for role in Role::ALL {
            let rank = role.rank();
            assert_eq!(vouches(rank, MembershipStatus::Active), rank >= Rank::Admin, "{}", role.key());
            assert!(!vouches(rank, MembershipStatus::Deactivated) && !vouches(rank, MembershipStatus::Invited));
        }
    }

    #[test]
    fn every_built_in_portfolio_role_reaches_accounts() {
        for role in Role::of_kind(crate::scope::ScopeKind::Portfolio) {
            assert!(reaches_accounts(role), "{}", role.key());
        }
    }

    #[test]
    fn who_sees_the_list_of_accounts_reaches_them() {
        let levels = [(Area::AccountSettings, Level::View)].into_iter().collect();
        let permissions = crate::roles::Permissions::of(&levels).unwrap();
        let (id, kind) = (crate::ids::RoleId(uuid::Uuid::nil()), crate::scope::ScopeKind::Portfolio);
        assert!(reaches_accounts(Role::Custom(crate::roles::CustomRole { id, kind, permissions })));
    }

    #[test]
    fn a_request_is_open_until_its_time_or_its_end() {
        let (end, before) = (Timestamp::from_ms(2_000), Timestamp::from_ms(1_999));
        assert_eq!(LinkRequestState::at(None, end, before), LinkRequestState::Open);
        assert_eq!(LinkRequestState::at(None, end, end), LinkRequestState::Expired);
        for state in LinkRequestState::ALL {
            assert_eq!(LinkRequestState::of_key(state.key()), Some(state));
            assert_eq!(LinkRequestState::at(Some(state), end, end), state);
        }
    }
}
