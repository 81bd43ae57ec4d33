//! The row of a request: its life read from it, and written back by one conditional update.

use super::{
    trace,
    voice::{self, Voice},
};
use crate::{
    Backend, Error, Result,
    audit::Entry,
    crypto::LinkToken,
    outbox::{self, MailKind},
    store::{self, entity::mfa_reset},
};
use domain::{
    errors::Conflict,
    ids::{MfaResetId, UserId},
    mfa_reset::{Delivery, End, EndReason, Event, Life, PendingReset, State},
    scope::{Scope, ScopeKind},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Query, SelectStatement},
};
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

/// Takes one step of the life, by one conditional update, and records it.
///
/// # Errors
/// [`Conflict::ResetIs`] when the life does not allow it, or another request was quicker.
pub(super) async fn step(
    on: &DatabaseTransaction,
    backend: &Backend,
    row: &mfa_reset::Model,
    event: Event,
    entry: Entry,
    now: Timestamp,
) -> Result<Life> {
    let after = life(row).step(event, now).map_err(Conflict::ResetIs)?;
    if !save(on, row, &after, now).await? {
        let seen = mfa_reset::Entity::find_by_id(row.id).one(on).await?.ok_or(Error::NotFound)?;
        return Err(Conflict::ResetIs(life(&seen).state(now)).into());
    }
    let detail = after.end.map(|end| end.reason.key());
    trace::record(on, backend, entry.about(row.id).because(detail), scope_of(row), UserId(row.user_id), now).await?;
    Ok(after)
}

/// Writes `after`, on condition that the row is still as it was read and, when this opens or accepts it, still in time, when
/// this carries it out, due, and each time of the present epoch. Answers whether it was.
pub(super) async fn save(
    on: &impl ConnectionTrait,
    row: &mfa_reset::Model,
    after: &Life,
    now: Timestamp,
) -> Result<bool> {
    let is = |set: bool| if set { "NOT NULL" } else { "NULL" };
    let mut sql = format!(
        "UPDATE mfa_resets SET opened_at = ?, expires_at = ?, accepted_at = ?, effective_at = ?, ended_at = ?, \
         ended_as = ?, end_reason = ? WHERE id = ? AND ended_at IS NULL AND opened_at IS {} AND accepted_at IS {}",
        is(row.opened_at.is_some()),
        is(row.accepted_at.is_some()),
    );
    let mut values: Vec<sea_orm::Value> = vec![
        after.opened_at.map(Timestamp::ms).into(),
        after.expires_at.ms().into(),
        after.accepted_at.map(Timestamp::ms).into(),
        after.effective_at.map(Timestamp::ms).into(),
        after.end.map(|end| end.at.ms()).into(),
        after.end.map(|end| end.state.key()).into(),
        after.end.map(|end| end.reason.key()).into(),
        row.id.into(),
    ];
    let opens = after.opened_at.is_some() && row.opened_at.is_none();
    let accepts = after.accepted_at.is_some() && row.accepted_at.is_none();
    if opens || accepts {
        sql.push_str(" AND expires_at > ?");
        values.push(now.ms().into());
    }
    let is_done = after.end.is_some_and(|end| end.state == State::Done);
    if is_done {
        sql.push_str(" AND (effective_at IS NULL OR effective_at <= ?)");
        values.push(now.ms().into());
    }
    if opens || accepts || is_done {
        sql.push_str(" AND epoch = (SELECT epoch FROM users WHERE users.id = mfa_resets.user_id)");
    }
    Ok(on.execute_raw(store::statement(on, &sql, values)).await?.rows_affected() == 1)
}

/// Every live request against a person, oldest first.
pub(super) async fn live(on: &impl ConnectionTrait, user: UserId, now: Timestamp) -> Result<Vec<mfa_reset::Model>> {
    let rows = mfa_reset::Entity::find()
        .filter(mfa_reset::Column::UserId.eq(user.0))
        .filter(mfa_reset::Column::EndedAt.is_null())
        .order_by_asc(mfa_reset::Column::Id)
        .all(on)
        .await?;
    Ok(rows.into_iter().filter(|row| life(row).state(now).is_live()).collect())
}

/// Every live request that was asked for in a scope, oldest first.
pub(crate) async fn live_in(on: &impl ConnectionTrait, scope: Scope, now: Timestamp) -> Result<Vec<mfa_reset::Model>> {
    let rows = mfa_reset::Entity::find()
        .filter(mfa_reset::Column::ScopeKind.eq(scope.kind().key()))
        .filter(mfa_reset::Column::ScopeId.eq(scope.uuid()))
        .filter(mfa_reset::Column::EndedAt.is_null())
        .order_by_asc(mfa_reset::Column::Id)
        .all(on)
        .await?;
    Ok(rows.into_iter().filter(|row| life(row).state(now).is_live()).collect())
}

pub(super) async fn the_live_one(
    on: &impl ConnectionTrait,
    scope: Scope,
    user: UserId,
    now: Timestamp,
) -> Result<mfa_reset::Model> {
    let found = live(on, user, now).await?.into_iter().rfind(|row| scope_of(row) == Some(scope));
    found.ok_or_else(|| Conflict::NoOpenReset.into())
}

/// The live request in which the administrators of a scope have this say now.
pub(super) async fn with_say(
    on: &impl ConnectionTrait,
    scope: Scope,
    user: UserId,
    say: Voice,
    now: Timestamp,
) -> Result<Option<mfa_reset::Model>> {
    let live = live(on, user, now).await?;
    let ids: Vec<Uuid> = live.iter().map(|row| row.id).collect();
    let voices = voice::of_scope(on, scope, &ids).await?;
    Ok(live.into_iter().rfind(|row| voice::has_say(&voices, row, life(row).state(now)) == Some(say)))
}

/// The latest request made in a scope or for its approval, whatever became of it.
pub(super) async fn latest(on: &impl ConnectionTrait, scope: Scope, user: UserId) -> Result<Option<mfa_reset::Model>> {
    let latest = mfa_reset::Entity::find()
        .filter(mfa_reset::Column::UserId.eq(user.0))
        .filter(mfa_reset::Column::ScopeKind.eq(scope.kind().key()))
        .filter(mfa_reset::Column::ScopeId.eq(scope.uuid()))
        .order_by_desc(mfa_reset::Column::Id);
    Ok(latest.one(on).await?)
}

pub(super) async fn by_token(on: &impl ConnectionTrait, token: &LinkToken) -> Result<mfa_reset::Model> {
    mfa_reset::Entity::find()
        .filter(mfa_reset::Column::TokenDigest.eq(token.digest().to_vec()))
        .one(on)
        .await?
        .ok_or(Error::NotFound)
}

/// Of whom a reset is pending in a scope, as [`pending`] shows it.
pub(crate) fn pending_in(scope: Scope, now: Timestamp) -> SelectStatement {
    use mfa_reset::Column;
    let asked_here = Column::ScopeKind.eq(scope.kind().key()).and(Column::ScopeId.eq(scope.uuid()));
    let waits = Column::AcceptedAt.is_not_null().and(Column::Id.in_subquery(voice::with_voice(scope, Voice::CallOff)));
    let awaits = Column::OpenedAt.is_null().and(Column::Id.in_subquery(voice::with_voice(scope, Voice::Approve)));
    Query::select()
        .column(Column::UserId)
        .from(mfa_reset::Entity)
        .and_where(Column::EndedAt.is_null())
        .and_where(Column::AcceptedAt.is_not_null().or(Column::ExpiresAt.gt(now.ms())))
        .and_where(asked_here.or(waits).or(awaits))
        .to_owned()
}

/// The live requests of this scope, and those in which it has a say, by target, as its administrators see them.
pub(crate) async fn pending(
    on: &impl ConnectionTrait,
    scope: Scope,
    users: &[Uuid],
    now: Timestamp,
) -> Result<HashMap<Uuid, PendingReset>> {
    let rows = mfa_reset::Entity::find()
        .filter(mfa_reset::Column::UserId.is_in(users.iter().copied()))
        .filter(mfa_reset::Column::EndedAt.is_null())
        .order_by_asc(mfa_reset::Column::Id)
        .all(on)
        .await?;
    let mut live: Vec<_> = rows.into_iter().filter(|row| life(row).state(now).is_live()).collect();
    let others: Vec<Uuid> = live.iter().filter(|row| scope_of(row) != Some(scope)).map(|row| row.id).collect();
    let voices = if others.is_empty() { HashMap::new() } else { voice::of_scope(on, scope, &others).await? };
    let say = |row: &mfa_reset::Model| voice::has_say(&voices, row, life(row).state(now));
    live.retain(|row| scope_of(row) == Some(scope) || say(row).is_some());
    // What was asked for here comes last, and so is what is shown.
    live.sort_by_key(|row| scope_of(row) == Some(scope));
    let ids: Vec<Uuid> = live.iter().map(|row| row.id).collect();
    let deliveries = outbox::delivery(on, MailKind::MfaResetRequest, &ids).await?;
    let summary = |row: mfa_reset::Model| {
        let is_elsewhere = say(&row) == Some(Voice::CallOff);
        PendingReset {
            id: MfaResetId(row.id),
            state: life(&row).state(now),
            requested_at: Timestamp::from_ms(row.requested_at),
            expires_at: Timestamp::from_ms(row.expires_at),
            delivery: deliveries.get(&row.id).copied().unwrap_or(Delivery::Queued),
            asks_number: row.asks_number,
            effective_at: if is_elsewhere { life(&row).effective_at } else { told_effective_at(&row) },
            is_elsewhere,
            asked_by: row.asker_name.filter(|_| !is_elsewhere),
        }
    };
    Ok(live.into_iter().map(|row| (row.user_id, summary(row))).collect())
}

/// When it takes effect, as far as the asker's reach may know: nothing when it waits longer than the reach itself asks for,
/// because the person is an administrator somewhere else.
pub(crate) fn told_effective_at(row: &mfa_reset::Model) -> Option<Timestamp> {
    let own = row.accepted_at.map(|at| at + row.wait_ms);
    row.effective_at.filter(|at| own.is_some_and(|own| *at <= own)).map(Timestamp::from_ms)
}

/// How many requests there were in this scope within 24 hours, by target.
pub(crate) async fn requests_today(
    on: &impl ConnectionTrait,
    scope: Scope,
    users: &[Uuid],
    now: Timestamp,
) -> Result<HashMap<Uuid, u32>> {
    let rows: Vec<Uuid> = mfa_reset::Entity::find()
        .select_only()
        .column(mfa_reset::Column::UserId)
        .filter(mfa_reset::Column::UserId.is_in(users.iter().copied()))
        .filter(mfa_reset::Column::ScopeKind.eq(scope.kind().key()))
        .filter(mfa_reset::Column::ScopeId.eq(scope.uuid()))
        .filter(mfa_reset::Column::RequestedAt.gt((now - Duration::from_secs(24 * 3600)).ms()))
        .into_tuple()
        .all(on)
        .await?;
    let mut counts = HashMap::new();
    for user in rows {
        *counts.entry(user).or_insert(0) += 1;
    }
    Ok(counts)
}

pub(super) fn scope_of(row: &mfa_reset::Model) -> Option<Scope> {
    Some(ScopeKind::of_key(row.scope_kind.as_deref()?)?.with(row.scope_id?))
}

pub(super) fn life(row: &mfa_reset::Model) -> Life {
    let end = row.ended_at.map(|at| End {
        at: Timestamp::from_ms(at),
        state: row.ended_as.as_deref().and_then(State::of_key).unwrap_or(State::Cancelled),
        reason: row.end_reason.as_deref().and_then(EndReason::of_key).unwrap_or(EndReason::DoneElsewhere),
    });
    Life {
        requested_at: Timestamp::from_ms(row.requested_at),
        opened_at: row.opened_at.map(Timestamp::from_ms),
        expires_at: Timestamp::from_ms(row.expires_at),
        accepted_at: row.accepted_at.map(Timestamp::from_ms),
        effective_at: row.effective_at.map(Timestamp::from_ms),
        end,
    }
}
