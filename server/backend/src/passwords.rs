//! New passwords: what is asked of each, wherever one is set, and changing one's own (3.4).

use crate::{
    Backend, Caller, Error, Result,
    audit::Entry,
    crypto::{Password, is_common},
    epoch,
    outbox::{self, MailKind},
    principal::needs_standing,
    sign_in::{self, SignedIn},
    store::{self, entity::user},
    throttle::{self, Kind},
};
use domain::{
    audit::AuditAction,
    errors::{Field, Problem},
    ids::UserId,
    passwords::{self, PasswordProblem},
    policy::Denied,
    sessions::{Standing, StepUp},
};
use sea_orm::ConnectionTrait;

/// As `password_set_by` of a password that its person set in a session, after having proven who they are by an
/// authenticator.
const BY_SELF: &str = "self";

/// Checks a new password of a person who goes by these names. The operator's breach list is looked at last, and off the
/// async threads.
///
/// # Errors
/// [`Problem::Password`] with the reason. A list that cannot be read refuses every password: the operator asked for it to
/// be looked at, and nobody would notice that it is not.
pub(crate) async fn check(backend: &Backend, password: &Password, own: &[&str]) -> Result<()> {
    let refused = |problem| Error::field(Field::Password, Problem::Password(problem));
    passwords::check(password.expose(), own.iter().copied(), is_common).map_err(refused)?;
    let Some(breaches) = backend.settings.breaches.clone() else { return Ok(()) };
    let password = password.clone();
    let looked = tokio::task::spawn_blocking(move || breaches.contains(&password)).await;
    match looked.map_err(Error::internal)?.map_err(Error::internal)? {
        true => Err(refused(PasswordProblem::Breached)),
        false => Ok(()),
    }
}

/// [`check`], by the names that this person and their places have.
pub(crate) async fn check_of(backend: &Backend, person: &user::Model, password: &Password) -> Result<()> {
    let on = backend.database.read();
    let mut own = vec![person.name.clone(), person.email.clone()];
    for place in store::active_memberships(on, UserId(person.id)).await? {
        own.push(store::scope_facts(on, place.scope()).await?.name);
    }
    check(backend, password, &own.iter().map(String::as_str).collect::<Vec<_>>()).await
}

/// Changes the caller's own password, which raises the epoch: everything they hold but this session is void.
///
/// # Errors
/// [`Denied::StepUpNeeded`]; [`Problem::Password`]; [`Error::NotSignedIn`] when something raised the epoch meanwhile.
pub async fn change(backend: &Backend, caller: &Caller, password: Password) -> Result<SignedIn> {
    needs_standing(caller, &[Standing::Enter])?;
    let now = backend.now();
    let step_up = caller.step_up(now);
    if !step_up.is_fresh() {
        return Err(Denied::StepUpNeeded(step_up).into());
    }
    let person = store::user::by_id(backend.database.read(), caller.user_id).await?.ok_or(Error::NotSignedIn)?;
    check_of(backend, &person, &password).await?;
    let hash = backend.hasher.hash(&password).await;

    let on = backend.database.begin().await?;
    store::lock_user(&on, caller.user_id).await?;
    let epoch = epoch::raise(&on, backend, now, caller.user_id, caller.epoch, Some(caller.session_id)).await?;
    let sql = "UPDATE users SET password_hash = ? WHERE id = ?";
    on.execute_raw(store::statement(&on, sql, [hash.into(), person.id.into()])).await?;
    // A password that came by mail stays one, where nothing but that password was proven (5.12).
    if step_up == StepUp::FreshByAuthenticator {
        let sql = "UPDATE users SET password_set_at = ?, password_set_by = ? WHERE id = ?";
        on.execute_raw(store::statement(&on, sql, [now.ms().into(), BY_SELF.into(), person.id.into()])).await?;
    }
    throttle::forget(&on, Kind::Password, throttle::by_address(backend, &person.email_folded)).await?;
    let entry = Entry::own(caller.user_id, &caller.name, AuditAction::PasswordSet).from(&caller.visitor);
    entry.write_everywhere(&on, backend, now, caller.user_id).await?;
    outbox::enqueue(&on, backend, now, MailKind::PasswordChanged, caller.user_id, None).await?;
    let signed_in = sign_in::go_on(&on, backend, caller, epoch, None, now).await?;
    on.commit().await?;
    Ok(signed_in)
}
