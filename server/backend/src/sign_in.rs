//! Signing in, step by step (3.1): address and password; the code mailed to a new device, where there is no second
//! factor; the second factor, where there is one. Each step adds a proof to the session; which step is next is the pure
//! function [`domain::sessions::standing`], asked at every request.
//!
//! A browser that is trusted (4.7) stands in for the second factor at a sign-in, and for nothing else.
//!
//! The same steps prove identity again later (step-up, 3.7): a code or password given in a session that may already enter
//! is one more proof in it, and a new token.
//!
//! Unknown address, wrong password and a person who is shut out get one answer in one time: the hash is computed all the
//! same, and as much is written.

mod proving;

pub(crate) use proving::{Counted, count_factor, count_of_person, digits, factor_serves, finish_factor, go_on, miss};
pub use proving::{challenge, submit_backup_code, submit_password, submit_totp};

use crate::{
    Backend, Caller, Error, Result, Visitor,
    crypto::{DeviceToken, Nonce, Password, Purpose, SessionToken},
    epoch, fold,
    knock::{self, Knock},
    mail::zone,
    outbox::{self, MailKind},
    principal::needs_standing,
    sessions::{self, Recognised},
    store::{
        self,
        entity::{device_code, user},
    },
    throttle::{self, Kind},
};
use domain::{
    errors::{Field, Problem},
    ids::{DeviceId, SessionId, UserId},
    person::EmailAddress,
    scope::{Scope, ScopeKind},
    sessions::{DeviceChallenge, Proof, ProofKind, Standing},
    theme::Theme,
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
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
    /// How pages look to them.
    pub theme: Theme,
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
        Some(person) => sessions::recognise(on, visitor, UserId(person.id), person.epoch, now).await?,
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
    let signed_in = begin_session(&on, backend, visitor, &person, ProofKind::Password, now).await?;
    on.commit().await?;
    Ok(signed_in)
}

/// Who is counted for a password: a recognised browser has a counter of its own, so that a stranger's misses do not delay
/// the person.
fn password_subject(backend: &Backend, device: Option<Recognised>, folded: &str) -> throttle::Subject {
    match device {
        Some(device) => throttle::by_device(backend, device.id.0),
        None => throttle::by_address(backend, folded),
    }
}

/// Begins a session with the one thing that was proven; says what is next.
pub(crate) async fn begin_session(
    on: &DatabaseTransaction,
    backend: &Backend,
    visitor: &Visitor,
    person: &user::Model,
    proof: ProofKind,
    now: Timestamp,
) -> Result<SignedIn> {
    let (user, epoch) = (UserId(person.id), person.epoch);
    let just = |kind| Proof { kind, at: now };
    let mut proofs = vec![just(proof)];
    // Now, not before the hashing: what was forgotten meanwhile is.
    if let Some(device) = sessions::recognise(on, visitor, user, epoch, now).await? {
        proofs.push(just(ProofKind::KnownDevice));
        proofs.extend(device.trusted_at.map(|at| Proof { kind: ProofKind::TrustedDevice, at }));
    }
    let used_return = crate::mfa_reset::use_return(on, visitor, user, epoch, now).await?;
    if used_return {
        proofs.push(just(ProofKind::AcceptedReset));
    }
    let language = take_over_preferences(on, visitor, person).await?;
    let (session, token) = sessions::establish(on, backend, visitor, (user, epoch), &proofs, now).await?;
    let standing = domain::sessions::standing(&proofs, sessions::demands(on, user, now).await?);
    if standing == Standing::AwaitingDeviceCode {
        mail_device_code(on, backend, session, user, epoch, now).await?;
    }
    let known_device = match standing {
        Standing::Enter | Standing::EnrolOnly | Standing::EnrolPhishingResistant => {
            let device = sessions::remember(on, backend, visitor, user, epoch, now).await?;
            tell_of_new(on, backend, user, device, &proofs, now).await?
        }
        _ => None,
    };
    let scope = last_scope(on, user).await?;
    let theme = Theme::of_key(&person.theme);
    Ok(SignedIn { session: token, known_device, standing, language, theme, scope, used_return })
}

/// Tells the person of a browser that was not seen before (3.9), save where a secret out of the mailbox was proven in it.
async fn tell_of_new(
    on: &impl ConnectionTrait,
    backend: &Backend,
    user: UserId,
    device: Option<(DeviceId, DeviceToken)>,
    proofs: &[Proof],
    now: Timestamp,
) -> Result<Option<DeviceToken>> {
    let Some((DeviceId(id), token)) = device else { return Ok(None) };
    if !proofs.iter().any(|proof| proof.kind.is_mailed()) {
        outbox::enqueue(on, backend, now, MailKind::NewDevice, user, Some(id)).await?;
    }
    Ok(Some(token))
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
    let row = latest_device_code(backend.database.read(), caller).await?;
    // Counted by person too: who knows the password could else have five tries with each new session, for ever.
    let counted = count_factor(backend, caller, now).await?;
    let on = backend.database.write();
    // The try is counted before the code is looked at.
    let sql =
        "UPDATE device_codes SET tries = tries + 1 WHERE id = ? AND tries < ? AND used_at IS NULL AND expires_at > ?";
    let tries = i64::from(backend.settings.throttle.code_tries);
    let tried = on.execute_raw(store::statement(on, sql, [row.id.into(), tries.into(), now.ms().into()])).await?;
    if tried.rows_affected() != 1 {
        return Err(miss(backend, caller, &counted, (Field::Code, Problem::DeadCode), now).await?);
    }
    let right = backend.keys.digits(Purpose::DeviceCode, row.id, Nonce::from_slice(&row.nonce), 6);
    if !bool::from(digits(code).as_bytes().ct_eq(right.as_bytes())) {
        return Err(miss(backend, caller, &counted, (Field::Code, Problem::WrongCode), now).await?);
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
