//! Accounts and portfolios as far as a member sees them.

use crate::{
    authenticators::FactorKinds,
    loosening::Loosening,
    mfa_policy::{Floor, GraceDays},
    policy::Principal,
    roles::NamedRole,
    scope::Scope,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// What an account pays for. Changed by the operator only.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// Everything but what is marked as paid.
    Free,
    /// Requires MFA of all users.
    Paid,
}

impl Plan {
    /// As stored and as on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Paid => "paid",
        }
    }

    /// The plan with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        [Self::Free, Self::Paid].into_iter().find(|plan| plan.key() == key)
    }
}

/// A place one may enter, for the switcher.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ScopeEntry {
    /// Where.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// One's role there.
    pub role: NamedRole,
}

/// What ends when a scope is closed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Closing {
    /// The scope's name.
    pub name: String,
    /// Active members.
    pub people: u64,
    /// Invitations that nobody answered.
    pub invitations: u64,
    /// MFA resets under way.
    pub resets: u64,
    /// The portfolio that an account leaves.
    pub portfolio: Option<String>,
    /// The accounts linked to a portfolio, which is not closed before they are out of it.
    pub accounts: u64,
}

/// The page that asks whether a scope is to be closed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClosingPage {
    /// What ends, for its Owner alone.
    pub closing: Option<Closing>,
    /// The acting person.
    pub principal: Principal,
}

/// Counters of a scope, kept in the same transaction as what they count.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Headcount {
    /// Active members.
    pub members: u64,
    /// Active members with a second factor.
    pub with_mfa: u64,
}

/// What every console page of a scope needs: who is acting, where, and where else they could be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Console {
    /// The acting person in this scope.
    pub principal: Principal,
    /// The scope's name.
    pub scope_name: String,
    /// An account's plan; nothing for a portfolio.
    pub plan: Option<Plan>,
    /// Everywhere the person may go.
    pub scopes: Vec<ScopeEntry>,
    /// A live reset against the person, if there is one.
    pub reset_of_mine: Option<crate::mfa_reset::ResetOfMine>,
    /// Until when the person may go on without a second factor that is required of them, if they do.
    pub grace_until: Option<Timestamp>,
    /// The server's time.
    pub now: Timestamp,
}

/// The Overview page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Overview {
    /// How many people, how many with a second factor; only for who may see users.
    pub headcount: Option<Headcount>,
    /// Resets that wait for a second administrator; only for who may see them.
    pub awaiting: Vec<crate::mfa_reset::AwaitedApproval>,
    /// Resets that are live here; only for who may see them.
    pub pending: Vec<(String, crate::mfa_reset::PendingReset)>,
    /// What is weak here, the worst first; only for who sees how the scope is secured.
    pub check_up: Option<Vec<crate::check_up::Finding>>,
    /// Links to a portfolio that wait for the Owner's answer; only for the Owner.
    pub links: crate::portfolios::WaitingLinks,
    /// One's own kinds of method.
    pub own_factors: FactorKinds,
    /// Whether one goes on without the second factor that is required of one, which every page says then.
    pub in_grace: bool,
    /// One's own backup codes that are left.
    pub own_backup_codes_left: u32,
    /// The server's time.
    pub now: Timestamp,
}

/// “Require MFA for all users” as its page shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MfaRequirement {
    /// Whether it is on.
    pub required: bool,
    /// For how long who never had a second factor may go on without one.
    pub grace: GraceDays,
    /// What the account's portfolio asks of it, if it does.
    pub floor: Option<Floor>,
    /// That it is to be turned off, if it is.
    pub loosening: Option<Loosening>,
    /// The server's time.
    pub now: Timestamp,
    /// An account's plan; nothing for a portfolio.
    pub plan: Option<Plan>,
    /// Who is here and how many of them have a second factor.
    pub headcount: Headcount,
    /// Who looks.
    pub principal: Principal,
    /// The security contact's name: the Owner until another is set.
    pub security_contact: String,
}
