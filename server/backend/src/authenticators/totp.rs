//! Authenticator apps (4.2, RFC 6238).
//!
//! A half-done enrolment is not a row: the seed that is shown is derived from the session, its epoch and the number of
//! authenticators that are bound, and only becomes a row when a first code has proved that it arrived. So a reload shows
//! the same QR code, nothing is left behind, and a seed that was looked at before an MFA reset is void after it.

use super::{NewAuthenticator, bound_one_more, insert, needs_fresh_proof, of, offers_sms, open_to_binding};
use crate::{
    Backend, Caller, Error, Result,
    crypto::{Nonce, Sealed},
    principal::needs_standing,
    sign_in::SignedIn,
    store::entity::authenticator,
};
use domain::{
    authenticators::{FactorKind, TotpEnrolment},
    errors::{Field, Problem},
    ids::UserId,
    person::Name,
    sessions::Standing,
    time::Timestamp,
};
use sea_orm::DatabaseTransaction;
use totp_rs::{Algorithm, Builder, Totp};
use uuid::Uuid;

/// What authenticator apps show as the issuer.
const ISSUER: &str = "Postern";

/// The time step for which `code` is right now, one step of drift each way, if it is later than the last accepted one.
pub(crate) fn accepts(backend: &Backend, row: &authenticator::Model, code: &str, now: Timestamp) -> Option<i64> {
    accepts_after(row.last_step, &seed_of(backend, row)?, code, now)
}

/// The same, of a seed that was last accepted for the step `last`.
fn accepts_after(last: i64, seed: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    check(seed, code, now).filter(|step| *step > last)
}

fn check(seed: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let seconds = u64::try_from(now.seconds()).ok()?;
    let step = totp(seed, "").check(code, seconds)?;
    i64::try_from(step).ok()
}

/// The code that is right at `now`; for the demo's own authenticator.
pub(crate) fn live_code(backend: &Backend, row: &authenticator::Model, now: Timestamp) -> Option<String> {
    code_at(&seed_of(backend, row)?, now)
}

/// The seed of an authenticator app; no other kind has one.
fn seed_of(backend: &Backend, row: &authenticator::Model) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let sealed = Sealed { key_id: row.key_id, bytes: row.sealed_secret.clone() };
    if row.kind == FactorKind::Totp.key() { backend.keys.open(row.id, &sealed) } else { None }
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
    let (must, only_passkeys) = (caller.standing() != Standing::Enter, caller.demands.phishing_resistant);
    Ok(TotpEnrolment {
        key: groups.join(" "),
        uri,
        qr_path,
        qr_size,
        must,
        only_passkeys,
        or_sms: offers_sms(backend, caller),
    })
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
    let bound = open_to_binding(&on, caller).await?;
    let seed = offered_seed(backend, caller, bound.len());
    let code: String = code.chars().filter(|c| !c.is_whitespace()).take(16).collect();
    let Some(step) = check(&seed, &code, now) else {
        return Err(Error::field(Field::Code, Problem::WrongCode));
    };
    let id = insert_totp(&on, backend, (caller.user_id, caller.epoch), name, &seed, step, now).await?;
    let signed_in = bound_one_more(&on, backend, caller, (id, FactorKind::Totp), bound.is_empty(), now).await?;
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
    let new = NewAuthenticator {
        kind: FactorKind::Totp,
        name,
        secret: seed,
        last_step,
        credential_id: None,
        signs_in: false,
    };
    insert(on, backend, (user, epoch), new, now).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What an app shows whose clock is so many steps off.
    fn shown(seed: &[u8], now: Timestamp, drift: i64) -> String {
        code_at(seed, Timestamp::from_ms(now.ms() + drift * 30_000)).unwrap()
    }

    /// From 2000 to 2100.
    fn any_time() -> impl Strategy<Value = Timestamp> {
        (946_684_800_000_i64..4_102_444_800_000).prop_map(Timestamp::from_ms)
    }

    /// As apps are given, or as others were.
    fn any_seed() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![proptest::collection::vec(any::<u8>(), 20), proptest::collection::vec(any::<u8>(), 10..64)]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn one_step_of_drift_each_way_is_accepted_and_no_more(
            seed in any_seed(), now in any_time(), drift in -120_i64..=120,
        ) {
            let code = shown(&seed, now, drift);
            let right: Vec<i64> = (-1..=1).filter(|near| shown(&seed, now, *near) == code).collect();
            let step = now.seconds() / 30;
            let accepted = check(&seed, &code, now);
            match drift.abs() <= 1 {
                true => prop_assert!(right.contains(&drift) && accepted == right.first().map(|near| step + near)),
                // Of a million codes three are right by chance.
                false => prop_assert_eq!(accepted, right.first().map(|near| step + near)),
            }
        }

        #[test]
        fn what_is_no_code_of_the_seed_is_refused(seed in any_seed(), now in any_time(), typed in "[0-9]{0,8}|\\PC{0,12}") {
            let is_right = (-1..=1).any(|near| shown(&seed, now, near) == typed);
            prop_assert_eq!(check(&seed, &typed, now).is_some(), is_right, "{}", typed);
        }

        /// Whatever codes arrive at whatever times, the clock set back and forth in between.
        #[test]
        fn a_step_is_accepted_once_and_never_one_before_it(
            seed in any_seed(),
            begin in any_time(),
            tries in proptest::collection::vec((-200_000_i64..200_000, -2_i64..=2), 1..60),
        ) {
            let (mut last, mut now, mut accepted) = (0, begin, Vec::new());
            for (moved, drift) in tries {
                now = Timestamp::from_ms(now.ms() + moved);
                if let Some(step) = accepts_after(last, &seed, &shown(&seed, now, drift), now) {
                    prop_assert!((step - now.seconds() / 30).abs() <= 1);
                    accepted.push(step);
                    last = step;
                }
            }
            prop_assert!(accepted.is_sorted_by(|one, next| one < next), "{accepted:?}");
        }
    }
}
