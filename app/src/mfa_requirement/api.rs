//! The doors to “Require MFA for all users”.

use crate::error::AppError;
use domain::{accounts::MfaRequirement, scope::Scope};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller},
        paths,
    },
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn get(scope: Scope) -> Result<MfaRequirement, AppError> {
    Ok(backend::mfa_requirement::get(&backend()?, &caller().await?, scope).await?)
}

#[server]
pub(crate) async fn set(scope: Scope, #[server(default)] required: bool) -> Result<(), AppError> {
    backend::mfa_requirement::set(&backend()?, &caller().await?, scope, required).await?;
    redirect(&paths::done(&paths::security(scope), if required { "mfa_required" } else { "mfa_not_required" }));
    Ok(())
}
