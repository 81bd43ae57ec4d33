//! The door to the activity log.

use crate::error::AppError;
use domain::{
    audit::{AuditPage, AuditQuery},
    scope::Scope,
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::caller::{backend, caller};

#[server]
pub(crate) async fn list(scope: Scope, #[server(default)] query: AuditQuery) -> Result<AuditPage, AppError> {
    Ok(backend::audit::list(&backend()?, &caller().await?, scope, &query).await?)
}
