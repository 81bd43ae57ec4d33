//! A second address for notices (6.4): whoever takes over one mailbox does not keep from the person what becomes of their
//! sign-in. It gets copies ([`outbox::MailKind::is_notice`]); nobody signs in with it, and no link that opens anything goes
//! there.
//!
//! It is proven by a code that is mailed there and typed in the session that asked. Both addresses are told of every change.

use crate::{
    Backend, Caller, Error, Result,
    audit::Entry,
    crypto::{Nonce, Purpose},
    epoch, fold,
    outbox::{self, MailKind},
    principal::needs_standing,
    sign_in,
    store::{
        self,
        entity::notice_email_code::{ActiveModel, Column, Entity, Model},
    },
    throttle::{self, Kind},
};
use domain::{
    audit::AuditAction,
    errors::{Conflict, Field, Problem},
    notice_email::{NOTICE_EMAIL_CODE_TTL, NoticeEmail, WaitingAddress},
    person::EmailAddress,
    policy::Denied,
    sessions::Standing,
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
};
use std::time::Duration;
use subtle::ConstantTimeEq;

/// How long a code is kept that was given, or voided.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// What its page shows.
pub async fn get(backend: &Backend, caller: &Caller) -> Result<NoticeEmail> {
    needs_standing(caller, &[Standing::Enter])?;
    let (on, now) = (backend.database.read(), backend.now());
    let person = store::user::by_id(on, caller.user_id).await?.ok_or(Error::NotSignedIn)?;
    let waits = waiting(on, caller, now).await?.map(|code| WaitingAddress {
        email: code.email,
        expires_at: Timestamp::from_ms(code.expires_at),
        now,
    });
    Ok(NoticeEmail { email: person.notice_email, waits, step_up: caller.step_up(now) })
}

/// Mails a code to `email`, which voids the one before.
///
/// # Errors
/// [`Denied::StepUpNeeded`]; [`Problem::SameAddress`] of one that is in use already; [`Error::Throttled`] after three within
/// an hour, of the person or to the address.
pub async fn request(backend: &Backend, caller: &Caller, email: &EmailAddress) -> Result<()> {
    let now = backend.now();
    needs_fresh_proof(caller, now)?;
    let folded = fold::address(email);
    let person = store::user::by_id(backend.database.read(), caller.user_id).await?.ok_or(Error::NotSignedIn)?;
    if folded == person.email_folded || person.notice_email.is_some_and(|second| is_same(&second, &folded)) {
        return Err(Error::field(Field::Email, Problem::SameAddress));
    }
    for subject in [throttle::by_user(backend, caller.user_id), throttle::by_address(backend, &folded)] {
        throttle::count(backend, Kind::EmailChange, subject, now).await?;
    }

    let on = backend.database.begin().await?;
    let person = store::lock_user(&on, caller.user_id).await?;
    void(&on, caller, now).await?;
    let id = backend.random.uuid(now);
    let row = ActiveModel {
        id: Set(id),
        session_id: Set(caller.session_id.0),
        user_id: Set(caller.user_id.0),
        epoch: Set(caller.epoch),
        email: Set(email.as_str().to_owned()),
        key_id: Set(backend.keys.id()),
        nonce: Set(backend.random.nonce().0.to_vec()),
        tries: Set(0),
        created_at: Set(now.ms()),
        expires_at: Set((now + NOTICE_EMAIL_CODE_TTL).ms()),
        used_at: Set(None),
    };
    if !epoch::insert_under(&on, row, caller.user_id, caller.epoch).await? {
        return Err(Error::NotSignedIn);
    }
    let (kind, language) = (MailKind::NoticeEmailCode, &person.language);
    outbox::enqueue_to_address(&on, backend, now, kind, caller.user_id, id, language).await?;
    on.commit().await?;
    Ok(())
}

/// The code that was mailed: from now on notices go there too, and no more to the one before.
///
/// # Errors
/// [`Problem::WrongCode`]; [`Problem::DeadCode`] after five tries or thirty minutes, or where this session asked for none.
pub async fn confirm(backend: &Backend, caller: &Caller, code: &str) -> Result<()> {
    needs_standing(caller, &[Standing::Enter])?;
    let now = backend.now();
    let dead = || Error::field(Field::Code, Problem::DeadCode);
    let row = waiting(backend.database.read(), caller, now).await?.ok_or_else(dead)?;
    let on = backend.database.write();
    // The try is counted before the code is looked at.
    let sql = "UPDATE notice_email_codes SET tries = tries + 1 \
               WHERE id = ? AND tries < ? AND used_at IS NULL AND expires_at > ?";
    let tries = i64::from(backend.settings.throttle.code_tries);
    let tried = on.execute_raw(store::statement(on, sql, [row.id.into(), tries.into(), now.ms().into()])).await?;
    if tried.rows_affected() != 1 {
        return Err(dead());
    }
    let right = backend.keys.digits(Purpose::NoticeEmail, row.id, Nonce::from_slice(&row.nonce), 6);
    if !bool::from(sign_in::digits(code).as_bytes().ct_eq(right.as_bytes())) {
        return Err(Error::field(Field::Code, Problem::WrongCode));
    }
    let on = backend.database.begin().await?;
    let person = store::lock_user_and_places(&on, caller.user_id).await?;
    let sql = "UPDATE notice_email_codes SET used_at = ? WHERE id = ? AND used_at IS NULL";
    if on.execute_raw(store::statement(&on, sql, [now.ms().into(), row.id.into()])).await?.rows_affected() != 1 {
        return Err(dead());
    }
    // Before it is set: the one before is told by the copy.
    outbox::enqueue(&on, backend, now, MailKind::NoticeEmailSet, caller.user_id, Some(row.id)).await?;
    set(&on, caller, Some(row.email)).await?;
    written_down(&on, backend, caller, &person.name, AuditAction::NoticeEmailSet, now).await?;
    on.commit().await?;
    Ok(())
}

/// Calls off what waits for its code in this session, if anything does.
pub async fn call_off(backend: &Backend, caller: &Caller) -> Result<()> {
    needs_standing(caller, &[Standing::Enter])?;
    void(backend.database.write(), caller, backend.now()).await
}

/// No second address any more.
///
/// # Errors
/// [`Denied::StepUpNeeded`]; [`Conflict::ChangedMeanwhile`] where there is none.
pub async fn remove(backend: &Backend, caller: &Caller) -> Result<()> {
    let now = backend.now();
    needs_fresh_proof(caller, now)?;
    let on = backend.database.begin().await?;
    let person = store::lock_user_and_places(&on, caller.user_id).await?;
    if person.notice_email.is_none() {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    outbox::enqueue(&on, backend, now, MailKind::NoticeEmailRemoved, caller.user_id, None).await?;
    set(&on, caller, None).await?;
    written_down(&on, backend, caller, &person.name, AuditAction::NoticeEmailRemoved, now).await?;
    on.commit().await?;
    Ok(())
}

/// Whether a second address is this one.
pub(crate) fn is_same(second: &str, folded: &str) -> bool {
    EmailAddress::parse(second).is_ok_and(|second| fold::address(&second) == folded)
}

fn needs_fresh_proof(caller: &Caller, now: Timestamp) -> Result<()> {
    needs_standing(caller, &[Standing::Enter])?;
    let step_up = caller.step_up(now);
    if step_up.is_fresh() { Ok(()) } else { Err(Denied::StepUpNeeded(step_up).into()) }
}

/// The code that this session waits for.
async fn waiting(on: &impl ConnectionTrait, caller: &Caller, now: Timestamp) -> Result<Option<Model>> {
    let codes = Entity::find()
        .filter(Column::SessionId.eq(caller.session_id.0))
        .filter(Column::Epoch.eq(caller.epoch))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now.ms()))
        .order_by_desc(Column::Id);
    Ok(codes.one(on).await?)
}

async fn void(on: &impl ConnectionTrait, caller: &Caller, now: Timestamp) -> Result<()> {
    let codes = Entity::update_many()
        .col_expr(Column::UsedAt, now.ms().into())
        .filter(Column::SessionId.eq(caller.session_id.0))
        .filter(Column::UsedAt.is_null());
    codes.exec(on).await?;
    Ok(())
}

/// # Errors
/// [`Error::NotSignedIn`] when what the caller holds is void by now.
async fn set(on: &DatabaseTransaction, caller: &Caller, email: Option<String>) -> Result<()> {
    let sql = "UPDATE users SET notice_email = ? WHERE id = ? AND epoch = ?";
    let values = [email.into(), caller.user_id.0.into(), caller.epoch.into()];
    match on.execute_raw(store::statement(on, sql, values)).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::NotSignedIn),
    }
}

async fn written_down(
    on: &DatabaseTransaction,
    backend: &Backend,
    caller: &Caller,
    name: &str,
    action: AuditAction,
    now: Timestamp,
) -> Result<()> {
    let entry = Entry::own(caller.user_id, name, action).from(&caller.visitor);
    entry.write_everywhere(on, backend, now, caller.user_id).await
}

/// Removes codes that nobody gave in time, with the address that they were mailed to; those that were given when the mail about
/// it has left.
pub(crate) async fn sweep(backend: &Backend, now: Timestamp) -> Result<()> {
    let on = backend.database.write();
    let sql = "DELETE FROM notice_email_codes WHERE expires_at <= ? AND (used_at IS NULL OR expires_at <= ?)";
    on.execute_raw(store::statement(on, sql, [now.ms().into(), (now - KEPT).ms().into()])).await?;
    Ok(())
}
