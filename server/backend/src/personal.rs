//! What people set for themselves (6.4).

use crate::{
    Backend, Caller,
    error::{Error, Result},
    mail, principal, store,
};
use domain::{
    errors::{Field, Problem},
    sessions::Standing,
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
