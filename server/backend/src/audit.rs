//! stub
use crate::{Backend, Caller, Result};
use domain::{
    audit::{AuditPage, AuditQuery},
    scope::Scope,
};
/// One page of the log, latest first.
pub async fn list(_b: &Backend, _c: &Caller, _s: Scope, _q: &AuditQuery) -> Result<AuditPage> {
    todo!()
}
