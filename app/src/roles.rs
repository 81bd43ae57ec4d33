//! What the built-in roles are called.

use domain::roles::Role;

/// The role's label.
pub(crate) fn role_text(role: Role) -> &'static str {
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
    }
}
