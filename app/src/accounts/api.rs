//! The doors to what every page of the console stands in.

use crate::error::AppError;
use domain::{
    accounts::{self, ScopeEntry},
    mfa_reset::ResetOfMine,
    scope::Scope,
    time::Timestamp,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::caller::{backend, caller, keep_language, keep_theme};

/// What one's own pages stand in, where there is no scope.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Own {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) scopes: Vec<ScopeEntry>,
    pub(crate) reset_of_mine: Option<ResetOfMine>,
    pub(crate) grace_until: Option<Timestamp>,
    pub(crate) now: Timestamp,
}

#[server]
pub(crate) async fn console(scope: Scope) -> Result<accounts::Console, AppError> {
    let caller = caller().await?;
    keep_language(&caller.language);
    keep_theme(caller.theme);
    Ok(backend::accounts::console(&backend()?, &caller, scope).await?)
}

#[server]
pub(crate) async fn mine() -> Result<Own, AppError> {
    let (backend, caller) = (backend()?, caller().await?);
    keep_language(&caller.language);
    keep_theme(caller.theme);
    let scopes = backend::accounts::scopes(&backend, &caller).await?;
    let reset_of_mine = backend::mfa_reset::of_mine(&backend, &caller).await?;
    let (grace_until, now) = (caller.demands.grace_until(), caller.demands.now);
    Ok(Own { name: caller.name, email: caller.email, scopes, reset_of_mine, grace_until, now })
}

#[server]
pub(crate) async fn home() -> Result<Option<Scope>, AppError> {
    Ok(backend::accounts::home(&backend()?, &caller().await?).await?)
}

#[server]
pub(crate) async fn overview(scope: Scope) -> Result<accounts::Overview, AppError> {
    Ok(backend::accounts::overview(&backend()?, &caller().await?, scope).await?)
}
