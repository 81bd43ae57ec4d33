//! stub
use crate::{Backend, Caller, Result};
use domain::{accounts::MfaRequirement, scope::Scope};
/// As its page shows it.
pub async fn get(_b: &Backend, _c: &Caller, _s: Scope) -> Result<MfaRequirement> {
    todo!()
}
/// Turns it on or off.
pub async fn set(_b: &Backend, _c: &Caller, _s: Scope, _required: bool) -> Result<()> {
    todo!()
}
