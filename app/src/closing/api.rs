//! The doors to closing a scope.

use crate::error::AppError;
use domain::{accounts::ClosingPage, scope::Scope};
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
pub(crate) async fn get(scope: Scope) -> Result<ClosingPage, AppError> {
    Ok(backend::closing::get(&backend()?, &caller().await?, scope).await?)
}

#[server]
pub(crate) async fn close(scope: Scope, name: String) -> Result<(), AppError> {
    backend::closing::close(&backend()?, &caller().await?, scope, &name).await?;
    redirect(&paths::home());
    Ok(())
}
