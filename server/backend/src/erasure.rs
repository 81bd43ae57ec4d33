//! Deleting a sign-in (6.4, 12.5), by its person or by the operator: one routine.
//!
//! Logs are only ever added to, and tell what was done by the name of that time; who was an administrator when is remembered by
//! the guards of MFA resets. So the person's row stays, and is nobody's: no name, no address, no password. Every place they had
//! is left, everything they could prove or hold is gone, and the address is free again.

use crate::{
    Backend, Caller, Error, Result,
    audit::Entry,
    authenticators, epoch, fold, mfa_reset, operator,
    outbox::{self, MailKind},
    principal::needs_standing,
    store::{
        self,
        entity::{account, membership, portfolio, user},
    },
};
use domain::{
    accounts::ScopeEntry,
    audit::AuditAction,
    erasure::Erasure,
    errors::{Field, Problem},
    ids::UserId,
    person::EmailAddress,
    policy::Denied,
    roles::{Rank, Role},
    scope::Scope,
    sessions::Standing,
    time::Timestamp,
    users::MembershipStatus,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder};

/// What of a person goes by its rows. Sessions, devices and codes go with the epoch, factors with their own routine, and
/// memberships one by one, since each is counted.
const GONE: [&str; 4] = ["email_changes", "password_resets", "recovery_code_sets", "help_calls"];

/// What its page shows.
pub async fn get(backend: &Backend, caller: &Caller) -> Result<Erasure> {
    needs_standing(caller, &[Standing::Enter])?;
    let (on, now) = (backend.database.read(), backend.now());
    let mut owned = Vec::new();
    for place in owned_places(on, caller.user_id).await? {
        if let Some(name) = name_of(on, place.scope()).await? {
            owned.push(ScopeEntry { scope: place.scope(), name, role: Role::owner_of(place.scope().kind()).into() });
        }
    }
    Ok(Erasure { email: caller.email.clone(), owner_of: owned, step_up: caller.step_up(now) })
}

/// Deletes the caller's own sign-in, for good. `typed` is their address, as a person types it who means it.
///
/// # Errors
/// [`Denied::OwnerStays`]; [`Denied::StepUpNeeded`]; [`Problem::Unknown`] of another address than theirs;
/// [`Error::NotSignedIn`] when what the caller holds is void by now.
pub async fn erase(backend: &Backend, caller: &Caller, typed: &EmailAddress) -> Result<()> {
    get(backend, caller).await?.allowed()?;
    let now = backend.now();
    let on = backend.database.begin().await?;
    let person = store::lock_user_and_places(&on, caller.user_id).await?;
    if person.epoch != caller.epoch || person.deactivated_at.is_some() {
        return Err(Error::NotSignedIn);
    }
    if fold::address(typed) != person.email_folded {
        return Err(Error::field(Field::Email, Problem::Unknown));
    }
    // Made the Owner of something since it was looked at.
    if !owned_places(&on, caller.user_id).await?.is_empty() {
        return Err(Denied::OwnerStays.into());
    }
    let entry = Entry::own(caller.user_id, &person.name, AuditAction::MemberLeft);
    delete(&on, backend, &person, entry, now).await?;
    // In nobody's log, and without a name.
    let entry = Entry::own(caller.user_id, "", AuditAction::SignInDeleted);
    entry.write(&on, backend, now).await?;
    on.commit().await?;
    Ok(())
}

/// The scopes of which somebody is the Owner, and so cannot go.
pub(crate) async fn owner_of(on: &impl ConnectionTrait, user: UserId) -> Result<Vec<Scope>> {
    Ok(owned_places(on, user).await?.iter().map(membership::Model::scope).collect())
}

async fn owned_places(on: &impl ConnectionTrait, user: UserId) -> Result<Vec<membership::Model>> {
    let mut places = store::active_memberships(on, user).await?;
    places.retain(|place| place.rank() == Rank::Owner);
    Ok(places)
}

/// Deletes somebody whose row and places are held, and who is nowhere the Owner. Each scope they are in reads `entry`, by the
/// name they have there, and of nothing else.
pub(crate) async fn delete(
    on: &DatabaseTransaction,
    backend: &Backend,
    person: &user::Model,
    entry: Entry,
    now: Timestamp,
) -> Result<()> {
    let user = UserId(person.id);
    mfa_reset::end_of_who_left(on, backend, now, user).await?;
    operator::forget(on, backend, user, now).await?;
    let places = membership::Entity::find().filter(membership::Column::UserId.eq(person.id));
    for place in places.order_by_asc(membership::Column::Id).all(on).await? {
        if place.status() == MembershipStatus::Active {
            entry.clone().upon(user, &place.name).as_known_in(&place).write(on, backend, now).await?;
        }
        store::membership::remove(on, &backend.random, &place, now).await?;
    }
    authenticators::unbind_all(on, user, now).await?;
    epoch::raise(on, backend, now, user, person.epoch, None).await?;
    // What waits for them has no reader any more; then the last they hear.
    store::outbox::remove_person(on, person.id).await?;
    for address in [Some(&person.email), person.notice_email.as_ref()].into_iter().flatten() {
        outbox::enqueue_at(on, backend, now, MailKind::SignInDeleted, user, (None, address)).await?;
    }
    for table in GONE {
        let sql = format!("DELETE FROM {table} WHERE user_id = ?");
        on.execute_raw(store::statement(on, &sql, [person.id.into()])).await?;
    }
    let sql = "DELETE FROM bulk_change_lines WHERE address_folded = ?";
    on.execute_raw(store::statement(on, sql, [person.email_folded.clone().into()])).await?;
    let sql = "UPDATE mfa_resets SET reason = '', return_digest = NULL WHERE user_id = ?";
    on.execute_raw(store::statement(on, sql, [person.id.into()])).await?;
    let sql = "UPDATE users SET email = '', email_folded = ?, name = '', password_hash = NULL, password_set_at = NULL, \
               password_set_by = NULL, language = '', time_zone = '', last_scope_kind = NULL, last_scope_id = NULL, \
               deactivated_at = ?, mfa_grace_from = NULL, notice_email = NULL, erased_at = ?, theme = '' WHERE id = ?";
    // No address folds to this: it has no “@”.
    let folded = format!("erased {}", person.id);
    let values = [folded.into(), now.ms().into(), now.ms().into(), person.id.into()];
    on.execute_raw(store::statement(on, sql, values)).await?;
    Ok(())
}

async fn name_of(on: &impl ConnectionTrait, scope: Scope) -> Result<Option<String>> {
    Ok(match scope {
        Scope::Account(id) => account::Entity::find_by_id(id.0).one(on).await?.map(|account| account.name),
        Scope::Portfolio(id) => portfolio::Entity::find_by_id(id.0).one(on).await?.map(|portfolio| portfolio.name),
    })
}
