//! The main job: an administrator has a person's second factors removed, and nobody but that person lets it happen.
//!
//! In story order: [`preview`] shows what would happen, [`request`] asks and puts the mail into the outbox, [`resend`] and
//! [`cancel`] are the administrator's, [`peek`] is what the mailed link shows, [`accept`] and [`decline`] are the person's.
//! Nothing about the person's factors changes before [`accept`].
//!
//! What must happen once is one conditional update, and its row count decides: of any number of parallel accepts, on any
//! number of servers, one finds the row open; the others find it done and are shown so. The condition holds all that
//! makes a request acceptable (open, not ended, in time, of the present epoch), so that nothing read earlier can have gone
//! stale. That the asker may still ask, and the target still belongs there, is read in the same transaction, after the
//! target's row is locked.
//!
//! The effect of accepting is one raise of the epoch (see [`crate::epoch`]) and the removal of every factor. A kind of
//! token or factor added later is covered by the same two routines, and a test finds the one that is not.

mod aftermath;
mod ending;
mod ground;
mod number;
mod row;
mod trace;

pub(crate) use aftermath::{Withheld, enrolled, keep_return, password_link_withheld, use_return};
pub(crate) use ending::end_elsewhere;
pub use ending::{end_groundless, finish_due};
pub(crate) use row::{pending, requests_today};
pub(crate) use trace::security_contact;

use crate::{
    Backend, Caller, Error, Result, Visitor,
    audit::Entry,
    authenticators,
    crypto::{LinkToken, Purpose, ReturnToken},
    epoch, fold,
    mail::zone,
    outbox::{self, MailKind},
    principal, sessions,
    store::{
        self,
        entity::{mfa_reset, user},
    },
};
use domain::{
    audit::AuditAction,
    errors::{Conflict, Field, Problem},
    ids::{MfaResetId, UserId},
    mfa_reset::{EndReason, Event, Life, OUTCOME_TTL, PeekedReset, PendingReset, ResetOfMine, ResetPreview, State},
    person::{EmailAddress, Reason},
    policy::{self, Denied, Permit, Principal, RequestMfaReset, Target},
    roles::{Rank, Role},
    scope::Scope,
    time::Timestamp,
    users::MembershipStatus,
};
use ending::cancel_if_groundless;
use ground::{as_it_stands, factors_of, target};
use row::{by_token, life, live, save, scope_of, step, the_live_one};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};
use std::time::Duration;
use trace::{record, record_done, tell_done};

/// How many mails one request may send in its life: who asks is not to wear somebody down until one “Accept” is pressed.
const MAILS_A_LIFE: u64 = 8;
/// How many mails one request may send within [`MAILS_SPAN`].
const MAILS_A_REQUEST: u64 = 5;
/// See [`MAILS_A_REQUEST`].
const MAILS_SPAN: Duration = Duration::from_secs(600);

/// What the accepting browser gets.
#[derive(Debug)]
pub struct Accepted {
    /// For a cookie good for one sign-in without a new-device code, within [`domain::mfa_reset::RETURN_TTL`].
    pub returning: ReturnToken,
    /// Where the request stands now.
    pub state: State,
}

// ── asking ────────────────────────────────────────────────────────────────────────────────────────────────────────

/// What the dialog and its page say and decide with.
pub async fn preview(backend: &Backend, caller: &Caller, scope: Scope, user: UserId) -> Result<ResetPreview> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    policy::view_mfa_resets(&who, scope)?;
    let (place, target) = target(on, scope, user, now).await?;
    let person = user::Entity::find_by_id(user.0).one(on).await?.ok_or(Error::NotFound)?;
    let mut pending = pending(on, scope, &[user.0], now).await?;
    Ok(ResetPreview {
        scope,
        scope_name: store::scope_facts(on, scope).await?.name,
        principal: who,
        name: place.name,
        email: person.email.clone(),
        factors: target.factors,
        target,
        backup_codes_left: authenticators::backup_codes_left(on, user).await?,
        last_used_at: (place.last_used_at > 0).then(|| Timestamp::from_ms(place.last_used_at)),
        number: number_for(on, backend, caller, pending.get(&user.0)).await?,
        would_ask_number: number::reason(&person, now),
        pending: pending.remove(&user.0),
        now,
    })
}

/// The number of the pending request, when the caller is who asked.
async fn number_for(
    on: &impl ConnectionTrait,
    backend: &Backend,
    caller: &Caller,
    pending: Option<&PendingReset>,
) -> Result<Option<String>> {
    let Some(pending) = pending.filter(|pending| pending.asks_number) else { return Ok(None) };
    let row = mfa_reset::Entity::find_by_id(pending.id.0).one(on).await?.ok_or(Error::NotFound)?;
    let is_asker = row.asker_id == Some(caller.user_id.0);
    Ok(number::of(backend, &row).filter(|_| is_asker).map(|number| number.to_string()))
}

/// Asks. A live request of the same reach is replaced; the mail is in the outbox when this returns.
///
/// # Errors
/// Whatever [`policy::request_mfa_reset`] denies; [`Denied::Unseen`] for a person who is not a member.
pub async fn request(
    backend: &Backend,
    caller: &Caller,
    scope: Scope,
    user: UserId,
    reason: &Reason,
) -> Result<MfaResetId> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let person = store::lock_user(&on, user).await.map_err(|_| Denied::Unseen)?;
    let (_, target) = target(&on, scope, user, now).await?;
    let permit = policy::request_mfa_reset(&who, scope, &target)?;
    let id = open(&on, backend, &permit, &person, Some(&who), reason, &caller.visitor, now).await?;
    on.commit().await?;
    Ok(id)
}

/// The operator asks on the host: above every rank, with the same mail to the same mailbox. Answers until when it can
/// be accepted.
///
/// # Errors
/// [`Problem::Unknown`] for an address nobody has; [`Denied::NothingToReset`].
pub async fn request_by_operator(
    backend: &Backend,
    email: &EmailAddress,
    reason: &Reason,
) -> Result<(MfaResetId, Timestamp)> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let found = user::Entity::find().filter(user::Column::EmailFolded.eq(fold::address(email))).one(&on).await?;
    let id = found.ok_or_else(|| Error::field(Field::Email, Problem::Unknown))?.id;
    let person = store::lock_user(&on, UserId(id)).await?;
    let target = Target {
        user_id: UserId(person.id),
        name: person.name.clone(),
        rank: Rank::Member,
        status: MembershipStatus::Active,
        factors: factors_of(&on, UserId(person.id)).await?,
        resets_today: 0,
    };
    let permit = policy::operator_requests_mfa_reset(&target)?;
    let id = open(&on, backend, &permit, &person, None, reason, &Visitor::default(), now).await?;
    on.commit().await?;
    Ok((id, now + domain::mfa_reset::ACCEPT_TTL))
}

/// Writes the request, replaces the live one of the same reach (the operator's reach is every scope), records, and puts the mail into the outbox.
#[expect(clippy::too_many_arguments, reason = "one story told once for the administrator and the operator")]
async fn open(
    on: &DatabaseTransaction,
    backend: &Backend,
    permit: &Permit<RequestMfaReset>,
    person: &user::Model,
    who: Option<&Principal>,
    reason: &Reason,
    visitor: &Visitor,
    now: Timestamp,
) -> Result<MfaResetId> {
    let (user, scope) = (UserId(person.id), permit.scope());
    for row in live(on, user, now).await?.into_iter().filter(|row| scope.is_none() || scope_of(row) == scope) {
        step(on, backend, &row, Event::Supersede, Entry::permitted(permit, AuditAction::MfaResetSuperseded), now)
            .await?;
    }
    let (id, nonce) = (backend.random.uuid(now), backend.random.nonce());
    let life = Life::request(permit, false, now);
    let row = mfa_reset::Model {
        id,
        user_id: person.id,
        epoch: person.epoch,
        scope_kind: scope.map(|scope| scope.kind().key().to_owned()),
        scope_id: scope.map(Scope::uuid),
        asker_id: who.map(|who| who.user_id.0),
        asker_name: who.map(|who| who.name.clone()),
        asker_role: who.map(|who| who.role.key().to_owned()),
        via_portfolio_id: who.and_then(|who| who.via).map(|via| via.0),
        reason: reason.as_str().to_owned(),
        key_id: backend.keys.id(),
        nonce: nonce.0.to_vec(),
        token_digest: backend.keys.link_token(Purpose::MfaReset, id, nonce).digest().to_vec(),
        requested_at: life.requested_at.ms(),
        opened_at: life.opened_at.map(Timestamp::ms),
        expires_at: life.expires_at.ms(),
        accepted_at: None,
        effective_at: None,
        ended_at: None,
        ended_as: None,
        end_reason: None,
        return_digest: None,
        return_epoch: None,
        returned_at: None,
        enrolled_at: None,
        asks_number: who.is_some() && number::reason(person, now).is_some(),
        wrong_numbers: 0,
    };
    let row: mfa_reset::ActiveModel = row.into_active_model();
    if !epoch::insert_under(on, row, user, person.epoch).await? {
        return Err(Denied::NotActive.into());
    }
    let entry =
        Entry::permitted(permit, AuditAction::MfaResetRequested).about(id).because(reason.given()).from(visitor);
    record(on, backend, entry, scope, user, now).await?;
    outbox::enqueue(on, backend, now, MailKind::MfaResetRequest, user, Some(id)).await?;
    Ok(MfaResetId(id))
}

/// Sends the mail of the open request again: the same link, not prolonged.
///
/// # Errors
/// [`Conflict::NoOpenReset`]; whatever [`policy::resend_mfa_reset`] denies; [`Error::Throttled`] after five mails in ten
/// minutes, or eight in all.
pub async fn resend(backend: &Backend, caller: &Caller, scope: Scope, user: UserId) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    store::lock_user(&on, user).await.map_err(|_| Denied::Unseen)?;
    let (_, target) = target(&on, scope, user, now).await?;
    let permit = policy::resend_mfa_reset(&who, scope, &target)?;
    let row = the_live_one(&on, scope, user, now).await?;
    if life(&row).state(now) != State::Open {
        return Err(Conflict::NoOpenReset.into());
    }
    let mails = outbox::enqueued_since(&on, MailKind::MfaResetRequest, row.id, now - MAILS_SPAN).await?;
    if mails >= MAILS_A_REQUEST {
        return Err(Error::Throttled { retry_after: MAILS_SPAN });
    }
    let life = life(&row);
    if outbox::enqueued_since(&on, MailKind::MfaResetRequest, row.id, life.requested_at - MAILS_SPAN).await?
        >= MAILS_A_LIFE
    {
        return Err(Error::Throttled { retry_after: life.expires_at.since(now) });
    }
    let entry = Entry::permitted(&permit, AuditAction::MfaResetResent).about(row.id).from(&caller.visitor);
    record(&on, backend, entry, Some(scope), user, now).await?;
    outbox::enqueue(&on, backend, now, MailKind::MfaResetRequest, user, Some(row.id)).await?;
    on.commit().await?;
    Ok(())
}

/// Calls the live request off.
///
/// # Errors
/// [`Conflict::NoOpenReset`]; whatever [`policy::cancel_mfa_reset`] denies.
pub async fn cancel(backend: &Backend, caller: &Caller, scope: Scope, user: UserId) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    store::lock_user(&on, user).await.map_err(|_| Denied::Unseen)?;
    let (_, target) = target(&on, scope, user, now).await?;
    let permit = policy::cancel_mfa_reset(&who, scope, &target)?;
    let row = the_live_one(&on, scope, user, now).await?;
    let entry = Entry::permitted(&permit, AuditAction::MfaResetCancelled).from(&caller.visitor);
    step(&on, backend, &row, Event::Cancel(EndReason::Asker), entry, now).await?;
    on.commit().await?;
    Ok(())
}

// ── the person's part ─────────────────────────────────────────────────────────────────────────────────────────────

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
    let demands = sessions::demands(on, UserId(person.id)).await?;
    let zoned = |at: Timestamp| zone::zoned(at, &person.time_zone);
    Ok(PeekedReset {
        state: life.state(now),
        reason: life.end.map(|end| end.reason),
        asked_by: row.asker_name,
        asked_as: row.asker_role.as_deref().and_then(Role::of_key),
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

/// Accepts: every second factor, session, recognised browser, code and mailed link of the person is gone, and MFA is off
/// for them. Does not sign in and does not touch the password. `number` is what was typed, where the request asks for one.
///
/// # Errors
/// [`Conflict::ResetIs`] with the state that refuses; [`Problem::WrongNumber`]; [`Error::NotFound`].
pub async fn accept(backend: &Backend, visitor: &Visitor, token: &LinkToken, number: &str) -> Result<Accepted> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let found = by_token(&on, token).await?;
    let person = store::lock_user_and_places(&on, UserId(found.user_id)).await?;
    let row = by_token(&on, token).await?;
    let user = UserId(person.id);
    let stands = as_it_stands(&on, &row, person.epoch, now).await?;
    if cancel_if_groundless(&on, backend, &row, &stands, &person, now).await? {
        on.commit().await?;
        return Err(Conflict::ResetIs(State::Cancelled).into());
    }
    let after = stands.step(Event::Accept { wait: Duration::ZERO }, now).map_err(Conflict::ResetIs)?;
    if let Some(refused) = number::refuse_wrong(&on, backend, &row, &person, visitor, number, now).await? {
        on.commit().await?;
        return Err(refused);
    }
    if !save(&on, &row, &after, now).await? {
        return Err(Conflict::ResetIs(State::Done).into());
    }
    authenticators::unbind_all(&on, user).await?;
    let epoch = epoch::raise(&on, backend, now, user, person.epoch, None).await?;
    let returning = ReturnToken::random(&backend.random);
    let sql = "UPDATE mfa_resets SET return_digest = ?, return_epoch = ? WHERE id = ?";
    let values = [returning.digest().to_vec().into(), epoch.into(), row.id.into()];
    on.execute_raw(store::statement(&on, sql, values)).await?;
    record_done(&on, backend, visitor, &row, &person, now).await?;
    tell_done(&on, backend, &row, user, now).await?;
    on.commit().await?;
    Ok(Accepted { returning, state: after.state(now) })
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
    let event = if life(row).state(now) == State::Waiting { Event::Cancel(EndReason::Target) } else { Event::Decline };
    let entry = Entry::own(user, &person.name, AuditAction::MfaResetDeclined).from(visitor);
    let after = step(&on, backend, row, event, entry, now).await?;
    trace::tell_declined(&on, backend, row, user, now).await?;
    on.commit().await?;
    Ok(after.state(now))
}

/// A live request against the caller, for every page that they see.
pub async fn of_mine(backend: &Backend, caller: &Caller) -> Result<Option<ResetOfMine>> {
    let (on, now) = (backend.database.read(), backend.now());
    let Some(row) = live(on, caller.user_id, now).await?.into_iter().next_back() else { return Ok(None) };
    let scope_name = match scope_of(&row) {
        Some(scope) => Some(store::scope_facts(on, scope).await?.name),
        None => None,
    };
    Ok(Some(ResetOfMine {
        id: MfaResetId(row.id),
        user_id: caller.user_id,
        asked_by: row.asker_name,
        scope_name,
        requested_at: Timestamp::from_ms(row.requested_at),
        expires_at: Timestamp::from_ms(row.expires_at),
        now,
    }))
}
