//! The person's part: what the mailed link shows, “Accept” and “This wasn't me”, and what accepting does.
//!
//! Accepting is one conditional update. Without a waiting time it takes effect in the same transaction; with one, [`complete`]
//! does later what [`accept`] did not, by a conditional update of the same kind.

use super::{
    ending::cancel_if_groundless,
    ground::as_it_stands,
    guarding::{self, Elsewhere},
    number,
    row::{by_token, life, live, save, scope_of, step},
    trace::{self, record, record_done, record_elsewhere, tell_done},
    voice::{self, Voice},
};
use crate::{
    Backend, Caller, Error, Result, Visitor,
    audit::Entry,
    authenticators,
    crypto::{LinkToken, ReturnToken},
    epoch,
    mail::zone,
    principal, sessions,
    store::{
        self,
        entity::{mfa_reset, user},
    },
};
use domain::{
    audit::AuditAction,
    errors::Conflict,
    guards::ELSEWHERE,
    ids::{MfaResetId, UserId},
    mfa_reset::{EndReason, Event, Life, OUTCOME_TTL, PeekedReset, ResetOfMine, State},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use std::time::Duration;

/// What the accepting browser gets.
#[derive(Debug)]
pub struct Accepted {
    /// For a cookie good for one sign-in without a new-device code, within [`domain::mfa_reset::RETURN_TTL`].
    pub returning: ReturnToken,
    /// Where the request stands now.
    pub state: State,
}

/// What the accept page shows. Changes nothing, however often and by whomever it is asked.
///
/// # Errors
/// [`Error::NotFound`] for a link that was never made, or was decided more than thirty days ago.
pub async fn peek(backend: &Backend, token: &LinkToken) -> Result<PeekedReset> {
    let (on, now) = (backend.database.read(), backend.now());
    let row = by_token(on, token).await?;
    let person = user::Entity::find_by_id(row.user_id).one(on).await?.ok_or(Error::NotFound)?;
    let life = as_it_stands(on, &row, person.epoch, now).await?;
    if life.end.map_or(life.expires_at, |end| end.at) + OUTCOME_TTL <= now {
        return Err(Error::NotFound);
    }
    let scope_name = match scope_of(&row) {
        Some(scope) => Some(store::scope_facts(on, scope).await?.name),
        None => None,
    };
    let demands = sessions::demands(on, UserId(person.id), now).await?;
    let zoned = |at: Timestamp| zone::zoned(at, &person.time_zone);
    Ok(PeekedReset {
        state: life.state(now),
        reason: life.end.map(|end| end.reason),
        asked_by: row.asker_name,
        asked_as: row.asker_role.clone(),
        scope_name,
        name: person.name,
        email: person.email,
        requested_at: zoned(life.requested_at),
        expires_at: zoned(life.expires_at),
        effective_at: life.effective_at.map(zoned),
        ended_at: life.end.map(|end| zoned(end.at)),
        must_enrol: demands.mfa_required,
        asks_number: row.asks_number,
        now: zoned(now),
    })
}

/// Accepts: at once, or when the waiting time is over, every second factor, session, recognised browser, code and mailed
/// link of the person is gone, and MFA is off for them. Does not sign in and does not touch the password. `number` is what
/// was typed, where the request asks for one.
///
/// # Errors
/// [`Conflict::ResetIs`] with the state that refuses; [`domain::errors::Problem::WrongNumber`]; [`Error::NotFound`].
pub async fn accept(backend: &Backend, visitor: &Visitor, token: &LinkToken, number: &str) -> Result<Accepted> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let found = by_token(&on, token).await?;
    let person = store::lock_user_and_places(&on, UserId(found.user_id)).await?;
    let row = by_token(&on, token).await?;
    let stands = as_it_stands(&on, &row, person.epoch, now).await?;
    if cancel_if_groundless(&on, backend, &row, &stands, &person, now).await? {
        on.commit().await?;
        return Err(Conflict::ResetIs(State::Cancelled).into());
    }
    let elsewhere = guarding::elsewhere(&on, &row, &person, now).await?;
    let own_wait = guarding::wait(&on, &row, now).await?;
    let wait = if elsewhere.is_empty() { own_wait } else { own_wait.max(ELSEWHERE) };
    let after = stands.step(Event::Accept { wait }, now).map_err(Conflict::ResetIs)?;
    if let Some(refused) = number::refuse_wrong(&on, backend, &row, &person, visitor, number, now).await? {
        on.commit().await?;
        return Err(refused);
    }
    if !save(&on, &row, &after, now).await? {
        return Err(Conflict::ResetIs(State::Done).into());
    }
    let returning = ReturnToken::random(&backend.random);
    let row = keep(&on, row, &after, own_wait, &returning).await?;
    match after.end {
        Some(_) => carry_out(&on, backend, visitor, &row, &person, now).await?,
        None => wait_for_it(&on, backend, visitor, &row, &person, &elsewhere, now).await?,
    }
    on.commit().await?;
    Ok(Accepted { returning, state: after.state(now) })
}

/// What is known of a request only once it is accepted: how long it waits, and which browser accepted.
async fn keep(
    on: &impl ConnectionTrait,
    row: mfa_reset::Model,
    after: &Life,
    own_wait: Duration,
    returning: &ReturnToken,
) -> Result<mfa_reset::Model> {
    let wait_ms = i64::try_from(own_wait.as_millis()).unwrap_or(i64::MAX);
    let digest = returning.digest().to_vec();
    let sql = "UPDATE mfa_resets SET return_digest = ?, wait_ms = ? WHERE id = ?";
    on.execute_raw(store::statement(on, sql, [digest.clone().into(), wait_ms.into(), row.id.into()])).await?;
    Ok(mfa_reset::Model {
        accepted_at: after.accepted_at.map(Timestamp::ms),
        effective_at: after.effective_at.map(Timestamp::ms),
        return_digest: Some(digest),
        wait_ms,
        ..row
    })
}

/// It is accepted and waits: who may still call it off has to know.
async fn wait_for_it(
    on: &DatabaseTransaction,
    backend: &Backend,
    visitor: &Visitor,
    row: &mfa_reset::Model,
    person: &user::Model,
    elsewhere: &[Elsewhere],
    now: Timestamp,
) -> Result<()> {
    let user = UserId(person.id);
    for place in elsewhere {
        voice::give(on, backend.random.uuid(now), row.id, place.scope, Voice::CallOff).await?;
    }
    let entry = Entry::own(user, &person.name, AuditAction::MfaResetAccepted).about(row.id).from(visitor);
    record(on, backend, entry, scope_of(row), user, now).await?;
    record_elsewhere(on, backend, AuditAction::FactorsLeavingElsewhere, row, elsewhere, now).await?;
    trace::tell_waiting(on, backend, row, elsewhere, now).await
}

/// The waiting time of an accepted request is over.
pub(super) async fn complete(
    on: &DatabaseTransaction,
    backend: &Backend,
    row: &mfa_reset::Model,
    stands: &Life,
    person: &user::Model,
    now: Timestamp,
) -> Result<()> {
    let after = stands.step(Event::Complete, now).map_err(Conflict::ResetIs)?;
    if !save(on, row, &after, now).await? {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    carry_out(on, backend, &Visitor::default(), row, person, now).await
}

/// The effect (5.5), in the transaction that ended the request as done: every factor is unbound, one raise of the epoch makes
/// void what the person holds, the browser that accepted is recognised under the new one, and everybody is told.
async fn carry_out(
    on: &DatabaseTransaction,
    backend: &Backend,
    visitor: &Visitor,
    row: &mfa_reset::Model,
    person: &user::Model,
    now: Timestamp,
) -> Result<()> {
    let user = UserId(person.id);
    authenticators::unbind_all(on, user, now).await?;
    let epoch = epoch::raise(on, backend, now, user, person.epoch, None).await?;
    let sql = "UPDATE mfa_resets SET return_epoch = ? WHERE id = ?";
    on.execute_raw(store::statement(on, sql, [epoch.into(), row.id.into()])).await?;
    record_done(on, backend, visitor, row, person, now).await?;
    tell_done(on, backend, row, user, now).await
}

/// “This wasn't me”: the request is over, who asked and the security contact are told, and nobody is locked out.
///
/// # Errors
/// [`Conflict::ResetIs`] with the state that refuses; [`Error::NotFound`].
pub async fn decline(backend: &Backend, visitor: &Visitor, token: &LinkToken) -> Result<State> {
    let on = backend.database.begin().await?;
    let found = by_token(&on, token).await?;
    let person = store::lock_user(&on, UserId(found.user_id)).await?;
    let row = by_token(&on, token).await?;
    decline_row(on, backend, visitor, &row, &person).await
}

/// “This wasn't me”, from an own session.
///
/// # Errors
/// [`Error::NotFound`] for a request against somebody else.
pub async fn decline_mine(backend: &Backend, caller: &Caller, id: MfaResetId) -> Result<()> {
    principal::needs_standing(caller, &[domain::sessions::Standing::Enter])?;
    let on = backend.database.begin().await?;
    let person = store::lock_user(&on, caller.user_id).await?;
    if person.epoch != caller.epoch {
        return Err(Error::NotSignedIn);
    }
    let row = mfa_reset::Entity::find_by_id(id.0)
        .filter(mfa_reset::Column::UserId.eq(caller.user_id.0))
        .one(&on)
        .await?
        .ok_or(Error::NotFound)?;
    decline_row(on, backend, &caller.visitor, &row, &person).await.map(drop)
}

async fn decline_row(
    on: DatabaseTransaction,
    backend: &Backend,
    visitor: &Visitor,
    row: &mfa_reset::Model,
    person: &user::Model,
) -> Result<State> {
    let now = backend.now();
    let user = UserId(person.id);
    let waits = life(row).state(now) == State::Waiting;
    let (event, action) = match waits {
        true => (Event::Cancel(EndReason::Target), AuditAction::MfaResetCancelled),
        false => (Event::Decline, AuditAction::MfaResetDeclined),
    };
    let entry = Entry::own(user, &person.name, action).from(visitor);
    let after = step(&on, backend, row, event, entry, now).await?;
    if waits {
        trace::tell_stopped(&on, backend, row, now).await?;
    } else {
        trace::tell_declined(&on, backend, row, user, now).await?;
    }
    on.commit().await?;
    Ok(after.state(now))
}

/// A live request against the caller, for every page that they see.
pub async fn of_mine(backend: &Backend, caller: &Caller) -> Result<Option<ResetOfMine>> {
    let (on, now) = (backend.database.read(), backend.now());
    // What waits for approval may never be asked of them.
    let is_asked = |row: &mfa_reset::Model| matches!(life(row).state(now), State::Open | State::Waiting);
    let Some(row) = live(on, caller.user_id, now).await?.into_iter().rfind(is_asked) else { return Ok(None) };
    let scope_name = match scope_of(&row) {
        Some(scope) => Some(store::scope_facts(on, scope).await?.name),
        None => None,
    };
    Ok(Some(ResetOfMine {
        id: MfaResetId(row.id),
        user_id: caller.user_id,
        state: life(&row).state(now),
        effective_at: life(&row).effective_at,
        asked_by: row.asker_name,
        scope_name,
        requested_at: Timestamp::from_ms(row.requested_at),
        expires_at: Timestamp::from_ms(row.expires_at),
        now,
    }))
}
