//! The doors to one's own address.

use crate::error::AppError;
use domain::{email_change::PendingEmailChange, ids::EmailChangeId};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller},
        error::entered,
        paths,
    },
    domain::{errors::Field, person::EmailAddress},
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn pending() -> Result<Option<PendingEmailChange>, AppError> {
    Ok(backend::email_change::pending(&backend()?, &caller().await?).await?)
}

#[server]
pub(crate) async fn request(email: String) -> Result<(), AppError> {
    let caller = caller().await?;
    let email = entered(Field::Email, EmailAddress::parse(&email))?;
    backend::email_change::request(&backend()?, &caller, &email).await?;
    redirect(&paths::done(&paths::me_personal(), "email_asked"));
    Ok(())
}

#[server]
pub(crate) async fn call_off(id: EmailChangeId) -> Result<(), AppError> {
    backend::email_change::call_off(&backend()?, &caller().await?, id).await?;
    redirect(&paths::done(&paths::me_personal(), "email_called_off"));
    Ok(())
}
