//! “Waiting for approval”: the second administrator's part (5.6). Who asks cannot do it, nor whom the asker made an
//! administrator, nor who became one within seven days, nor who was just reset; see [`policy::approve_mfa_reset`].
//!
//! Approving opens the request: only now does the mail go out, and the twelve hours begin.

use super::{
    ending::cancel_if_groundless,
    ground::{as_it_stands, target},
    guarding::{self, Demanded},
    row::{life, step},
    voice::{self, Voice},
};
use crate::{
    Backend, Caller, Error, Result,
    audit::Entry,
    outbox::{self, MailKind},
    principal,
    store::{
        self,
        entity::{membership, mfa_reset},
        reach,
    },
};
use domain::{
    audit::AuditAction,
    errors::Conflict,
    guards::Approver,
    ids::UserId,
    mfa_reset::{AwaitedApproval, Event, State},
    policy::{self, Denied, Principal, Target},
    scope::Scope,
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// How many of those who could approve are told by mail.
const MOST_TOLD: usize = 10;
/// How many requests the list shows, the oldest first.
const MOST_SHOWN: u64 = 50;

/// Gives the scopes that may approve a say in it, and tells those who can.
pub(super) async fn call_for(
    on: &DatabaseTransaction,
    backend: &Backend,
    row: &mfa_reset::Model,
    scope: Scope,
    demanded: &Demanded,
    now: Timestamp,
) -> Result<()> {
    let Some(approval) = &demanded.approval else { return Ok(()) };
    for scope in approval.voices(scope) {
        voice::give(on, backend.random.uuid(now), row.id, scope, Voice::Approve).await?;
    }
    for approver in demanded.approvers.iter().take(MOST_TOLD) {
        let to = UserId(approver.user_id);
        outbox::enqueue(on, backend, now, MailKind::MfaResetApprovalWanted, to, Some(row.id)).await?;
    }
    Ok(())
}

/// Agrees: the request is open from now on, and its mail leaves.
///
/// # Errors
/// [`Conflict::NoOpenReset`] when none waits; [`Conflict::ResetIs`] when somebody was quicker; whatever
/// [`policy::approve_mfa_reset`] denies.
pub async fn approve(backend: &Backend, caller: &Caller, scope: Scope, user: UserId) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let Asked { who, target, row, approver } = asked(&on, caller, scope, user, now).await?;
    let permit = policy::approve_mfa_reset(&who, scope, &target, &approver)?;
    let person = store::lock_user(&on, user).await?;
    let stands = as_it_stands(&on, &row, person.epoch, now).await?;
    if cancel_if_groundless(&on, backend, &row, &stands, &person, now).await? {
        on.commit().await?;
        return Err(Conflict::ResetIs(State::Cancelled).into());
    }
    let entry = Entry::permitted(&permit, AuditAction::MfaResetApproved).from(&caller.visitor);
    step(&on, backend, &row, Event::Approve, entry, now).await?;
    decided_by(&on, &row, &who).await?;
    outbox::enqueue(&on, backend, now, MailKind::MfaResetRequest, user, Some(row.id)).await?;
    tell_asker(&on, backend, &row, MailKind::MfaResetApproved, now).await?;
    on.commit().await?;
    Ok(())
}

/// Does not agree: the request is over, and who asked is told.
///
/// # Errors
/// As [`approve`]; whatever [`policy::reject_mfa_reset`] denies.
pub async fn reject(backend: &Backend, caller: &Caller, scope: Scope, user: UserId) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let Asked { who, target, row, approver } = asked(&on, caller, scope, user, now).await?;
    let permit = policy::reject_mfa_reset(&who, scope, &target, &approver)?;
    let entry = Entry::permitted(&permit, AuditAction::MfaResetRejected).from(&caller.visitor);
    step(&on, backend, &row, Event::Reject, entry, now).await?;
    decided_by(&on, &row, &who).await?;
    tell_asker(&on, backend, &row, MailKind::MfaResetRejected, now).await?;
    on.commit().await?;
    Ok(())
}

/// What waits for approval in a scope, for who may see resets there.
pub(crate) async fn awaiting(
    on: &impl ConnectionTrait,
    who: &Principal,
    scope: Scope,
    now: Timestamp,
) -> Result<Vec<AwaitedApproval>> {
    if policy::view_mfa_resets(who, scope).is_err() {
        return Ok(Vec::new());
    }
    let rows = mfa_reset::Entity::find()
        .filter(mfa_reset::Column::Id.in_subquery(voice::with_voice(scope, Voice::Approve)))
        .filter(mfa_reset::Column::EndedAt.is_null())
        .filter(mfa_reset::Column::OpenedAt.is_null())
        .filter(mfa_reset::Column::ExpiresAt.gt(now.ms()))
        .order_by_asc(mfa_reset::Column::Id)
        .limit(MOST_SHOWN)
        .all(on)
        .await?;
    let ids = rows.iter().map(|row| row.user_id);
    let places = membership::Entity::find()
        .filter(reach::listed(scope))
        .filter(membership::Column::UserId.is_in(ids))
        .all(on)
        .await?;
    let awaited = |row: mfa_reset::Model| {
        // Who left is out of sight; the request ends by itself.
        let place = places.iter().find(|place| place.user_id == row.user_id)?;
        Some(AwaitedApproval {
            user_id: UserId(row.user_id),
            name: place.name.clone(),
            is_own: row.asker_id == Some(who.user_id.0),
            asked_by: row.asker_name.unwrap_or_default(),
            requested_at: Timestamp::from_ms(row.requested_at),
            expires_at: Timestamp::from_ms(row.expires_at),
        })
    };
    Ok(rows.into_iter().filter_map(awaited).collect())
}

/// A request that waits, and who decides about it.
struct Asked {
    who: Principal,
    target: Target,
    row: mfa_reset::Model,
    approver: Approver,
}

async fn asked(on: &DatabaseTransaction, caller: &Caller, scope: Scope, user: UserId, now: Timestamp) -> Result<Asked> {
    let who = principal::enter(on, caller, scope, now).await?;
    store::lock_user(on, user).await.map_err(|_| Denied::Unseen)?;
    let (_, target) = target(on, scope, user, now).await?;
    let row = super::row::with_say(on, scope, user, Voice::Approve, now).await?;
    let Some(row) = row else {
        // Somebody was quicker, or it is over: say where it stands, to who may see that.
        policy::view_mfa_resets(&who, scope)?;
        let latest = super::row::latest(on, scope, user).await?;
        return Err(match latest {
            Some(row) => Conflict::ResetIs(life(&row).state(now)).into(),
            None => Conflict::NoOpenReset.into(),
        });
    };
    let approver = guarding::approver(on, &row, scope, who.user_id, now).await?;
    Ok(Asked { who, target, row, approver })
}

async fn decided_by(on: &impl ConnectionTrait, row: &mfa_reset::Model, who: &Principal) -> Result<()> {
    let sql = "UPDATE mfa_resets SET approver_id = ?, approver_name = ? WHERE id = ?";
    let values = [who.user_id.0.into(), who.name.clone().into(), row.id.into()];
    on.execute_raw(store::statement(on, sql, values)).await?;
    Ok(())
}

async fn tell_asker(
    on: &impl ConnectionTrait,
    backend: &Backend,
    row: &mfa_reset::Model,
    kind: MailKind,
    now: Timestamp,
) -> Result<()> {
    let asker = row.asker_id.ok_or_else(|| Error::internal("the operator's request needs no approval"))?;
    outbox::enqueue(on, backend, now, kind, UserId(asker), Some(row.id)).await
}
