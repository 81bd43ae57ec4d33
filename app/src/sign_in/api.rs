//! The doors of signing in and out. Each step answers with the address of the next.

use crate::{error::AppError, next::Next};
use domain::sessions::{DeviceChallenge, MfaChallenge};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{anonymous, backend, caller, forget_session, keep},
        error::entered,
        paths,
    },
    ::backend::crypto::Password,
    domain::{errors::Field, person::EmailAddress},
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn sign_in(email: String, password: String, #[server(default)] next: Next) -> Result<(), AppError> {
    let email = entered(Field::Email, EmailAddress::parse(&email))?;
    let signed_in = backend::sign_in::sign_in(&backend()?, &anonymous(), &email, Password::new(password)).await?;
    keep(&signed_in);
    redirect(&next.step(signed_in.standing, signed_in.scope));
    Ok(())
}

#[server]
pub(crate) async fn device() -> Result<DeviceChallenge, AppError> {
    Ok(backend::sign_in::device_challenge(&backend()?, &caller().await?).await?)
}

#[server]
pub(crate) async fn submit_device_code(code: String, #[server(default)] next: Next) -> Result<(), AppError> {
    let signed_in = backend::sign_in::submit_device_code(&backend()?, &caller().await?, &code).await?;
    keep(&signed_in);
    redirect(&next.step(signed_in.standing, signed_in.scope));
    Ok(())
}

#[server]
pub(crate) async fn resend_device_code(#[server(default)] next: Next) -> Result<(), AppError> {
    backend::sign_in::resend_device_code(&backend()?, &caller().await?).await?;
    redirect(&paths::done(&next.carried_by(paths::sign_in_device()), "resent"));
    Ok(())
}

#[server]
pub(crate) async fn challenge() -> Result<MfaChallenge, AppError> {
    Ok(backend::sign_in::challenge(&backend()?, &caller().await?).await?)
}

#[server]
pub(crate) async fn submit_totp(
    code: String,
    #[server(default)] trust: bool,
    #[server(default)] next: Next,
) -> Result<(), AppError> {
    let signed_in = backend::sign_in::submit_totp(&backend()?, &caller().await?, &code, trust).await?;
    keep(&signed_in);
    redirect(&next.step(signed_in.standing, signed_in.scope));
    Ok(())
}

#[server]
pub(crate) async fn submit_backup_code(backup_code: String, #[server(default)] next: Next) -> Result<(), AppError> {
    let signed_in = backend::sign_in::submit_backup_code(&backend()?, &caller().await?, &backup_code).await?;
    keep(&signed_in);
    redirect(&next.step(signed_in.standing, signed_in.scope));
    Ok(())
}

#[server]
pub(crate) async fn sign_out() -> Result<(), AppError> {
    backend::sessions::sign_out(&backend()?, &anonymous()).await?;
    forget_session();
    redirect(&paths::done(&paths::sign_in(), "signed_out"));
    Ok(())
}
