//! One's own second factors (4.1, 4.6): what is bound, what binding and unbinding leave behind. Each kind has a file of
//! its own; what is the same for all of them is here.

mod backup_codes;
mod sms;
mod totp;

pub use backup_codes::{
    BACKUP_CODES, FRESH_CODES_TTL, acknowledge_backup_codes, fresh_backup_codes, make_backup_codes,
};
pub(crate) use backup_codes::{backup_code_digest, backup_codes_left, replace_backup_codes};
pub use sms::{
    SmsPurpose, bind_sms, request_sms_binding, request_sms_code, resend_sms_code, sms_challenge, sms_enrolment,
    submit_sms_code,
};
pub(crate) use sms::{masked_number_of, number_of, offers_sms, sweep};
pub(crate) use totp::{accepts, code_at, insert_totp, live_code};
pub use totp::{bind_totp, totp_enrolment};

use crate::{
    Backend, Caller, Error, Result,
    audit::Entry,
    epoch, mfa_reset,
    outbox::{self, MailKind},
    principal::needs_standing,
    sessions,
    sign_in::{self, SignedIn},
    store::{self, entity::authenticator},
};
use backup_codes::delete_backup_codes;
use domain::{
    audit::AuditAction,
    authenticators::{AuthenticatorOverview, FactorKind, FactorKinds, MyMethods},
    errors::Conflict,
    ids::{AuthenticatorId, UserId},
    person::Name,
    policy::Denied,
    sessions::{ProofKind, Standing},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

/// A person's authenticators, oldest first.
pub(crate) async fn of(on: &impl ConnectionTrait, user: UserId) -> Result<Vec<authenticator::Model>> {
    let rows = authenticator::Entity::find()
        .filter(authenticator::Column::UserId.eq(user.0))
        .order_by_asc(authenticator::Column::Id)
        .all(on)
        .await?;
    Ok(rows)
}

/// Own methods.
pub async fn mine(backend: &Backend, caller: &Caller) -> Result<MyMethods> {
    needs_standing(caller, &[Standing::Enter])?;
    let (on, now) = (backend.database.read(), backend.now());
    let mut authenticators: Vec<AuthenticatorOverview> = of(on, caller.user_id)
        .await?
        .into_iter()
        .filter_map(|row| {
            Some(AuthenticatorOverview {
                id: AuthenticatorId(row.id),
                kind: FactorKind::of_key(&row.kind)?,
                number: masked_number_of(backend, &row),
                name: row.name,
                bound_at: Timestamp::from_ms(row.bound_at),
                last_used_at: row.last_used_at.map(Timestamp::from_ms),
                signs_in: row.signs_in,
                is_default: row.is_default,
            })
        })
        .collect();
    authenticators.sort_by_key(|method| std::cmp::Reverse(method.kind.precedence(method.is_default)));
    Ok(MyMethods {
        authenticators,
        backup_codes_left: backup_codes_left(on, caller.user_id).await?,
        required: caller.demands.mfa_required,
        phishing_resistant: caller.demands.phishing_resistant,
        offers_sms: offers_sms(backend, caller),
        step_up: caller.step_up(now),
        now,
    })
}

/// An authenticator about to be bound.
pub(crate) struct NewAuthenticator<'a> {
    pub(crate) kind: FactorKind,
    pub(crate) name: &'a Name,
    /// What is sealed: the seed of an app, the public key of a passkey, a telephone number.
    pub(crate) secret: &'a [u8],
    /// The last accepted step of an app, or the signature counter of a passkey.
    pub(crate) last_step: i64,
    /// Of a passkey.
    pub(crate) credential_id: Option<Vec<u8>>,
    /// Whether it signs in without the password.
    pub(crate) signs_in: bool,
}

/// Locks the person and says what is bound, if their session may still bind another.
///
/// # Errors
/// [`Conflict::EnrolmentVoid`] when a first authenticator was bound, or the epoch moved on, since the session was read.
pub(crate) async fn open_to_binding(on: &DatabaseTransaction, caller: &Caller) -> Result<Vec<authenticator::Model>> {
    let person = store::lock_user_and_places(on, caller.user_id).await?;
    let bound = of(on, caller.user_id).await?;
    let is_open = person.epoch == caller.epoch && bound.is_empty() != caller.demands.has_authenticator;
    if is_open { Ok(bound) } else { Err(Conflict::EnrolmentVoid.into()) }
}

/// Seals and writes the row, unless the epoch moved on.
pub(crate) async fn insert(
    on: &impl ConnectionTrait,
    backend: &Backend,
    (user, epoch): (UserId, i64),
    new: NewAuthenticator<'_>,
    now: Timestamp,
) -> Result<Uuid> {
    let id = backend.random.uuid(now);
    let sealed = backend.keys.seal(&backend.random, id, new.secret);
    let row = authenticator::ActiveModel {
        id: Set(id),
        user_id: Set(user.0),
        kind: Set(new.kind.key().to_owned()),
        name: Set(new.name.as_str().to_owned()),
        key_id: Set(sealed.key_id),
        sealed_secret: Set(sealed.bytes),
        last_step: Set(new.last_step),
        bound_at: Set(now.ms()),
        last_used_at: Set(None),
        credential_id: Set(new.credential_id),
        signs_in: Set(new.signs_in),
        is_default: Set(false),
    };
    if epoch::insert_under(on, row, user, epoch).await? { Ok(id) } else { Err(Conflict::EnrolmentVoid.into()) }
}

/// What follows when an authenticator was bound. The first of a person comes with backup codes, raises the epoch, and renews
/// only this session.
pub(crate) async fn bound_one_more(
    on: &DatabaseTransaction,
    backend: &Backend,
    caller: &Caller,
    (id, kind): (Uuid, FactorKind),
    is_first: bool,
    now: Timestamp,
) -> Result<SignedIn> {
    let mut epoch = caller.epoch;
    if is_first {
        epoch = epoch::raise(on, backend, now, caller.user_id, epoch, Some(caller.session_id)).await?;
        replace_backup_codes(on, backend, (caller.user_id, epoch), caller.session_id, now).await?;
        mfa_reset::enrolled(on, caller.user_id, now).await?;
    }
    changed(on, backend, caller, (AuditAction::AuthenticatorBound, MailKind::AuthenticatorBound), id, now).await?;
    sign_in::go_on(on, backend, caller, epoch, Some(ProofKind::Authenticator(kind)), now).await
}

/// Removes one of the person's authenticators, which raises the epoch: everything else they hold is void. With the last
/// one its backup codes go.
///
/// # Errors
/// [`Conflict::LastMethod`] where a second factor is required; [`Conflict::LastPhishingResistant`]; [`Denied::StepUpNeeded`]; [`Error::NotFound`].
pub async fn unbind(backend: &Backend, caller: &Caller, id: AuthenticatorId) -> Result<SignedIn> {
    needs_standing(caller, &[Standing::Enter])?;
    let now = backend.now();
    needs_fresh_proof(caller, now)?;
    let on = backend.database.begin().await?;
    store::lock_user_and_places(&on, caller.user_id).await?;
    let bound = of(&on, caller.user_id).await?;
    if !bound.iter().any(|row| row.id == id.0) {
        return Err(Error::NotFound);
    }
    let is_last = bound.len() == 1;
    let demands = sessions::demands(&on, caller.user_id, now).await?;
    let left: FactorKinds =
        bound.iter().filter(|row| row.id != id.0).filter_map(|row| FactorKind::of_key(&row.kind)).collect();
    let serves = |kind| kind != FactorKind::Sms || demands.sms;
    if demands.mfa_required && !left.iter().any(serves) {
        return Err(Conflict::LastMethod.into());
    }
    if demands.phishing_resistant && !left.has_phishing_resistant() {
        return Err(Conflict::LastPhishingResistant.into());
    }
    authenticator::Entity::delete_by_id(id.0).exec(&on).await?;
    if is_last {
        delete_backup_codes(&on, caller.user_id).await?;
    }
    let epoch = epoch::raise(&on, backend, now, caller.user_id, caller.epoch, Some(caller.session_id)).await?;
    changed(&on, backend, caller, (AuditAction::AuthenticatorUnbound, MailKind::AuthenticatorUnbound), id.0, now)
        .await?;
    // Nothing new was proven. Without a factor the browser is what is recognised.
    let signed_in = sign_in::go_on(&on, backend, caller, epoch, is_last.then_some(ProofKind::KnownDevice), now).await?;
    on.commit().await?;
    Ok(signed_in)
}

/// Calls one of the person's authenticators something else.
///
/// # Errors
/// [`Denied::StepUpNeeded`]; [`Error::NotFound`].
pub async fn rename(backend: &Backend, caller: &Caller, id: AuthenticatorId, name: &Name) -> Result<()> {
    needs_standing(caller, &[Standing::Enter])?;
    needs_fresh_proof(caller, backend.now())?;
    let on = backend.database.write();
    let sql = "UPDATE authenticators SET name = ? WHERE id = ? AND user_id = ? \
               AND user_id IN (SELECT id FROM users WHERE epoch = ?)";
    let values = [name.as_str().into(), id.0.into(), caller.user_id.0.into(), caller.epoch.into()];
    let done = on.execute_raw(store::statement(on, sql, values)).await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::NotFound) }
}

/// Asks for one of the person's authenticators before the others, save for phishing-resistant ones.
///
/// # Errors
/// [`Denied::StepUpNeeded`]; [`Error::NotFound`].
pub async fn prefer(backend: &Backend, caller: &Caller, id: AuthenticatorId) -> Result<()> {
    needs_standing(caller, &[Standing::Enter])?;
    needs_fresh_proof(caller, backend.now())?;
    let on = backend.database.begin().await?;
    store::lock_user(&on, caller.user_id).await?;
    if !of(&on, caller.user_id).await?.iter().any(|row| row.id == id.0) {
        return Err(Error::NotFound);
    }
    let sql = "UPDATE authenticators SET is_default = (id = ?) WHERE user_id = ?";
    on.execute_raw(store::statement(&on, sql, [id.0.into(), caller.user_id.0.into()])).await?;
    on.commit().await?;
    Ok(())
}

/// Removes every second factor of a person: what an accepted MFA reset does. The epoch is the caller's to raise.
pub(crate) async fn unbind_all(on: &impl ConnectionTrait, user: UserId, now: Timestamp) -> Result<()> {
    authenticator::Entity::delete_many().filter(authenticator::Column::UserId.eq(user.0)).exec(on).await?;
    delete_backup_codes(on, user).await?;
    recount(on, user, now).await
}

/// Lists, counts, records and tells that the person's factors are others now.
async fn changed(
    on: &DatabaseTransaction,
    backend: &Backend,
    caller: &Caller,
    (action, mail): (AuditAction, MailKind),
    subject: Uuid,
    now: Timestamp,
) -> Result<()> {
    recount(on, caller.user_id, now).await?;
    let entry = Entry::own(caller.user_id, &caller.name, action).about(subject).from(&caller.visitor);
    entry.write_everywhere(on, backend, now, caller.user_id).await?;
    outbox::enqueue(on, backend, now, mail, caller.user_id, None).await
}

/// Lists and counts a person's factors as they are now. Whoever has or had one is not let go without (4.8), whatever becomes
/// of it: as if that had begun long ago.
async fn recount(on: &impl ConnectionTrait, user: UserId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE users SET mfa_grace_from = 0 WHERE id = ?";
    on.execute_raw(store::statement(on, sql, [user.0.into()])).await?;
    store::refresh_factor_kinds(on, user, now).await
}

/// A backup code used in this session serves here too: its person lost the method and binds another.
pub(crate) fn needs_fresh_proof(caller: &Caller, now: Timestamp) -> Result<()> {
    let step_up = caller.step_up(now);
    if step_up.is_fresh_for_methods() { Ok(()) } else { Err(Denied::StepUpNeeded(step_up).into()) }
}
