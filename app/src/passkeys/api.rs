//! The doors of passkeys: each ceremony is begun at one and answered at another.

use crate::{error::AppError, next::Next};
use domain::{
    authenticators::{PasskeyCeremony, PasskeyEnrolment},
    ids::CeremonyId,
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{anonymous, backend, caller, keep},
        error::entered,
        paths,
    },
    domain::{errors::Field, person::Name},
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn enrolment() -> Result<PasskeyEnrolment, AppError> {
    Ok(backend::passkeys::enrolment(&backend()?, &caller().await?)?)
}

#[server]
pub(crate) async fn begin_binding(#[server(default)] signs_in: bool) -> Result<PasskeyCeremony, AppError> {
    Ok(backend::passkeys::begin_binding(&backend()?, &caller().await?, signs_in).await?)
}

#[server]
pub(crate) async fn bind(
    id: CeremonyId,
    name: String,
    answer: String,
    #[server(default)] next: Next,
) -> Result<(), AppError> {
    let name = entered(Field::Name, Name::parse(&name))?;
    let signed_in = backend::passkeys::bind(&backend()?, &caller().await?, id, &name, &answer).await?;
    keep(&signed_in);
    let next = Next::to(next.step(signed_in.standing, signed_in.scope));
    redirect(&next.carried_by(paths::me_backup_codes()));
    Ok(())
}

#[server]
pub(crate) async fn begin_proof() -> Result<PasskeyCeremony, AppError> {
    Ok(backend::passkeys::begin_proof(&backend()?, &caller().await?).await?)
}

#[server]
pub(crate) async fn prove(
    id: CeremonyId,
    answer: String,
    #[server(default)] trust: bool,
    #[server(default)] next: Next,
) -> Result<(), AppError> {
    let signed_in = backend::passkeys::prove(&backend()?, &caller().await?, id, &answer, trust).await?;
    keep(&signed_in);
    redirect(&next.step(signed_in.standing, signed_in.scope));
    Ok(())
}

#[server]
pub(crate) async fn begin_sign_in() -> Result<PasskeyCeremony, AppError> {
    Ok(backend::passkeys::begin_sign_in(&backend()?, &anonymous()).await?)
}

#[server]
pub(crate) async fn sign_in(id: CeremonyId, answer: String, #[server(default)] next: Next) -> Result<(), AppError> {
    let signed_in = backend::passkeys::sign_in(&backend()?, &anonymous(), id, &answer).await?;
    keep(&signed_in);
    redirect(&next.step(signed_in.standing, signed_in.scope));
    Ok(())
}
