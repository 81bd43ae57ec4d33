//! What a request leaves behind: entries in the logs and notices by mail, each only as far as its reader may know.

use super::{guarding::Elsewhere, row::scope_of};
use crate::{
    Backend, Result, Visitor,
    audit::{self, Entry},
    outbox::{self, MailKind},
    store::{
        self,
        entity::{membership, mfa_reset, user},
        reach,
    },
};
use domain::{
    audit::AuditAction,
    ids::UserId,
    roles::Role,
    scope::{Scope, ScopeKind},
    time::Timestamp,
    users::MembershipStatus,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// The whole in the asker's reach; elsewhere only that it happened with the person's consent.
pub(super) async fn record_done(
    on: &impl ConnectionTrait,
    backend: &Backend,
    visitor: &Visitor,
    row: &mfa_reset::Model,
    person: &user::Model,
    now: Timestamp,
) -> Result<()> {
    let user = UserId(person.id);
    let done = Entry::own(user, &person.name, AuditAction::MfaResetDone).about(row.id).from(visitor);
    let Some(asked_in) = scope_of(row) else {
        return record(on, backend, done, None, user, now).await.map(drop);
    };
    let told = record(on, backend, done, Some(asked_in), user, now).await?;
    for place in store::active_memberships(on, user).await? {
        if !told.contains(&place.scope()) {
            let entry = Entry::by_system(AuditAction::FactorsRemovedElsewhere).upon(user, &place.name);
            entry.within(Some(place.scope())).write(on, backend, now).await?;
        }
    }
    Ok(())
}

/// Notices to the person, the asker, and the security contact of each of the person's scopes; to nobody twice.
pub(super) async fn tell_done(
    on: &impl ConnectionTrait,
    backend: &Backend,
    row: &mfa_reset::Model,
    user: UserId,
    now: Timestamp,
) -> Result<()> {
    outbox::enqueue(on, backend, now, MailKind::MfaResetDone, user, Some(row.id)).await?;
    let mut told = vec![user.0];
    if let Some(asker) = row.asker_id {
        outbox::enqueue(on, backend, now, MailKind::MfaResetDoneAsker, UserId(asker), Some(row.id)).await?;
        told.push(asker);
    }
    for place in store::active_memberships(on, user).await? {
        if let Some(contact) = security_contact(on, place.scope()).await?
            && !told.contains(&contact.user_id)
        {
            told.push(contact.user_id);
            let to = UserId(contact.user_id);
            outbox::enqueue(on, backend, now, MailKind::MfaResetDoneContact, to, Some(row.id)).await?;
        }
    }
    Ok(())
}

/// In the asker's reach the log tells the whole: that of a portfolio, and marked as made from there, that of every linked
/// account the person is in. What the operator asks for is told in every scope of the person. Answers the scopes within
/// reach that were told.
pub(super) async fn record(
    on: &impl ConnectionTrait,
    backend: &Backend,
    entry: Entry,
    scope: Option<Scope>,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Scope>> {
    let Some(scope) = scope else {
        entry.write_everywhere(on, backend, now, user).await?;
        return Ok(Vec::new());
    };
    let mut told = vec![scope];
    if let Scope::Portfolio(portfolio) = scope {
        let through = entry.clone().through(portfolio);
        for place in touched(on, scope, user).await? {
            through.clone().as_known_in(&place).write(on, backend, now).await?;
            told.push(place.scope());
        }
        // A log that tells of the beginning tells of the end, also when the person, or the account, is out of reach by now.
        for log in audit::logs_of(on, &entry, portfolio).await? {
            if !told.contains(&log) {
                through.clone().within(Some(log)).write(on, backend, now).await?;
                told.push(log);
            }
        }
    }
    entry.within(Some(scope)).write(on, backend, now).await?;
    Ok(told)
}

/// The linked accounts within the reach of `scope` in which the person is.
pub(super) async fn touched(on: &impl ConnectionTrait, scope: Scope, user: UserId) -> Result<Vec<membership::Model>> {
    let Scope::Portfolio(portfolio) = scope else { return Ok(Vec::new()) };
    let mut places = reach::places(on, portfolio, &[user.0]).await?;
    places.retain(|place| place.scope().kind() == ScopeKind::Account && place.status() == MembershipStatus::Active);
    Ok(places)
}

/// The scopes that a request is the business of: the asker's, the linked accounts that it touches when that is a portfolio,
/// and for the operator every scope of the person.
async fn concerned(on: &impl ConnectionTrait, row: &mfa_reset::Model, user: UserId) -> Result<Vec<Scope>> {
    match scope_of(row) {
        Some(scope) => {
            let touched = touched(on, scope, user).await?;
            Ok([scope].into_iter().chain(touched.iter().map(membership::Model::scope)).collect())
        }
        None => Ok(store::active_memberships(on, user).await?.iter().map(membership::Model::scope).collect()),
    }
}

/// Who receives a scope's security notices: the Owner.
pub(crate) async fn security_contact(on: &impl ConnectionTrait, scope: Scope) -> Result<Option<membership::Model>> {
    let contact = membership::Entity::find()
        .filter(membership::Column::ScopeKind.eq(scope.kind().key()))
        .filter(membership::Column::ScopeId.eq(scope.uuid()))
        .filter(membership::Column::Role.eq(Role::owner_of(scope.kind()).key().to_string()))
        .one(on)
        .await?;
    Ok(contact)
}

/// What the scopes outside the asker's reach are told of a request that waits because of them, each in its own log: that it
/// is so, never who asked or where.
pub(super) async fn record_elsewhere(
    on: &impl ConnectionTrait,
    backend: &Backend,
    action: AuditAction,
    row: &mfa_reset::Model,
    places: &[Elsewhere],
    now: Timestamp,
) -> Result<()> {
    for place in places {
        let entry = Entry::by_system(action).upon(UserId(row.user_id), &place.name).about(row.id);
        entry.within(Some(place.scope)).write(on, backend, now).await?;
    }
    Ok(())
}

/// It was accepted and waits: to the person, to who asked, and to the administrators of the scopes outside the asker's reach
/// because of which it waits; to nobody twice.
pub(super) async fn tell_waiting(
    on: &impl ConnectionTrait,
    backend: &Backend,
    row: &mfa_reset::Model,
    elsewhere: &[Elsewhere],
    now: Timestamp,
) -> Result<()> {
    outbox::enqueue(on, backend, now, MailKind::MfaResetWaiting, UserId(row.user_id), Some(row.id)).await?;
    let mut told = vec![row.user_id];
    if let Some(asker) = row.asker_id {
        outbox::enqueue(on, backend, now, MailKind::MfaResetAccepted, UserId(asker), Some(row.id)).await?;
        told.push(asker);
    }
    for place in elsewhere {
        for admin in store::membership::who_resets_mfa(on, place.scope, UserId(row.user_id)).await? {
            if !told.contains(&admin.user_id) {
                told.push(admin.user_id);
                let to = UserId(admin.user_id);
                outbox::enqueue(on, backend, now, MailKind::MfaResetElsewhere, to, Some(row.id)).await?;
            }
        }
    }
    Ok(())
}

/// What waited was called off: to the person and to who asked.
pub(super) async fn tell_stopped(
    on: &impl ConnectionTrait,
    backend: &Backend,
    row: &mfa_reset::Model,
    now: Timestamp,
) -> Result<()> {
    for to in [Some(row.user_id), row.asker_id].into_iter().flatten() {
        outbox::enqueue(on, backend, now, MailKind::MfaResetStopped, UserId(to), Some(row.id)).await?;
    }
    Ok(())
}

/// Notices that the person said “This wasn't me”: to the asker, and to the security contacts of the asker's reach.
pub(super) async fn tell_declined(
    on: &impl ConnectionTrait,
    backend: &Backend,
    row: &mfa_reset::Model,
    user: UserId,
    now: Timestamp,
) -> Result<()> {
    let mut told = vec![user.0];
    if let Some(asker) = row.asker_id {
        outbox::enqueue(on, backend, now, MailKind::MfaResetDeclinedAsker, UserId(asker), Some(row.id)).await?;
        told.push(asker);
    }
    for scope in concerned(on, row, user).await? {
        if let Some(contact) = security_contact(on, scope).await?
            && !told.contains(&contact.user_id)
        {
            told.push(contact.user_id);
            let to = UserId(contact.user_id);
            outbox::enqueue(on, backend, now, MailKind::MfaResetDeclinedContact, to, Some(row.id)).await?;
        }
    }
    Ok(())
}
