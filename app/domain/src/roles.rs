//! Roles are permission sets: the built-in ones that every scope has, and the custom ones that a scope made itself (2.2).
//! Policy asks for an [`Area`] and a [`Level`], never for a role by name; only ownership itself is special, and that is
//! what [`Rank::Owner`] is for.
//!
//! A [`Role`] says what its holders may do and comes from the server alone; what a form sends, an address names and a
//! membership stores is a [`RoleKey`], which grants nothing until it was looked up.

use crate::{
    ids::{RoleId, UserId},
    person::{Name, TextProblem},
    policy::Principal,
    scope::{Scope, ScopeKind},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr};

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

impl Area {
    /// Every area, in the order of the permission table.
    pub const ALL: [Self; 10] = [
        Self::UserManagement,
        Self::AccountSettings,
        Self::SecuritySettings,
        Self::MfaReset,
        Self::ActivityLog,
        Self::ApiKeysIntegrations,
        Self::Billing,
        Self::Content,
        Self::ProfilesListsSegments,
        Self::DataPlatform,
    ];

    /// As in forms.
    pub const fn key(self) -> &'static str {
        match self {
            Self::UserManagement => "user_management",
            Self::AccountSettings => "account_settings",
            Self::SecuritySettings => "security_settings",
            Self::MfaReset => "mfa_reset",
            Self::ActivityLog => "activity_log",
            Self::ApiKeysIntegrations => "api_keys_integrations",
            Self::Billing => "billing",
            Self::Content => "content",
            Self::ProfilesListsSegments => "profiles_lists_segments",
            Self::DataPlatform => "data_platform",
        }
    }

    /// How far a permission can go here, lowest first: the levels that make a difference.
    pub const fn levels(self) -> &'static [Level] {
        use Level::{Edit, None, Publish, View, ViewExport};
        match self {
            Self::UserManagement | Self::SecuritySettings => &[None, View, ViewExport, Edit],
            Self::AccountSettings | Self::MfaReset | Self::ApiKeysIntegrations | Self::Billing => &[None, View, Edit],
            Self::ActivityLog => &[None, View, ViewExport],
            Self::Content => &[None, View, ViewExport, Edit, Publish],
            Self::ProfilesListsSegments | Self::DataPlatform => &[None, View, ViewExport, Edit],
        }
    }

    /// Whether Postern itself only stores it and passes it on.
    pub const fn is_passed_on(self) -> bool {
        matches!(self, Self::Content | Self::ProfilesListsSegments | Self::DataPlatform)
    }
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

impl Level {
    /// Every level, lowest first.
    pub const ALL: [Self; 5] = [Self::None, Self::View, Self::ViewExport, Self::Edit, Self::Publish];

    /// As in forms.
    pub const fn key(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::View => "view",
            Self::ViewExport => "view_export",
            Self::Edit => "edit",
            Self::Publish => "publish",
        }
    }
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
        /// As what somebody is in a scope.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "the keys of the table say it")]
        pub enum Role {
            $($variant,)*
            /// One that the scope made itself, of rank 1 whatever it allows.
            Custom(CustomRole),
        }

        impl Role {
            /// Every built-in role, account roles first.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Of a built-in role as stored, as on the wire, and the name of its label in the message files.
            pub const fn built_in_key(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($key),)*
                    Self::Custom(_) => None,
                }
            }

            /// Account and portfolio roles are separate in both directions.
            pub const fn kind(self) -> ScopeKind {
                match self {
                    $(Self::$variant => ScopeKind::$kind,)*
                    Self::Custom(role) => role.kind,
                }
            }

            /// Where its holders stand.
            pub const fn rank(self) -> Rank {
                match self {
                    $(Self::$variant => Rank::$rank,)*
                    Self::Custom(_) => Rank::Member,
                }
            }

            /// What its holders may do.
            pub const fn permissions(self) -> Permissions {
                match self {
                    $(Self::$variant => Permissions([$(levels::$level),*]),)*
                    Self::Custom(role) => role.permissions,
                }
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
    /// The built-in role with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.built_in_key() == Some(key))
    }

    /// Which one it is.
    pub const fn key(self) -> RoleKey {
        match self {
            Self::Custom(role) => RoleKey(Which::Custom(role.id)),
            built_in => RoleKey(Which::BuiltIn(built_in)),
        }
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

    /// The built-in roles of one kind of scope, highest first.
    pub fn of_kind(kind: ScopeKind) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |role| role.kind() == kind)
    }
}

/// A role that a scope made itself, as far as policy asks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct CustomRole {
    /// Which one.
    pub id: RoleId,
    /// Of an account or of a portfolio.
    pub kind: ScopeKind,
    /// What its holders may do.
    pub permissions: Permissions,
}

/// Which role, without what it allows: as a membership stores it, an address names it, a form sends it, and its SCIM
/// identifier. The key of a built-in role, or the id of a custom one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoleKey(Which);

/// [`Which::BuiltIn`] never holds a custom role.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Which {
    BuiltIn(Role),
    Custom(RoleId),
}

impl RoleKey {
    /// Of a custom role.
    pub const fn custom(id: RoleId) -> Self {
        Self(Which::Custom(id))
    }

    /// Of a built-in role, what it stands for.
    pub const fn as_built_in(self) -> Option<Role> {
        match self.0 {
            Which::BuiltIn(role) => Some(role),
            Which::Custom(_) => None,
        }
    }

    /// Of a custom role, its id.
    pub const fn as_custom(self) -> Option<RoleId> {
        match self.0 {
            Which::BuiltIn(_) => None,
            Which::Custom(id) => Some(id),
        }
    }

    /// Where its holders stand.
    pub const fn rank(self) -> Rank {
        match self.0 {
            Which::BuiltIn(role) => role.rank(),
            Which::Custom(_) => Rank::Member,
        }
    }
}

impl From<Role> for RoleKey {
    fn from(role: Role) -> Self {
        role.key()
    }
}

impl fmt::Display for RoleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Which::BuiltIn(role) => f.write_str(role.built_in_key().unwrap_or_default()),
            Which::Custom(id) => id.fmt(f),
        }
    }
}

/// Neither the key of a built-in role nor an id.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("neither the key of a built-in role nor an id")]
pub struct NoRoleKey;

impl FromStr for RoleKey {
    type Err = NoRoleKey;

    fn from_str(text: &str) -> Result<Self, NoRoleKey> {
        let built_in = Role::of_key(text).map(Role::key);
        built_in.or_else(|| text.parse().ok().map(Self::custom)).ok_or(NoRoleKey)
    }
}

impl TryFrom<String> for RoleKey {
    type Error = NoRoleKey;

    fn try_from(text: String) -> Result<Self, NoRoleKey> {
        text.parse()
    }
}

impl From<RoleKey> for String {
    fn from(key: RoleKey) -> Self {
        key.to_string()
    }
}

/// A role as a page shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NamedRole {
    /// The role.
    pub role: Role,
    /// What its scope calls it; nothing for a built-in one, whose name is in the message files.
    pub name: Option<String>,
}

impl From<Role> for NamedRole {
    fn from(role: Role) -> Self {
        Self { role, name: None }
    }
}

/// A level for every area, in the order of [`Area`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Permissions([Level; 10]);

/// A level that its area does not have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{level:?} is no level of {area:?}")]
pub struct NoSuchLevel {
    /// Where.
    pub area: Area,
    /// How far.
    pub level: Level,
}

impl Permissions {
    /// Nothing anywhere.
    pub const NONE: Self = Self([Level::None; 10]);

    /// From what was chosen for each area; nothing where nothing was.
    ///
    /// # Errors
    /// [`NoSuchLevel`] beyond what the area has.
    pub fn of(levels: &BTreeMap<Area, Level>) -> Result<Self, NoSuchLevel> {
        let mut permissions = Self::NONE;
        for (&area, &level) in levels {
            if !area.levels().contains(&level) {
                return Err(NoSuchLevel { area, level });
            }
            permissions.0[area as usize] = level;
        }
        Ok(permissions)
    }

    /// Every area with how far this set goes there.
    pub fn levels(&self) -> impl Iterator<Item = (Area, Level)> {
        Area::ALL.into_iter().zip(self.0)
    }

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

text! {
    /// What a custom role is for, in a sentence or two; may be empty.
    Description, 300, |text| {
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\r') {
            return Err(TextProblem::Malformed);
        }
        Ok(())
    }
}

/// A custom role as its form sends it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleDraft {
    /// What it is called in its scope, where no other has that name.
    pub name: Name,
    /// What it is for.
    pub description: Description,
    /// What its holders may do.
    pub permissions: Permissions,
}

/// A role as its scope's page lists it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoleOverview {
    /// Which, and what it allows.
    pub role: NamedRole,
    /// What a custom one is for.
    pub description: String,
    /// How many members have it, shut out ones included.
    pub holders: u64,
    /// How many open invitations would give it.
    pub invited: u64,
}

/// The roles of a scope, as their page shows them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Roles {
    /// Where.
    pub scope: Scope,
    /// Who looks.
    pub principal: Principal,
    /// Custom ones by name, then the built-in ones, highest first.
    pub roles: Vec<RoleOverview>,
}

/// One role, as its page shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoleDetails {
    /// Where.
    pub scope: Scope,
    /// Who looks.
    pub principal: Principal,
    /// The row of the list.
    pub role: RoleOverview,
    /// When a custom one was last changed: an edit says which state it was made of.
    pub changed_at: Option<Timestamp>,
    /// Some who have it, by name; all of them are the list of users, filtered.
    pub some_holders: Vec<(UserId, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_found_by_its_key() {
        for role in Role::ALL {
            assert_eq!(Role::of_key(&role.key().to_string()), Some(*role));
            assert_eq!(role.key().as_built_in(), Some(*role));
        }
        assert_eq!(Role::of_key("root"), None);
        assert!("root".parse::<RoleKey>().is_err());
    }

    #[test]
    fn a_custom_role_is_of_rank_one_whatever_it_allows() {
        let all = Area::ALL.into_iter().map(|area| (area, *area.levels().last().unwrap())).collect();
        let id = RoleId(uuid::Uuid::from_u128(7));
        let permissions = Permissions::of(&all).unwrap();
        let role = Role::Custom(CustomRole { id, kind: ScopeKind::Account, permissions });
        assert_eq!(role.rank(), Rank::Member);
        assert!(permissions.contain(&Role::Owner.permissions()));
        assert_eq!(role.key().to_string().parse(), Ok(RoleKey::custom(id)));
        assert_eq!((role.key().as_custom(), role.key().as_built_in()), (Some(id), None));
    }

    #[test]
    fn an_area_has_its_levels_and_no_other() {
        let publish = |area| Permissions::of(&BTreeMap::from([(area, Level::Publish)]));
        assert!(publish(Area::Content).is_ok());
        assert!(publish(Area::UserManagement).is_err());
        for area in Area::ALL {
            assert!(area.levels().is_sorted() && area.levels()[0] == Level::None, "{area:?}");
        }
        for (area, level) in Role::ALL.iter().flat_map(|role| role.permissions().levels().collect::<Vec<_>>()) {
            assert!(area.levels().contains(&level), "{area:?}");
        }
    }

    #[test]
    fn user_management_does_not_include_mfa_reset() {
        let manager = Role::Manager.permissions();
        assert!(manager.allow(Area::UserManagement, Level::View));
        assert!(!manager.allow(Area::MfaReset, Level::View));
    }
}
