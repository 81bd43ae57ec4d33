//! What people set for themselves (6.4).

use crate::{
    Backend, Caller,
    audit::Entry,
    error::{Error, Result},
    mail::{self, zone},
    principal, store,
};
use domain::{
    audit::AuditAction,
    errors::{Field, Problem},
    person::Name,
    sessions::Standing,
    theme::Theme,
};
use sea_orm::ConnectionTrait;

/// Pages and mails speak this language from now on. `tag` is one of [`mail::languages`].
///
/// # Errors
/// [`Problem::Unknown`] of [`Field::Language`] where nobody here speaks it.
pub async fn set_language(backend: &Backend, caller: &Caller, tag: &str) -> Result<()> {
    principal::needs_standing(caller, &[Standing::Enter])?;
    if !mail::languages().any(|language| language == tag) {
        return Err(Error::field(Field::Language, Problem::Unknown));
    }
    let on = backend.database.write();
    let sql = "UPDATE users SET language = ? WHERE id = ?";
    on.execute_raw(store::statement(on, sql, [tag.into(), caller.user_id.0.into()])).await?;
    Ok(())
}

/// What one goes by from now on, everywhere one belongs; each place's log says what it was before.
///
/// # Errors
/// [`Error::NotSignedIn`] when what the caller holds is void by now.
pub async fn set_name(backend: &Backend, caller: &Caller, name: &Name) -> Result<()> {
    principal::needs_standing(caller, &[Standing::Enter])?;
    let now = backend.now();
    let on = backend.database.begin().await?;
    let person = store::lock_user_and_places(&on, caller.user_id).await?;
    if person.name == name.as_str() {
        return Ok(());
    }
    let sql = "UPDATE users SET name = ? WHERE id = ? AND epoch = ?";
    let values = [name.as_str().into(), caller.user_id.0.into(), caller.epoch.into()];
    if on.execute_raw(store::statement(&on, sql, values)).await?.rows_affected() != 1 {
        return Err(Error::NotSignedIn);
    }
    store::membership::follow_name(&on, caller.user_id, name.as_str(), &person.email).await?;
    let entry = Entry::own(caller.user_id, name.as_str(), AuditAction::NameChanged).because(Some(&person.name));
    entry.from(&caller.visitor).write_everywhere(&on, backend, now, caller.user_id).await?;
    on.commit().await?;
    Ok(())
}

/// Mails tell times in this zone from now on. `iana` is the name of a zone, in any case.
///
/// # Errors
/// [`Problem::Unknown`] of [`Field::TimeZone`] where there is none of this name.
pub async fn set_time_zone(backend: &Backend, caller: &Caller, iana: &str) -> Result<()> {
    principal::needs_standing(caller, &[Standing::Enter])?;
    let iana = zone::canonical(iana.trim()).ok_or_else(|| Error::field(Field::TimeZone, Problem::Unknown))?;
    let on = backend.database.write();
    let sql = "UPDATE users SET time_zone = ? WHERE id = ?";
    on.execute_raw(store::statement(on, sql, [iana.into(), caller.user_id.0.into()])).await?;
    Ok(())
}

/// Pages look like this from now on, in every browser of the person once they come by.
pub async fn set_theme(backend: &Backend, caller: &Caller, theme: Theme) -> Result<()> {
    principal::needs_standing(caller, &[Standing::Enter])?;
    let on = backend.database.write();
    let sql = "UPDATE users SET theme = ? WHERE id = ?";
    on.execute_raw(store::statement(on, sql, [theme.key().into(), caller.user_id.0.into()])).await?;
    Ok(())
}
