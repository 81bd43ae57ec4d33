//! Changing the address one signs in with (6.4). Two mails leave, to the present mailbox and to the new one, each with a link
//! of its own; the address changes once both said yes, and stays when either says no.
//!
//! Whether somebody has a sign-in with the new address already is not said to who asks: then no mail leaves for it, and
//! nothing comes of the change.

use crate::{
    Backend, Caller, Error, Result, Visitor,
    audit::Entry,
    crypto::{LinkToken, Nonce, Purpose},
    epoch, fold,
    mail::zone,
    outbox::{self, MailKind},
    principal::needs_standing,
    store::{
        self,
        entity::{
            email_change::{ActiveModel, Column, Entity, Model},
            user,
        },
    },
    throttle::{self, Kind},
};
use domain::{
    audit::AuditAction,
    email_change::{EMAIL_CHANGE_TTL, EmailChangeState, Mailbox, OUTCOME_TTL, PeekedEmailChange, PendingEmailChange},
    errors::{Conflict, Field, Problem},
    ids::{EmailChangeId, UserId},
    person::EmailAddress,
    policy::Denied,
    sessions::Standing,
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait,
    QueryFilter,
};

/// Asks for another address. What was asked for before is called off.
///
/// # Errors
/// [`Denied::StepUpNeeded`]; [`Problem::SameAddress`]; [`Error::Throttled`] after three within an hour, of the person or for
/// the new address.
pub async fn request(backend: &Backend, caller: &Caller, email: &EmailAddress) -> Result<()> {
    needs_standing(caller, &[Standing::Enter])?;
    let now = backend.now();
    let step_up = caller.step_up(now);
    if !step_up.is_fresh() {
        return Err(Denied::StepUpNeeded(step_up).into());
    }
    let folded = fold::address(email);
    let present = store::user::by_id(backend.database.read(), caller.user_id).await?.ok_or(Error::NotSignedIn)?;
    if folded == present.email_folded {
        return Err(Error::field(Field::Email, Problem::SameAddress));
    }
    for address in [&present.email_folded, &folded] {
        throttle::count(backend, Kind::ResetMail, throttle::by_address(backend, address), now).await?;
    }

    let on = backend.database.begin().await?;
    store::lock_user(&on, caller.user_id).await?;
    end(&on, live_of(caller.user_id), EmailChangeState::Cancelled, now).await?;
    let (id, nonce) = (backend.random.uuid(now), backend.random.nonce());
    let digest = |purpose| backend.keys.link_token(purpose, id, nonce).digest().to_vec();
    let row = ActiveModel {
        id: Set(id),
        user_id: Set(caller.user_id.0),
        epoch: Set(caller.epoch),
        present_email: Set(present.email),
        new_email: Set(email.as_str().to_owned()),
        new_email_folded: Set(folded),
        device: Set(caller.visitor.device.clone()),
        place: Set(caller.visitor.place()),
        key_id: Set(backend.keys.id()),
        nonce: Set(nonce.0.to_vec()),
        present_digest: Set(digest(Purpose::EmailChangePresent)),
        new_digest: Set(digest(Purpose::EmailChangeNew)),
        requested_at: Set(now.ms()),
        expires_at: Set((now + EMAIL_CHANGE_TTL).ms()),
        ..Default::default()
    };
    if !epoch::insert_under(&on, row, caller.user_id, caller.epoch).await? {
        return Err(Error::NotSignedIn);
    }
    for kind in [MailKind::EmailChangePresent, MailKind::EmailChangeNew] {
        outbox::enqueue(&on, backend, now, kind, caller.user_id, Some(id)).await?;
    }
    on.commit().await?;
    Ok(())
}

/// The caller's change that waits for its mailboxes, if there is one.
pub async fn pending(backend: &Backend, caller: &Caller) -> Result<Option<PendingEmailChange>> {
    needs_standing(caller, &[Standing::Enter])?;
    let (on, now) = (backend.database.read(), backend.now());
    let waits = live_of(caller.user_id).add(Column::ExpiresAt.gt(now.ms())).add(Column::Epoch.eq(caller.epoch));
    Ok(Entity::find().filter(waits).one(on).await?.map(|row| PendingEmailChange {
        id: EmailChangeId(row.id),
        email: row.new_email,
        present_confirmed: row.present_confirmed_at.is_some(),
        new_confirmed: row.new_confirmed_at.is_some(),
        expires_at: Timestamp::from_ms(row.expires_at),
        now,
    }))
}

/// Calls the caller's own change off.
///
/// # Errors
/// [`Conflict::NothingToCallOff`] when it ended meanwhile.
pub async fn call_off(backend: &Backend, caller: &Caller, id: EmailChangeId) -> Result<()> {
    needs_standing(caller, &[Standing::Enter])?;
    let own = live_of(caller.user_id).add(Column::Id.eq(id.0));
    match end(backend.database.write(), own, EmailChangeState::Cancelled, backend.now()).await? {
        true => Ok(()),
        false => Err(Conflict::NothingToCallOff.into()),
    }
}

/// What one of the two links shows. Changes nothing.
///
/// # Errors
/// [`Error::NotFound`] for a link that was never made.
pub async fn peek(backend: &Backend, token: &LinkToken) -> Result<PeekedEmailChange> {
    let (on, now) = (backend.database.read(), backend.now());
    let (row, mailbox) = find(on, token).await?;
    let person = store::user::by_id(on, UserId(row.user_id)).await?.ok_or(Error::NotFound)?;
    // Who reads in the new one may be a stranger: nothing of the person is shown there.
    let time_zone = if mailbox == Mailbox::Present { person.time_zone.as_str() } else { "" };
    let zoned = |at| zone::zoned(at, time_zone);
    Ok(PeekedEmailChange {
        state: state(on, &row, mailbox, now).await?,
        mailbox,
        expires_at: zoned(Timestamp::from_ms(row.expires_at)),
        now: zoned(now),
        email: row.new_email,
    })
}

/// One mailbox says yes. Once both did, the address is the new one and the epoch rises: everything that is held is void, and
/// who signs in does so by the new address.
///
/// # Errors
/// [`Conflict::LinkVoid`] when it ended, or is too old or void; [`Conflict::ChangedMeanwhile`] when somebody took the address
/// in this very moment.
pub async fn confirm(backend: &Backend, visitor: &Visitor, token: &LinkToken) -> Result<()> {
    let now = backend.now();
    let (row, mailbox) = find(backend.database.read(), token).await?;
    let on = backend.database.begin().await?;
    let person = store::lock_user_and_places(&on, UserId(row.user_id)).await?;
    let column = match mailbox {
        Mailbox::Present => "present_confirmed_at",
        Mailbox::New => "new_confirmed_at",
    };
    let sql = format!(
        "UPDATE email_changes SET {column} = ? WHERE id = ? AND {column} IS NULL AND ended_at IS NULL AND expires_at > ? \
         AND epoch = ?"
    );
    let values = [now.ms().into(), row.id.into(), now.ms().into(), person.epoch.into()];
    if person.deactivated_at.is_some()
        || on.execute_raw(store::statement(&on, &sql, values)).await?.rows_affected() != 1
    {
        return Err(Conflict::LinkVoid.into());
    }
    let row = Entity::find_by_id(row.id).one(&on).await?.ok_or(Error::NotFound)?;
    if row.present_confirmed_at.is_some() && row.new_confirmed_at.is_some() {
        settle(&on, backend, visitor, &row, &person, now).await?;
    }
    on.commit().await?;
    Ok(())
}

/// One mailbox says no: nothing changes.
///
/// # Errors
/// [`Conflict::LinkVoid`] when it ended.
pub async fn decline(backend: &Backend, token: &LinkToken) -> Result<()> {
    let on = backend.database.write();
    let (row, _) = find(on, token).await?;
    let this = live_of(UserId(row.user_id)).add(Column::Id.eq(row.id));
    match end(on, this, EmailChangeState::Declined, backend.now()).await? {
        true => Ok(()),
        false => Err(Conflict::LinkVoid.into()),
    }
}

/// Both said yes.
async fn settle(
    on: &DatabaseTransaction,
    backend: &Backend,
    visitor: &Visitor,
    row: &Model,
    person: &user::Model,
    now: Timestamp,
) -> Result<()> {
    let (user, this) = (UserId(row.user_id), live_of(UserId(row.user_id)).add(Column::Id.eq(row.id)));
    if is_taken(on, row).await? {
        end(on, this, EmailChangeState::Taken, now).await?;
        return Ok(());
    }
    if !end(on, this, EmailChangeState::Done, now).await? {
        return Err(Conflict::LinkVoid.into());
    }
    let sql = "UPDATE users SET email = ?, email_folded = ? WHERE id = ?";
    let values = [row.new_email.as_str().into(), row.new_email_folded.as_str().into(), user.0.into()];
    // Somebody else took it since it was looked at: all is as it was, and asking again says so.
    on.execute_raw(store::statement(on, sql, values)).await.map_err(|error| match error.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => Error::from(Conflict::ChangedMeanwhile),
        _ => error.into(),
    })?;
    let sql = "UPDATE memberships SET search_folded = ? WHERE user_id = ?";
    let searched = fold::text(&format!("{} {}", person.name, row.new_email));
    on.execute_raw(store::statement(on, sql, [searched.into(), user.0.into()])).await?;
    epoch::raise(on, backend, now, user, row.epoch, None).await?;
    let entry = Entry::own(user, &person.name, AuditAction::EmailChanged).about(row.id).from(visitor);
    entry.write_everywhere(on, backend, now, user).await?;
    outbox::enqueue(on, backend, now, MailKind::EmailChanged, user, Some(row.id)).await
}

/// Whether somebody has a sign-in with the new address.
pub(crate) async fn is_taken(on: &impl ConnectionTrait, row: &Model) -> Result<bool> {
    let others = user::Entity::find().filter(user::Column::EmailFolded.eq(&row.new_email_folded));
    Ok(others.count(on).await? > 0)
}

/// Where it stands, as this mailbox sees it.
pub(crate) async fn state(
    on: &impl ConnectionTrait,
    row: &Model,
    mailbox: Mailbox,
    now: Timestamp,
) -> Result<EmailChangeState> {
    let person = store::user::by_id(on, UserId(row.user_id)).await?.ok_or(Error::NotFound)?;
    let confirmed = match mailbox {
        Mailbox::Present => row.present_confirmed_at,
        Mailbox::New => row.new_confirmed_at,
    };
    let ended = row.ended_as.as_deref().and_then(EmailChangeState::of_key);
    let is_void = row.epoch != person.epoch || person.deactivated_at.is_some();
    Ok(EmailChangeState::at(ended, is_void, confirmed.is_some(), Timestamp::from_ms(row.expires_at), now))
}

/// The secret of one of its two links.
pub(crate) fn link(backend: &Backend, row: &Model, mailbox: Mailbox) -> LinkToken {
    let purpose = match mailbox {
        Mailbox::Present => Purpose::EmailChangePresent,
        Mailbox::New => Purpose::EmailChangeNew,
    };
    backend.keys.link_token(purpose, row.id, Nonce::from_slice(&row.nonce))
}

async fn find(on: &impl ConnectionTrait, token: &LinkToken) -> Result<(Model, Mailbox)> {
    let digest = token.digest().to_vec();
    let either =
        Condition::any().add(Column::PresentDigest.eq(digest.clone())).add(Column::NewDigest.eq(digest.clone()));
    let row = Entity::find().filter(either).one(on).await?.ok_or(Error::NotFound)?;
    let mailbox = if row.present_digest == digest { Mailbox::Present } else { Mailbox::New };
    Ok((row, mailbox))
}

fn live_of(user: UserId) -> Condition {
    Condition::all().add(Column::UserId.eq(user.0)).add(Column::EndedAt.is_null())
}

async fn end(on: &impl ConnectionTrait, which: Condition, how: EmailChangeState, now: Timestamp) -> Result<bool> {
    let update =
        Entity::update_many().col_expr(Column::EndedAt, now.ms().into()).col_expr(Column::EndedAs, how.key().into());
    Ok(update.filter(which).exec(on).await?.rows_affected > 0)
}

/// Removes those whose outcome nobody is shown any more.
pub(crate) async fn sweep(backend: &Backend, now: Timestamp) -> Result<()> {
    let old = Column::ExpiresAt.lte((now - OUTCOME_TTL).ms());
    Entity::delete_many().filter(old).exec(backend.database.write()).await?;
    Ok(())
}
