//! Passkeys and security keys (4.4): WebAuthn Level 3, verified by webauthn-rs.
//!
//! A *ceremony* is a challenge that was handed to a browser and waits for its answer. It is a row, belongs to one session
//! under one epoch, serves one purpose, is good for five minutes and answered once: whoever answers takes the row away
//! before the answer is looked at. So nothing can be replayed, carried to another person, or kept until after an MFA reset.
//!
//! User verification is always asked for. A key that was found opens nothing, and a passkey is two factors in itself: where
//! its owner chose so it signs in alone. It answers to our origin only, which is why it cannot be phished.
//!
//! The challenges are the one randomness that is no argument: the library draws them itself.

use crate::{
    Backend, Caller, Error, Result, Settings, Visitor, audit,
    authenticators::{self, NewAuthenticator, bound_one_more, needs_fresh_proof, open_to_binding},
    crypto::Sealed,
    epoch,
    knock::{self, Knock},
    outbox::{self, MailKind},
    principal::needs_standing,
    sessions,
    sign_in::{self, SignedIn},
    store::{
        self,
        entity::{authenticator, passkey_ceremony, user},
    },
    throttle::{self, Kind},
};
use domain::{
    audit::AuditAction,
    authenticators::{FactorKind, PasskeyCeremony, PasskeyEnrolment},
    errors::{Conflict, Field, Problem},
    ids::{CeremonyId, UserId},
    person::Name,
    sessions::{ProofKind, Standing},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;
use std::time::Duration;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, Passkey, PasskeyAuthentication, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Url, Webauthn, WebauthnBuilder, WebauthnError,
};

/// How long a challenge waits for its answer; what browsers give their person is the same.
pub const CEREMONY_TTL: Duration = Duration::from_secs(5 * 60);
/// What authenticators show.
const NAME: &str = "Postern";
/// No answer of any authenticator is longer, in bytes.
const LONGEST: usize = 16 * 1024;

/// What a ceremony is for, with what the library has to remember of it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Purpose {
    Bind { state: PasskeyRegistration, signs_in: bool },
    Prove(PasskeyAuthentication),
    SignIn(DiscoverableAuthentication),
}

/// Ourselves, as authenticators know us: the host of the public URL is the RP ID (WebAuthn §5.1.2), and it has to be a name.
/// The loopback, by whatever number, goes by `localhost`.
fn relying_party(settings: &Settings) -> Result<(Webauthn, String)> {
    let mut origin = Url::parse(&settings.public_url).map_err(Error::internal)?;
    let is_loopback = match origin.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    if is_loopback {
        origin.set_host(Some("localhost")).map_err(Error::internal)?;
    }
    let name = origin.domain().ok_or(Conflict::PasskeysNeedAName)?.to_owned();
    let party =
        WebauthnBuilder::new(&name, &origin).and_then(|party| party.rp_name(NAME).timeout(CEREMONY_TTL).build());
    Ok((party.map_err(Error::internal)?, origin.origin().ascii_serialization()))
}

// ── binding ───────────────────────────────────────────────────────────────────────────────────────────────────────

/// In which sessions a passkey is bound.
const BINDS: [Standing; 3] = [Standing::EnrolOnly, Standing::EnrolPhishingResistant, Standing::Enter];

/// What the page shows on which one is bound.
///
/// # Errors
/// [`domain::policy::Denied::StepUpNeeded`] when identity was not proven lately.
pub fn enrolment(backend: &Backend, caller: &Caller) -> Result<PasskeyEnrolment> {
    needs_standing(caller, &BINDS)?;
    needs_fresh_proof(caller, backend.now())?;
    Ok(PasskeyEnrolment { or_app: !caller.demands.phishing_resistant, must: caller.standing() != Standing::Enter })
}

/// Asks the browser for a new passkey. With `signs_in` it is one that signs in without the password, which the
/// authenticator then has to find by itself (a discoverable credential).
///
/// # Errors
/// [`domain::policy::Denied::StepUpNeeded`]; [`Conflict::PasskeysNeedAName`].
pub async fn begin_binding(backend: &Backend, caller: &Caller, signs_in: bool) -> Result<PasskeyCeremony> {
    needs_standing(caller, &BINDS)?;
    let now = backend.now();
    needs_fresh_proof(caller, now)?;
    let (party, origin) = relying_party(&backend.settings)?;
    let bound = bound(backend.database.read(), caller.user_id).await?;
    let known = bound.into_iter().filter_map(|row| row.credential_id).collect();
    let (asked, state) = party
        .start_passkey_registration(caller.user_id.0, &caller.email, &caller.name, Some(known))
        .map_err(Error::internal)?;
    let mut asked = json!(asked.public_key);
    asked["authenticatorSelection"]["residentKey"] = json!(if signs_in { "required" } else { "discouraged" });
    asked["authenticatorSelection"]["requireResidentKey"] = json!(signs_in);
    begin(backend, Some(caller), Purpose::Bind { state, signs_in }, (&asked, origin), now).await
}

/// Binds the passkey that answered.
///
/// # Errors
/// [`Problem::PasskeyRefused`] for an answer to another challenge, of another place or person, too late, or tampered with;
/// [`Problem::PasskeyTaken`]; [`Conflict::EnrolmentVoid`]; [`domain::policy::Denied::StepUpNeeded`].
pub async fn bind(
    backend: &Backend,
    caller: &Caller,
    ceremony: CeremonyId,
    name: &Name,
    answer: &str,
) -> Result<SignedIn> {
    needs_standing(caller, &BINDS)?;
    let now = backend.now();
    needs_fresh_proof(caller, now)?;
    let Some(Purpose::Bind { state, signs_in }) = take(backend, Some(caller), ceremony, now).await? else {
        return Err(refused());
    };
    let answer: RegisterPublicKeyCredential = read(answer)?;
    let (party, _) = relying_party(&backend.settings)?;
    let passkey = party.finish_passkey_registration(&answer, &state).map_err(|_| refused())?;
    let secret = serde_json::to_vec(&passkey).map_err(Error::internal)?;
    let on = backend.database.begin().await?;
    let bound = open_to_binding(&on, caller).await?;
    let new = NewAuthenticator {
        kind: FactorKind::Passkey,
        name,
        secret: &secret,
        last_step: 0,
        credential_id: Some(passkey.cred_id().to_vec()),
        signs_in,
    };
    let inserted = authenticators::insert(&on, backend, (caller.user_id, caller.epoch), new, now).await;
    let id = inserted.map_err(|error| if error.is_duplicate() { problem(Problem::PasskeyTaken) } else { error })?;
    let signed_in = bound_one_more(&on, backend, caller, (id, FactorKind::Passkey), bound.is_empty(), now).await?;
    on.commit().await?;
    Ok(signed_in)
}

// ── proving ───────────────────────────────────────────────────────────────────────────────────────────────────────

/// Asks for one of the person's passkeys: the second step of a sign-in, or step-up in a session that may enter.
///
/// # Errors
/// [`Conflict::OutOfOrder`] for who has none.
pub async fn begin_proof(backend: &Backend, caller: &Caller) -> Result<PasskeyCeremony> {
    sign_in::factor_serves(caller)?;
    let (party, origin) = relying_party(&backend.settings)?;
    let bound = bound(backend.database.read(), caller.user_id).await?;
    let passkeys: Vec<Passkey> = bound.iter().filter_map(|row| passkey(backend, row)).collect();
    if passkeys.is_empty() {
        return Err(Conflict::OutOfOrder.into());
    }
    let (asked, state) = party.start_passkey_authentication(&passkeys).map_err(Error::internal)?;
    begin(backend, Some(caller), Purpose::Prove(state), (&asked.public_key, origin), backend.now()).await
}

/// The answer of one of the person's passkeys. As the second step of a sign-in it may `trust` the browser.
///
/// # Errors
/// [`Problem::PasskeyRefused`]; [`Problem::PasskeyCopied`]; [`Error::Throttled`].
pub async fn prove(
    backend: &Backend,
    caller: &Caller,
    ceremony: CeremonyId,
    answer: &str,
    trust: bool,
) -> Result<SignedIn> {
    sign_in::factor_serves(caller)?;
    let now = backend.now();
    let counted = sign_in::count_factor(backend, caller, now).await?;
    let purpose = take(backend, Some(caller), ceremony, now).await?;
    let bound = bound(backend.database.read(), caller.user_id).await?;
    let verified = match (purpose, read::<PublicKeyCredential>(answer)) {
        (Some(Purpose::Prove(state)), Ok(answer)) => {
            let (party, _) = relying_party(&backend.settings)?;
            who_answered(&bound, &answer).map(|row| (row, party.finish_passkey_authentication(&answer, &state)))
        }
        _ => None,
    };
    let (row, result) = match verified {
        Some((row, Ok(result))) => (row, result),
        Some((row, Err(WebauthnError::CredentialPossibleCompromise))) => {
            let problem = copied(backend, &caller.visitor, row, &caller.name, now).await?;
            return Err(sign_in::miss(backend, caller, &counted, (Field::Passkey, problem), now).await?);
        }
        _ => {
            let wrong = (Field::Passkey, Problem::PasskeyRefused);
            return Err(sign_in::miss(backend, caller, &counted, wrong, now).await?);
        }
    };
    let on = backend.database.begin().await?;
    if !used(&on, backend, row, &result, now).await? {
        drop(on);
        let problem = copied(backend, &caller.visitor, row, &caller.name, now).await?;
        return Err(sign_in::miss(backend, caller, &counted, (Field::Passkey, problem), now).await?);
    }
    let proof = ProofKind::Authenticator(FactorKind::Passkey);
    let mut signed_in = sign_in::finish_factor(&on, backend, caller, &counted, proof, now).await?;
    if trust {
        signed_in.known_device = sessions::trust(&on, backend, caller, signed_in.known_device).await?;
    }
    on.commit().await?;
    Ok(signed_in)
}

// ── signing in by a passkey alone ─────────────────────────────────────────────────────────────────────────────────

/// Asks for any passkey that signs in here. Who it is says the answer.
///
/// # Errors
/// [`Error::Throttled`]; [`Conflict::PasskeysNeedAName`].
pub async fn begin_sign_in(backend: &Backend, visitor: &Visitor) -> Result<PasskeyCeremony> {
    let now = backend.now();
    let (party, origin) = relying_party(&backend.settings)?;
    throttle::count_network(backend, throttle::by_network(backend, visitor.address), false, now).await?;
    let (asked, state) = party.start_discoverable_authentication().map_err(Error::internal)?;
    begin(backend, None, Purpose::SignIn(state), (&asked.public_key, origin), now).await
}

/// Signs in who answered: the passkey is both the password and the second factor (4.4).
///
/// # Errors
/// [`Problem::PasskeyRefused`] for every reason that is not to be told apart; [`Problem::PasskeySecondStep`] for who proved
/// to have one that was not made for this; [`Problem::PasskeyCopied`].
pub async fn sign_in(backend: &Backend, visitor: &Visitor, ceremony: CeremonyId, answer: &str) -> Result<SignedIn> {
    let now = backend.now();
    let Some(Purpose::SignIn(state)) = take(backend, None, ceremony, now).await? else { return Err(refused()) };
    let answer: PublicKeyCredential = read(answer)?;
    let (party, _) = relying_party(&backend.settings)?;
    let (user, _) = party.identify_discoverable_authentication(&answer).map_err(|_| refused())?;
    let on = backend.database.read();
    let person = user::Entity::find_by_id(user).one(on).await?.filter(|person| person.deactivated_at.is_none());
    let person = person.ok_or_else(refused)?;
    let bound = bound(on, UserId(user)).await?;
    let known = who_answered(&bound, &answer).and_then(|row| Some((row, passkey(backend, row)?)));
    let verified =
        known.map(|(row, passkey)| (row, party.finish_discoverable_authentication_v2(&answer, state, &passkey)));
    let (row, result) = match verified {
        Some((row, Ok(result))) => (row, result),
        Some((row, Err(WebauthnError::CredentialPossibleCompromise))) => {
            return Err(problem(copied(backend, visitor, row, &person.name, now).await?));
        }
        _ => {
            knock::note(backend, Knock::SignInFailed, visitor, &person.email_folded).await?;
            return Err(refused());
        }
    };
    if !row.signs_in {
        return Err(problem(Problem::PasskeySecondStep));
    }
    let on = backend.database.begin().await?;
    if !used(&on, backend, row, &result, now).await? {
        drop(on);
        return Err(problem(copied(backend, visitor, row, &person.name, now).await?));
    }
    throttle::take_back(&on, Kind::Network, throttle::by_network(backend, visitor.address)).await?;
    let proof = ProofKind::Authenticator(FactorKind::Passkey);
    let signed_in = sign_in::begin_session(&on, backend, visitor, &person, proof, now).await?;
    on.commit().await?;
    Ok(signed_in)
}

// ── ceremonies ────────────────────────────────────────────────────────────────────────────────────────────────────

/// Writes the ceremony down, and says what the browser is asked. The caller's are held under their epoch.
async fn begin(
    backend: &Backend,
    caller: Option<&Caller>,
    purpose: Purpose,
    (options, origin): (&impl Serialize, String),
    now: Timestamp,
) -> Result<PasskeyCeremony> {
    let id = backend.random.uuid(now);
    let row = passkey_ceremony::Model {
        id,
        user_id: caller.map(|caller| caller.user_id.0),
        session_id: caller.map(|caller| caller.session_id.0),
        epoch: caller.map(|caller| caller.epoch),
        state: serde_json::to_string(&purpose).map_err(Error::internal)?,
        expires_at: (now + CEREMONY_TTL).ms(),
    };
    let on = backend.database.write();
    match caller {
        None => {
            passkey_ceremony::Entity::insert(row.into_active_model()).exec_without_returning(on).await?;
        }
        Some(caller) => {
            // A session waits for one answer: what it was asked before is void, and does not pile up.
            passkey_ceremony::Entity::delete_many()
                .filter(passkey_ceremony::Column::UserId.eq(caller.user_id.0))
                .filter(passkey_ceremony::Column::SessionId.eq(caller.session_id.0))
                .exec(on)
                .await?;
            if !epoch::insert_under(on, row.into_active_model(), caller.user_id, caller.epoch).await? {
                return Err(Error::NotSignedIn);
            }
        }
    }
    Ok(PasskeyCeremony {
        id: CeremonyId(id),
        options: serde_json::to_string(options).map_err(Error::internal)?,
        origin,
    })
}

/// Takes a ceremony away, so that it is answered once, and hands it over if it is this session's, of its epoch, and not too
/// old.
async fn take(backend: &Backend, caller: Option<&Caller>, id: CeremonyId, now: Timestamp) -> Result<Option<Purpose>> {
    let on = backend.database.write();
    let Some(row) = passkey_ceremony::Entity::find_by_id(id.0).one(on).await? else { return Ok(None) };
    let holder = caller.map(|caller| (caller.user_id.0, caller.session_id.0, caller.epoch));
    let its = row.user_id.zip(row.session_id).zip(row.epoch).map(|((user, session), epoch)| (user, session, epoch));
    if its != holder || row.expires_at <= now.ms() {
        return Ok(None);
    }
    let taken = passkey_ceremony::Entity::delete_by_id(id.0).exec(on).await?;
    if taken.rows_affected != 1 {
        return Ok(None);
    }
    serde_json::from_str(&row.state).map(Some).map_err(Error::internal)
}

/// Removes ceremonies that nobody answered.
pub async fn sweep(backend: &Backend, now: Timestamp) -> Result<()> {
    let late = passkey_ceremony::Column::ExpiresAt.lte(now.ms());
    passkey_ceremony::Entity::delete_many().filter(late).exec(backend.database.write()).await?;
    Ok(())
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T> {
    Some(answer)
        .filter(|answer| answer.len() <= LONGEST)
        .and_then(|answer| serde_json::from_str(answer).ok())
        .ok_or_else(refused)
}

// ── passkeys ──────────────────────────────────────────────────────────────────────────────────────────────────────

async fn bound(on: &impl ConnectionTrait, user: UserId) -> Result<Vec<authenticator::Model>> {
    let all = authenticators::of(on, user).await?;
    Ok(all.into_iter().filter(|row| row.kind == FactorKind::Passkey.key()).collect())
}

/// The passkey that says it answered.
fn who_answered<'a>(
    bound: &'a [authenticator::Model],
    answer: &PublicKeyCredential,
) -> Option<&'a authenticator::Model> {
    bound.iter().find(|row| row.credential_id.as_deref() == Some(answer.get_credential_id()))
}

fn passkey(backend: &Backend, row: &authenticator::Model) -> Option<Passkey> {
    let sealed = Sealed { key_id: row.key_id, bytes: row.sealed_secret.clone() };
    serde_json::from_slice(&backend.keys.open(row.id, &sealed)?).ok()
}

/// Writes down that a passkey was used, with its new counter. False where that did not grow: of two copies of a key, that
/// take turns, one falls behind (WebAuthn §6.1.1). A key that does not count says 0 for ever.
async fn used(
    on: &impl ConnectionTrait,
    backend: &Backend,
    row: &authenticator::Model,
    result: &AuthenticationResult,
    now: Timestamp,
) -> Result<bool> {
    let Some(mut passkey) = passkey(backend, row) else { return Ok(false) };
    let sealed = match passkey.update_credential(result) {
        Some(true) => {
            let secret = serde_json::to_vec(&passkey).map_err(Error::internal)?;
            backend.keys.seal(&backend.random, row.id, &secret)
        }
        _ => Sealed { key_id: row.key_id, bytes: row.sealed_secret.clone() },
    };
    let counter = i64::from(result.counter());
    let sql = "UPDATE authenticators SET sealed_secret = ?, key_id = ?, last_step = ?, last_used_at = ? \
               WHERE id = ? AND (last_step < ? OR (last_step = 0 AND ? = 0))";
    let values = [
        sealed.bytes.into(),
        sealed.key_id.into(),
        counter.into(),
        now.ms().into(),
        row.id.into(),
        counter.into(),
        counter.into(),
    ];
    Ok(on.execute_raw(store::statement(on, sql, values)).await?.rows_affected() == 1)
}

/// A counter that did not grow: recorded, and the person told what that may mean. Of a passkey that was removed at this
/// moment nothing is told.
async fn copied(
    backend: &Backend,
    visitor: &Visitor,
    row: &authenticator::Model,
    name: &str,
    now: Timestamp,
) -> Result<Problem> {
    let on = backend.database.begin().await?;
    if authenticator::Entity::find_by_id(row.id).one(&on).await?.is_none() {
        return Ok(Problem::PasskeyRefused);
    }
    let user = UserId(row.user_id);
    let entry = audit::Entry::own(user, name, AuditAction::PasskeyCopied).about(row.id).from(visitor);
    entry.write_everywhere(&on, backend, now, user).await?;
    outbox::enqueue(&on, backend, now, MailKind::PasskeyCopied, user, Some(row.id)).await?;
    on.commit().await?;
    Ok(Problem::PasskeyCopied)
}

fn problem(problem: Problem) -> Error {
    Error::field(Field::Passkey, problem)
}

fn refused() -> Error {
    problem(Problem::PasskeyRefused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(public_url: &str) -> Option<String> {
        let settings = Settings {
            public_url: public_url.to_owned(),
            support_url: None,
            breaches: None,
            places: None,
            mail_from: String::new(),
            sessions: Default::default(),
            throttle: Default::default(),
        };
        relying_party(&settings).ok().map(|(_, origin)| origin)
    }

    #[test]
    fn passkeys_belong_to_a_name() {
        assert_eq!(origin("https://postern.example").as_deref(), Some("https://postern.example"));
        assert_eq!(origin("https://postern.example:8443").as_deref(), Some("https://postern.example:8443"));
        assert_eq!(origin("http://127.0.0.1:3000").as_deref(), Some("http://localhost:3000"));
        assert_eq!(origin("http://[::1]:3000").as_deref(), Some("http://localhost:3000"));
        assert_eq!(origin("http://localhost:3000").as_deref(), Some("http://localhost:3000"));
        assert_eq!(origin("https://192.0.2.7"), None);
    }
}
