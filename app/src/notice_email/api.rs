//! The doors to one's second address.

use crate::error::AppError;
use domain::notice_email::NoticeEmail;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller},
        error::entered,
        paths,
    },
    backend::notice_email,
    domain::{errors::Field, person::EmailAddress},
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn get() -> Result<NoticeEmail, AppError> {
    Ok(notice_email::get(&backend()?, &caller().await?).await?)
}

#[server]
pub(crate) async fn request(email: String) -> Result<(), AppError> {
    let caller = caller().await?;
    let email = entered(Field::Email, EmailAddress::parse(&email))?;
    notice_email::request(&backend()?, &caller, &email).await?;
    redirect(&paths::done(&paths::me_notices(), "mailed"));
    Ok(())
}

#[server]
pub(crate) async fn confirm(code: String) -> Result<(), AppError> {
    notice_email::confirm(&backend()?, &caller().await?, &code).await?;
    redirect(&paths::done(&paths::me_personal(), "second_set"));
    Ok(())
}

#[server]
pub(crate) async fn call_off() -> Result<(), AppError> {
    notice_email::call_off(&backend()?, &caller().await?).await?;
    redirect(&paths::me_notices());
    Ok(())
}

#[server]
pub(crate) async fn remove() -> Result<(), AppError> {
    notice_email::remove(&backend()?, &caller().await?).await?;
    redirect(&paths::done(&paths::me_personal(), "second_removed"));
    Ok(())
}
