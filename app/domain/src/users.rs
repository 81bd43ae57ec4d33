//! Members of a scope, as its administrators see them: as far as this scope goes (2.8), never memberships elsewhere,
//! numbers or key names.

use crate::{
    accounts::Headcount,
    audit::AuditLine,
    authenticators::{FactorKind, FactorKinds},
    ids::UserId,
    mfa_reset::PendingReset,
    policy::{Principal, Target},
    roles::{NamedRole, Rank, RoleKey},
    scope::Scope,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Whether a member is in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MembershipStatus {
    /// Asked in, has not accepted.
    Invited,
    /// In.
    Active,
    /// Shut out of this scope.
    Deactivated,
}

impl MembershipStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Active, Self::Invited, Self::Deactivated];

    /// As stored, and as in the URL.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Deactivated => "deactivated",
        }
    }

    /// The status with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.key() == key)
    }
}

/// A member's place in a linked account, as the portfolio sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkedPlace {
    /// The account's name.
    pub account: String,
    /// Their role there.
    pub role: NamedRole,
    /// In, invited, or shut out there.
    pub status: MembershipStatus,
}

/// One row of the Users page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UserOverview {
    /// Who.
    pub user_id: UserId,
    /// Name in this scope; in the list of a portfolio in the place there that they used last.
    pub name: String,
    /// Address.
    pub email: String,
    /// Role in this very scope: nothing for who is reached through a linked account only.
    pub role: Option<NamedRole>,
    /// Highest rank within reach.
    pub rank: Rank,
    /// In the list of a portfolio, the linked accounts they are in.
    pub accounts: Vec<LinkedPlace>,
    /// In, invited, or shut out.
    pub status: MembershipStatus,
    /// Kinds of second factor.
    pub factors: FactorKinds,
    /// Whether a second factor is required of them, as far as this scope goes.
    pub mfa_required: bool,
    /// A live reset, for who may see resets.
    pub pending: Option<PendingReset>,
    /// Resets asked for them here within the last 24 hours.
    pub resets_today: u32,
    /// Last use of this scope, of a portfolio anywhere within its reach.
    pub last_used_at: Option<Timestamp>,
}

impl UserOverview {
    /// This member as policy sees them.
    pub fn target(&self) -> Target {
        Target {
            user_id: self.user_id,
            name: self.name.clone(),
            rank: self.rank,
            owns: self.role.as_ref().is_some_and(|role| role.role.rank() == Rank::Owner),
            status: self.status,
            factors: self.factors,
            resets_today: self.resets_today,
        }
    }
}

/// Some whom a part of a name or address means, to jump to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FoundUsers {
    /// What was asked for, as it was asked.
    pub text: String,
    /// The first of them by name.
    pub people: Vec<FoundUser>,
}

/// One of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FoundUser {
    /// Who.
    pub user_id: UserId,
    /// Name in this scope.
    pub name: String,
    /// Address.
    pub email: String,
}

/// Filter by the state of MFA.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MfaFilter {
    /// Has a second factor.
    On,
    /// Has none.
    Off,
    /// A reset is pending.
    Pending,
    /// Has a passkey or security key, perhaps beside others.
    Passkey,
    /// Has an authenticator app, perhaps beside others.
    Totp,
    /// Has a number that codes are texted to, perhaps beside others.
    Sms,
}

impl MfaFilter {
    /// By this kind of method.
    pub const fn of_kind(kind: FactorKind) -> Self {
        match kind {
            FactorKind::Passkey => Self::Passkey,
            FactorKind::Totp => Self::Totp,
            FactorKind::Sms => Self::Sms,
        }
    }
}

/// What the page is sorted by. Ties are broken by id, so that no row is met twice or missed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserSort {
    /// By name, A first.
    #[default]
    Name,
    /// By name, Z first.
    NameDesc,
    /// By last use of this scope, latest first.
    LastActive,
    /// By last use of this scope, never and longest ago first.
    LastActiveAsc,
}

macro_rules! keyed {
    ($type:ty { $($variant:ident = $key:literal),* $(,)? }) => {
        impl $type {
            /// Every choice.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As in the URL.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),* }
            }

            /// The choice with this key.
            pub fn of_key(key: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|choice| choice.key() == key)
            }
        }
    };
}

keyed!(MfaFilter {
    On = "on",
    Off = "off",
    Pending = "pending",
    Passkey = "passkey",
    Totp = "totp",
    Sms = "sms",
});
keyed!(UserSort { Name = "name", NameDesc = "-name", LastActive = "-last_active", LastActiveAsc = "last_active" });

/// Which members to list, as the URL says it. What it cannot mean is left out, never an error: old links go on working.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct UserQuery {
    /// Part of a name or address; at most 100 characters count.
    #[serde(default)]
    pub q: String,
    /// Only this role.
    #[serde(default)]
    pub role: Option<RoleKey>,
    /// Only this state of MFA.
    #[serde(default)]
    pub mfa: Option<MfaFilter>,
    /// Only this status.
    #[serde(default)]
    pub status: Option<MembershipStatus>,
    /// In this order.
    #[serde(default)]
    pub sort: UserSort,
    /// The page that comes after this cursor.
    #[serde(default)]
    pub after: Option<String>,
    /// The page that comes before this cursor.
    #[serde(default)]
    pub before: Option<String>,
}

/// One page of members.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UserPage {
    /// Resets that wait for a second administrator, for who may see resets.
    pub awaiting: Vec<crate::mfa_reset::AwaitedApproval>,
    /// Where.
    pub scope: Scope,
    /// Who looks.
    pub principal: Principal,
    /// The rows.
    pub rows: Vec<UserOverview>,
    /// The roles that somebody in the list can have: of a portfolio also those of its accounts.
    pub roles: Vec<NamedRole>,
    /// Everybody here, without filters.
    pub headcount: Headcount,
    /// How many the filters leave, counted up to 1,001; nothing when nothing is filtered.
    pub filtered: Option<u32>,
    /// Cursor for “Previous”, if there is anything before.
    pub before: Option<String>,
    /// Cursor for “Next”, if there is anything after.
    pub after: Option<String>,
    /// The server's time.
    pub now: Timestamp,
}

/// One member, as a page (6.3): as far as this scope goes (2.8).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UserDetails {
    /// Where.
    pub scope: Scope,
    /// Who looks.
    pub principal: Principal,
    /// The row of the list.
    pub user: UserOverview,
    /// Their membership of this very scope; nothing for who is reached through a linked account only.
    pub membership: Option<Membership>,
    /// The roles of this scope.
    pub roles: Vec<NamedRole>,
    /// The browsers in which they came in here, latest first. Of what they did elsewhere nothing.
    pub devices: Vec<DeviceHere>,
    /// What they did here and what was done to them, latest first, for who may see the activity log.
    pub activity: Vec<AuditLine>,
    /// The server's time.
    pub now: Timestamp,
}

/// A browser in which a member came into this very scope, and from where.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceHere {
    /// Browser and system in words.
    pub device: String,
    /// The network address, with where that is if it is known.
    pub place: String,
    /// When they came in from there by such a browser for the first time.
    pub first_at: Timestamp,
    /// When for the last time.
    pub last_at: Timestamp,
}

/// A membership of one scope.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Membership {
    /// As what.
    pub role: NamedRole,
    /// How high that is, where it is acted upon: in a linked account they may stand higher by their role in its portfolio.
    pub rank: Rank,
    /// In, invited, or shut out.
    pub status: MembershipStatus,
    /// Since when.
    pub added_at: Timestamp,
}

impl UserDetails {
    /// This member as policy sees them where their membership of this very scope is acted upon.
    pub fn target(&self) -> Option<Target> {
        let Membership { role, rank, status, .. } = self.membership.as_ref()?;
        let owns = role.role.rank() == Rank::Owner;
        Some(Target { rank: *rank, owns, status: *status, ..self.user.target() })
    }
}
