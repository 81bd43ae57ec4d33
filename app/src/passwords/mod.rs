//! Changing one's own password in a session.

mod api;
mod change_page;

pub(crate) use change_page::ChangePasswordPage;
