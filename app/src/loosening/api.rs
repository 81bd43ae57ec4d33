//! The door to “Call it off”.

use crate::error::AppError;
use domain::{ids::LooseningId, scope::Scope};
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
pub(crate) async fn call_off(scope: Scope, id: LooseningId) -> Result<(), AppError> {
    backend::loosening::cancel(&backend()?, &caller().await?, scope, id).await?;
    redirect(&paths::done(&paths::security(scope), "loosening_called_off"));
    Ok(())
}
