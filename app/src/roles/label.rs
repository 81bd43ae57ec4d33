//! What roles and permissions are called.

use crate::ui::Text;
use domain::roles::{Area, Level, NamedRole, Role};

/// The role's label.
pub(crate) fn role_text(named: &NamedRole) -> Text {
    match &named.name {
        Some(name) => name.clone().into(),
        None => built_in_text(named.role).into(),
    }
}

/// A role as it was written down: by the key of a built-in one, or by what a custom one was called.
pub(crate) fn written_text(written: &str) -> String {
    Role::of_key(written).map_or_else(|| written.to_owned(), |role| built_in_text(role).to_owned())
}

fn built_in_text(role: Role) -> &'static str {
    match role {
        Role::Owner => tr!("roles.owner"),
        Role::Admin => tr!("roles.admin"),
        Role::Manager => tr!("roles.manager"),
        Role::Analyst => tr!("roles.analyst"),
        Role::CampaignCoordinator => tr!("roles.campaign_coordinator"),
        Role::ContentCreator => tr!("roles.content_creator"),
        Role::Support => tr!("roles.support"),
        Role::PortfolioOwner => tr!("roles.portfolio_owner"),
        Role::PortfolioAdmin => tr!("roles.portfolio_admin"),
        Role::PortfolioManager => tr!("roles.portfolio_manager"),
        Role::PortfolioAnalyst => tr!("roles.portfolio_analyst"),
        Role::Custom(_) => tr!("roles.custom"),
    }
}

/// What an area is called.
pub(super) fn area_text(area: Area) -> &'static str {
    match area {
        Area::UserManagement => tr!("roles.area.user_management"),
        Area::AccountSettings => tr!("roles.area.account_settings"),
        Area::SecuritySettings => tr!("roles.area.security_settings"),
        Area::MfaReset => tr!("roles.area.mfa_reset"),
        Area::ActivityLog => tr!("roles.area.activity_log"),
        Area::ApiKeysIntegrations => tr!("roles.area.api_keys_integrations"),
        Area::Billing => tr!("roles.area.billing"),
        Area::Content => tr!("roles.area.content"),
        Area::ProfilesListsSegments => tr!("roles.area.profiles_lists_segments"),
        Area::DataPlatform => tr!("roles.area.data_platform"),
    }
}

/// What a level is called.
pub(super) fn level_text(level: Level) -> &'static str {
    match level {
        Level::None => tr!("roles.level.none"),
        Level::View => tr!("roles.level.view"),
        Level::ViewExport => tr!("roles.level.view_export"),
        Level::Edit => tr!("roles.level.edit"),
        Level::Publish => tr!("roles.level.publish"),
    }
}

/// What somebody may do who has this level in this area; nothing for who may do nothing there.
pub(super) fn allows_text(area: Area, level: Level) -> &'static str {
    let (view, export, edit) = match area {
        Area::UserManagement => (tr!("roles.users.view"), tr!("roles.users.view_export"), tr!("roles.users.edit")),
        Area::AccountSettings => (tr!("roles.account.view"), "", tr!("roles.account.edit")),
        Area::SecuritySettings => {
            (tr!("roles.security.view"), tr!("roles.security.view_export"), tr!("roles.security.edit"))
        }
        Area::MfaReset => (tr!("roles.mfa_reset.view"), "", tr!("roles.mfa_reset.edit")),
        Area::ActivityLog => (tr!("roles.activity.view"), tr!("roles.activity.view_export"), ""),
        Area::ApiKeysIntegrations => (tr!("roles.keys.view"), "", tr!("roles.keys.edit")),
        Area::Billing => (tr!("roles.billing.view"), "", tr!("roles.billing.edit")),
        Area::Content | Area::ProfilesListsSegments | Area::DataPlatform => return "",
    };
    match level {
        Level::None | Level::Publish => "",
        Level::View => view,
        Level::ViewExport => export,
        Level::Edit => edit,
    }
}

/// What an edit changed, as it was written down: the name, then each area by its keys.
pub(crate) fn changes_text(written: &str) -> String {
    let area_of = |key: &str| Area::ALL.into_iter().find(|area| area.key() == key);
    let level_of = |key: &str| Level::ALL.into_iter().find(|level| level.key() == key);
    let change = |part: &str| {
        let (area, levels) = part.split_once(": ")?;
        let (was, is) = levels.split_once(" → ")?;
        let (area, was, is) = (area_of(area)?, level_of(was)?, level_of(is)?);
        Some(format!("{}: {} → {}", area_text(area), level_text(was), level_text(is)))
    };
    let (name, changed) = written.split_once(", ").unwrap_or((written, ""));
    let changed = changed.split(", ").filter(|part| !part.is_empty());
    let changed = changed.map(|part| change(part).unwrap_or_else(|| part.to_owned()));
    std::iter::once(name.to_owned()).chain(changed).collect::<Vec<_>>().join(", ")
}
