//! stub
use crate::{Backend, Caller, Result};
use domain::{accounts::*, scope::Scope};
/// Everywhere the caller may go.
pub async fn scopes(_b: &Backend, _c: &Caller) -> Result<Vec<ScopeEntry>> {
    todo!()
}
/// What every console page of a scope needs. Entering a scope is recorded here, once a session.
pub async fn console(_b: &Backend, _c: &Caller, _s: Scope) -> Result<Console> {
    todo!()
}
/// The Overview page.
pub async fn overview(_b: &Backend, _c: &Caller, _s: Scope) -> Result<Overview> {
    todo!()
}
