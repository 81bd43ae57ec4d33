//! Changing one's own password in a session, and how hard a new one is to guess, wherever one is set.

mod api;
mod change_page;
mod strength;

pub(crate) use change_page::ChangePasswordPage;
pub(crate) use strength::Strength;
