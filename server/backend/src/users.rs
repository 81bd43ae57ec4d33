//! stub
use crate::{Backend, Caller, Result};
use domain::{
    scope::Scope,
    users::{UserPage, UserQuery},
};
/// One page of members.
pub async fn list(_b: &Backend, _c: &Caller, _s: Scope, _q: &UserQuery) -> Result<UserPage> {
    todo!()
}
