//! The doors of who invites. The door of who is invited is [`super::accept_api`].

use crate::error::AppError;
use domain::{ids::InvitationId, invitations::Invitations, roles::RoleKey, scope::Scope};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller},
        error::{entered, one_of},
        messages::Language,
        paths,
    },
    domain::{errors::Field, person::EmailAddress},
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn list(scope: Scope) -> Result<Invitations, AppError> {
    Ok(backend::invitations::list(&backend()?, &caller().await?, scope).await?)
}

#[server]
pub(crate) async fn invite(scope: Scope, email: String, language: String, role: RoleKey) -> Result<(), AppError> {
    let email = entered(Field::Email, EmailAddress::parse(&email))?;
    let language = one_of(Field::Language, Language::of(&language))?;
    backend::invitations::invite(&backend()?, &caller().await?, scope, &email, language.tag(), role).await?;
    redirect(&paths::done(&paths::invite(scope), "invited"));
    Ok(())
}

#[server]
pub(crate) async fn resend(scope: Scope, id: InvitationId) -> Result<(), AppError> {
    backend::invitations::resend(&backend()?, &caller().await?, scope, id).await?;
    redirect(&paths::done(&paths::invite(scope), "invitation_resent"));
    Ok(())
}

#[server]
pub(crate) async fn cancel(scope: Scope, id: InvitationId) -> Result<(), AppError> {
    backend::invitations::cancel(&backend()?, &caller().await?, scope, id).await?;
    redirect(&paths::done(&paths::invite(scope), "invitation_cancelled"));
    Ok(())
}
