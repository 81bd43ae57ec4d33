//! The doors to the guards of MFA resets.

use crate::error::AppError;
use domain::{
    guards::{ApproverFor, GuardSettings},
    scope::Scope,
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller},
        error::one_of,
        paths,
    },
    domain::{
        errors::Field,
        guards::{Guards, Hours},
    },
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn get(scope: Scope) -> Result<GuardSettings, AppError> {
    Ok(backend::guards::get(&backend()?, &caller().await?, scope).await?)
}

#[server]
pub(crate) async fn set(
    scope: Scope,
    approver: ApproverFor,
    wait: u8,
    owner_wait: u8,
    #[server(default)] number: bool,
) -> Result<(), AppError> {
    let wait = one_of(Field::Wait, Hours::try_from(wait).ok())?;
    let owner_wait = one_of(Field::OwnerWait, Hours::try_from(owner_wait).ok())?;
    let asked = Guards { approver, wait, owner_wait, number };
    backend::guards::set(&backend()?, &caller().await?, scope, asked).await?;
    redirect(&paths::done(&paths::security(scope), "guards_set"));
    Ok(())
}
