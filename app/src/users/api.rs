//! The door to the list of members.

use crate::error::AppError;
use domain::{
    scope::Scope,
    users::{UserPage, UserQuery},
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::caller::{backend, caller};

#[server]
pub(crate) async fn list(scope: Scope, #[server(default)] query: UserQuery) -> Result<UserPage, AppError> {
    Ok(backend::users::list(&backend()?, &caller().await?, scope, &query).await?)
}
