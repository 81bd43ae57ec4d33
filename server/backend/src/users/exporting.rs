//! The list of members as a file: what the filters leave, read in one pass by name, a part at a time.

use super::{cursor::Cursor, finding, overviews, visible};
use crate::{Backend, Caller, Result, audit::Entry, principal};
use domain::{
    audit::AuditAction,
    policy,
    scope::Scope,
    users::{UserOverview, UserQuery, UserSort},
};

/// Members that an export reads at a time.
pub const EXPORTED_AT_A_TIME: u64 = 200;

/// Some of those the filters leave, by name from `after` on, and where to go on, until there are no more. Who may is asked
/// each time, so that an export ends with the right to it; the first is recorded.
///
/// # Errors
/// Whatever [`policy::export_users`] denies.
pub async fn export(
    backend: &Backend,
    caller: &Caller,
    scope: Scope,
    query: &UserQuery,
    after: Option<&str>,
) -> Result<(Vec<UserOverview>, Option<String>)> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let permit = policy::export_users(&who, scope)?;
    if after.is_none() {
        let entry = Entry::permitted(&permit, AuditAction::UsersExported).from(&caller.visitor);
        entry.write(backend.database.write(), backend, now).await?;
    }
    let query = visible(query, policy::view_mfa_resets(&who, scope).is_ok());
    let after = after.and_then(|after| Cursor::parse(after, UserSort::Name));
    let places = finding::part(on, scope, &query, after.as_ref(), EXPORTED_AT_A_TIME, now).await?;
    let last = places.last().filter(|_| places.len() as u64 == EXPORTED_AT_A_TIME);
    let next = last.map(|place| Cursor::of(place, UserSort::Name).to_string());
    Ok((overviews(on, &who, places, now).await?, next))
}
