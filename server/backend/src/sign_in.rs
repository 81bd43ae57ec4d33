//! Signing in, step by step (3.1): address and password; the code mailed to a new device, where there is no second
//! factor; the second factor, where there is one. Each step adds a proof to the session; which step is next is the pure
//! function [`domain::sessions::standing`], asked at every request.
//!
//! The same steps prove identity again later (step-up, 3.7): a code or password given in a session that may already enter
//! is one more proof in it, and a new token.
//!
//! Unknown address, wrong password and a person who is shut out get one answer in one time: the hash is computed all the
//! same, and as much is written.

use crate::{
    Backend, Caller, Error, Result, Visitor, audit, authenticators,
    crypto::{DeviceToken, Nonce, Password, Purpose, SessionToken},
    epoch, fold,
    knock::{self, Knock},
    mail::zone,
    outbox::{self, MailKind},
    principal::needs_standing,
    sessions,
    store::{
        self,
        entity::{device_code, recovery_code, user},
    },
    throttle::{self, Kind},
};
use domain::{
    audit::AuditAction,
    authenticators::FactorKind,
    errors::{Conflict, Field, Problem},
    ids::{AuthenticatorId, DeviceId, SessionId, UserId},
    person::EmailAddress,
    scope::{Scope, ScopeKind},
    sessions::{DeviceChallenge, MfaChallenge, ProofKind, Standing, StepUp},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use std::time::Duration;
use subtle::ConstantTimeEq;

/// How long a code mailed to a new device is good.
pub const DEVICE_CODE_TTL: Duration = Duration::from_secs(30 * 60);

/// What a step of the sign-in leaves the browser with.
#[derive(Debug)]
pub struct SignedIn {
    /// For the session cookie: a new token at every rise of privilege.
    pub session: SessionToken,
    /// For the cookie by which this browser is recognised, when it is to be.
    pub known_device: Option<DeviceToken>,
    /// What the session may do now.
    pub standing: Standing,
    /// The person's language.
    pub language: String,
    /// Where to go, once it may enter: the scope last used.
    pub scope: Option<Scope>,
    /// Whether the cookie of the accepted reset was used up and is to be removed.
    pub used_return: bool,
}

/// Address and password.
///
/// # Errors
/// [`Problem::SignInRefused`] for every reason that is not to be told apart; [`Error::Throttled`].
pub async fn sign_in(
    backend: &Backend,
    visitor: &Visitor,
    email: &EmailAddress,
    password: Password,
) -> Result<SignedIn> {
    let now = backend.now();
    let on = backend.database.read();
    let folded = fold::address(email);
    let person = user::Entity::find().filter(user::Column::EmailFolded.eq(&folded)).one(on).await?;
    let device = match &person {
        Some(person) => sessions::recognise(on, visitor, UserId(person.id), person.epoch).await?,
        None => None,
    };
    let subject = password_subject(backend, device, &folded);
    let network = throttle::by_network(backend, visitor.address);
    throttle::count_network(backend, network, device.is_some(), now).await?;
    throttle::count(backend, Kind::Password, subject, now).await?;

    let stored = person.as_ref().and_then(|person| person.password_hash.as_deref());
    let is_right = backend.hasher.verify(&password, stored).await;
    let Some(person) = person.filter(|person| is_right && person.deactivated_at.is_none()) else {
        knock::note(backend, Knock::SignInFailed, visitor, &folded).await?;
        return Err(Error::field(Field::Password, Problem::SignInRefused));
    };

    let upgraded = match &person.password_hash {
        Some(stored) if backend.hasher.is_outdated(stored) => Some(backend.hasher.hash(&password).await),
        _ => None,
    };
    let on = backend.database.begin().await?;
    throttle::forget(&on, Kind::Password, subject).await?;
    throttle::take_back(&on, Kind::Network, network).await?;
    if let Some(hash) = upgraded {
        let sql = "UPDATE users SET password_hash = ? WHERE id = ? AND epoch = ?";
        on.execute_raw(store::statement(&on, sql, [hash.into(), person.id.into(), person.epoch.into()])).await?;
    }
    let signed_in = begin_session(&on, backend, visitor, &person, device.is_some(), now).await?;
    on.commit().await?;
    Ok(signed_in)
}

/// Who is counted for a password: a recognised browser has a counter of its own, so that a stranger's misses do not delay
/// the person.
fn password_subject(backend: &Backend, device: Option<DeviceId>, folded: &str) -> throttle::Subject {
    match device {
        Some(device) => throttle::by_device(backend, device.0),
        None => throttle::by_address(backend, folded),
    }
}

async fn begin_session(
    on: &DatabaseTransaction,
    backend: &Backend,
    visitor: &Visitor,
    person: &user::Model,
    is_known_device: bool,
    now: Timestamp,
) -> Result<SignedIn> {
    let (user, epoch) = (UserId(person.id), person.epoch);
    let mut proven = vec![ProofKind::Password];
    if is_known_device {
        proven.push(ProofKind::KnownDevice);
    }
    let used_return = crate::mfa_reset::use_return(on, visitor, user, epoch, now).await?;
    if used_return {
        proven.push(ProofKind::AcceptedReset);
    }
    let language = take_over_preferences(on, visitor, person).await?;
    let (session, token) = sessions::establish(on, backend, visitor, (user, epoch), &proven, now).await?;
    let proofs: Vec<_> = proven.into_iter().map(|kind| domain::sessions::Proof { kind, at: now }).collect();
    let standing = domain::sessions::standing(&proofs, sessions::demands(on, user).await?);
    if standing == Standing::AwaitingDeviceCode {
        mail_device_code(on, backend, session, user, epoch, now).await?;
    }
    let known_device = match standing {
        Standing::Enter | Standing::EnrolOnly => sessions::remember(on, backend, visitor, user, epoch, now).await?,
        _ => None,
    };
    let scope = last_scope(on, user).await?;
    Ok(SignedIn { session: token, known_device, standing, language, scope, used_return })
}

/// Language and time zone come from the browser at the first sign-in that tells them (6.4); what is stored stays.
/// The language that holds from now on.
async fn take_over_preferences(on: &impl ConnectionTrait, visitor: &Visitor, person: &user::Model) -> Result<String> {
    let known = |stored: &String| Some(stored.clone()).filter(|stored| !stored.is_empty());
    let zone = known(&person.time_zone).or(visitor.time_zone.clone().filter(|zone| zone::is_known(zone)));
    let language = known(&person.language).or(visitor.language.clone()).unwrap_or_default();
    let zone = zone.unwrap_or_default();
    if (&zone, &language) == (&person.time_zone, &person.language) {
        return Ok(language);
    }
    let sql = "UPDATE users SET time_zone = ?, language = ? WHERE id = ?";
    on.execute_raw(store::statement(on, sql, [zone.into(), language.clone().into(), person.id.into()])).await?;
    Ok(language)
}

/// The scope last used, or any.
pub(crate) async fn last_scope(on: &impl ConnectionTrait, user: UserId) -> Result<Option<Scope>> {
    let places = store::active_memberships(on, user).await?;
    let person = user::Entity::find_by_id(user.0).one(on).await?.ok_or(Error::NotSignedIn)?;
    let last = person
        .last_scope_kind
        .as_deref()
        .and_then(ScopeKind::of_key)
        .zip(person.last_scope_id)
        .map(|(kind, id)| kind.with(id));
    let scopes: Vec<Scope> = places.iter().map(store::entity::membership::Model::scope).collect();
    Ok(last.filter(|last| scopes.contains(last)).or_else(|| scopes.first().copied()))
}

async fn mail_device_code(
    on: &impl ConnectionTrait,
    backend: &Backend,
    session: SessionId,
    user: UserId,
    epoch: i64,
    now: Timestamp,
) -> Result<()> {
    let id = backend.random.uuid(now);
    let row = device_code::ActiveModel {
        id: Set(id),
        session_id: Set(session.0),
        user_id: Set(user.0),
        epoch: Set(epoch),
        key_id: Set(backend.keys.id()),
        nonce: Set(backend.random.nonce().0.to_vec()),
        tries: Set(0),
        created_at: Set(now.ms()),
        expires_at: Set((now + DEVICE_CODE_TTL).ms()),
        used_at: Set(None),
    };
    if !epoch::insert_under(on, row, user, epoch).await? {
        return Err(Error::NotSignedIn);
    }
    outbox::enqueue(on, backend, now, MailKind::DeviceCode, user, Some(id)).await
}

async fn latest_device_code(on: &impl ConnectionTrait, caller: &Caller) -> Result<device_code::Model> {
    device_code::Entity::find()
        .filter(device_code::Column::SessionId.eq(caller.session_id.0))
        .filter(device_code::Column::Epoch.eq(caller.epoch))
        .order_by_desc(device_code::Column::Id)
        .one(on)
        .await?
        .ok_or(Error::NotFound)
}

/// What the new-device page shows.
pub async fn device_challenge(backend: &Backend, caller: &Caller) -> Result<DeviceChallenge> {
    needs_standing(caller, &[Standing::AwaitingDeviceCode])?;
    let code = latest_device_code(backend.database.read(), caller).await?;
    Ok(DeviceChallenge {
        email: caller.email.clone(),
        resend_at: Timestamp::from_ms(code.created_at) + backend.settings.throttle.resend_after,
        expires_at: Timestamp::from_ms(code.expires_at),
        now: backend.now(),
    })
}

/// Mails a new code, which voids the one before.
///
/// # Errors
/// [`Error::Throttled`] within a minute of the last.
pub async fn resend_device_code(backend: &Backend, caller: &Caller) -> Result<()> {
    needs_standing(caller, &[Standing::AwaitingDeviceCode])?;
    let now = backend.now();
    let on = backend.database.begin().await?;
    store::lock_user(&on, caller.user_id).await?;
    let last = latest_device_code(&on, caller).await?;
    let since = now.since(Timestamp::from_ms(last.created_at));
    if let Some(retry_after) = backend.settings.throttle.resend_after.checked_sub(since).filter(|left| !left.is_zero())
    {
        return Err(Error::Throttled { retry_after });
    }
    mail_device_code(&on, backend, caller.session_id, caller.user_id, caller.epoch, now).await?;
    on.commit().await?;
    Ok(())
}

/// The code that was mailed to this session: no other session's will do.
///
/// # Errors
/// [`Problem::WrongCode`]; [`Problem::DeadCode`] after five tries or thirty minutes; [`Error::Throttled`].
pub async fn submit_device_code(backend: &Backend, caller: &Caller, code: &str) -> Result<SignedIn> {
    needs_standing(caller, &[Standing::AwaitingDeviceCode])?;
    let now = backend.now();
    // Counted by person too: who knows the password could else have five tries with each new session, for ever.
    let counted = count_factor(backend, caller, now).await?;
    let row = latest_device_code(backend.database.read(), caller).await?;
    let on = backend.database.write();
    // The try is counted before the code is looked at.
    let sql =
        "UPDATE device_codes SET tries = tries + 1 WHERE id = ? AND tries < ? AND used_at IS NULL AND expires_at > ?";
    let tries = i64::from(backend.settings.throttle.code_tries);
    let tried = on.execute_raw(store::statement(on, sql, [row.id.into(), tries.into(), now.ms().into()])).await?;
    if tried.rows_affected() != 1 {
        return Err(Error::field(Field::Code, Problem::DeadCode));
    }
    let right = backend.keys.digits(Purpose::DeviceCode, row.id, Nonce::from_slice(&row.nonce), 6);
    if !bool::from(digits(code).as_bytes().ct_eq(right.as_bytes())) {
        return Err(miss(backend, caller, &counted, Field::Code, now).await?);
    }
    let on = backend.database.begin().await?;
    // The session before its code: whoever ends a session takes them in this order too.
    let signed_in = finish_factor(&on, backend, caller, &counted, ProofKind::DeviceCode, now).await?;
    let sql = "UPDATE device_codes SET used_at = ? WHERE id = ? AND used_at IS NULL";
    if on.execute_raw(store::statement(&on, sql, [now.ms().into(), row.id.into()])).await?.rows_affected() != 1 {
        return Err(Error::field(Field::Code, Problem::DeadCode));
    }
    on.commit().await?;
    Ok(signed_in)
}

/// The challenge page.
pub async fn challenge(backend: &Backend, caller: &Caller) -> Result<MfaChallenge> {
    needs_standing(caller, &[Standing::AwaitingMfa, Standing::Enter])?;
    let on = backend.database.read();
    let mut offered: Vec<_> = authenticators::of(on, caller.user_id)
        .await?
        .iter()
        .filter_map(|row| Some((AuthenticatorId(row.id), FactorKind::of_key(&row.kind)?)))
        .collect();
    offered.sort_by_key(|(_, kind)| std::cmp::Reverse(*kind));
    let left = recovery_code::Entity::find()
        .filter(recovery_code::Column::UserId.eq(caller.user_id.0))
        .filter(recovery_code::Column::UsedAt.is_null())
        .count(on)
        .await?;
    Ok(MfaChallenge { offered, has_backup_codes: left > 0 })
}

/// A code of the authenticator app: the second step of a sign-in, or step-up in a session that may enter.
///
/// # Errors
/// [`Problem::WrongCode`], also for a code that was accepted before; [`Error::Throttled`].
pub async fn submit_totp(backend: &Backend, caller: &Caller, code: &str) -> Result<SignedIn> {
    needs_standing(caller, &[Standing::AwaitingMfa, Standing::Enter])?;
    let now = backend.now();
    let counted = count_factor(backend, caller, now).await?;
    let bound = authenticators::of(backend.database.read(), caller.user_id).await?;
    let hit = bound.iter().find_map(|row| Some((row, authenticators::accepts(backend, row, &digits(code), now)?)));
    let Some((row, step)) = hit else { return Err(miss(backend, caller, &counted, Field::Code, now).await?) };

    let on = backend.database.begin().await?;
    // Accepted once: of any number of requests with the same code, one moves the step on.
    let sql = "UPDATE authenticators SET last_step = ?, last_used_at = ? WHERE id = ? AND last_step < ?";
    let values = [step.into(), now.ms().into(), row.id.into(), step.into()];
    if on.execute_raw(store::statement(&on, sql, values)).await?.rows_affected() != 1 {
        drop(on);
        return Err(miss(backend, caller, &counted, Field::Code, now).await?);
    }
    let signed_in =
        finish_factor(&on, backend, caller, &counted, ProofKind::Authenticator(FactorKind::Totp), now).await?;
    on.commit().await?;
    Ok(signed_in)
}

/// A backup code in place of an authenticator. The person is told by mail how many are left.
///
/// # Errors
/// [`Problem::WrongCode`], also for one that was used; [`Error::Throttled`].
pub async fn submit_backup_code(backend: &Backend, caller: &Caller, code: &str) -> Result<SignedIn> {
    needs_standing(caller, &[Standing::AwaitingMfa, Standing::Enter])?;
    let now = backend.now();
    let counted = count_factor(backend, caller, now).await?;
    let digest = authenticators::backup_code_digest(backend, caller.user_id, code);
    let on = backend.database.begin().await?;
    let sql = "UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND code_digest = ? AND used_at IS NULL";
    let values = [now.ms().into(), caller.user_id.0.into(), digest.to_vec().into()];
    if on.execute_raw(store::statement(&on, sql, values)).await?.rows_affected() != 1 {
        drop(on);
        return Err(miss(backend, caller, &counted, Field::BackupCode, now).await?);
    }
    outbox::enqueue(&on, backend, now, MailKind::BackupCodeUsed, caller.user_id, None).await?;
    let entry = audit::Entry::own(caller.user_id, &caller.name, AuditAction::BackupCodeUsed).from(&caller.visitor);
    entry.write_everywhere(&on, backend, now, caller.user_id).await?;
    let signed_in = finish_factor(&on, backend, caller, &counted, ProofKind::RecoveryCode, now).await?;
    on.commit().await?;
    Ok(signed_in)
}

/// The password once more, as step-up of who has no authenticator.
///
/// # Errors
/// [`Conflict::OutOfOrder`] for who has one; [`Problem::SignInRefused`]; [`Error::Throttled`].
pub async fn submit_password(backend: &Backend, caller: &Caller, password: Password) -> Result<SignedIn> {
    needs_standing(caller, &[Standing::EnrolOnly, Standing::Enter])?;
    let now = backend.now();
    if !matches!(caller.step_up(now), StepUp::NeedsPassword | StepUp::FreshByPassword) {
        return Err(Conflict::OutOfOrder.into());
    }
    let on = backend.database.read();
    let person = user::Entity::find_by_id(caller.user_id.0).one(on).await?.ok_or(Error::NotSignedIn)?;
    // The same counters as at the front door: a stolen session gives no second set of guesses.
    let device = sessions::recognise(on, &caller.visitor, caller.user_id, caller.epoch).await?;
    let subject = password_subject(backend, device, &person.email_folded);
    let network = throttle::by_network(backend, caller.visitor.address);
    throttle::count_network(backend, network, device.is_some(), now).await?;
    throttle::count(backend, Kind::Password, subject, now).await?;
    if !backend.hasher.verify(&password, person.password_hash.as_deref()).await {
        knock::note(backend, Knock::SignInFailed, &caller.visitor, &person.email_folded).await?;
        return Err(Error::field(Field::Password, Problem::SignInRefused));
    }
    let on = backend.database.begin().await?;
    throttle::forget(&on, Kind::Password, subject).await?;
    throttle::take_back(&on, Kind::Network, network).await?;
    let signed_in = go_on(&on, backend, caller, ProofKind::Password, now).await?;
    on.commit().await?;
    Ok(signed_in)
}

/// A try that was counted before its secret was looked at.
pub(crate) struct Counted {
    subject: throttle::Subject,
    misses: u32,
}

async fn count_factor(backend: &Backend, caller: &Caller, now: Timestamp) -> Result<Counted> {
    count_of_person(backend, caller, Kind::Factor, now).await
}

/// A recognised browser has a counter of its own, so that a stranger with the password does not delay the person.
pub(crate) async fn count_of_person(backend: &Backend, caller: &Caller, kind: Kind, now: Timestamp) -> Result<Counted> {
    let device = sessions::recognise(backend.database.read(), &caller.visitor, caller.user_id, caller.epoch).await?;
    let subject = match device {
        Some(device) => throttle::by_device(backend, device.0),
        None => throttle::by_user(backend, caller.user_id),
    };
    let network = throttle::by_network(backend, caller.visitor.address);
    throttle::count_network(backend, network, device.is_some(), now).await?;
    let misses = throttle::count(backend, kind, subject, now).await?;
    Ok(Counted { subject, misses })
}

/// A miss stays counted, and is recorded. After many in a row the person is told that somebody knows the password.
async fn miss(backend: &Backend, caller: &Caller, counted: &Counted, field: Field, now: Timestamp) -> Result<Error> {
    let on = backend.database.begin().await?;
    if counted.misses == backend.settings.throttle.tell_after_factor_misses {
        outbox::enqueue(&on, backend, now, MailKind::PasswordKnown, caller.user_id, None).await?;
    }
    let who = Some((caller.user_id, caller.name.as_str()));
    audit::failed(&on, backend, AuditAction::SecondFactorFailed, &caller.visitor, who, now).await?;
    on.commit().await?;
    Ok(Error::field(field, Problem::WrongCode))
}

async fn finish_factor(
    on: &DatabaseTransaction,
    backend: &Backend,
    caller: &Caller,
    counted: &Counted,
    proof: ProofKind,
    now: Timestamp,
) -> Result<SignedIn> {
    throttle::forget(on, Kind::Factor, counted.subject).await?;
    throttle::take_back(on, Kind::Network, throttle::by_network(backend, caller.visitor.address)).await?;
    go_on(on, backend, caller, proof, now).await
}

/// Adds the proof, hands out a new token, and says what is next.
async fn go_on(
    on: &DatabaseTransaction,
    backend: &Backend,
    caller: &Caller,
    proof: ProofKind,
    now: Timestamp,
) -> Result<SignedIn> {
    let session = sessions::rise(on, backend, caller, caller.epoch, proof, now).await?;
    let known_device = sessions::remember(on, backend, &caller.visitor, caller.user_id, caller.epoch, now).await?;
    let mut proofs = caller.proofs.clone();
    proofs.push(domain::sessions::Proof { kind: proof, at: now });
    let standing = domain::sessions::standing(&proofs, sessions::demands(on, caller.user_id).await?);
    let scope = last_scope(on, caller.user_id).await?;
    let language = caller.language.clone();
    Ok(SignedIn { session, known_device, standing, language, scope, used_return: false })
}

/// A code as people type it: without the spaces and hyphens that phones put in.
pub(crate) fn digits(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace() && *c != '-').take(16).collect()
}
