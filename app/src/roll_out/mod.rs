//! The roll-out of MFA in a scope: how far it got, who is still without, and a mail to remind them.

mod api;
mod chart;
mod page;

pub(crate) use page::RollOutPage;
