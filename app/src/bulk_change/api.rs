//! The doors of many changes. A file comes by a door of `server`'s own.

use crate::error::AppError;
use domain::{
    bulk_change::{BulkChange, Openings, Place},
    ids::{BulkChangeId, UserId},
    roles::RoleKey,
    scope::Scope,
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller},
        error::one_of,
        messages::Language,
        paths,
    },
    domain::{errors::Field, ids::AccountId},
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn offer(scope: Scope) -> Result<Openings, AppError> {
    Ok(backend::bulk_changes::openings(&backend()?, &caller().await?, scope).await?)
}

#[server]
pub(crate) async fn invite(
    scope: Scope,
    language: String,
    #[server(default)] addresses: String,
    #[server(default)] places: Vec<Place>,
) -> Result<(), AppError> {
    let tag = one_of(Field::Language, Language::of(&language))?.tag();
    let (backend, caller) = (backend()?, caller().await?);
    let id = backend::bulk_changes::propose_invitations(&backend, &caller, scope, tag, &addresses, &places).await?;
    redirect(&paths::bulk_change(scope, id));
    Ok(())
}

#[server]
pub(crate) async fn change_roles(
    scope: Scope,
    role: RoleKey,
    #[server(default)] users: Vec<UserId>,
    #[server(default)] account: String,
) -> Result<(), AppError> {
    // “All of their accounts” is no word.
    let account = match account.is_empty() {
        true => None,
        false => Some(one_of(Field::Account, account.parse::<AccountId>().ok())?),
    };
    let (backend, caller) = (backend()?, caller().await?);
    let id = backend::bulk_changes::propose_role(&backend, &caller, scope, &users, role, account).await?;
    redirect(&paths::bulk_change(scope, id));
    Ok(())
}

#[server]
pub(crate) async fn get(scope: Scope, id: BulkChangeId) -> Result<BulkChange, AppError> {
    Ok(backend::bulk_changes::get(&backend()?, &caller().await?, scope, id).await?)
}

#[server]
pub(crate) async fn apply(scope: Scope, id: BulkChangeId) -> Result<(), AppError> {
    backend::bulk_changes::apply(&backend()?, &caller().await?, scope, id).await?;
    redirect(&paths::bulk_change(scope, id));
    Ok(())
}
