//! What is due is carried out, if it still can be; what cannot be any more lapses.

use super::{
    super::{accounts, find, join, refused::Refused, refused::Result},
    AT_A_TIME,
    row::{Ended, end, end_due, of_scope, scope_of},
    telling::{stays, tell},
};
use crate::{
    Backend, Error,
    audit::Entry,
    email_change, epoch, fold,
    outbox::MailKind,
    store::{
        self,
        entity::{
            membership,
            operator_change::{Column, Entity, Model},
            portfolio, user,
        },
    },
};
use domain::{
    audit::AuditAction, errors::Conflict, ids::UserId, person::EmailAddress, roles::Role, scope::Scope,
    time::Timestamp, users::MembershipStatus,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// Carries out what is due.
pub(crate) async fn apply_due(backend: &Backend) -> crate::Result<()> {
    let now = backend.now();
    let due = Condition::all().add(Column::EndedAt.is_null()).add(Column::DueAt.lte(now.ms()));
    let rows = Entity::find().filter(due).order_by_asc(Column::DueAt).limit(AT_A_TIME).all(backend.database.read());
    for row in rows.await? {
        // One that cannot be carried out now holds up no other; it is looked at again.
        if let Err(error) = apply(backend, &row, now).await {
            tracing::error!(%error, "what the operator asked for has to wait");
        }
    }
    Ok(())
}

async fn apply(backend: &Backend, row: &Model, now: Timestamp) -> Result<()> {
    let on = backend.database.begin().await?;
    let done = match scope_of(row) {
        Some(scope) => apply_owner(&on, backend, scope, row, now).await?,
        None => apply_address(&on, backend, row, now).await?,
    };
    // Called off, or done by another server, a moment ago.
    if done {
        on.commit().await?;
    }
    Ok(())
}

async fn apply_owner(
    on: &DatabaseTransaction,
    backend: &Backend,
    scope: Scope,
    row: &Model,
    now: Timestamp,
) -> Result<bool> {
    // Whoever is the Owner by now: ownership that moved on meanwhile is no way around the operator.
    let held = hold_owner_and_heir(on, scope, UserId(row.user_id)).await;
    let (owner, person) = match held {
        Err(Refused::Closed | Refused::NoSuchAccount(_) | Refused::NoSuchPortfolio(_)) => {
            return lapse(on, backend, row, now).await;
        }
        held => held?,
    };
    // They became it in the console: all were told of that.
    if owner.user_id == person.id {
        return end(on, row.id, Ended::Lapsed, now).await;
    }
    if person.deactivated_at.is_some() {
        return lapse(on, backend, row, now).await;
    }
    if !end_due(on, row.id, now).await? {
        return Ok(false);
    }
    make_owner(on, backend, scope, &owner, &person, row, now).await?;
    Ok(true)
}

async fn apply_address(on: &DatabaseTransaction, backend: &Backend, row: &Model, now: Timestamp) -> Result<bool> {
    let person = store::lock_user_and_places(on, UserId(row.user_id)).await?;
    let new = row.new_email.as_deref().and_then(|email| EmailAddress::parse(email).ok());
    let Some(new) = new else { return lapse(on, backend, row, now).await };
    // The person has changed it since, with both mailboxes, or somebody has the new one by now.
    let is_stale = row.present_email.as_deref() != Some(person.email.as_str());
    if is_stale || person.erased_at.is_some() || find(on, &new).await?.is_some() {
        return lapse(on, backend, row, now).await;
    }
    if !end_due(on, row.id, now).await? {
        return Ok(false);
    }
    change_address(on, backend, &person, &new, row, now).await?;
    Ok(true)
}

/// It cannot be any more.
async fn lapse(on: &DatabaseTransaction, backend: &Backend, row: &Model, now: Timestamp) -> Result<bool> {
    let is_ours = end(on, row.id, Ended::Lapsed, now).await?;
    if is_ours {
        stays(on, backend, row, false, now).await?;
    }
    Ok(is_ours)
}

/// A scope is closed: nobody becomes its Owner.
pub(crate) async fn lapse_in(
    on: &DatabaseTransaction,
    backend: &Backend,
    scope: Scope,
    now: Timestamp,
) -> crate::Result<()> {
    if let Some(row) = Entity::find().filter(of_scope(scope)).one(on).await? {
        lapse(on, backend, &row, now).await.map_err(inner)?;
    }
    Ok(())
}

/// Somebody is no more: they become the Owner of nothing, and their addresses are forgotten. Before their places are left.
pub(crate) async fn forget(
    on: &DatabaseTransaction,
    backend: &Backend,
    user: UserId,
    now: Timestamp,
) -> crate::Result<()> {
    let theirs = Column::UserId.eq(user.0);
    let owner = Condition::all().add(theirs.clone()).add(Column::EndedAt.is_null()).add(Column::ScopeId.is_not_null());
    for row in Entity::find().filter(owner).all(on).await? {
        lapse(on, backend, &row, now).await.map_err(inner)?;
    }
    Entity::delete_many().filter(theirs).filter(Column::ScopeId.is_null()).exec(on).await?;
    Ok(())
}

/// No step of the operator's on the way of somebody else refuses.
fn inner(refused: Refused) -> Error {
    match refused {
        Refused::Backend(error) => error,
        other => Error::internal(other),
    }
}

/// The Owner of a scope and who is to be, with all their places, until the transaction ends.
pub(super) async fn hold_owner_and_heir(
    on: &DatabaseTransaction,
    scope: Scope,
    heir: UserId,
) -> Result<(membership::Model, user::Model)> {
    exists(on, scope).await?;
    let changed = || Refused::Backend(Conflict::ChangedMeanwhile.into());
    let owner = owner(on, scope).await?.ok_or_else(changed)?;
    store::lock_places_of(on, &[UserId(owner.user_id), heir]).await?;
    let person = store::lock_user(on, heir).await?;
    // Somebody else became the Owner in this very moment, or the account was closed.
    exists(on, scope).await?;
    match self::owner(on, scope).await? {
        Some(held) if held.id == owner.id => Ok((held, person)),
        _ => Err(changed()),
    }
}

async fn owner(on: &impl ConnectionTrait, scope: Scope) -> Result<Option<membership::Model>> {
    let owner = membership::Entity::find()
        .filter(membership::Column::ScopeKind.eq(scope.kind().key()))
        .filter(membership::Column::ScopeId.eq(scope.uuid()))
        .filter(membership::Column::Role.eq(Role::owner_of(scope.kind()).key().to_string()));
    Ok(owner.one(on).await?)
}

/// A scope that there is, and that is not closed.
pub(super) async fn exists(on: &impl ConnectionTrait, scope: Scope) -> Result<()> {
    match scope {
        Scope::Account(id) => accounts::open(on, id).await.map(drop),
        Scope::Portfolio(id) => match portfolio::Entity::find_by_id(id.0).one(on).await? {
            Some(portfolio) if portfolio.closed_at.is_some() => Err(Refused::Closed),
            Some(_) => Ok(()),
            None => Err(Refused::NoSuchPortfolio(id)),
        },
    }
}

/// The Owner steps down, and the heir becomes the Owner.
pub(super) async fn make_owner(
    on: &DatabaseTransaction,
    backend: &Backend,
    scope: Scope,
    owner: &membership::Model,
    person: &user::Model,
    row: &Model,
    now: Timestamp,
) -> Result<()> {
    let admin = Role::admin_of(scope.kind());
    let user = UserId(person.id);
    let place = match place(on, scope, user).await? {
        Some(place) => place,
        None => {
            join(on, backend, person, scope, admin, now).await?;
            place(on, scope, user).await?.ok_or(Error::NotFound)?
        }
    };
    // Whoever it is by now, which the mails tell.
    let sql = "UPDATE operator_changes SET former_name = ? WHERE id = ?";
    on.execute_raw(store::statement(on, sql, [owner.name.as_str().into(), row.id.into()])).await?;
    // A scope has one Owner at a time: the former one steps down first.
    for (place, role) in [(owner, admin), (&place, Role::owner_of(scope.kind()))] {
        let active = MembershipStatus::Active;
        store::membership::change(on, &backend.random, place, role, active, None, now).await?;
    }
    let entry = Entry::by_operator(AuditAction::OwnershipTransferred).upon(user, &place.name).about(row.id);
    entry.because(Some(&row.reason)).within(Some(scope)).write(on, backend, now).await?;
    tell(on, backend, row, MailKind::OwnerSet, now).await
}

async fn place(on: &impl ConnectionTrait, scope: Scope, user: UserId) -> Result<Option<membership::Model>> {
    let place = membership::Entity::find()
        .filter(membership::Column::UserId.eq(user.0))
        .filter(membership::Column::ScopeKind.eq(scope.kind().key()))
        .filter(membership::Column::ScopeId.eq(scope.uuid()));
    Ok(place.one(on).await?)
}

/// Somebody whose row and places are held signs in with another address from now on.
pub(super) async fn change_address(
    on: &DatabaseTransaction,
    backend: &Backend,
    person: &user::Model,
    new: &EmailAddress,
    row: &Model,
    now: Timestamp,
) -> Result<()> {
    let user = UserId(person.id);
    // Before it is another one: the second address may be the new first.
    tell(on, backend, row, MailKind::AddressSet, now).await?;
    let taken = |error| match error {
        Error::Conflict(Conflict::ChangedMeanwhile) => Refused::AddressTaken,
        other => other.into(),
    };
    email_change::replace(on, person, new.as_str(), &fold::address(new)).await.map_err(taken)?;
    epoch::raise(on, backend, now, user, person.epoch, None).await?;
    let entry = Entry::by_operator(AuditAction::AddressSet).upon(user, &person.name).about(row.id);
    Ok(entry.because(Some(&row.reason)).write_everywhere(on, backend, now, user).await?)
}
