//! Passkeys and security keys: binding one, answering with one as the second step, signing in by one alone. A passkey
//! speaks to script only; each page here says what to do without.

mod api;
mod button;
mod enrol_page;
mod play;
mod sign_in_page;

pub(crate) use button::PasskeyButton;
pub(crate) use enrol_page::EnrolPasskeyPage;
pub(crate) use play::Ceremony;
pub(crate) use sign_in_page::PasskeySignInPage;
