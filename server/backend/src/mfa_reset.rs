//! stub
use crate::{
    Backend, Caller, Result, Visitor,
    crypto::{LinkToken, ReturnToken},
};
use domain::{
    ids::{MfaResetId, UserId},
    mfa_reset::*,
    person::{EmailAddress, Reason},
    scope::Scope,
    time::Timestamp,
};
/// What the accepting browser gets.
#[derive(Debug)]
pub struct Accepted {
    /// For a cookie good for one sign-in without a new-device code, within [`RETURN_TTL`].
    pub returning: ReturnToken,
    /// Where the request stands now.
    pub state: State,
}
/// What the dialog and its page say and decide with.
pub async fn preview(_b: &Backend, _c: &Caller, _s: Scope, _u: UserId) -> Result<ResetPreview> {
    todo!()
}
/// Asks.
pub async fn request(_b: &Backend, _c: &Caller, _s: Scope, _u: UserId, _reason: &Reason) -> Result<MfaResetId> {
    todo!()
}
/// Sends the mail again: same link, not prolonged.
pub async fn resend(_b: &Backend, _c: &Caller, _s: Scope, _u: UserId) -> Result<()> {
    todo!()
}
/// Calls it off.
pub async fn cancel(_b: &Backend, _c: &Caller, _s: Scope, _u: UserId) -> Result<()> {
    todo!()
}
/// What the accept page shows. Changes nothing.
pub async fn peek(_b: &Backend, _t: &LinkToken) -> Result<PeekedReset> {
    todo!()
}
/// Accepts.
pub async fn accept(_b: &Backend, _v: &Visitor, _t: &LinkToken) -> Result<Accepted> {
    todo!()
}
/// “This wasn't me”.
pub async fn decline(_b: &Backend, _v: &Visitor, _t: &LinkToken) -> Result<State> {
    todo!()
}
/// A live request against the caller.
pub async fn of_mine(_b: &Backend, _c: &Caller) -> Result<Option<ResetOfMine>> {
    todo!()
}
/// “This wasn't me”, from an own session.
pub async fn decline_mine(_b: &Backend, _c: &Caller, _id: MfaResetId) -> Result<()> {
    todo!()
}
/// The operator asks on the host: id, and until when it can be accepted.
pub async fn request_by_operator(
    _b: &Backend,
    _email: &EmailAddress,
    _reason: &Reason,
) -> Result<(MfaResetId, Timestamp)> {
    todo!()
}
