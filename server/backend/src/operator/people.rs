//! People, as the operator shuts them out everywhere, lets them in again, or deletes them.

use super::{find, refused::Refused, refused::Result};
use crate::{
    Backend,
    audit::Entry,
    epoch, erasure,
    store::{self, entity::user},
};
use domain::{
    audit::AuditAction,
    ids::UserId,
    person::{EmailAddress, Reason},
    scope::Scope,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

/// Shuts somebody out everywhere: what they hold is void, and signing in is refused as with a wrong password. Answers where
/// they are the Owner, since nobody is there in their place.
///
/// # Errors
/// [`Refused::NoSuchPerson`]; [`Refused::Deactivated`] who is already.
pub async fn deactivate(backend: &Backend, email: &EmailAddress, reason: &Reason) -> Result<Vec<Scope>> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let person = locked(&on, email).await?;
    let user = UserId(person.id);
    let sql = "UPDATE users SET deactivated_at = ? WHERE id = ? AND deactivated_at IS NULL";
    let done = on.execute_raw(store::statement(&on, sql, [now.ms().into(), person.id.into()])).await?;
    if done.rows_affected() != 1 {
        return Err(Refused::Deactivated);
    }
    let entry = Entry::by_operator(AuditAction::SignInDeactivated).upon(user, &person.name);
    entry.because(reason.given()).write_everywhere(&on, backend, now, user).await?;
    epoch::raise(&on, backend, now, user, person.epoch, None).await?;
    let owned = erasure::owner_of(&on, user).await?;
    on.commit().await?;
    Ok(owned)
}

/// Lets them in again, with the password and the second factors they had. What they held before stays void.
///
/// # Errors
/// [`Refused::NoSuchPerson`]; [`Refused::NotDeactivated`].
pub async fn activate(backend: &Backend, email: &EmailAddress, reason: &Reason) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let person = locked(&on, email).await?;
    let user = UserId(person.id);
    let sql = "UPDATE users SET deactivated_at = NULL WHERE id = ? AND deactivated_at IS NOT NULL";
    if on.execute_raw(store::statement(&on, sql, [person.id.into()])).await?.rows_affected() != 1 {
        return Err(Refused::NotDeactivated);
    }
    let entry = Entry::by_operator(AuditAction::SignInActivated).upon(user, &person.name);
    entry.because(reason.given()).write_everywhere(&on, backend, now, user).await?;
    on.commit().await?;
    Ok(())
}

/// Deletes somebody's sign-in, as they could themselves, see [`erasure`].
///
/// # Errors
/// [`Refused::NoSuchPerson`]; [`Refused::OwnerOf`].
pub async fn erase(backend: &Backend, email: &EmailAddress, reason: &Reason) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let person = locked(&on, email).await?;
    let owned = erasure::owner_of(&on, UserId(person.id)).await?;
    if !owned.is_empty() {
        return Err(Refused::OwnerOf(owned));
    }
    let entry = Entry::by_operator(AuditAction::SignInDeleted).because(reason.given());
    erasure::delete(&on, backend, &person, entry.clone(), now).await?;
    // In nobody's log, and without a name: also of who was nowhere.
    entry.write(&on, backend, now).await?;
    on.commit().await?;
    Ok(())
}

/// Who has this address, and nobody else for as long as the transaction lasts.
pub(super) async fn locked(on: &DatabaseTransaction, email: &EmailAddress) -> Result<user::Model> {
    let found = find(on, email).await?.ok_or(Refused::NoSuchPerson)?;
    let person = store::lock_user_and_places(on, UserId(found.id)).await?;
    // Of two who delete them the later one comes too late.
    if person.email_folded == found.email_folded { Ok(person) } else { Err(Refused::NoSuchPerson) }
}
