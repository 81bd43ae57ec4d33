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
    notice_email,
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
    for subject in [throttle::by_user(backend, caller.user_id), throttle::by_address(backend, &folded)] {
        throttle::count(backend, Kind::EmailChange, subject, now).await?;
    }

    let on = backend.database.begin().await?;
    let present = store::lock_user(&on, caller.user_id).await?;
    end(&on, live_of(caller.user_id, now), EmailChangeState::Cancelled, now).await?;
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
    let entry = Entry::own(caller.user_id, &present.name, AuditAction::EmailChangeAsked).about(id);
    entry.from(&caller.visitor).write_everywhere(&on, backend, now, caller.user_id).await?;
    on.commit().await?;
    Ok(())
}

/// The caller's change that waits for its mailboxes, if there is one.
pub async fn pending(backend: &Backend, caller: &Caller) -> Result<Option<PendingEmailChange>> {
    needs_standing(caller, &[Standing::Enter])?;
    let (on, now) = (backend.database.read(), backend.now());
    let waits = live_of(caller.user_id, now).add(Column::Epoch.eq(caller.epoch));
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
    let now = backend.now();
    let own = live_of(caller.user_id, now).add(Column::Id.eq(id.0));
    match end(backend.database.write(), own, EmailChangeState::Cancelled, now).await? {
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
        state: state(&row, &person, mailbox, now),
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

/// One mailbox says no: nothing changes. The log does not say which of the two it was.
///
/// # Errors
/// [`Conflict::LinkVoid`] when it ended, or is too old.
pub async fn decline(backend: &Backend, token: &LinkToken) -> Result<()> {
    let now = backend.now();
    let (row, _) = find(backend.database.read(), token).await?;
    let user = UserId(row.user_id);
    let on = backend.database.begin().await?;
    let person = store::lock_user(&on, user).await?;
    if !end(&on, live_of(user, now).add(Column::Id.eq(row.id)), EmailChangeState::Declined, now).await? {
        return Err(Conflict::LinkVoid.into());
    }
    let entry = Entry::by_system(AuditAction::EmailChangeDeclined).upon(user, &person.name).about(row.id);
    entry.write_everywhere(&on, backend, now, user).await?;
    on.commit().await?;
    Ok(())
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
    let user = UserId(row.user_id);
    let this = live_of(user, now).add(Column::Id.eq(row.id));
    if is_taken(on, row).await? {
        end(on, this, EmailChangeState::Taken, now).await?;
        return Ok(());
    }
    if !end(on, this, EmailChangeState::Done, now).await? {
        return Err(Conflict::LinkVoid.into());
    }
    replace(on, person, &row.new_email, &row.new_email_folded).await?;
    epoch::raise(on, backend, now, user, row.epoch, None).await?;
    let entry = Entry::own(user, &person.name, AuditAction::EmailChanged).about(row.id).from(visitor);
    entry.because(Some(&person.email)).write_everywhere(on, backend, now, user).await?;
    outbox::enqueue(on, backend, now, MailKind::EmailChanged, user, Some(row.id)).await
}

/// Writes another address of somebody whose row and places are held. The epoch is the caller's to raise.
///
/// # Errors
/// [`Conflict::ChangedMeanwhile`] when somebody else took it since it was looked at: all is as it was, and asking again says
/// so.
pub(crate) async fn replace(on: &DatabaseTransaction, person: &user::Model, email: &str, folded: &str) -> Result<()> {
    let sql = "UPDATE users SET email = ?, email_folded = ?, notice_email = ? WHERE id = ?";
    // What was the second is the first now.
    let second = person.notice_email.clone().filter(|second| !notice_email::is_same(second, folded));
    let values = [email.into(), folded.into(), second.into(), person.id.into()];
    on.execute_raw(store::statement(on, sql, values))
        .await
        .map_err(Error::from)
        .map_err(|error| if error.is_duplicate() { Conflict::ChangedMeanwhile.into() } else { error })?;
    store::membership::follow_address(on, UserId(person.id), email).await
}

/// Whether somebody has a sign-in with the new address.
pub(crate) async fn is_taken(on: &impl ConnectionTrait, row: &Model) -> Result<bool> {
    let others = user::Entity::find().filter(user::Column::EmailFolded.eq(&row.new_email_folded));
    Ok(others.count(on).await? > 0)
}

/// Where it stands, as this mailbox sees it.
pub(crate) fn state(row: &Model, person: &user::Model, mailbox: Mailbox, now: Timestamp) -> EmailChangeState {
    let confirmed = match mailbox {
        Mailbox::Present => row.present_confirmed_at,
        Mailbox::New => row.new_confirmed_at,
    };
    let ended = row.ended_as.as_deref().and_then(EmailChangeState::of_key);
    let is_void = row.epoch != person.epoch || person.deactivated_at.is_some();
    EmailChangeState::at(ended, is_void, confirmed.is_some(), Timestamp::from_ms(row.expires_at), now)
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

/// Of this person, not ended, and not too old.
fn live_of(user: UserId, now: Timestamp) -> Condition {
    let theirs = Condition::all().add(Column::UserId.eq(user.0));
    theirs.add(Column::EndedAt.is_null()).add(Column::ExpiresAt.gt(now.ms()))
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
