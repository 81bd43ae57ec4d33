//! The doors of the roll-out.

use crate::error::AppError;
use domain::{
    ids::UserId,
    roll_out::{RollOut, RollOutQuery},
    scope::Scope,
};
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
pub(crate) async fn get(scope: Scope, #[server(default)] query: RollOutQuery) -> Result<RollOut, AppError> {
    Ok(backend::roll_out::get(&backend()?, &caller().await?, scope, &query).await?)
}

/// One who is without, or without `user` all of them.
#[server]
pub(crate) async fn remind(scope: Scope, #[server(default)] user: Option<UserId>) -> Result<(), AppError> {
    let reminded = backend::roll_out::remind(&backend()?, &caller().await?, scope, user).await?;
    redirect(&paths::done(&paths::roll_out(scope), if reminded == 0 { "nobody_reminded" } else { "reminded" }));
    Ok(())
}
