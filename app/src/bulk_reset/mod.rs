//! “Reset MFA” for several at once: choosing them in the list, confirming once, and how far it got.

mod api;
mod ask_page;
mod choose;
mod progress_page;

pub(crate) use ask_page::AskPage;
pub(crate) use choose::{Choose, ChosenBar, chosen_users};
pub(crate) use progress_page::ProgressPage;
