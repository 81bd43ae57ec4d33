//! The doors of proving identity again, as far as they are not those of signing in: a proof is a proof, and a code is
//! given to the same door both times.

use crate::{error::AppError, next::Next};
use domain::sessions::StepUp;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::caller::{backend, caller, keep},
    ::backend::crypto::Password,
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn standing() -> Result<StepUp, AppError> {
    Ok(caller().await?.step_up(backend()?.now()))
}

#[server]
pub(crate) async fn prove_by_password(password: String, #[server(default)] next: Next) -> Result<(), AppError> {
    let signed_in = backend::sign_in::submit_password(&backend()?, &caller().await?, Password::new(password)).await?;
    keep(&signed_in);
    redirect(&next.step(signed_in.standing, signed_in.scope));
    Ok(())
}
