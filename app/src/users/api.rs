//! The doors to the list of members, and to each of them.

use crate::error::AppError;
use domain::{
    ids::UserId,
    policy::Principal,
    roles::RoleKey,
    scope::Scope,
    users::{FoundUsers, UserDetails, UserPage, UserQuery},
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
pub(crate) async fn list(scope: Scope, #[server(default)] query: UserQuery) -> Result<UserPage, AppError> {
    Ok(backend::users::list(&backend()?, &caller().await?, scope, &query).await?)
}

#[server]
pub(crate) async fn find(scope: Scope, text: String) -> Result<FoundUsers, AppError> {
    Ok(backend::users::find(&backend()?, &caller().await?, scope, text).await?)
}

#[server]
pub(crate) async fn get(scope: Scope, user: UserId) -> Result<UserDetails, AppError> {
    Ok(backend::users::get(&backend()?, &caller().await?, scope, user).await?)
}

#[server]
pub(crate) async fn change_role(scope: Scope, user: UserId, seen_role: RoleKey, role: RoleKey) -> Result<(), AppError> {
    backend::users::change_role(&backend()?, &caller().await?, scope, user, seen_role, role).await?;
    redirect(&paths::done(&paths::user(scope, user), "role_changed"));
    Ok(())
}

#[server]
pub(crate) async fn deactivate(scope: Scope, user: UserId) -> Result<(), AppError> {
    backend::users::set_active(&backend()?, &caller().await?, scope, user, false).await?;
    redirect(&paths::done(&paths::user(scope, user), "deactivated"));
    Ok(())
}

#[server]
pub(crate) async fn reactivate(scope: Scope, user: UserId) -> Result<(), AppError> {
    backend::users::set_active(&backend()?, &caller().await?, scope, user, true).await?;
    redirect(&paths::done(&paths::user(scope, user), "reactivated"));
    Ok(())
}

#[server]
pub(crate) async fn sign_out(scope: Scope, user: UserId) -> Result<(), AppError> {
    backend::users::sign_out(&backend()?, &caller().await?, scope, user).await?;
    redirect(&paths::done(&paths::user(scope, user), "signed_out"));
    Ok(())
}

#[server]
pub(crate) async fn remove(scope: Scope, user: UserId) -> Result<(), AppError> {
    backend::users::remove(&backend()?, &caller().await?, scope, user).await?;
    redirect(&paths::done(&paths::users(scope), "removed"));
    Ok(())
}

#[server]
pub(crate) async fn transfer_ownership(scope: Scope, user: UserId) -> Result<(), AppError> {
    backend::users::transfer_ownership(&backend()?, &caller().await?, scope, user).await?;
    redirect(&paths::done(&paths::user(scope, user), "handed_over"));
    Ok(())
}

#[server]
pub(crate) async fn own_membership(scope: Scope) -> Result<Principal, AppError> {
    Ok(backend::users::own_membership(&backend()?, &caller().await?, scope).await?)
}

#[server]
pub(crate) async fn leave(scope: Scope) -> Result<(), AppError> {
    backend::users::leave(&backend()?, &caller().await?, scope).await?;
    redirect(&paths::home());
    Ok(())
}
