//! A forgotten password, and the first one (3.8, 12.5): a mailed link that lets a password be set, once.
//!
//! It never removes or skips a second factor and does not sign in. Setting a password raises the epoch, so whoever knew
//! the old one and is signed in with it is out.

use crate::{
    Backend, Error, Result, Visitor,
    audit::Entry,
    crypto::{LinkToken, Password, Purpose},
    epoch, fold,
    knock::{self, Knock},
    mfa_reset::{self, Withheld},
    outbox::{self, MailKind},
    passwords,
    store::{
        self,
        entity::{password_reset, user},
    },
    throttle::{self, Kind},
};
use domain::{
    audit::AuditAction, errors::Conflict, ids::UserId, passwords::LinkState, person::EmailAddress, time::Timestamp,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::time::Duration;

/// How long the link of a forgotten password is good.
pub const FORGOTTEN_TTL: Duration = Duration::from_secs(3 * 3600);
/// What is kept of a link that sets a first password.
pub(crate) const FIRST: &str = "first";
/// How it is kept that a password was set by a mailed link.
pub(crate) const BY_MAILED_LINK: &str = "mailed_link";
/// How long the link of a first password is good.
pub const FIRST_TTL: Duration = Duration::from_secs(24 * 3600);

/// Asks for a link by mail, which leaves if somebody has the address; what is said and written here is the same if nobody
/// has. While an MFA reset is under way the mail says whom to ask instead, see [`withheld`].
///
/// # Errors
/// [`Error::Throttled`] after three within an hour, for known and unknown addresses alike.
pub async fn request(backend: &Backend, visitor: &Visitor, email: &EmailAddress) -> Result<()> {
    let now = backend.now();
    let folded = fold::address(email);
    throttle::count(backend, Kind::Network, throttle::by_network(backend, visitor.address), now).await?;
    throttle::count(backend, Kind::ResetMail, throttle::by_address(backend, &folded), now).await?;
    knock::note(backend, Knock::ForgottenPassword, visitor, &folded).await
}

/// Answers who asked at `at`, and does have the address, by a mail.
pub(crate) async fn answer(
    on: &impl ConnectionTrait,
    backend: &Backend,
    person: &user::Model,
    at: Timestamp,
) -> Result<()> {
    mail_link(on, backend, UserId(person.id), person.epoch, "forgotten", FORGOTTEN_TTL, at).await.map(drop)
}

/// Makes a link and puts its mail into the outbox. The token is answered for the operator's `--print-link` alone.
pub(crate) async fn mail_link(
    on: &impl ConnectionTrait,
    backend: &Backend,
    user: UserId,
    epoch: i64,
    kind: &str,
    ttl: Duration,
    now: Timestamp,
) -> Result<LinkToken> {
    let (id, nonce) = (backend.random.uuid(now), backend.random.nonce());
    let token = backend.keys.link_token(Purpose::PasswordReset, id, nonce);
    let row = password_reset::ActiveModel {
        id: Set(id),
        user_id: Set(user.0),
        epoch: Set(epoch),
        kind: Set(kind.to_owned()),
        key_id: Set(backend.keys.id()),
        nonce: Set(nonce.0.to_vec()),
        token_digest: Set(token.digest().to_vec()),
        requested_at: Set(now.ms()),
        expires_at: Set((now + ttl).ms()),
        used_at: Set(None),
    };
    if !epoch::insert_under(on, row, user, epoch).await? {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    outbox::enqueue(on, backend, now, MailKind::PasswordReset, user, Some(id)).await?;
    Ok(token)
}

async fn find(on: &impl ConnectionTrait, token: &LinkToken) -> Result<(password_reset::Model, user::Model)> {
    let link = password_reset::Entity::find()
        .filter(password_reset::Column::TokenDigest.eq(token.digest().to_vec()))
        .one(on)
        .await?
        .ok_or(Error::NotFound)?;
    let person = user::Entity::find_by_id(link.user_id).one(on).await?.ok_or(Error::NotFound)?;
    Ok((link, person))
}

/// The MFA reset because of which this link sets no password now, also when it was mailed before (5.12). A first password
/// is not given back, so it is not withheld.
pub(crate) async fn withheld(
    on: &impl ConnectionTrait,
    link: &password_reset::Model,
    now: Timestamp,
) -> Result<Option<Withheld>> {
    match link.kind == FIRST {
        true => Ok(None),
        false => mfa_reset::password_link_withheld(on, UserId(link.user_id), now).await,
    }
}

async fn state(
    on: &impl ConnectionTrait,
    visitor: &Visitor,
    link: &password_reset::Model,
    person: &user::Model,
    now: Timestamp,
) -> Result<LinkState> {
    if link.used_at.is_some() {
        return Ok(LinkState::Used);
    }
    if link.expires_at <= now.ms() || link.epoch != person.epoch || person.deactivated_at.is_some() {
        return Ok(LinkState::Expired);
    }
    Ok(match withheld(on, link, now).await? {
        Some(withheld) if withheld.is_good_for(visitor) => LinkState::Open,
        Some(withheld) if withheld.is_good_where_accepted() => LinkState::WhereAccepted,
        Some(_) => LinkState::Expired,
        None => LinkState::Open,
    })
}

/// What the link is good for. Changes nothing.
///
/// # Errors
/// [`Error::NotFound`] for a link that was never made.
pub async fn peek(backend: &Backend, visitor: &Visitor, token: &LinkToken) -> Result<LinkState> {
    let on = backend.database.read();
    let (link, person) = find(on, token).await?;
    state(on, visitor, &link, &person, backend.now()).await
}

/// Sets the password. Does not sign in and touches no second factor.
///
/// # Errors
/// [`Problem::Password`] when it is too weak; [`Conflict::LinkVoid`] when the link is used, too old or void.
pub async fn set(backend: &Backend, visitor: &Visitor, token: &LinkToken, password: Password) -> Result<()> {
    let now = backend.now();
    let (link, person) = find(backend.database.read(), token).await?;
    if state(backend.database.read(), visitor, &link, &person, now).await? != LinkState::Open {
        return Err(Conflict::LinkVoid.into());
    }
    let user = UserId(person.id);
    passwords::check_of(backend, &person, &password).await?;
    let hash = backend.hasher.hash(&password).await;

    let on = backend.database.begin().await?;
    // Whoever asks for a reset holds this row too: of the two, the later one sees the earlier.
    store::lock_user(&on, user).await?;
    if withheld(&on, &link, now).await?.is_some_and(|withheld| !withheld.is_good_for(visitor)) {
        return Err(Conflict::LinkVoid.into());
    }
    let sql = "UPDATE password_resets SET used_at = ? WHERE id = ? AND used_at IS NULL AND expires_at > ? \
               AND epoch = (SELECT epoch FROM users WHERE users.id = password_resets.user_id)";
    let done = on.execute_raw(store::statement(&on, sql, [now.ms().into(), link.id.into(), now.ms().into()])).await?;
    if done.rows_affected() != 1 {
        return Err(Conflict::LinkVoid.into());
    }
    let sql = "UPDATE users SET password_hash = ?, password_set_at = ?, password_set_by = ? WHERE id = ?";
    let values = [hash.into(), now.ms().into(), BY_MAILED_LINK.into(), person.id.into()];
    on.execute_raw(store::statement(&on, sql, values)).await?;
    let epoch = epoch::raise(&on, backend, now, user, link.epoch, None).await?;
    mfa_reset::keep_return(&on, visitor, user, epoch).await?;
    let folded = throttle::by_address(backend, &person.email_folded);
    throttle::forget(&on, Kind::Password, folded).await?;
    let entry = Entry::own(user, &person.name, AuditAction::PasswordSet).about(link.id).from(visitor);
    entry.write_everywhere(&on, backend, now, user).await?;
    outbox::enqueue(&on, backend, now, MailKind::PasswordChanged, user, None).await?;
    on.commit().await?;
    Ok(())
}
