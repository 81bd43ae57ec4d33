//! stub
use crate::{
    Backend, Caller, Error, Result, Visitor,
    crypto::{DeviceToken, Password, SessionToken},
};
use domain::{
    person::EmailAddress,
    scope::Scope,
    sessions::{DeviceChallenge, MfaChallenge, Standing},
};
/// What a step of the sign-in leaves the browser with.
#[derive(Debug)]
pub struct SignedIn {
    /// For the session cookie: a new token at every rise of privilege.
    pub session: SessionToken,
    /// For the cookie by which this browser is recognised, when it is to be.
    pub known_device: Option<DeviceToken>,
    /// What the session may do now.
    pub standing: Standing,
    /// Where to go, once it may enter: the scope last used.
    pub scope: Option<Scope>,
    /// Whether the cookie of the accepted reset was used up and is to be removed.
    pub used_return: bool,
}
/// Address and password.
pub async fn sign_in(_b: &Backend, _v: &Visitor, _email: &EmailAddress, _password: Password) -> Result<SignedIn> {
    todo!()
}
/// new-device code.
pub async fn submit_device_code(_b: &Backend, _c: &Caller, _code: &str) -> Result<SignedIn> {
    todo!()
}
/// new-device page
pub async fn device_challenge(_b: &Backend, _c: &Caller) -> Result<DeviceChallenge> {
    todo!()
}
/// Mail a new code.
pub async fn resend_device_code(_b: &Backend, _c: &Caller) -> Result<()> {
    todo!()
}
/// The challenge page.
pub async fn challenge(_b: &Backend, _c: &Caller) -> Result<MfaChallenge> {
    todo!()
}
/// A code of the authenticator app: sign-in's second step, or step-up when already in.
pub async fn submit_totp(_b: &Backend, _c: &Caller, _code: &str) -> Result<SignedIn> {
    todo!()
}
/// A backup code: same.
pub async fn submit_backup_code(_b: &Backend, _c: &Caller, _code: &str) -> Result<SignedIn> {
    todo!()
}
/// Step-up by password, for who has no authenticator.
pub async fn submit_password(_b: &Backend, _c: &Caller, _password: Password) -> Result<SignedIn> {
    todo!()
}
/// Ends the present session. Fine when there is none.
pub async fn sign_out(_b: &Backend, _v: &Visitor) -> Result<()> {
    Err(Error::NotFound)
}
