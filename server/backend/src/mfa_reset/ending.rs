//! How a request ends without its people: its time is up, its ground is gone, or the person's epoch moved on. Nothing depends
//! on when the worker's part runs; whoever asks in between is told the same.

use super::{
    accepting,
    ground::{as_it_stands, groundless},
    row::{live, live_in, step},
    trace,
};
use crate::{
    Backend, Error, Result,
    audit::Entry,
    store::{
        self,
        entity::{mfa_reset, user},
    },
};
use domain::{
    audit::AuditAction,
    ids::UserId,
    mfa_reset::{End, EndReason, Event, Life, State},
    scope::Scope,
    time::Timestamp,
};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// How many requests are read at a time.
const AT_A_TIME: u64 = 100;

/// Ends the live requests of a person whose epoch moved on: their links are void.
pub(crate) async fn end_elsewhere(
    on: &DatabaseTransaction,
    backend: &Backend,
    now: Timestamp,
    user: UserId,
) -> Result<()> {
    for row in live(on, user, now).await? {
        let name = user::Entity::find_by_id(user.0).one(on).await?.ok_or(Error::NotFound)?.name;
        let entry = Entry::by_system(AuditAction::MfaResetCancelled).upon(user, &name);
        step(on, backend, &row, Event::Cancel(EndReason::DoneElsewhere), entry, now).await?;
    }
    Ok(())
}

/// Ends the live requests of a person who leaves everywhere.
pub(crate) async fn end_of_who_left(
    on: &DatabaseTransaction,
    backend: &Backend,
    now: Timestamp,
    user: UserId,
) -> Result<()> {
    for row in live(on, user, now).await? {
        stop(on, backend, &row, EndReason::TargetLeft, Entry::by_system(AuditAction::MfaResetCancelled), now).await?;
    }
    Ok(())
}

/// Ends the live requests that were asked for in a scope that is closed; of each, its log reads `entry`.
pub(crate) async fn end_of_closed(
    on: &DatabaseTransaction,
    backend: &Backend,
    scope: Scope,
    entry: &Entry,
    now: Timestamp,
) -> Result<()> {
    for row in live_in(on, scope, now).await? {
        stop(on, backend, &row, EndReason::ScopeClosed, entry.clone(), now).await?;
    }
    Ok(())
}

async fn stop(
    on: &DatabaseTransaction,
    backend: &Backend,
    row: &mfa_reset::Model,
    reason: EndReason,
    entry: Entry,
    now: Timestamp,
) -> Result<()> {
    let user = UserId(row.user_id);
    let person = store::user::by_id(on, user).await?.ok_or(Error::NotFound)?;
    step(on, backend, row, Event::Cancel(reason), entry.upon(user, &person.name), now).await?;
    if row.accepted_at.is_some() {
        trace::tell_stopped(on, backend, row, now).await?;
    }
    Ok(())
}

/// Does what time has decided: writes down what has expired, and carries out what has waited long enough.
pub async fn finish_due(backend: &Backend) -> Result<()> {
    let now = backend.now();
    let expired =
        Condition::all().add(mfa_reset::Column::AcceptedAt.is_null()).add(mfa_reset::Column::ExpiresAt.lte(now.ms()));
    let due = mfa_reset::Entity::find()
        .filter(mfa_reset::Column::EndedAt.is_null())
        .filter(Condition::any().add(expired).add(mfa_reset::Column::EffectiveAt.lte(now.ms())))
        .limit(AT_A_TIME)
        .all(backend.database.read())
        .await?;
    for row in due {
        match finish(backend, &row, now).await {
            // Another server did it first.
            Ok(()) | Err(Error::Conflict(_)) => {}
            // One that cannot be done now holds up no other.
            Err(error) => tracing::error!(%error, "a request whose time has come is looked at again"),
        }
    }
    Ok(())
}

async fn finish(backend: &Backend, row: &mfa_reset::Model, now: Timestamp) -> Result<()> {
    let on = backend.database.begin().await?;
    let person = store::lock_user_and_places(&on, UserId(row.user_id)).await?;
    if row.accepted_at.is_none() {
        let entry = Entry::by_system(AuditAction::MfaResetExpired).upon(UserId(person.id), &person.name);
        step(&on, backend, row, Event::Expire, entry, now).await?;
    } else {
        let stands = as_it_stands(&on, row, person.epoch, now).await?;
        if !cancel_if_groundless(&on, backend, row, &stands, &person, now).await? {
            accepting::complete(&on, backend, row, &stands, &person, now).await?;
        }
    }
    on.commit().await?;
    Ok(())
}

/// Ends the requests whose asker may not ask any more, or whose target left: accepting refuses them whether or not this
/// ran, but who looks at them should see it too.
pub async fn end_groundless(backend: &Backend) -> Result<()> {
    let mut after = Uuid::nil();
    loop {
        let page = mfa_reset::Entity::find()
            .filter(mfa_reset::Column::Id.gt(after))
            .filter(mfa_reset::Column::EndedAt.is_null())
            .filter(
                Condition::any()
                    .add(mfa_reset::Column::AcceptedAt.is_not_null())
                    .add(mfa_reset::Column::ExpiresAt.gt(backend.now().ms())),
            )
            .order_by_asc(mfa_reset::Column::Id)
            .limit(AT_A_TIME)
            .all(backend.database.read())
            .await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id;
        for row in page {
            // One that cannot be looked at now holds up no other.
            if let Err(error) = end_if_groundless(backend, &row).await {
                tracing::error!(%error, "whether a request still has its ground is looked at again");
            }
        }
    }
}

async fn end_if_groundless(backend: &Backend, row: &mfa_reset::Model) -> Result<()> {
    let now = backend.now();
    if groundless(backend.database.read(), row, now).await?.is_none() {
        return Ok(());
    }
    let on = backend.database.begin().await?;
    let person = store::lock_user_and_places(&on, UserId(row.user_id)).await?;
    let stands = as_it_stands(&on, row, person.epoch, now).await?;
    match cancel_if_groundless(&on, backend, row, &stands, &person, now).await {
        Ok(_) => on.commit().await?,
        // Another server wrote it down first.
        Err(Error::Conflict(_)) => {}
        Err(other) => return Err(other),
    }
    Ok(())
}

/// Writes down that a request has no ground any more, if it has none. Answers whether it had none.
pub(super) async fn cancel_if_groundless(
    on: &DatabaseTransaction,
    backend: &Backend,
    row: &mfa_reset::Model,
    stands: &Life,
    person: &user::Model,
    now: Timestamp,
) -> Result<bool> {
    let Some(End { state: State::Cancelled, reason, .. }) = stands.end.filter(|_| row.ended_at.is_none()) else {
        return Ok(false);
    };
    let entry = Entry::by_system(AuditAction::MfaResetCancelled).upon(UserId(person.id), &person.name);
    step(on, backend, row, Event::Cancel(reason), entry, now).await?;
    if row.accepted_at.is_some() {
        trace::tell_stopped(on, backend, row, now).await?;
    }
    Ok(true)
}
