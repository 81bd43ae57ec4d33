//! The main job: an administrator has a person's second factors removed, and nobody but that person lets it happen.
//!
//! In story order: [`preview`] shows what would happen, [`request`] asks and puts the mail into the outbox, or first calls for
//! a second administrator, who may [`approve`] or [`reject`]; [`resend`] and [`cancel`] are the administrator's, [`peek`] is
//! what the mailed link shows, [`accept`] and [`decline`] are the person's. Nothing about the person's factors changes
//! before [`accept`], or before the waiting time after it is over. What a request needs besides is [`guarding`]'s.
//!
//! What must happen once is one conditional update, and its row count decides: of any number of parallel accepts, on any
//! number of servers, one finds the row open; the others find it done and are shown so. The condition holds all that
//! makes a request acceptable (open, not ended, in time, of the present epoch), so that nothing read earlier can have gone
//! stale. That the asker may still ask, and the target still belongs there, is read in the same transaction, after the
//! target's row is locked.
//!
//! The effect of accepting is one raise of the epoch (see [`crate::epoch`]) and the removal of every factor. A kind of
//! token or factor added later is covered by the same two routines, and a test finds the one that is not.

mod accepting;
mod aftermath;
mod approval;
pub mod bulk;
mod ending;
mod ground;
mod guarding;
mod number;
mod row;
mod trace;
mod voice;

pub use accepting::{Accepted, accept, decline, decline_mine, of_mine, peek};
pub(crate) use aftermath::{Withheld, enrolled, keep_return, password_link_withheld, use_return};
pub(crate) use approval::awaiting;
pub use approval::{approve, reject};
pub(crate) use ending::{end_elsewhere, end_of_closed, end_of_who_left};
pub use ending::{end_groundless, finish_due};
pub(crate) use guarding::is_freshly_reset;
pub(crate) use row::{live_in, pending, pending_in, requests_today, told_effective_at};
pub(crate) use trace::security_contact;
pub(crate) use voice::scopes_of as voices_of;

use crate::{
    Backend, Caller, Error, Result, Visitor,
    audit::Entry,
    authenticators,
    crypto::Purpose,
    epoch, fold,
    outbox::{self, MailKind},
    principal,
    store::{
        self,
        entity::{mfa_reset, user},
        roles,
    },
    users::written,
};
use domain::{
    audit::AuditAction,
    errors::{Conflict, Field, Problem},
    ids::{MfaResetId, UserId},
    mfa_reset::{EndReason, Event, Life, ResetPreview, State},
    person::{EmailAddress, Reason},
    policy::{self, Denied, Permit, Principal, RequestMfaReset, Target},
    roles::Rank,
    scope::Scope,
    time::Timestamp,
    users::MembershipStatus,
};
use ground::{factors_of, target};
use guarding::Demanded;
use row::{life, live, scope_of, step, the_live_one};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};
use std::time::Duration;
use trace::{record, tell_stopped};
use voice::Voice;

/// How many mails one request may send in its life: who asks is not to wear somebody down until one “Accept” is pressed.
const MAILS_A_LIFE: u64 = 8;
/// How many mails one request may send within [`MAILS_SPAN`].
const MAILS_A_REQUEST: u64 = 5;
/// See [`MAILS_A_REQUEST`].
const MAILS_SPAN: Duration = Duration::from_secs(600);

/// What the dialog and its page say and decide with.
pub async fn preview(backend: &Backend, caller: &Caller, scope: Scope, user: UserId) -> Result<ResetPreview> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    policy::view_mfa_resets(&who, scope)?;
    let (place, target) = target(on, scope, user, now).await?;
    let person = user::Entity::find_by_id(user.0).one(on).await?.ok_or(Error::NotFound)?;
    let pending = pending(on, scope, &[user.0], now).await?.remove(&user.0);
    let row = match &pending {
        Some(pending) => mfa_reset::Entity::find_by_id(pending.id.0).one(on).await?,
        None => None,
    };
    let demanded = guarding::demanded(on, scope, who.user_id, &person, &target, now).await?;
    Ok(ResetPreview {
        scope,
        scope_name: store::scope_facts(on, scope).await?.name,
        name: place.name,
        email: person.email.clone(),
        factors: target.factors,
        target,
        backup_codes_left: authenticators::backup_codes_left(on, user).await?,
        last_used_at: (place.last_used_at > 0).then(|| Timestamp::from_ms(place.last_used_at)),
        number: row.as_ref().and_then(|row| number_for(backend, &who, row)),
        demands: demanded.told(),
        asked_reason: row.as_ref().map(|row| row.reason.clone()).filter(|reason| !reason.is_empty()),
        approver: match row.filter(|row| life(row).state(now) == State::AwaitingApproval) {
            Some(row) => Some(guarding::approver(on, &row, scope, who.user_id, now).await?),
            None => None,
        },
        principal: who,
        pending,
        now,
    })
}

/// The number of a request, when the reader is who asked.
fn number_for(backend: &Backend, who: &Principal, row: &mfa_reset::Model) -> Option<String> {
    let is_asker = row.asker_id == Some(who.user_id.0);
    number::of(backend, row).filter(|_| is_asker).map(|number| number.to_string())
}

/// Asks. A live request of the same reach is replaced; the mail is in the outbox when this returns, or who can approve is
/// told.
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
    let (id, _) = request_as(&on, backend, &who, user, reason, &caller.visitor, now).await?;
    on.commit().await?;
    Ok(id)
}

/// [`request`], by who is in already. Answers also whether a second administrator has to approve.
async fn request_as(
    on: &DatabaseTransaction,
    backend: &Backend,
    who: &Principal,
    user: UserId,
    reason: &Reason,
    visitor: &Visitor,
    now: Timestamp,
) -> Result<(MfaResetId, bool)> {
    let person = store::lock_user(on, user).await.map_err(|_| Denied::Unseen)?;
    let (_, target) = target(on, who.scope, user, now).await?;
    let permit = policy::request_mfa_reset(who, who.scope, &target)?;
    let demanded = guarding::demanded(on, who.scope, who.user_id, &person, &target, now).await?;
    let id = open(on, backend, &permit, &person, Some(who), &demanded, reason, visitor, now).await?;
    Ok((id, demanded.approval.is_some()))
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
        owns: false,
        status: MembershipStatus::Active,
        factors: factors_of(&on, UserId(person.id)).await?,
        resets_today: 0,
    };
    let permit = policy::operator_requests_mfa_reset(&target)?;
    let demanded = Demanded::nothing();
    let id = open(&on, backend, &permit, &person, None, &demanded, reason, &Visitor::default(), now).await?;
    on.commit().await?;
    Ok((id, now + domain::mfa_reset::ACCEPT_TTL))
}

/// Writes the request, replaces the live one of the same reach (the operator's reach is every scope), records, and puts the
/// mail into the outbox: to the person, or where a second administrator has to approve, to those who can.
#[expect(clippy::too_many_arguments, reason = "one story told once for the administrator and the operator")]
async fn open(
    on: &DatabaseTransaction,
    backend: &Backend,
    permit: &Permit<RequestMfaReset>,
    person: &user::Model,
    who: Option<&Principal>,
    demanded: &Demanded,
    reason: &Reason,
    visitor: &Visitor,
    now: Timestamp,
) -> Result<MfaResetId> {
    let (user, scope) = (UserId(person.id), permit.scope());
    for row in live(on, user, now).await?.into_iter().filter(|row| scope.is_none() || scope_of(row) == scope) {
        // What a person accepted already is not replaced by another request of the same reach, only by the operator's.
        let event = match life(&row).state(now) {
            State::Waiting if scope.is_none() => Event::Cancel(EndReason::Newer),
            _ => Event::Supersede,
        };
        step(on, backend, &row, event, Entry::permitted(permit, AuditAction::MfaResetSuperseded), now).await?;
    }
    let asker_role = match who {
        Some(who) => Some(written(&roles::named(on, who.role.key(), who.role.kind()).await?)),
        None => None,
    };
    let (id, nonce) = (backend.random.uuid(now), backend.random.nonce());
    let life = Life::request(permit, demanded.approval.is_some(), now);
    let row = mfa_reset::Model {
        id,
        user_id: person.id,
        epoch: person.epoch,
        scope_kind: scope.map(|scope| scope.kind().key().to_owned()),
        scope_id: scope.map(Scope::uuid),
        asker_id: who.map(|who| who.user_id.0),
        asker_name: who.map(|who| who.name.clone()),
        asker_role,
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
        asks_number: demanded.number.is_some(),
        wrong_numbers: 0,
        approver_id: None,
        approver_name: None,
        wait_ms: i64::try_from(demanded.wait.as_millis()).unwrap_or(i64::MAX),
    };
    let inserted: mfa_reset::ActiveModel = row.clone().into_active_model();
    if !epoch::insert_under(on, inserted, user, person.epoch).await? {
        return Err(Denied::NotActive.into());
    }
    let entry =
        Entry::permitted(permit, AuditAction::MfaResetRequested).about(id).because(reason.given()).from(visitor);
    record(on, backend, entry, scope, user, now).await?;
    match (&demanded.approval, scope) {
        (Some(_), Some(scope)) => approval::call_for(on, backend, &row, scope, demanded, now).await?,
        _ => outbox::enqueue(on, backend, now, MailKind::MfaResetRequest, user, Some(id)).await?,
    }
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

/// Calls the live request off; one that was asked for elsewhere, while it waits.
///
/// # Errors
/// [`Conflict::NoOpenReset`]; whatever [`policy::cancel_mfa_reset`] denies.
pub async fn cancel(backend: &Backend, caller: &Caller, scope: Scope, user: UserId) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let person = store::lock_user(&on, user).await.map_err(|_| Denied::Unseen)?;
    let (place, target) = target(&on, scope, user, now).await?;
    let permit = policy::cancel_mfa_reset(&who, scope, &target);
    let row = match the_live_one(&on, scope, user, now).await {
        Ok(row) => {
            let entry = Entry::permitted(&permit?, AuditAction::MfaResetCancelled).from(&caller.visitor);
            step(&on, backend, &row, Event::Cancel(EndReason::Asker), entry, now).await?;
            row
        }
        Err(none) => {
            let Some(row) = row::with_say(&on, scope, user, Voice::CallOff, now).await? else {
                return permit.map_err(Error::from).and(Err(none));
            };
            let permit = policy::call_off_mfa_reset(&who, scope, &target)?;
            // Where it was asked for, nobody learns who called it off, or where.
            let entry = Entry::by_system(AuditAction::MfaResetCancelled).upon(user, &person.name);
            step(&on, backend, &row, Event::Cancel(EndReason::CalledOff), entry, now).await?;
            let here = Entry::permitted(&permit, AuditAction::FactorsStayElsewhere).about(row.id).from(&caller.visitor);
            here.as_known_in(&place).within(Some(scope)).write(&on, backend, now).await?;
            row
        }
    };
    if row.accepted_at.is_some() {
        tell_stopped(&on, backend, &row, now).await?;
    }
    on.commit().await?;
    Ok(())
}
