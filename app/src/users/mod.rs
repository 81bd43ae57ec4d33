//! Settings > Users of an account, Manage > Users of a portfolio: who is here, and how well each is secured.

mod api;
mod filters;
mod leave_page;
mod mfa_badge;
mod page;
mod query;
mod row;
mod user_page;

pub(crate) use api::Find;
pub(crate) use leave_page::{LeaveLink, LeavePage};
pub(crate) use page::UsersPage;
pub(crate) use user_page::UserPage;
