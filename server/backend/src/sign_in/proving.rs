//! What a person proves in a session that exists: the second step of a sign-in, or step-up (3.7). Each proof is counted
//! before its secret is looked at, and renews the session's token.

use super::{SignedIn, last_scope, password_subject, tell_of_new};
use crate::{
    Backend, Caller, Error, Result, audit, authenticators,
    crypto::Password,
    knock::{self, Knock},
    outbox::{self, MailKind},
    principal::needs_standing,
    sessions,
    store::{
        self,
        entity::{authenticator, user},
    },
    throttle::{self, Kind},
};
use domain::{
    audit::AuditAction,
    authenticators::FactorKind,
    errors::{Conflict, Field, Problem},
    ids::AuthenticatorId,
    sessions::{MfaChallenge, Proof, ProofKind, Standing, StepUp},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait};

/// The challenge page.
pub async fn challenge(backend: &Backend, caller: &Caller) -> Result<MfaChallenge> {
    factor_serves(caller)?;
    let on = backend.database.read();
    let bound = authenticators::of(on, caller.user_id).await?;
    let mut offered: Vec<_> = bound
        .iter()
        .filter_map(|row| Some((row, FactorKind::of_key(&row.kind)?)))
        .filter(|(_, kind)| caller.demands.accepts(*kind))
        .collect();
    offered.sort_by_key(|(row, kind)| std::cmp::Reverse(kind.precedence(row.is_default)));
    let offered: Vec<_> = offered.into_iter().map(|(row, kind)| (AuthenticatorId(row.id), kind)).collect();
    let number =
        |row: &authenticator::Model| Some((AuthenticatorId(row.id), authenticators::masked_number_of(backend, row)?));
    let numbers =
        offered.iter().filter_map(|(id, _)| bound.iter().find(|row| row.id == id.0)).filter_map(number).collect();
    let has_backup_codes = authenticators::backup_codes_left(on, caller.user_id).await? > 0;
    let trust = caller.may_trust().map(|_| caller.demands.trust);
    Ok(MfaChallenge { offered, numbers, has_backup_codes, trust })
}

/// A second factor serves as the second step of a sign-in, before another is bound, and as step-up.
///
/// # Errors
/// [`Error::Unfinished`] in any other session.
pub(crate) fn factor_serves(caller: &Caller) -> Result<()> {
    match caller.standing() {
        Standing::EnrolPhishingResistant | Standing::EnrolOnly if caller.demands.has_authenticator => Ok(()),
        _ => needs_standing(caller, &[Standing::AwaitingMfa, Standing::Enter]),
    }
}

/// A code of the authenticator app: the second step of a sign-in, which may `trust` the browser, or step-up.
///
/// # Errors
/// [`Problem::WrongCode`], also for a code that was accepted before; [`Conflict::OutOfOrder`] where the app is not accepted;
/// [`Error::Throttled`].
pub async fn submit_totp(backend: &Backend, caller: &Caller, code: &str, trust: bool) -> Result<SignedIn> {
    factor_serves(caller)?;
    if !caller.demands.accepts(FactorKind::Totp) {
        return Err(Conflict::OutOfOrder.into());
    }
    let now = backend.now();
    let counted = count_factor(backend, caller, now).await?;
    let bound = authenticators::of(backend.database.read(), caller.user_id).await?;
    let hit = bound.iter().find_map(|row| Some((row, authenticators::accepts(backend, row, &digits(code), now)?)));
    let Some((row, step)) = hit else {
        return Err(miss(backend, caller, &counted, (Field::Code, Problem::WrongCode), now).await?);
    };

    let on = backend.database.begin().await?;
    // Accepted once: of any number of requests with the same code, one moves the step on.
    let sql = "UPDATE authenticators SET last_step = ?, last_used_at = ? WHERE id = ? AND last_step < ?";
    let values = [step.into(), now.ms().into(), row.id.into(), step.into()];
    if on.execute_raw(store::statement(&on, sql, values)).await?.rows_affected() != 1 {
        drop(on);
        return Err(miss(backend, caller, &counted, (Field::Code, Problem::WrongCode), now).await?);
    }
    let mut signed_in =
        finish_factor(&on, backend, caller, &counted, ProofKind::Authenticator(FactorKind::Totp), now).await?;
    if trust {
        signed_in.known_device = sessions::trust(&on, backend, caller, signed_in.known_device).await?;
    }
    on.commit().await?;
    Ok(signed_in)
}

/// A backup code in place of an authenticator. The person is told by mail how many are left.
///
/// # Errors
/// [`Problem::WrongCode`], also for one that was used; [`Error::Throttled`].
pub async fn submit_backup_code(backend: &Backend, caller: &Caller, code: &str) -> Result<SignedIn> {
    factor_serves(caller)?;
    let now = backend.now();
    let counted = count_factor(backend, caller, now).await?;
    let digest = authenticators::backup_code_digest(backend, caller.user_id, code);
    let on = backend.database.begin().await?;
    let sql = "UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND code_digest = ? AND used_at IS NULL";
    let values = [now.ms().into(), caller.user_id.0.into(), digest.to_vec().into()];
    if on.execute_raw(store::statement(&on, sql, values)).await?.rows_affected() != 1 {
        drop(on);
        return Err(miss(backend, caller, &counted, (Field::BackupCode, Problem::WrongCode), now).await?);
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
    needs_standing(caller, &[Standing::EnrolOnly, Standing::EnrolPhishingResistant, Standing::Enter])?;
    let now = backend.now();
    if !matches!(caller.step_up(now), StepUp::NeedsPassword | StepUp::FreshByPassword) {
        return Err(Conflict::OutOfOrder.into());
    }
    let on = backend.database.read();
    let person = user::Entity::find_by_id(caller.user_id.0).one(on).await?.ok_or(Error::NotSignedIn)?;
    // The same counters as at the front door: a stolen session gives no second set of guesses.
    let device = sessions::recognise(on, &caller.visitor, caller.user_id, caller.epoch, backend.now()).await?;
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
    let signed_in = go_on(&on, backend, caller, caller.epoch, Some(ProofKind::Password), now).await?;
    on.commit().await?;
    Ok(signed_in)
}

/// A try that was counted before its secret was looked at.
pub(crate) struct Counted {
    subject: throttle::Subject,
}

impl Counted {
    /// Forgets what is counted of this kind against the same browser or person.
    pub(crate) async fn forget(&self, on: &impl ConnectionTrait, kind: Kind) -> Result<()> {
        throttle::forget(on, kind, self.subject).await
    }

    /// The secret was right: its misses are forgotten.
    pub(crate) async fn was_right(&self, on: &impl ConnectionTrait, backend: &Backend, caller: &Caller) -> Result<()> {
        self.forget(on, Kind::Factor).await?;
        throttle::take_back(on, Kind::Network, throttle::by_network(backend, caller.visitor.address)).await
    }
}

pub(crate) async fn count_factor(backend: &Backend, caller: &Caller, now: Timestamp) -> Result<Counted> {
    count_of_person(backend, caller, Kind::Factor, now).await
}

/// A recognised browser has a counter of its own, so that a stranger with the password does not delay the person.
pub(crate) async fn count_of_person(backend: &Backend, caller: &Caller, kind: Kind, now: Timestamp) -> Result<Counted> {
    let on = backend.database.read();
    let device = sessions::recognise(on, &caller.visitor, caller.user_id, caller.epoch, now).await?;
    let subject = match device {
        Some(device) => throttle::by_device(backend, device.id.0),
        None => throttle::by_user(backend, caller.user_id),
    };
    let network = throttle::by_network(backend, caller.visitor.address);
    throttle::count_network(backend, network, device.is_some(), now).await?;
    throttle::count(backend, kind, subject, now).await?;
    Ok(Counted { subject })
}

/// A miss stays counted, and is recorded. After many in a row the person is told that somebody knows the password.
///
/// Whatever was counted and is answered with no proof ends here: a way past it would be one past the notice.
pub(crate) async fn miss(
    backend: &Backend,
    caller: &Caller,
    counted: &Counted,
    (field, problem): (Field, Problem),
    now: Timestamp,
) -> Result<Error> {
    let on = backend.database.begin().await?;
    let many = backend.settings.throttle.tell_after_factor_misses;
    if throttle::is_news(&on, Kind::Factor, counted.subject, many, now).await? {
        outbox::enqueue(&on, backend, now, MailKind::PasswordKnown, caller.user_id, None).await?;
    }
    let who = Some((caller.user_id, caller.name.as_str()));
    audit::failed(&on, backend, AuditAction::SecondFactorFailed, &caller.visitor, who, now).await?;
    on.commit().await?;
    Ok(Error::field(field, problem))
}

/// A secret was right: its misses are forgotten, and the session goes on.
pub(crate) async fn finish_factor(
    on: &DatabaseTransaction,
    backend: &Backend,
    caller: &Caller,
    counted: &Counted,
    proof: ProofKind,
    now: Timestamp,
) -> Result<SignedIn> {
    counted.was_right(on, backend, caller).await?;
    go_on(on, backend, caller, caller.epoch, Some(proof), now).await
}

/// Adds what was proven, if anything new was, hands out a new token under this epoch, remembers the browser, and says what
/// is next.
pub(crate) async fn go_on(
    on: &DatabaseTransaction,
    backend: &Backend,
    caller: &Caller,
    epoch: i64,
    proof: Option<ProofKind>,
    now: Timestamp,
) -> Result<SignedIn> {
    let session = sessions::rise(on, backend, caller, epoch, proof, now).await?;
    let new = proof.map(|kind| Proof { kind, at: now });
    let proofs: Vec<_> = caller.proofs.iter().copied().chain(new).collect();
    let device = sessions::remember(on, backend, &caller.visitor, caller.user_id, epoch, now).await?;
    let known_device = if epoch == caller.epoch {
        tell_of_new(on, backend, caller.user_id, device, &proofs, now).await?
    } else {
        // The epoch was raised here and forgot every browser, this one too: it is new to nobody.
        device.map(|(_, token)| token)
    };
    let standing = domain::sessions::standing(&proofs, sessions::demands(on, caller.user_id, now).await?);
    let scope = last_scope(on, caller.user_id).await?;
    let language = caller.language.clone();
    Ok(SignedIn { session, known_device, standing, language, theme: caller.theme, scope, used_return: false })
}

/// A code as people type it: without the spaces and hyphens that phones put in.
pub(crate) fn digits(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace() && *c != '-').take(16).collect()
}
