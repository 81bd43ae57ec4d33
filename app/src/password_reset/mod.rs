//! A forgotten password: asking for a link, and setting a new one with it. Never removes or skips a second factor, and
//! does not sign in.

pub(crate) mod api;
mod request_page;
mod set_page;

pub(crate) use request_page::ForgotPasswordPage;
pub(crate) use set_page::PasswordResetPage;
