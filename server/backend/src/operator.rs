//! stub
use crate::{Backend, Result, crypto::LinkToken};
use domain::{
    accounts::Plan,
    ids::*,
    person::{EmailAddress, Name},
    roles::Role,
};
/// Makes an account with its Owner; a set-password link (24 h) is mailed to the Owner, and returned for `--print-link`.
pub async fn create_account(
    _b: &Backend,
    _name: &Name,
    _plan: Plan,
    _owner: &EmailAddress,
    _owner_name: &Name,
) -> Result<(AccountId, Option<LinkToken>)> {
    todo!()
}
/// Makes a user, in an account or in none.
pub async fn create_user(
    _b: &Backend,
    _email: &EmailAddress,
    _name: &Name,
    _place: Option<(AccountId, Role)>,
) -> Result<(UserId, LinkToken)> {
    todo!()
}
/// Whether nobody exists yet: `serve` then says which command comes first.
pub async fn is_empty(_b: &Backend) -> Result<bool> {
    todo!()
}
