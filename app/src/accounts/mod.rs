//! Accounts and portfolios as their members meet them: the start, which is wherever one was last, and the Overview.

pub(crate) mod api;
mod home_page;
mod overview_page;

pub(crate) use home_page::HomePage;
pub(crate) use overview_page::OverviewPage;
