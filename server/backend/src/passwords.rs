//! New passwords: what is asked of each, wherever one is set (3.4).

use crate::{
    Backend, Error, Result,
    crypto::{Password, is_common},
};
use domain::{
    errors::{Field, Problem},
    passwords::{self, PasswordProblem},
};

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
