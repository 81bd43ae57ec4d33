//! Signing in and out: address and password, the code mailed to a new device, the second factor, and what helps who
//! cannot go on. What comes next is never decided here; each door answers with the step that the session stands at.

pub(crate) mod api;
mod device_page;
mod mfa_page;
mod page;
mod sign_out;
mod trust_field;

pub(crate) use api::challenge;
pub(crate) use device_page::DevicePage;
pub(crate) use mfa_page::{MfaPage, Ways};
pub(crate) use page::SignInPage;
pub(crate) use sign_out::SignOut;
pub(crate) use trust_field::TrustField;
