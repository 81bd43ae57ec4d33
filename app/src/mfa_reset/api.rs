//! The doors of who asks for a reset, and of who finds one asked for them in an own session. The door of who accepts by
//! mail is [`super::accept_api`].

use crate::{error::AppError, next::Next};
use domain::{
    ids::{MfaResetId, UserId},
    mfa_reset::ResetPreview,
    scope::Scope,
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller},
        error::entered,
        paths,
    },
    domain::{errors::Field, person::Reason},
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn preview(scope: Scope, user: UserId) -> Result<ResetPreview, AppError> {
    Ok(backend::mfa_reset::preview(&backend()?, &caller().await?, scope, user).await?)
}

#[server]
pub(crate) async fn request(scope: Scope, user: UserId, #[server(default)] reason: String) -> Result<(), AppError> {
    let reason = entered(Field::Reason, Reason::parse(&reason))?;
    backend::mfa_reset::request(&backend()?, &caller().await?, scope, user, &reason).await?;
    redirect(&paths::done(&paths::request_mfa_reset(scope, user), "requested"));
    Ok(())
}

#[server]
pub(crate) async fn resend(scope: Scope, user: UserId, #[server(default)] next: Next) -> Result<(), AppError> {
    backend::mfa_reset::resend(&backend()?, &caller().await?, scope, user).await?;
    redirect(&paths::done(next.path().unwrap_or(&paths::users(scope)), "reset_resent"));
    Ok(())
}

#[server]
pub(crate) async fn cancel(scope: Scope, user: UserId, #[server(default)] next: Next) -> Result<(), AppError> {
    backend::mfa_reset::cancel(&backend()?, &caller().await?, scope, user).await?;
    redirect(&paths::done(next.path().unwrap_or(&paths::users(scope)), "reset_cancelled"));
    Ok(())
}

#[server]
pub(crate) async fn approve(scope: Scope, user: UserId) -> Result<(), AppError> {
    backend::mfa_reset::approve(&backend()?, &caller().await?, scope, user).await?;
    redirect(&paths::done(&paths::users(scope), "reset_approved"));
    Ok(())
}

#[server]
pub(crate) async fn reject(scope: Scope, user: UserId) -> Result<(), AppError> {
    backend::mfa_reset::reject(&backend()?, &caller().await?, scope, user).await?;
    redirect(&paths::done(&paths::users(scope), "reset_rejected"));
    Ok(())
}

#[server]
pub(crate) async fn decline_mine(id: MfaResetId) -> Result<(), AppError> {
    backend::mfa_reset::decline_mine(&backend()?, &caller().await?, id).await?;
    redirect(&paths::done(&paths::me_security(), "reset_declined"));
    Ok(())
}
