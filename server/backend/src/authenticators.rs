//! One's own second factors: binding and unbinding authenticators, backup codes (4.1, 4.2, 4.5).
//!
//! A half-done enrolment is not a row: the seed that is shown is derived from the session, its epoch and the number of
//! authenticators that are bound, and only becomes a row when a first code has proved that it arrived. So a reload shows
//! the same QR code, nothing is left behind, and a seed that was looked at before an MFA reset is void after it.
//!
//! The same goes for backup codes: the database has their digests; the session that made them can derive them again
//! until its person says they are saved, for ten minutes at most.

use crate::{
    Backend, Caller, Error, Result,
    audit::Entry,
    crypto::{Nonce, Sealed, TokenDigest},
    epoch, mfa_reset,
    outbox::{self, MailKind},
    principal::needs_standing,
    sessions,
    sign_in::{self, SignedIn},
    store::{
        self,
        entity::{authenticator, recovery_code, recovery_code_set},
    },
};
use domain::{
    audit::AuditAction,
    authenticators::{AuthenticatorOverview, BackupCodes, FactorKind, MyMethods, TotpEnrolment},
    errors::{Conflict, Field, Problem},
    ids::{AuthenticatorId, SessionId, UserId},
    person::Name,
    policy::Denied,
    sessions::{ProofKind, Standing, StepUp},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use std::time::Duration;
use totp_rs::{Algorithm, Builder, Totp};
use uuid::Uuid;

/// Backup codes in a set.
pub const BACKUP_CODES: u8 = 10;
/// How long fresh backup codes can be looked at again.
pub const FRESH_CODES_TTL: Duration = Duration::from_secs(600);
/// What authenticator apps show as the issuer.
const ISSUER: &str = "Postern";

/// A person's authenticators, oldest first.
pub(crate) async fn of(on: &impl ConnectionTrait, user: UserId) -> Result<Vec<authenticator::Model>> {
    let rows = authenticator::Entity::find()
        .filter(authenticator::Column::UserId.eq(user.0))
        .order_by_asc(authenticator::Column::Id)
        .all(on)
        .await?;
    Ok(rows)
}

/// The time step for which `code` is right now, one step of drift each way, if it is later than the last accepted one.
pub(crate) fn accepts(backend: &Backend, row: &authenticator::Model, code: &str, now: Timestamp) -> Option<i64> {
    let sealed = Sealed { key_id: row.key_id, bytes: row.sealed_secret.clone() };
    let seed = backend.keys.open(row.id, &sealed)?;
    let step = check(&seed, code, now)?;
    (step > row.last_step).then_some(step)
}

fn check(seed: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let seconds = u64::try_from(now.seconds()).ok()?;
    let step = totp(seed, "").check(code, seconds)?;
    i64::try_from(step).ok()
}

/// The code that is right at `now`; for the demo's own authenticator.
pub(crate) fn live_code(backend: &Backend, row: &authenticator::Model, now: Timestamp) -> Option<String> {
    let sealed = Sealed { key_id: row.key_id, bytes: row.sealed_secret.clone() };
    code_at(&backend.keys.open(row.id, &sealed)?, now)
}

/// The code of a seed at `now`.
pub(crate) fn code_at(seed: &[u8], now: Timestamp) -> Option<String> {
    Some(totp(seed, "").generate(u64::try_from(now.seconds()).ok()?).to_string())
}

/// The parameters every app supports: SHA-1, six digits, thirty seconds (RFC 6238).
fn totp(seed: &[u8], account: &str) -> Totp {
    let account = account.replace(':', " ");
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_skew(1)
        .with_secret(seed.to_vec())
        .with_account_name(account)
        .with_issuer(Some(ISSUER))
        .build_noncompliant()
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
                name: row.name,
                bound_at: Timestamp::from_ms(row.bound_at),
                last_used_at: row.last_used_at.map(Timestamp::from_ms),
            })
        })
        .collect();
    authenticators.sort_by_key(|method| std::cmp::Reverse(method.kind));
    Ok(MyMethods {
        authenticators,
        backup_codes_left: backup_codes_left(on, caller.user_id).await?,
        required: caller.demands.mfa_required,
        step_up: caller.step_up(now),
        now,
    })
}

/// How many backup codes are still good.
pub(crate) async fn backup_codes_left(on: &impl ConnectionTrait, user: UserId) -> Result<u32> {
    let left = recovery_code::Entity::find()
        .filter(recovery_code::Column::UserId.eq(user.0))
        .filter(recovery_code::Column::UsedAt.is_null())
        .count(on)
        .await?;
    Ok(u32::try_from(left).unwrap_or(u32::MAX))
}

/// What is needed to bind an authenticator app in this session. Writes nothing, and shows the same when asked again.
///
/// # Errors
/// [`Denied::StepUpNeeded`] when identity was not proven lately.
pub async fn totp_enrolment(backend: &Backend, caller: &Caller) -> Result<TotpEnrolment> {
    needs_standing(caller, &[Standing::EnrolOnly, Standing::Enter])?;
    needs_fresh_proof(caller, backend.now())?;
    let seed = offered_seed(backend, caller, of(backend.database.read(), caller.user_id).await?.len());
    let totp = totp(&seed, &caller.email);
    let uri = totp.to_url().map_err(|problem| Error::internal(problem.to_string()))?;
    let qr = qrcode::QrCode::new(&uri).map_err(Error::internal)?;
    let key = data_encoding::BASE32_NOPAD.encode(&seed);
    let groups: Vec<&str> = (0..key.len()).step_by(4).map(|at| &key[at..(at + 4).min(key.len())]).collect();
    let (qr_path, qr_size) = qr_path(&qr);
    Ok(TotpEnrolment { key: groups.join(" "), uri, qr_path, qr_size })
}

/// The seed that this session is shown for its next authenticator. Another one with each new token of the session: what
/// somebody saw by a stolen one is void once the person has proven themselves again.
fn offered_seed(backend: &Backend, caller: &Caller, bound: usize) -> zeroize::Zeroizing<Vec<u8>> {
    let mut of = caller.epoch.to_be_bytes().to_vec();
    of.extend((bound as u64).to_be_bytes());
    of.extend(caller.visitor.session.as_ref().map(|token| token.digest().to_vec()).unwrap_or_default());
    let digest = backend.keys.digest("enrolment", &of).to_vec();
    backend.keys.totp_seed(caller.session_id.0, Nonce::from_slice(&digest[..16]))
}

/// One path for all dark modules, each row's runs as rectangles, with the quiet zone of four modules (ISO/IEC 18004).
fn qr_path(qr: &qrcode::QrCode) -> (String, u16) {
    const QUIET: usize = 4;
    let (width, modules) = (qr.width(), qr.to_colors());
    let mut path = String::new();
    for (y, row) in modules.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|module| **module == qrcode::Color::Dark).count();
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
            }
            x += run.max(1);
        }
    }
    (path, u16::try_from(width + 2 * QUIET).unwrap_or(u16::MAX))
}

/// Binds the authenticator app that this session was shown, given a first code. The first authenticator of a person comes
/// with backup codes, raises the epoch, and renews only this session.
///
/// # Errors
/// [`Problem::WrongCode`]; [`Conflict::EnrolmentVoid`] when another authenticator was bound or the epoch moved on since;
/// [`Denied::StepUpNeeded`].
pub async fn bind_totp(backend: &Backend, caller: &Caller, name: &Name, code: &str) -> Result<SignedIn> {
    needs_standing(caller, &[Standing::EnrolOnly, Standing::Enter])?;
    let now = backend.now();
    needs_fresh_proof(caller, now)?;
    let on = backend.database.begin().await?;
    let person = store::lock_user_and_places(&on, caller.user_id).await?;
    let bound = of(&on, caller.user_id).await?;
    if person.epoch != caller.epoch || bound.is_empty() == caller.demands.has_authenticator {
        return Err(Conflict::EnrolmentVoid.into());
    }
    let seed = offered_seed(backend, caller, bound.len());
    let code: String = code.chars().filter(|c| !c.is_whitespace()).take(16).collect();
    let Some(step) = check(&seed, &code, now) else {
        return Err(Error::field(Field::Code, Problem::WrongCode));
    };
    let id = insert_totp(&on, backend, (caller.user_id, caller.epoch), name, &seed, step, now).await?;
    let mut epoch = caller.epoch;
    if bound.is_empty() {
        epoch = epoch::raise(&on, backend, now, caller.user_id, epoch, Some(caller.session_id)).await?;
        replace_backup_codes(&on, backend, (caller.user_id, epoch), caller.session_id, now).await?;
        mfa_reset::enrolled(&on, caller.user_id, now).await?;
    }
    changed(&on, backend, caller, (AuditAction::AuthenticatorBound, MailKind::AuthenticatorBound), id, now).await?;
    let signed_in = renew(&on, backend, caller, epoch, ProofKind::Authenticator(FactorKind::Totp), now).await?;
    on.commit().await?;
    Ok(signed_in)
}

/// Seals the seed and writes the row, unless the epoch moved on.
pub(crate) async fn insert_totp(
    on: &DatabaseTransaction,
    backend: &Backend,
    (user, epoch): (UserId, i64),
    name: &Name,
    seed: &[u8],
    last_step: i64,
    now: Timestamp,
) -> Result<Uuid> {
    let id = backend.random.uuid(now);
    let sealed = backend.keys.seal(&backend.random, id, seed);
    let row = authenticator::ActiveModel {
        id: Set(id),
        user_id: Set(user.0),
        kind: Set(FactorKind::Totp.key().to_owned()),
        name: Set(name.as_str().to_owned()),
        key_id: Set(sealed.key_id),
        sealed_secret: Set(sealed.bytes),
        last_step: Set(last_step),
        bound_at: Set(now.ms()),
        last_used_at: Set(None),
    };
    if epoch::insert_under(on, row, user, epoch).await? { Ok(id) } else { Err(Conflict::EnrolmentVoid.into()) }
}

/// Removes one of the person's authenticators, which raises the epoch: everything else they hold is void. With the last
/// one its backup codes go.
///
/// # Errors
/// [`Conflict::LastMethod`] where a second factor is required; [`Denied::StepUpNeeded`]; [`Error::NotFound`].
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
    if is_last && sessions::demands(&on, caller.user_id).await?.mfa_required {
        return Err(Conflict::LastMethod.into());
    }
    authenticator::Entity::delete_by_id(id.0).exec(&on).await?;
    if is_last {
        delete_backup_codes(&on, caller.user_id).await?;
    }
    let epoch = epoch::raise(&on, backend, now, caller.user_id, caller.epoch, Some(caller.session_id)).await?;
    changed(&on, backend, caller, (AuditAction::AuthenticatorUnbound, MailKind::AuthenticatorUnbound), id.0, now)
        .await?;
    // Without a factor the browser is what is recognised; `renew` remembers it.
    let proof = if is_last { ProofKind::KnownDevice } else { ProofKind::Authenticator(FactorKind::Totp) };
    let signed_in = renew(&on, backend, caller, epoch, proof, now).await?;
    on.commit().await?;
    Ok(signed_in)
}

/// Removes every second factor of a person: what an accepted MFA reset does. The epoch is the caller's to raise.
pub(crate) async fn unbind_all(on: &impl ConnectionTrait, user: UserId) -> Result<()> {
    authenticator::Entity::delete_many().filter(authenticator::Column::UserId.eq(user.0)).exec(on).await?;
    delete_backup_codes(on, user).await?;
    store::refresh_factor_kinds(on, user).await
}

/// Makes new backup codes, which voids the old.
///
/// # Errors
/// [`Denied::NothingToReset`] for who has no authenticator that they could back; [`Denied::StepUpNeeded`].
pub async fn make_backup_codes(backend: &Backend, caller: &Caller) -> Result<()> {
    needs_standing(caller, &[Standing::Enter])?;
    let now = backend.now();
    if !caller.step_up(now).is_fresh() {
        return Err(Denied::StepUpNeeded(caller.step_up(now)).into());
    }
    if !caller.demands.has_authenticator {
        return Err(Denied::OwnAuthenticatorNeeded.into());
    }
    let on = backend.database.begin().await?;
    store::lock_user(&on, caller.user_id).await?;
    replace_backup_codes(&on, backend, (caller.user_id, caller.epoch), caller.session_id, now).await?;
    let entry = Entry::own(caller.user_id, &caller.name, AuditAction::BackupCodesMade).from(&caller.visitor);
    entry.write_everywhere(&on, backend, now, caller.user_id).await?;
    outbox::enqueue(&on, backend, now, MailKind::BackupCodesMade, caller.user_id, None).await?;
    on.commit().await?;
    Ok(())
}

/// The backup codes made in this session, until they are acknowledged or ten minutes old.
pub async fn fresh_backup_codes(backend: &Backend, caller: &Caller) -> Result<Option<BackupCodes>> {
    needs_standing(caller, &[Standing::Enter])?;
    let set = recovery_code_set::Entity::find()
        .filter(recovery_code_set::Column::UserId.eq(caller.user_id.0))
        .filter(recovery_code_set::Column::SessionId.eq(caller.session_id.0))
        .filter(recovery_code_set::Column::Epoch.eq(caller.epoch))
        .filter(recovery_code_set::Column::KeyId.eq(backend.keys.id()))
        .filter(recovery_code_set::Column::AcknowledgedAt.is_null())
        .filter(recovery_code_set::Column::MadeAt.gt((backend.now() - FRESH_CODES_TTL).ms()))
        .one(backend.database.read())
        .await?;
    Ok(set.map(|set| BackupCodes { codes: codes(backend, set.id, Nonce::from_slice(&set.nonce)) }))
}

/// “I have saved them”: they are never shown again.
pub async fn acknowledge_backup_codes(backend: &Backend, caller: &Caller) -> Result<()> {
    needs_standing(caller, &[Standing::Enter])?;
    let on = backend.database.write();
    let sql = "UPDATE recovery_code_sets SET acknowledged_at = ? WHERE user_id = ? AND session_id = ? AND acknowledged_at IS NULL";
    let values = [backend.now().ms().into(), caller.user_id.0.into(), caller.session_id.0.into()];
    on.execute_raw(store::statement(on, sql, values)).await?;
    Ok(())
}

/// What is stored of a backup code. Keyed, and bound to its person; case, spaces and hyphens do not matter.
pub(crate) fn backup_code_digest(backend: &Backend, user: UserId, code: &str) -> TokenDigest {
    let plain: String =
        code.chars().filter(|c| c.is_ascii_alphanumeric()).take(64).map(|c| c.to_ascii_lowercase()).collect();
    backend.keys.digest("backup code", &[user.0.as_bytes(), plain.as_bytes()].concat())
}

fn codes(backend: &Backend, set: Uuid, nonce: Nonce) -> Vec<String> {
    (0..BACKUP_CODES).map(|number| backend.keys.backup_code(set, nonce, number).to_string()).collect()
}

/// Makes ten new codes, which voids the old. `session` is the one that may look at them for a while.
pub(crate) async fn replace_backup_codes(
    on: &DatabaseTransaction,
    backend: &Backend,
    (user, epoch): (UserId, i64),
    session: SessionId,
    now: Timestamp,
) -> Result<Vec<String>> {
    delete_backup_codes(on, user).await?;
    let (id, nonce) = (backend.random.uuid(now), backend.random.nonce());
    let set = recovery_code_set::ActiveModel {
        id: Set(id),
        user_id: Set(user.0),
        epoch: Set(epoch),
        session_id: Set(session.0),
        key_id: Set(backend.keys.id()),
        nonce: Set(nonce.0.to_vec()),
        made_at: Set(now.ms()),
        acknowledged_at: Set(None),
    };
    if !epoch::insert_under(on, set, user, epoch).await? {
        return Err(Error::NotSignedIn);
    }
    let codes = codes(backend, id, nonce);
    let rows = codes.iter().map(|code| recovery_code::ActiveModel {
        id: Set(backend.random.uuid(now)),
        user_id: Set(user.0),
        set_id: Set(id),
        code_digest: Set(backup_code_digest(backend, user, code).to_vec()),
        used_at: Set(None),
    });
    recovery_code::Entity::insert_many(rows).exec_without_returning(on).await?;
    Ok(codes)
}

async fn delete_backup_codes(on: &impl ConnectionTrait, user: UserId) -> Result<()> {
    recovery_code::Entity::delete_many().filter(recovery_code::Column::UserId.eq(user.0)).exec(on).await?;
    recovery_code_set::Entity::delete_many().filter(recovery_code_set::Column::UserId.eq(user.0)).exec(on).await?;
    Ok(())
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
    store::refresh_factor_kinds(on, caller.user_id).await?;
    let entry = Entry::own(caller.user_id, &caller.name, action).about(subject).from(&caller.visitor);
    entry.write_everywhere(on, backend, now, caller.user_id).await?;
    outbox::enqueue(on, backend, now, mail, caller.user_id, None).await
}

/// Hands the present session a new token under the new epoch, and remembers this browser anew.
async fn renew(
    on: &DatabaseTransaction,
    backend: &Backend,
    caller: &Caller,
    epoch: i64,
    proof: ProofKind,
    now: Timestamp,
) -> Result<SignedIn> {
    let session = sessions::rise(on, backend, caller, epoch, proof, now).await?;
    let known_device = sessions::remember(on, backend, &caller.visitor, caller.user_id, epoch, now).await?;
    let mut proofs = caller.proofs.clone();
    proofs.push(domain::sessions::Proof { kind: proof, at: now });
    let standing = domain::sessions::standing(&proofs, sessions::demands(on, caller.user_id).await?);
    let scope = sign_in::last_scope(on, caller.user_id).await?;
    let language = caller.language.clone();
    Ok(SignedIn { session, known_device, standing, language, scope, used_return: false })
}

/// A backup code used in this session serves here too: its person lost the method and binds another.
fn needs_fresh_proof(caller: &Caller, now: Timestamp) -> Result<()> {
    let step_up = caller.step_up(now);
    match step_up {
        StepUp::FreshByAuthenticator | StepUp::FreshByPassword | StepUp::FreshByRecoveryCode => Ok(()),
        _ => Err(Denied::StepUpNeeded(step_up).into()),
    }
}
