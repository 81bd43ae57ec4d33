//! Sessions: browsers signed in. A session is a list of proofs; what it may do is computed at each request (3.2).
//!
//! Its token is 256 random bits, stored as a digest, and a new one is handed out at every rise of privilege. It ends
//! after 12 idle hours, after 14 days, when its person ends it, and when the epoch moves on.

use crate::{
    Backend, Error, Result, Visitor,
    audit::Entry,
    crypto::{DeviceToken, SessionToken},
    epoch,
    outbox::{self, MailKind},
    places::Place,
    principal::needs_standing,
    store::{
        self,
        entity::{known_device, session, session_proof},
    },
};
use domain::{
    audit::AuditAction,
    authenticators::FactorKind,
    ids::{DeviceId, SessionId, SsoConnectionId, UserId},
    sessions::{Demands, DeviceOverview, MySessions, Proof, ProofKind, SessionOverview, Standing, StepUp},
    theme::Theme,
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::LockType,
};
use std::time::Duration;
use uuid::Uuid;

/// Use is written down no more often than this.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// A person's session, with what was proven in it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The request.
    pub visitor: Visitor,
    /// Which session.
    pub session_id: SessionId,
    /// Who.
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their language.
    pub language: String,
    /// Their time zone.
    pub time_zone: String,
    /// How pages look to them.
    pub theme: Theme,
    /// The epoch under which the session was made, which is the present one.
    pub epoch: i64,
    /// When the session began.
    pub established_at: Timestamp,
    /// What was proven.
    pub proofs: Vec<Proof>,
    /// What the present state of the world asks.
    pub demands: Demands,
}

impl Caller {
    /// What the session may do.
    pub fn standing(&self) -> Standing {
        domain::sessions::standing(&self.proofs, self.demands)
    }

    /// For how long the browser may be trusted, if it may: as the second step of a sign-in, and nowhere else.
    pub(crate) fn may_trust(&self) -> Option<Duration> {
        self.demands.trusted_for().filter(|_| self.standing() == Standing::AwaitingMfa)
    }

    /// Whether the person is let go on without a second factor for the first time: once nothing else keeps them out.
    fn begins_grace(&self) -> bool {
        let is_in = matches!(self.standing(), Standing::Enter | Standing::NeedsSso(_));
        is_in && self.demands.grace_until().is_some() && self.demands.grace_from.is_none()
    }

    /// How lately the person proved who they are.
    pub fn step_up(&self, now: Timestamp) -> StepUp {
        domain::sessions::step_up(&self.proofs, self.demands, now)
    }
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    user_id: Uuid,
    epoch: i64,
    established_at: i64,
    last_seen_at: i64,
    name: String,
    email: String,
    language: String,
    time_zone: String,
    theme: String,
}

/// Who sends this request.
///
/// # Errors
/// [`Error::NotSignedIn`] when there is no cookie, or the session is void for any reason.
pub async fn caller(backend: &Backend, visitor: &Visitor) -> Result<Caller> {
    let now = backend.now();
    let on = backend.database.read();
    let token = visitor.session.as_ref().ok_or(Error::NotSignedIn)?;
    let sql = "SELECT s.id, s.user_id, s.epoch, s.established_at, s.last_seen_at, u.name, u.email, u.language, u.time_zone, \
               u.theme FROM sessions s JOIN users u ON u.id = s.user_id AND u.epoch = s.epoch \
               WHERE s.token_digest = ? AND s.expires_at > ? AND s.last_seen_at > ? AND u.deactivated_at IS NULL";
    let idle = (now - backend.settings.sessions.idle).ms();
    let values = [token.digest().to_vec().into(), now.ms().into(), idle.into()];
    let found = Found::find_by_statement(store::statement(on, sql, values)).one(on).await?.ok_or(Error::NotSignedIn)?;
    if found.last_seen_at <= (now - SEEN_EVERY).ms() {
        seen(backend, visitor, found.id, now).await?;
    }
    let caller = Caller {
        visitor: visitor.clone(),
        session_id: SessionId(found.id),
        user_id: UserId(found.user_id),
        name: found.name,
        email: found.email,
        language: found.language,
        time_zone: found.time_zone,
        theme: Theme::of_key(&found.theme),
        epoch: found.epoch,
        established_at: Timestamp::from_ms(found.established_at),
        proofs: proofs(on, found.id, now).await?,
        demands: demands(on, UserId(found.user_id), now).await?,
    };
    match caller.begins_grace() {
        true => begin_grace(backend, caller).await,
        false => Ok(caller),
    }
}

/// Writes down that the caller goes on without a second factor from now (4.8), if another request has not just done so.
async fn begin_grace(backend: &Backend, mut caller: Caller) -> Result<Caller> {
    let sql = "UPDATE users SET mfa_grace_from = ? WHERE id = ? AND mfa_grace_from IS NULL";
    let values = [caller.demands.now.ms().into(), caller.user_id.0.into()];
    let on = backend.database.write();
    on.execute_raw(store::statement(on, sql, values)).await?;
    caller.demands = demands(on, caller.user_id, caller.demands.now).await?;
    Ok(caller)
}

/// Whoever may enter, and nobody who is still on the way in.
pub fn entered(caller: Caller) -> Result<Caller> {
    needs_standing(&caller, &[Standing::Enter])?;
    Ok(caller)
}

async fn seen(backend: &Backend, visitor: &Visitor, session: Uuid, now: Timestamp) -> Result<()> {
    let on = backend.database.write();
    let sql = "UPDATE sessions SET last_seen_at = ?, place = ? WHERE id = ? AND last_seen_at < ?";
    let values = [now.ms().into(), visitor.place().into(), session.into(), now.ms().into()];
    on.execute_raw(store::statement(on, sql, values)).await?;
    Ok(())
}

/// What was proven in a session. That a browser is trusted counts as long as it is: a session that entered by it has the time
/// of the trust as its proof's.
async fn proofs(on: &impl ConnectionTrait, session: Uuid, now: Timestamp) -> Result<Vec<Proof>> {
    let sql = "SELECT p.* FROM session_proofs p JOIN sessions s ON s.id = p.session_id \
               WHERE p.session_id = ? AND (p.kind <> 'trusted_device' OR EXISTS (SELECT 1 FROM known_devices d \
                 WHERE d.user_id = s.user_id AND d.epoch = s.epoch AND d.trusted_at = p.proven_at AND d.trusted_until > ?))";
    let statement = store::statement(on, sql, [session.into(), now.ms().into()]);
    let rows = session_proof::Entity::find().from_raw_sql(statement).all(on).await?;
    Ok(rows.iter().filter_map(proof_of).collect())
}

/// What the present state of the world asks of a person's sessions.
pub(crate) async fn demands(on: &impl ConnectionTrait, user: UserId, now: Timestamp) -> Result<Demands> {
    #[derive(FromQueryResult)]
    struct Asked {
        authenticators: i64,
        passkeys: i64,
        texts: i64,
        mfa_required: i64,
        phishing_resistant: i64,
        sms: i64,
        without_sms: i64,
        trust: Option<i64>,
        grace: Option<i64>,
        mfa_grace_from: Option<i64>,
    }
    // One row, whatever the number of places: the strictest of each, of an account and its portfolio's floor too. Nobody is
    // trusted by no place.
    let sql = "SELECT u.mfa_grace_from, \
          (SELECT COUNT(*) FROM authenticators WHERE user_id = u.id) AS authenticators, \
          (SELECT COUNT(*) FROM authenticators WHERE user_id = u.id AND kind = 'passkey') AS passkeys, \
          (SELECT COUNT(*) FROM authenticators WHERE user_id = u.id AND kind = 'sms') AS texts, \
          COUNT(CASE WHEN s.required THEN 1 END) AS mfa_required, \
          COUNT(CASE WHEN s.required AND s.phishing_resistant THEN 1 END) AS phishing_resistant, \
          COUNT(CASE WHEN s.sms THEN 1 END) AS sms, \
          COUNT(CASE WHEN s.required AND NOT s.sms THEN 1 END) AS without_sms, \
          CAST(MIN(s.trust) AS BIGINT) AS trust, \
          CAST(MIN(CASE WHEN s.required THEN s.grace END) AS BIGINT) AS grace \
        FROM users u LEFT JOIN ( \
          SELECT m.user_id, \
            a.require_mfa OR p.require_mfa OR f.require_mfa AS required, \
            a.mfa_phishing_resistant OR p.mfa_phishing_resistant OR f.mfa_phishing_resistant AS phishing_resistant, \
            COALESCE(a.mfa_sms, p.mfa_sms) AND COALESCE(f.mfa_sms, TRUE) AS sms, \
            CASE WHEN f.mfa_trust_days < a.mfa_trust_days THEN f.mfa_trust_days \
              ELSE COALESCE(a.mfa_trust_days, p.mfa_trust_days) END AS trust, \
            CASE WHEN f.mfa_grace_days < a.mfa_grace_days THEN f.mfa_grace_days \
              ELSE COALESCE(a.mfa_grace_days, p.mfa_grace_days) END AS grace \
          FROM memberships m \
            LEFT JOIN accounts a ON m.scope_kind = 'account' AND a.id = m.scope_id \
            LEFT JOIN portfolios p ON m.scope_kind = 'portfolio' AND p.id = m.scope_id \
            LEFT JOIN portfolios f ON f.id = a.portfolio_id AND f.mfa_floor \
          WHERE m.user_id = ? AND m.status = 'active' \
        ) s ON s.user_id = u.id \
        WHERE u.id = ? GROUP BY u.id";
    let asked = Asked::find_by_statement(store::statement(on, sql, [user.0.into(), user.0.into()])).one(on).await?;
    let asked = asked.ok_or(Error::NotSignedIn)?;
    Ok(Demands {
        has_authenticator: asked.authenticators > 0,
        has_phishing_resistant: asked.passkeys > 0,
        has_only_sms: asked.texts > 0 && asked.texts == asked.authenticators,
        sms: asked.sms > 0 && asked.without_sms == 0,
        mfa_required: asked.mfa_required > 0,
        phishing_resistant: asked.phishing_resistant > 0,
        trust: store::days_of(asked.trust.unwrap_or(0)),
        grace: store::days_of(asked.grace.unwrap_or(0)),
        grace_from: asked.mfa_grace_from.map(Timestamp::from_ms),
        now,
        sso_required: None,
    })
}

/// Locks a session for this transaction: for what changes one of its codes before the session itself.
pub(crate) async fn lock(on: &impl ConnectionTrait, id: SessionId) -> Result<()> {
    session::Entity::find_by_id(id.0).lock(LockType::NoKeyUpdate).one(on).await?.ok_or(Error::NotSignedIn).map(drop)
}

fn proof_of(row: &session_proof::Model) -> Option<Proof> {
    let kind = match row.kind.as_str() {
        "password" => ProofKind::Password,
        "device_code" => ProofKind::DeviceCode,
        "known_device" => ProofKind::KnownDevice,
        "accepted_reset" => ProofKind::AcceptedReset,
        "authenticator" => ProofKind::Authenticator(FactorKind::of_key(row.factor.as_deref()?)?),
        "recovery_code" => ProofKind::RecoveryCode,
        "trusted_device" => ProofKind::TrustedDevice,
        "sso" => ProofKind::Sso(SsoConnectionId(row.connection_id?)),
        _ => return None,
    };
    Some(Proof { kind, at: Timestamp::from_ms(row.proven_at) })
}

/// Begins a session with what was proven, under the epoch that was read when it was proven.
///
/// # Errors
/// [`Error::NotSignedIn`] when the epoch moved on in between.
pub(crate) async fn establish(
    on: &impl ConnectionTrait,
    backend: &Backend,
    visitor: &Visitor,
    (user, epoch): (UserId, i64),
    proven: &[Proof],
    now: Timestamp,
) -> Result<(SessionId, SessionToken)> {
    let (id, token) = (backend.random.uuid(now), SessionToken::random(&backend.random));
    let row = session::ActiveModel {
        id: Set(id),
        user_id: Set(user.0),
        epoch: Set(epoch),
        token_digest: Set(token.digest().to_vec()),
        established_at: Set(now.ms()),
        last_seen_at: Set(now.ms()),
        expires_at: Set((now + backend.settings.sessions.absolute).ms()),
        device: Set(visitor.device.clone()),
        place: Set(visitor.place()),
    };
    if !epoch::insert_under(on, row, user, epoch).await? {
        return Err(Error::NotSignedIn);
    }
    for proof in proven {
        insert_proof(on, backend, SessionId(id), *proof).await?;
    }
    Ok((SessionId(id), token))
}

async fn insert_proof(on: &impl ConnectionTrait, backend: &Backend, session: SessionId, proof: Proof) -> Result<()> {
    let (key, factor, connection) = match proof.kind {
        ProofKind::Password => ("password", None, None),
        ProofKind::DeviceCode => ("device_code", None, None),
        ProofKind::KnownDevice => ("known_device", None, None),
        ProofKind::AcceptedReset => ("accepted_reset", None, None),
        ProofKind::Authenticator(factor) => ("authenticator", Some(factor.key().to_owned()), None),
        ProofKind::RecoveryCode => ("recovery_code", None, None),
        ProofKind::TrustedDevice => ("trusted_device", None, None),
        ProofKind::Sso(connection) => ("sso", None, Some(connection.0)),
    };
    let row = session_proof::ActiveModel {
        id: Set(backend.random.uuid(proof.at)),
        session_id: Set(session.0),
        kind: Set(key.to_owned()),
        factor: Set(factor),
        connection_id: Set(connection),
        proven_at: Set(proof.at.ms()),
    };
    session_proof::Entity::insert(row).exec_without_returning(on).await?;
    Ok(())
}

/// Adds a proof to the caller's session, if there is a new one, and renews its token: a rise of privilege makes the old
/// token worthless.
///
/// # Errors
/// [`Error::NotSignedIn`] when the session is void by now, or another request renewed it first.
pub(crate) async fn rise(
    on: &impl ConnectionTrait,
    backend: &Backend,
    caller: &Caller,
    epoch: i64,
    proof: Option<ProofKind>,
    now: Timestamp,
) -> Result<SessionToken> {
    let (old, new) =
        (caller.visitor.session.as_ref().ok_or(Error::NotSignedIn)?, SessionToken::random(&backend.random));
    let sql = "UPDATE sessions SET token_digest = ?, last_seen_at = ? WHERE id = ? AND token_digest = ? AND epoch = ? \
               AND epoch = (SELECT epoch FROM users WHERE users.id = sessions.user_id AND users.deactivated_at IS NULL)";
    let values = [
        new.digest().to_vec().into(),
        now.ms().into(),
        caller.session_id.0.into(),
        old.digest().to_vec().into(),
        epoch.into(),
    ];
    if on.execute_raw(store::statement(on, sql, values)).await?.rows_affected() != 1 {
        return Err(Error::NotSignedIn);
    }
    if let Some(kind) = proof {
        insert_proof(on, backend, caller.session_id, Proof { kind, at: now }).await?;
    }
    Ok(new)
}

/// A browser that signed in before as this person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Recognised {
    /// Which it is.
    pub(crate) id: DeviceId,
    /// When an authenticator was given in it by who said “Don't ask again on this device”, as long as that was to hold.
    pub(crate) trusted_at: Option<Timestamp>,
}

/// Whether the visitor's browser is recognised as one that signed in before as this person, and which it is.
pub(crate) async fn recognise(
    on: &impl ConnectionTrait,
    visitor: &Visitor,
    user: UserId,
    epoch: i64,
    now: Timestamp,
) -> Result<Option<Recognised>> {
    let Some(token) = &visitor.known_device else { return Ok(None) };
    let device = known_device::Entity::find()
        .filter(known_device::Column::UserId.eq(user.0))
        .filter(known_device::Column::TokenDigest.eq(token.digest().to_vec()))
        .filter(known_device::Column::Epoch.eq(epoch))
        .one(on)
        .await?;
    let trusted_at = |device: &known_device::Model| {
        device.trusted_at.filter(|_| device.trusted_until > Some(now.ms())).map(Timestamp::from_ms)
    };
    Ok(device.map(|device| Recognised { id: DeviceId(device.id), trusted_at: trusted_at(&device) }))
}

/// “Don't ask again on this device” (4.7): trusts the browser in which the caller just gave an authenticator, the second
/// step of a sign-in, which handed out the token `new` if it is one that was not recognised. Its token is then another one, or
/// a copy of the old one would be trusted with it. Answers with the token to hand out, if any. Does nothing where some place
/// of theirs trusts none.
pub(crate) async fn trust(
    on: &impl ConnectionTrait,
    backend: &Backend,
    caller: &Caller,
    new: Option<DeviceToken>,
) -> Result<Option<DeviceToken>> {
    let span = caller.may_trust();
    let old = new.as_ref().or(caller.visitor.known_device.as_ref()).map(|token| token.digest().to_vec());
    let Some((span, old)) = span.zip(old) else { return Ok(new) };
    let (at, trusted) = (caller.demands.now, DeviceToken::random(&backend.random));
    let sql = "UPDATE known_devices SET trusted_at = ?, trusted_until = ?, token_digest = ? \
               WHERE user_id = ? AND epoch = ? AND token_digest = ?";
    let values = [
        at.ms().into(),
        (at + span).ms().into(),
        trusted.digest().to_vec().into(),
        caller.user_id.0.into(),
        caller.epoch.into(),
        old.into(),
    ];
    let done = on.execute_raw(store::statement(on, sql, values)).await?;
    Ok(if done.rows_affected() == 1 { Some(trusted) } else { new })
}

/// Remembers the visitor's browser. One that was not recognised becomes a new device, with a token of its own.
pub(crate) async fn remember(
    on: &impl ConnectionTrait,
    backend: &Backend,
    visitor: &Visitor,
    user: UserId,
    epoch: i64,
    now: Timestamp,
) -> Result<Option<(DeviceId, DeviceToken)>> {
    if let Some(Recognised { id: DeviceId(id), .. }) = recognise(on, visitor, user, epoch, now).await? {
        let sql = "UPDATE known_devices SET last_used_at = ?, place = ? WHERE id = ?";
        on.execute_raw(store::statement(on, sql, [now.ms().into(), visitor.place().into(), id.into()])).await?;
        tell_of_new_country(on, backend, visitor, user, id, now).await?;
        return Ok(None);
    }
    // Always a new token: a cookie that somebody planted in this browser is never made a recognised one.
    let (id, token) = (backend.random.uuid(now), DeviceToken::random(&backend.random));
    let row = known_device::ActiveModel {
        id: Set(id),
        user_id: Set(user.0),
        epoch: Set(epoch),
        token_digest: Set(token.digest().to_vec()),
        device: Set(visitor.device.clone()),
        place: Set(visitor.place()),
        created_at: Set(now.ms()),
        last_used_at: Set(now.ms()),
        trusted_at: Set(None),
        trusted_until: Set(None),
        countries: Set(visitor.located.as_ref().map(|place| place.country.clone()).unwrap_or_default()),
    };
    Ok(epoch::insert_under(on, row, user, epoch).await?.then_some((DeviceId(id), token)))
}

/// A browser that is recognised, in a country in which it was not seen before: told of once (3.9). Where nothing was known of
/// where it was, this is only written down.
async fn tell_of_new_country(
    on: &impl ConnectionTrait,
    backend: &Backend,
    visitor: &Visitor,
    user: UserId,
    device: Uuid,
    now: Timestamp,
) -> Result<()> {
    let Some(Place { country, .. }) = &visitor.located else { return Ok(()) };
    let sql = "UPDATE known_devices SET countries = ? WHERE id = ? AND countries = ''";
    let first = on.execute_raw(store::statement(on, sql, [country.as_str().into(), device.into()])).await?;
    if first.rows_affected() == 1 {
        return Ok(());
    }
    let sql = "UPDATE known_devices SET countries = countries || ? WHERE id = ? AND countries NOT LIKE ?";
    let values = [format!(" {country}").into(), device.into(), format!("%{country}%").into()];
    if on.execute_raw(store::statement(on, sql, values)).await?.rows_affected() == 1 {
        outbox::enqueue(on, backend, now, MailKind::NewCountry, user, Some(device)).await?;
    }
    Ok(())
}

/// Own sessions and devices.
pub async fn mine(backend: &Backend, caller: &Caller) -> Result<MySessions> {
    needs_standing(caller, &[Standing::Enter])?;
    let (on, now) = (backend.database.read(), backend.now());
    let rows = session::Entity::find()
        .filter(session::Column::UserId.eq(caller.user_id.0))
        .filter(session::Column::Epoch.eq(caller.epoch))
        .filter(session::Column::ExpiresAt.gt(now.ms()))
        .filter(session::Column::LastSeenAt.gt((now - backend.settings.sessions.idle).ms()))
        .order_by_desc(session::Column::LastSeenAt)
        .all(on)
        .await?;
    let mut sessions: Vec<SessionOverview> = rows
        .into_iter()
        .map(|row| SessionOverview {
            id: SessionId(row.id),
            device: row.device,
            place: row.place.unwrap_or_default(),
            established_at: Timestamp::from_ms(row.established_at),
            last_seen_at: Timestamp::from_ms(row.last_seen_at),
            is_present: row.id == caller.session_id.0,
        })
        .collect();
    sessions.sort_by_key(|session| !session.is_present);
    let present = recognise(on, &caller.visitor, caller.user_id, caller.epoch, now).await?;
    let devices = known_device::Entity::find()
        .filter(known_device::Column::UserId.eq(caller.user_id.0))
        .filter(known_device::Column::Epoch.eq(caller.epoch))
        .order_by_desc(known_device::Column::LastUsedAt)
        .all(on)
        .await?
        .into_iter()
        .map(|row| DeviceOverview {
            id: DeviceId(row.id),
            trusted_until: trusted_until(&row, caller),
            device: row.device,
            place: row.place.unwrap_or_default(),
            last_used_at: Timestamp::from_ms(row.last_used_at),
            is_present: present.is_some_and(|present| present.id == DeviceId(row.id)),
        })
        .collect();
    Ok(MySessions { sessions, devices, now })
}

/// Until when a browser is trusted, if it still is: as long as was said when it was, and as every place trusts it now.
fn trusted_until(device: &known_device::Model, caller: &Caller) -> Option<Timestamp> {
    let by_policy = Timestamp::from_ms(device.trusted_at?) + caller.demands.trusted_for()?;
    let until = by_policy.min(Timestamp::from_ms(device.trusted_until?));
    Some(until).filter(|until| caller.demands.now < *until)
}

/// Ends one own session.
///
/// # Errors
/// [`Error::NotFound`] for a session that is not there or another's.
pub async fn end(backend: &Backend, caller: &Caller, id: SessionId) -> Result<()> {
    needs_standing(caller, &[Standing::Enter])?;
    let sql = "DELETE FROM sessions WHERE user_id = ? AND id = ?";
    end_where(backend, caller, sql, id.0, true).await
}

/// Ends all own sessions but this.
pub async fn end_others(backend: &Backend, caller: &Caller) -> Result<()> {
    needs_standing(caller, &[Standing::Enter])?;
    let sql = "DELETE FROM sessions WHERE user_id = ? AND id <> ?";
    end_where(backend, caller, sql, caller.session_id.0, false).await
}

/// Ends the present session. Fine when there is none.
pub async fn sign_out(backend: &Backend, visitor: &Visitor) -> Result<()> {
    let Some(token) = &visitor.session else { return Ok(()) };
    let on = backend.database.write();
    let sql = "DELETE FROM sessions WHERE token_digest = ?";
    on.execute_raw(store::statement(on, sql, [token.digest().to_vec().into()])).await?;
    Ok(())
}

/// Trusts a browser no longer: who signs in there next is asked for the second factor. A session that entered by that trust
/// is asked too.
///
/// # Errors
/// [`Error::NotFound`] for one that is not there or another's.
pub async fn distrust_device(backend: &Backend, caller: &Caller, id: DeviceId) -> Result<()> {
    let sql = "UPDATE known_devices SET trusted_at = NULL, trusted_until = NULL WHERE user_id = ? AND id = ?";
    change_device(backend, caller, id, sql).await
}

/// Forgets a recognised browser: its next sign-in is one from a new device.
///
/// # Errors
/// [`Error::NotFound`] for one that is not there or another's.
pub async fn forget_device(backend: &Backend, caller: &Caller, id: DeviceId) -> Result<()> {
    change_device(backend, caller, id, "DELETE FROM known_devices WHERE user_id = ? AND id = ?").await
}

async fn change_device(backend: &Backend, caller: &Caller, id: DeviceId, sql: &str) -> Result<()> {
    needs_standing(caller, &[Standing::Enter])?;
    let on = backend.database.write();
    let done = on.execute_raw(store::statement(on, sql, [caller.user_id.0.into(), id.0.into()])).await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::NotFound) }
}

async fn end_where(backend: &Backend, caller: &Caller, sql: &str, session: Uuid, one: bool) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let done = on.execute_raw(store::statement(&on, sql, [caller.user_id.0.into(), session.into()])).await?;
    if one && done.rows_affected() != 1 {
        return Err(Error::NotFound);
    }
    let entry = Entry::own(caller.user_id, &caller.name, AuditAction::SessionEnded).about(session);
    entry.from(&caller.visitor).write(&on, backend, now).await?;
    on.commit().await?;
    Ok(())
}

/// Removes sessions and codes that time has ended.
pub async fn sweep(backend: &Backend, now: Timestamp) -> Result<()> {
    let on = backend.database.write();
    let idle = (now - backend.settings.sessions.idle).ms();
    let sql = "DELETE FROM sessions WHERE expires_at <= ? OR last_seen_at <= ?";
    on.execute_raw(store::statement(on, sql, [now.ms().into(), idle.into()])).await?;
    Ok(())
}
