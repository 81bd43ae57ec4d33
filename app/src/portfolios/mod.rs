//! Portfolios: made from a paid account, joined when an account's Owner agrees, left by either side. A section of the
//! Security page, Manage > Accounts, and the pages between.

mod accounts_page;
mod api;
mod consent_page;
mod link_page;
mod new_page;
mod power;
mod requests;
mod section;

pub(crate) use accounts_page::AccountsPage;
pub(crate) use consent_page::ConsentPage;
pub(crate) use link_page::PortfolioPage;
pub(crate) use new_page::NewPortfolioPage;
pub(crate) use requests::WaitingForOwner;
pub(crate) use section::PortfolioSection;
