//! The doors of a call for help. That of its disowning is open to strangers: the secret in the link is the proof.

use crate::error::AppError;
use domain::locked_out::CallState;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{anonymous, backend, caller},
        paths,
    },
    ::backend::crypto::LinkToken,
    leptos_axum::redirect,
};

/// Whether the session stands where help can be asked for: password given, the second factor that is accepted not.
#[server]
pub(crate) async fn may_ask() -> Result<bool, AppError> {
    Ok(backend::locked_out::may_ask(&caller().await?))
}

#[server]
pub(crate) async fn ask() -> Result<(), AppError> {
    backend::locked_out::ask(&backend()?, &caller().await?).await?;
    redirect(&paths::done(&paths::sign_in_mfa_help(), "asked"));
    Ok(())
}

#[server]
pub(crate) async fn peek(token: String) -> Result<CallState, AppError> {
    let token = LinkToken::from_link(&token).ok_or(AppError::NotFound)?;
    Ok(backend::locked_out::peek(&backend()?, &token).await?)
}

#[server]
pub(crate) async fn disown(token: String) -> Result<(), AppError> {
    let link = LinkToken::from_link(&token).ok_or(AppError::NotFound)?;
    backend::locked_out::disown(&backend()?, &anonymous(), &link).await?;
    redirect(&paths::not_me(link.expose()));
    Ok(())
}
