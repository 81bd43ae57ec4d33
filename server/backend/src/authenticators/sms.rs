//! Codes by text message (4.3): a code binds a number, or proves one that is bound. Either is made for one session and one
//! purpose, and is no good in another.
//!
//! Each message costs the operator, and may earn whoever owns the number it goes to. So messages are counted before they
//! leave: by person, by number, and by each place of the person.

use super::{NewAuthenticator, bound_one_more, insert, needs_fresh_proof, of, open_to_binding};
use crate::{
    Backend, Caller, Error, Result,
    crypto::{Nonce, Purpose, Sealed},
    epoch,
    mail::Words,
    principal::needs_standing,
    sessions,
    sign_in::{Counted, SignedIn, count_factor, count_of_person, digits, factor_serves, finish_factor, miss},
    sms::{
        Failure, Text,
        numbers::{self, Wrong},
    },
    store::{
        self,
        entity::{
            authenticator,
            sms_code::{ActiveModel, Column, Entity, Model},
        },
    },
    throttle::{self, Kind},
};
use domain::{
    authenticators::FactorKind,
    errors::{Conflict, Field, Problem},
    ids::AuthenticatorId,
    person::Name,
    sessions::{ProofKind, Standing},
    sms::{MaskedNumber, SMS_CODE_TTL, SmsChallenge, SmsEnrolment},
    time::Timestamp,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::time::Duration;
use subtle::ConstantTimeEq;
use url::Url;
use zeroize::Zeroizing;

/// After this long the gateway is asked whether a message arrived: before, it does not know.
const ARRIVES: Duration = Duration::from_secs(10);
/// How long a code is kept when its time is over: from its page another is asked for.
const KEPT: Duration = Duration::from_secs(3600);

/// What a code serves for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SmsPurpose {
    /// To bind the number it went to.
    Binding,
    /// To prove a number that is bound: the second step of a sign-in, or step-up.
    Proof,
}

impl SmsPurpose {
    const fn key(self) -> Purpose {
        match self {
            Self::Binding => Purpose::SmsBinding,
            Self::Proof => Purpose::SmsProof,
        }
    }

    /// Whether this session may use one.
    fn opens(self, backend: &Backend, caller: &Caller) -> Result<()> {
        match self {
            Self::Binding => {
                needs_standing(caller, &[Standing::EnrolOnly, Standing::Enter])?;
                needs_fresh_proof(caller, backend.now())?;
                if offers_sms(backend, caller) { Ok(()) } else { Err(Conflict::SmsNotOffered.into()) }
            }
            Self::Proof => {
                factor_serves(caller)?;
                if caller.demands.accepts(FactorKind::Sms) { Ok(()) } else { Err(Conflict::OutOfOrder.into()) }
            }
        }
    }
}

/// Whether this person may bind a number.
pub(crate) fn offers_sms(backend: &Backend, caller: &Caller) -> bool {
    backend.sms.is_some() && caller.demands.sms && !caller.demands.phishing_resistant
}

/// The number that is bound, of which only [`MaskedNumber`] is shown to anybody.
pub(crate) fn number_of(backend: &Backend, row: &authenticator::Model) -> Option<Zeroizing<String>> {
    let sealed = Sealed { key_id: row.key_id, bytes: row.sealed_secret.clone() };
    if row.kind == FactorKind::Sms.key() { open(backend, row.id, &sealed) } else { None }
}

/// The same, masked.
pub(crate) fn masked_number_of(backend: &Backend, row: &authenticator::Model) -> Option<MaskedNumber> {
    number_of(backend, row).map(|number| MaskedNumber::of(&number))
}

fn open(backend: &Backend, row: uuid::Uuid, sealed: &Sealed) -> Option<Zeroizing<String>> {
    String::from_utf8(backend.keys.open(row, sealed)?.to_vec()).ok().map(Zeroizing::new)
}

/// What the page shows on which a number is given; countries by their names in this language.
///
/// # Errors
/// [`Conflict::SmsNotOffered`]; [`Denied::StepUpNeeded`] when identity was not proven lately.
pub async fn sms_enrolment(backend: &Backend, caller: &Caller, language: &str) -> Result<SmsEnrolment> {
    SmsPurpose::Binding.opens(backend, caller)?;
    Ok(SmsEnrolment { countries: numbers::countries(language), must: caller.standing() != Standing::Enter })
}

/// Texts a code to a number that is to be bound. One that was texted in this session before is void.
///
/// # Errors
/// What [`numbers::parse`] says; [`Problem::NumberTaken`]; [`Conflict::SmsNotOffered`]; [`Conflict::SmsNotSent`];
/// [`Error::Throttled`].
pub async fn request_sms_binding(backend: &Backend, caller: &Caller, region: &str, typed: &str) -> Result<()> {
    SmsPurpose::Binding.opens(backend, caller)?;
    let number = numbers::parse(region, typed).map_err(|wrong| match wrong {
        Wrong::Country => Error::field(Field::Country, Problem::Unknown),
        Wrong::Number(problem) => Error::field(Field::PhoneNumber, problem),
    })?;
    let bound = of(backend.database.read(), caller.user_id).await?;
    if bound.iter().any(|row| number_of(backend, row).is_some_and(|bound| *bound == number)) {
        return Err(Error::field(Field::PhoneNumber, Problem::NumberTaken));
    }
    text(backend, caller, &number, None).await
}

/// Texts a code to a number of the caller's that is bound.
///
/// # Errors
/// [`Error::NotFound`] for a method that is none of theirs; [`Conflict::OutOfOrder`] where text messages are not accepted;
/// [`Conflict::SmsNotOffered`]; [`Conflict::SmsNotSent`]; [`Error::Throttled`].
pub async fn request_sms_code(backend: &Backend, caller: &Caller, id: AuthenticatorId) -> Result<()> {
    SmsPurpose::Proof.opens(backend, caller)?;
    let bound = of(backend.database.read(), caller.user_id).await?;
    let row = bound.iter().find(|row| row.id == id.0).ok_or(Error::NotFound)?;
    let number = number_of(backend, row).ok_or(Error::NotFound)?;
    text(backend, caller, &number, Some(id)).await
}

/// Texts another code to where the last one went.
///
/// # Errors
/// As the two above; [`Error::NotFound`] when none was texted.
pub async fn resend_sms_code(backend: &Backend, caller: &Caller, purpose: SmsPurpose) -> Result<()> {
    purpose.opens(backend, caller)?;
    let last = latest(backend.database.read(), caller, purpose).await?.ok_or(Error::NotFound)?;
    let number = number_in(backend, &last).ok_or(Error::NotFound)?;
    text(backend, caller, &number, last.authenticator_id.map(AuthenticatorId)).await
}

async fn text(backend: &Backend, caller: &Caller, number: &str, id: Option<AuthenticatorId>) -> Result<()> {
    let gateway = backend.sms.as_ref().ok_or(Conflict::SmsNotOffered)?;
    let (now, on) = (backend.now(), backend.database.read());
    // A recognised browser has a counter of its own here too: a stranger with the password does not use it up.
    count_of_person(backend, caller, Kind::Sms, now).await?;
    throttle::count(backend, Kind::SmsOfNumber, throttle::by_number(backend, number), now).await?;
    for place in store::active_memberships(on, caller.user_id).await? {
        throttle::count(backend, Kind::SmsOfScope, throttle::by_scope(backend, place.scope()), now).await?;
    }

    let on = backend.database.begin().await?;
    store::lock_user(&on, caller.user_id).await?;
    let (code, nonce) = (backend.random.uuid(now), backend.random.nonce());
    let sealed = backend.keys.seal(&backend.random, code, number.as_bytes());
    let row = ActiveModel {
        id: Set(code),
        session_id: Set(caller.session_id.0),
        user_id: Set(caller.user_id.0),
        epoch: Set(caller.epoch),
        authenticator_id: Set(id.map(|AuthenticatorId(id)| id)),
        key_id: Set(sealed.key_id),
        sealed_number: Set(sealed.bytes),
        nonce: Set(nonce.0.to_vec()),
        message_id: Set(None),
        tries: Set(0),
        created_at: Set(now.ms()),
        expires_at: Set((now + SMS_CODE_TTL).ms()),
        used_at: Set(None),
    };
    if !epoch::insert_under(&on, row, caller.user_id, caller.epoch).await? {
        return Err(Error::NotSignedIn);
    }
    // After it was added: whoever ends a session takes the session before its codes too.
    let sql = "UPDATE sms_codes SET used_at = ? WHERE session_id = ? AND id <> ? AND used_at IS NULL";
    on.execute_raw(store::statement(&on, sql, [now.ms().into(), caller.session_id.0.into(), code.into()])).await?;
    on.commit().await?;

    // Nothing is held meanwhile: a gateway may be slow.
    let purpose = if id.is_some() { SmsPurpose::Proof } else { SmsPurpose::Binding };
    let body = body(backend, &caller.language, purpose, &backend.keys.digits(purpose.key(), code, nonce, 6));
    let sent = gateway.send(Text { to: number.to_owned(), body, at: now }).await;
    let on = backend.database.write();
    match sent {
        Ok(message) => {
            let sql = "UPDATE sms_codes SET message_id = ? WHERE id = ?";
            on.execute_raw(store::statement(on, sql, [message.into(), code.into()])).await?;
            Ok(())
        }
        Err(failure) => {
            tracing::warn!(%failure, "a text message did not leave");
            let sql = "UPDATE sms_codes SET used_at = ? WHERE id = ?";
            on.execute_raw(store::statement(on, sql, [now.ms().into(), code.into()])).await?;
            Err(match (failure, purpose) {
                (Failure::Number { .. }, SmsPurpose::Binding) => {
                    Error::field(Field::PhoneNumber, Problem::TakesNoTexts)
                }
                _ => Conflict::SmsNotSent.into(),
            })
        }
    }
}

/// What is said. Its last line binds the code to this server's address: a phone offers it there and nowhere else.
fn body(backend: &Backend, language: &str, purpose: SmsPurpose, code: &str) -> String {
    let host = Url::parse(&backend.settings.public_url).ok();
    let host = host.as_ref().and_then(Url::host_str).unwrap_or_default();
    let key = match purpose {
        SmsPurpose::Binding => "sms.binding",
        SmsPurpose::Proof => "sms.proof",
    };
    let said = Words::of(language).say(key, &[("code", code), ("host", host)]);
    format!("{said}\n\n@{host} #{code}")
}

/// The code that this session waits for, if it does.
pub async fn sms_challenge(backend: &Backend, caller: &Caller, purpose: SmsPurpose) -> Result<Option<SmsChallenge>> {
    purpose.opens(backend, caller)?;
    let now = backend.now();
    let Some(code) = latest(backend.database.read(), caller, purpose).await? else { return Ok(None) };
    let Some(number) = number_in(backend, &code) else { return Ok(None) };
    let created_at = Timestamp::from_ms(code.created_at);
    let is_lost = match (&backend.sms, &code.message_id) {
        (Some(gateway), Some(message)) if created_at + ARRIVES <= now => gateway.is_lost(message).await,
        _ => false,
    };
    Ok(Some(SmsChallenge {
        number: MaskedNumber::of(&number),
        resend_at: created_at + backend.settings.throttle.resend_after,
        expires_at: Timestamp::from_ms(code.expires_at),
        is_lost,
        trust: caller.may_trust().map(|_| caller.demands.trust).filter(|_| purpose == SmsPurpose::Proof),
        now,
    }))
}

/// The texted code: the second step of a sign-in, which may `trust` the browser, or step-up.
///
/// # Errors
/// [`Problem::WrongCode`]; [`Problem::DeadCode`] after five tries or ten minutes, or when none was texted here;
/// [`Conflict::OutOfOrder`] for who has no number; [`Error::Throttled`].
pub async fn submit_sms_code(backend: &Backend, caller: &Caller, code: &str, trust: bool) -> Result<SignedIn> {
    SmsPurpose::Proof.opens(backend, caller)?;
    let bound = of(backend.database.read(), caller.user_id).await?;
    if !bound.iter().any(|row| row.kind == FactorKind::Sms.key()) {
        return Err(Conflict::OutOfOrder.into());
    }
    let now = backend.now();
    let (row, counted) = check(backend, caller, SmsPurpose::Proof, code, now).await?;
    let on = backend.database.begin().await?;
    let proof = ProofKind::Authenticator(FactorKind::Sms);
    let mut signed_in = finish_factor(&on, backend, caller, &counted, proof, now).await?;
    use_up(&on, &row, now).await?;
    let sql = "UPDATE authenticators SET last_used_at = ? WHERE id = ? AND user_id = ?";
    let values = [now.ms().into(), row.authenticator_id.into(), caller.user_id.0.into()];
    // Removed a moment ago.
    if on.execute_raw(store::statement(&on, sql, values)).await?.rows_affected() != 1 {
        return Err(dead());
    }
    arrived(&on, backend, caller, &counted).await?;
    if trust {
        signed_in.known_device = sessions::trust(&on, backend, caller, signed_in.known_device).await?;
    }
    on.commit().await?;
    Ok(signed_in)
}

/// Binds the number that the code went to.
///
/// # Errors
/// As [`submit_sms_code`]; [`Conflict::EnrolmentVoid`] when another authenticator was bound or the epoch moved on since.
pub async fn bind_sms(backend: &Backend, caller: &Caller, name: &Name, code: &str) -> Result<SignedIn> {
    SmsPurpose::Binding.opens(backend, caller)?;
    let now = backend.now();
    let (row, counted) = check(backend, caller, SmsPurpose::Binding, code, now).await?;
    let number = number_in(backend, &row).ok_or_else(dead)?;
    let on = backend.database.begin().await?;
    let bound = open_to_binding(&on, caller).await?;
    if bound.iter().any(|row| number_of(backend, row).is_some_and(|bound| bound == number)) {
        return Err(Error::field(Field::Code, Problem::NumberTaken));
    }
    sessions::lock(&on, caller.session_id).await?;
    use_up(&on, &row, now).await?;
    let new = NewAuthenticator {
        kind: FactorKind::Sms,
        name,
        secret: number.as_bytes(),
        last_step: 0,
        credential_id: None,
        signs_in: false,
    };
    let id = insert(&on, backend, (caller.user_id, caller.epoch), new, now).await?;
    counted.was_right(&on, backend, caller).await?;
    arrived(&on, backend, caller, &counted).await?;
    let signed_in = bound_one_more(&on, backend, caller, (id, FactorKind::Sms), bound.is_empty(), now).await?;
    on.commit().await?;
    Ok(signed_in)
}

/// Counts the try, by person and by code, before the code is looked at.
async fn check(
    backend: &Backend,
    caller: &Caller,
    purpose: SmsPurpose,
    code: &str,
    now: Timestamp,
) -> Result<(Model, Counted)> {
    let counted = count_factor(backend, caller, now).await?;
    let on = backend.database.write();
    let dead = (Field::Code, Problem::DeadCode);
    let Some(row) = latest(on, caller, purpose).await? else {
        return Err(miss(backend, caller, &counted, dead, now).await?);
    };
    let sql =
        "UPDATE sms_codes SET tries = tries + 1 WHERE id = ? AND tries < ? AND used_at IS NULL AND expires_at > ?";
    let tries = i64::from(backend.settings.throttle.code_tries);
    let tried = on.execute_raw(store::statement(on, sql, [row.id.into(), tries.into(), now.ms().into()])).await?;
    if tried.rows_affected() != 1 {
        return Err(miss(backend, caller, &counted, dead, now).await?);
    }
    let right = backend.keys.digits(purpose.key(), row.id, Nonce::from_slice(&row.nonce), 6);
    if !bool::from(digits(code).as_bytes().ct_eq(right.as_bytes())) {
        return Err(miss(backend, caller, &counted, (Field::Code, Problem::WrongCode), now).await?);
    }
    Ok((row, counted))
}

/// The message was no try in vain: what was counted in advance against the person, and against the network that asked for it,
/// is taken back.
async fn arrived(on: &impl ConnectionTrait, backend: &Backend, caller: &Caller, counted: &Counted) -> Result<()> {
    counted.forget(on, Kind::Sms).await?;
    throttle::take_back(on, Kind::Network, throttle::by_network(backend, caller.visitor.address)).await
}

/// Removes codes whose time is over, and with them the numbers of who never finished.
pub(crate) async fn sweep(backend: &Backend, now: Timestamp) -> Result<()> {
    let late = Column::ExpiresAt.lte((now - KEPT).ms());
    Entity::delete_many().filter(late).exec(backend.database.write()).await?;
    Ok(())
}

/// Used once.
async fn use_up(on: &impl ConnectionTrait, row: &Model, now: Timestamp) -> Result<()> {
    let sql = "UPDATE sms_codes SET used_at = ? WHERE id = ? AND used_at IS NULL";
    let used = on.execute_raw(store::statement(on, sql, [now.ms().into(), row.id.into()])).await?;
    if used.rows_affected() == 1 { Ok(()) } else { Err(dead()) }
}

fn dead() -> Error {
    Error::field(Field::Code, Problem::DeadCode)
}

/// The last one that was texted to this session for this purpose, if it was not used or replaced.
async fn latest(on: &impl ConnectionTrait, caller: &Caller, purpose: SmsPurpose) -> Result<Option<Model>> {
    let of = match purpose {
        SmsPurpose::Binding => Column::AuthenticatorId.is_null(),
        SmsPurpose::Proof => Column::AuthenticatorId.is_not_null(),
    };
    let found = Entity::find()
        .filter(Column::SessionId.eq(caller.session_id.0))
        .filter(Column::Epoch.eq(caller.epoch))
        .filter(Column::UsedAt.is_null())
        .filter(of)
        .order_by_desc(Column::Id)
        .one(on)
        .await?;
    Ok(found)
}

fn number_in(backend: &Backend, row: &Model) -> Option<Zeroizing<String>> {
    open(backend, row.id, &Sealed { key_id: row.key_id, bytes: row.sealed_number.clone() })
}
