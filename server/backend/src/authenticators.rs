//! stub
use crate::{Backend, Caller, Result, sign_in::SignedIn};
use domain::{authenticators::*, ids::AuthenticatorId, person::Name};
/// Own methods.
pub async fn mine(_b: &Backend, _c: &Caller) -> Result<MyMethods> {
    todo!()
}
/// What is needed to bind an authenticator app in this session. Writes nothing: the seed is derived from the session, so a reload shows the same.
pub async fn totp_enrolment(_b: &Backend, _c: &Caller) -> Result<TotpEnrolment> {
    todo!()
}
/// Binds it, given a first code.
pub async fn bind_totp(_b: &Backend, _c: &Caller, _name: &Name, _code: &str) -> Result<SignedIn> {
    todo!()
}
/// Removes one.
pub async fn unbind(_b: &Backend, _c: &Caller, _id: AuthenticatorId) -> Result<SignedIn> {
    todo!()
}
/// Makes new backup codes, which voids the old.
pub async fn make_backup_codes(_b: &Backend, _c: &Caller) -> Result<()> {
    todo!()
}
/// The backup codes made in this session, until they are acknowledged or ten minutes old.
pub async fn fresh_backup_codes(_b: &Backend, _c: &Caller) -> Result<Option<BackupCodes>> {
    todo!()
}
/// “I have saved them”: they are never shown again.
pub async fn acknowledge_backup_codes(_b: &Backend, _c: &Caller) -> Result<()> {
    todo!()
}
