//! The doors to one's own second factors.

use crate::{error::AppError, next::Next};
use domain::{
    authenticators::{BackupCodes, MyMethods, TotpEnrolment},
    ids::AuthenticatorId,
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller, keep},
        error::entered,
        paths,
    },
    domain::{errors::Field, person::Name},
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn mine() -> Result<MyMethods, AppError> {
    Ok(backend::authenticators::mine(&backend()?, &caller().await?).await?)
}

#[server]
pub(crate) async fn enrolment() -> Result<TotpEnrolment, AppError> {
    Ok(backend::authenticators::totp_enrolment(&backend()?, &caller().await?).await?)
}

#[server]
pub(crate) async fn bind_totp(name: String, code: String, #[server(default)] next: Next) -> Result<(), AppError> {
    let name = entered(Field::Name, Name::parse(&name))?;
    let signed_in = backend::authenticators::bind_totp(&backend()?, &caller().await?, &name, &code).await?;
    keep(&signed_in);
    let next = Next::to(next.step(signed_in.standing, signed_in.scope));
    redirect(&next.carried_by(paths::me_backup_codes()));
    Ok(())
}

#[server]
pub(crate) async fn prefer(id: AuthenticatorId) -> Result<(), AppError> {
    backend::authenticators::prefer(&backend()?, &caller().await?, id).await?;
    redirect(&paths::done(&paths::me_security(), "preferred"));
    Ok(())
}

#[server]
pub(crate) async fn unbind(id: AuthenticatorId) -> Result<(), AppError> {
    let signed_in = backend::authenticators::unbind(&backend()?, &caller().await?, id).await?;
    keep(&signed_in);
    redirect(&paths::done(&paths::me_security(), "removed"));
    Ok(())
}

#[server]
pub(crate) async fn rename(id: AuthenticatorId, name: String) -> Result<(), AppError> {
    let name = entered(Field::Name, Name::parse(&name))?;
    backend::authenticators::rename(&backend()?, &caller().await?, id, &name).await?;
    redirect(&paths::done(&paths::me_security(), "renamed"));
    Ok(())
}

#[server]
pub(crate) async fn make_backup_codes() -> Result<(), AppError> {
    backend::authenticators::make_backup_codes(&backend()?, &caller().await?).await?;
    redirect(&paths::me_backup_codes());
    Ok(())
}

#[server]
pub(crate) async fn fresh_backup_codes() -> Result<Option<BackupCodes>, AppError> {
    Ok(backend::authenticators::fresh_backup_codes(&backend()?, &caller().await?).await?)
}

#[server]
pub(crate) async fn acknowledge_backup_codes(#[server(default)] next: Next) -> Result<(), AppError> {
    backend::authenticators::acknowledge_backup_codes(&backend()?, &caller().await?).await?;
    redirect(next.path().unwrap_or(&paths::done(&paths::me_security(), "codes_saved")));
    Ok(())
}
