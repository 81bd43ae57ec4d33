//! The doors of a forgotten password. All are open to strangers; the secret in the link is the proof.

use crate::error::AppError;
use domain::passwords::LinkState;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{anonymous, backend},
        error::entered,
        paths,
    },
    ::backend::crypto::{LinkToken, Password},
    domain::{errors::Field, person::EmailAddress},
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn request(email: String) -> Result<(), AppError> {
    let email = entered(Field::Email, EmailAddress::parse(&email))?;
    backend::password_reset::request(&backend()?, &anonymous(), &email).await?;
    redirect(&paths::done(&paths::forgot_password(), "sent"));
    Ok(())
}

#[server]
pub(crate) async fn peek(token: String) -> Result<LinkState, AppError> {
    let token = LinkToken::from_link(&token).ok_or(AppError::NotFound)?;
    Ok(backend::password_reset::peek(&backend()?, &anonymous(), &token).await?)
}

#[server]
pub(crate) async fn set(token: String, password: String) -> Result<(), AppError> {
    let token = LinkToken::from_link(&token).ok_or(AppError::NotFound)?;
    backend::password_reset::set(&backend()?, &anonymous(), &token, Password::new(password)).await?;
    redirect(&paths::done(&paths::sign_in(), "password_set"));
    Ok(())
}
