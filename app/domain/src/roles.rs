//! Roles are permission sets. Policy asks for an [`Area`] and a [`Level`], never for a role by name; only ownership
//! itself is special, and that is what [`Rank::Owner`] is for.

use crate::scope::ScopeKind;
use serde::{Deserialize, Serialize};

/// What a permission is about. The last three are stored and passed on to the applications behind Postern.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Members and their roles.
    UserManagement,
    /// Name, plan, portfolio link.
    AccountSettings,
    /// MFA policy, single sign-on.
    SecuritySettings,
    /// View: see requests. Edit: ask, approve, cancel. Not part of [`Area::UserManagement`].
    MfaReset,
    /// The activity log.
    ActivityLog,
    /// API keys, SCIM, webhooks.
    ApiKeysIntegrations,
    /// Invoices and plan.
    Billing,
    /// Passed on.
    Content,
    /// Passed on.
    ProfilesListsSegments,
    /// Passed on.
    DataPlatform,
}

/// How far a permission goes; each level contains the ones before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing.
    None,
    /// Look.
    View,
    /// Look and take away.
    ViewExport,
    /// Change.
    Edit,
    /// Change for the public; [`Area::Content`] only.
    Publish,
}

/// Who stands above whom. Nobody acts on a member of higher rank.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// 1: everybody else, custom roles included.
    #[default]
    Member = 1,
    /// 2: Admin, Portfolio Admin.
    Admin = 2,
    /// 3: Owner, Portfolio Owner.
    Owner = 3,
}

macro_rules! built_in_roles {
    ($($variant:ident $key:literal $kind:ident $rank:ident [$($level:ident)*];)*) => {
        /// The roles every scope has. Custom roles come beside them, as further permission sets of rank 1.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "the keys of the table say it")]
        pub enum Role { $($variant),* }

        impl Role {
            /// Every built-in role, account roles first.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As stored, as on the wire, and the name of its label in the message files.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),* }
            }

            /// Account and portfolio roles are separate in both directions.
            pub const fn kind(self) -> ScopeKind {
                match self { $(Self::$variant => ScopeKind::$kind),* }
            }

            /// Where its holders stand.
            pub const fn rank(self) -> Rank {
                match self { $(Self::$variant => Rank::$rank),* }
            }

            /// What its holders may do.
            pub const fn permissions(self) -> Permissions {
                match self { $(Self::$variant => Permissions([$(levels::$level),*])),* }
            }
        }
    };
}

/// The letters of the permission table.
mod levels {
    use super::Level;
    pub const O: Level = Level::None;
    pub const V: Level = Level::View;
    pub const X: Level = Level::ViewExport;
    pub const E: Level = Level::Edit;
    pub const P: Level = Level::Publish;
}

// Columns: user_management account_settings security_settings mfa_reset activity_log api_keys billing content
// profiles_lists_segments data_platform. O is none.
built_in_roles! {
    Owner               "owner"                Account   Owner  [E E E E X E E P E E];
    Admin               "admin"                Account   Admin  [E E E E X E E P E E];
    Manager             "manager"              Account   Member [V V O O V O O P E E];
    Analyst             "analyst"              Account   Member [O O O O O O O V V V];
    CampaignCoordinator "campaign_coordinator" Account   Member [O O O O O O O P V O];
    ContentCreator      "content_creator"      Account   Member [O O O O O O O E O O];
    Support             "support"              Account   Member [O O O O O O O V V O];
    PortfolioOwner      "portfolio_owner"      Portfolio Owner  [E E E E X E E V V V];
    PortfolioAdmin      "portfolio_admin"      Portfolio Admin  [V E E E X E E V V V];
    PortfolioManager    "portfolio_manager"    Portfolio Member [V V O O V O O V V V];
    PortfolioAnalyst    "portfolio_analyst"    Portfolio Member [O O O O O O O V X V];
}

impl Role {
    /// The role with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.key() == key)
    }

    /// Who owns a scope of this kind: one at a time.
    pub const fn owner_of(kind: ScopeKind) -> Self {
        match kind {
            ScopeKind::Account => Self::Owner,
            ScopeKind::Portfolio => Self::PortfolioOwner,
        }
    }

    /// What who hands a scope of this kind over becomes.
    pub const fn admin_of(kind: ScopeKind) -> Self {
        match kind {
            ScopeKind::Account => Self::Admin,
            ScopeKind::Portfolio => Self::PortfolioAdmin,
        }
    }

    /// The roles of one kind of scope, highest first.
    pub fn of_kind(kind: ScopeKind) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |role| role.kind() == kind)
    }
}

/// A level for every area, in the order of [`Area`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Permissions([Level; 10]);

impl Permissions {
    /// How far this set goes in one area.
    pub const fn level(&self, area: Area) -> Level {
        self.0[area as usize]
    }

    /// Whether this set reaches `level` in `area`.
    pub fn allow(&self, area: Area, level: Level) -> bool {
        self.level(area) >= level
    }

    /// Whether every permission of `other` is part of this set: what one may grant.
    pub fn contain(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).all(|(own, granted)| *own >= granted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_found_by_its_key() {
        for role in Role::ALL {
            assert_eq!(Role::of_key(role.key()), Some(*role));
        }
        assert_eq!(Role::of_key("root"), None);
    }

    #[test]
    fn user_management_does_not_include_mfa_reset() {
        let manager = Role::Manager.permissions();
        assert!(manager.allow(Area::UserManagement, Level::View));
        assert!(!manager.allow(Area::MfaReset, Level::View));
    }
}
