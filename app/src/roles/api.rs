//! The doors to the roles of a scope.

use crate::error::AppError;
use domain::{
    ids::RoleId,
    roles::{Area, Level, RoleDetails, RoleKey, Roles},
    scope::Scope,
    time::Timestamp,
};
use leptos::prelude::*;
use std::collections::BTreeMap;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller},
        error::{entered, one_of},
        paths,
    },
    domain::{
        errors::Field,
        person::Name,
        roles::{Description, Permissions, RoleDraft},
    },
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn list(scope: Scope) -> Result<Roles, AppError> {
    Ok(backend::roles::list(&backend()?, &caller().await?, scope).await?)
}

#[server]
pub(crate) async fn get(scope: Scope, role: RoleKey) -> Result<RoleDetails, AppError> {
    Ok(backend::roles::get(&backend()?, &caller().await?, scope, role).await?)
}

#[server]
pub(crate) async fn make(
    scope: Scope,
    name: String,
    description: String,
    #[server(default)] permissions: BTreeMap<Area, Level>,
) -> Result<(), AppError> {
    let caller = caller().await?;
    backend::roles::make(&backend()?, &caller, scope, &draft(&name, &description, &permissions)?).await?;
    redirect(&paths::done(&paths::roles(scope), "made"));
    Ok(())
}

#[server]
pub(crate) async fn edit(
    scope: Scope,
    id: RoleId,
    seen: Timestamp,
    name: String,
    description: String,
    #[server(default)] permissions: BTreeMap<Area, Level>,
) -> Result<(), AppError> {
    let caller = caller().await?;
    let draft = draft(&name, &description, &permissions)?;
    backend::roles::edit(&backend()?, &caller, scope, id, seen, &draft).await?;
    redirect(&paths::done(&paths::role(scope, RoleKey::custom(id)), "edited"));
    Ok(())
}

#[server]
pub(crate) async fn delete(scope: Scope, id: RoleId) -> Result<(), AppError> {
    backend::roles::delete(&backend()?, &caller().await?, scope, id).await?;
    redirect(&paths::done(&paths::roles(scope), "deleted"));
    Ok(())
}

#[cfg(feature = "ssr")]
fn draft(name: &str, description: &str, permissions: &BTreeMap<Area, Level>) -> Result<RoleDraft, AppError> {
    Ok(RoleDraft {
        name: entered(Field::Name, Name::parse(name))?,
        description: entered(Field::Description, Description::parse(description))?,
        permissions: one_of(Field::Permissions, Permissions::of(permissions).ok())?,
    })
}
