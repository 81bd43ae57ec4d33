//! The door to one's own password.

use crate::error::AppError;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller, keep},
        paths,
    },
    ::backend::crypto::Password,
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn change(password: String) -> Result<(), AppError> {
    let signed_in = backend::passwords::change(&backend()?, &caller().await?, Password::new(password)).await?;
    keep(&signed_in);
    redirect(&paths::done(&paths::me_security(), "password_changed"));
    Ok(())
}
