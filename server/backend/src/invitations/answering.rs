//! The part of who is invited: what the link shows, “Accept” and “Decline”.

use super::row::{by_token, decide, member, person, record, role, role_key, scope_of, stands};
use crate::{
    Backend, Error, Result, Visitor,
    audit::Entry,
    crypto::{LinkToken, Password},
    mail::zone,
    password_reset, passwords,
    store::{
        self,
        entity::{invitation::Model, membership, user},
        roles,
    },
};
use domain::{
    audit::AuditAction,
    errors::{Conflict, Field, Problem},
    ids::UserId,
    invitations::{InvitationState, OUTCOME_TTL, PeekedInvitation},
    person::{EmailAddress, Name},
    time::Timestamp,
};
use sea_orm::ConnectionTrait;

/// What the link shows. Changes nothing.
///
/// # Errors
/// [`Error::NotFound`] for a link that was never made, or was decided more than thirty days ago.
pub async fn peek(backend: &Backend, token: &LinkToken) -> Result<PeekedInvitation> {
    let (on, now) = (backend.database.read(), backend.now());
    let row = by_token(on, token).await?;
    if row.decided_at.unwrap_or(row.expires_at) + OUTCOME_TTL.as_millis() as i64 <= now.ms() {
        return Err(Error::NotFound);
    }
    let scope = scope_of(&row);
    let facts = store::scope_facts(on, scope).await?;
    let requires_mfa = facts.mfa_rules().required;
    let person = person(on, &row).await?;
    let time_zone = person.as_ref().map(|person| person.time_zone.as_str()).unwrap_or_default();
    let zoned = |at| zone::zoned(at, time_zone);
    Ok(PeekedInvitation {
        state: stands(on, &row, now).await?,
        invited_by: row.invited_by_name.clone(),
        kind: scope.kind(),
        scope_name: facts.name,
        role: role(on, &row).await?,
        has_sign_in: person.is_some(),
        requires_mfa,
        expires_at: zoned(Timestamp::from_ms(row.expires_at)),
        now: zoned(now),
        email: row.email,
    })
}

/// Accepts: who has the address is a member from now on. Who has no sign-in yet gets one, by this name and password; of
/// who has one, both are passed over. Does not sign in.
///
/// # Errors
/// [`Conflict::InvitationIs`] with the state that refuses; [`Error::Invalid`] for a name or password that does not do.
pub async fn accept(
    backend: &Backend,
    visitor: &Visitor,
    token: &LinkToken,
    name: &str,
    password: Password,
) -> Result<()> {
    let now = backend.now();
    let reader = backend.database.read();
    let row = by_token(reader, token).await?;
    refuse_unless_open(stands(reader, &row, now).await?)?;
    let new = match person(reader, &row).await? {
        Some(_) => None,
        None => Some(new_sign_in(backend, &row, name, password).await?),
    };
    let on = backend.database.begin().await?;
    let scope = scope_of(&row);
    // Nobody does away with it, or makes more of it, until who accepts has it.
    roles::lock_shared(&on, scope, role_key(&row)).await?;
    store::lock_scope(&on, scope).await?;
    let row = by_token(&on, token).await?;
    refuse_unless_open(stands(&on, &row, now).await?)?;
    let person = match (person(&on, &row).await?, new) {
        (Some(person), _) => person,
        (None, Some((name, hash))) => insert_person(&on, backend, &row, &name, hash, now).await?,
        // It had a sign-in a moment ago.
        (None, None) => return Err(Conflict::ChangedMeanwhile.into()),
    };
    // Who was shut out everywhere does not come in by another door.
    if person.deactivated_at.is_some() {
        return Err(Conflict::InvitationIs(InvitationState::Cancelled).into());
    }
    if !decide(&on, &row, InvitationState::Accepted, now).await? {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    if member(&on, scope, &row.email_folded).await?.is_none() {
        let place = store::membership::new(backend.random.uuid(now), &person, scope, role_key(&row), now);
        store::membership::insert(&on, membership::Model { invited_by: Some(row.invited_by_id), ..place }).await?;
    }
    let entry = Entry::own(UserId(person.id), &person.name, AuditAction::InvitationAccepted).from(visitor);
    record(&on, backend, entry.within(Some(scope)), &row, now).await?;
    on.commit().await?;
    Ok(())
}

/// Declines. Of who did so nothing is known but the address that was written to.
///
/// # Errors
/// [`Conflict::InvitationIs`] with the state that refuses.
pub async fn decline(backend: &Backend, token: &LinkToken) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let row = by_token(&on, token).await?;
    refuse_unless_open(stands(&on, &row, now).await?)?;
    if !decide(&on, &row, InvitationState::Declined, now).await? {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    let entry = Entry::by_system(AuditAction::InvitationDeclined).within(Some(scope_of(&row)));
    record(&on, backend, entry, &row, now).await?;
    on.commit().await?;
    Ok(())
}

/// The name, and the password's hash, of who has no sign-in yet.
async fn new_sign_in(backend: &Backend, row: &Model, name: &str, password: Password) -> Result<(Name, String)> {
    let name = Name::parse(name).map_err(|problem| Error::field(Field::Name, Problem::Text(problem)))?;
    let place = store::scope_facts(backend.database.read(), scope_of(row)).await?.name;
    passwords::check(backend, &password, &[name.as_str(), &row.email, &place]).await?;
    Ok((name, backend.hasher.hash(&password).await))
}

async fn insert_person(
    on: &impl ConnectionTrait,
    backend: &Backend,
    row: &Model,
    name: &Name,
    hash: String,
    now: Timestamp,
) -> Result<user::Model> {
    let email = EmailAddress::parse(&row.email).map_err(Error::internal)?;
    let person = user::Model {
        password_hash: Some(hash),
        password_set_at: Some(now.ms()),
        password_set_by: Some(password_reset::BY_MAILED_LINK.to_owned()),
        language: row.language.clone(),
        ..store::user::new(backend.random.uuid(now), &email, name, now)
    };
    // Somebody took the address in this very moment.
    store::user::insert(on, &person)
        .await
        .map_err(|error| if error.is_duplicate() { Conflict::ChangedMeanwhile.into() } else { error })?;
    Ok(person)
}

fn refuse_unless_open(state: InvitationState) -> Result<()> {
    if state == InvitationState::Open { Ok(()) } else { Err(Conflict::InvitationIs(state).into()) }
}
