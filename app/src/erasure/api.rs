//! The doors to deleting one's own sign-in.

use crate::error::AppError;
use domain::erasure::Erasure;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller, forget_person},
        error::entered,
        paths,
    },
    domain::{errors::Field, person::EmailAddress},
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn get() -> Result<Erasure, AppError> {
    Ok(backend::erasure::get(&backend()?, &caller().await?).await?)
}

#[server]
pub(crate) async fn erase(email: String) -> Result<(), AppError> {
    let caller = caller().await?;
    let typed = entered(Field::Email, EmailAddress::parse(&email))?;
    backend::erasure::erase(&backend()?, &caller, &typed).await?;
    forget_person();
    redirect(&paths::deleted());
    Ok(())
}
