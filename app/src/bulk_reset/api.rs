//! The doors of several resets at once.

use crate::error::AppError;
use domain::{
    bulk_reset::{BulkPreview, BulkReset},
    ids::{BulkResetId, UserId},
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
pub(crate) async fn preview(scope: Scope, #[server(default)] users: Vec<UserId>) -> Result<BulkPreview, AppError> {
    Ok(backend::mfa_reset::bulk::preview(&backend()?, &caller().await?, scope, &users).await?)
}

#[server]
pub(crate) async fn begin(
    scope: Scope,
    #[server(default)] users: Vec<UserId>,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let reason = entered(Field::Reason, Reason::parse(&reason))?;
    let id = backend::mfa_reset::bulk::begin(&backend()?, &caller().await?, scope, &users, &reason).await?;
    redirect(&paths::bulk_reset_progress(scope, id));
    Ok(())
}

#[server]
pub(crate) async fn progress(scope: Scope, id: BulkResetId) -> Result<BulkReset, AppError> {
    Ok(backend::mfa_reset::bulk::progress(&backend()?, &caller().await?, scope, id).await?)
}
