//! The doors behind the two mailed links. Open to strangers: the secret in the link is the proof.

use crate::{error::AppError, mailed::Decision};
use domain::email_change::PeekedEmailChange;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{anonymous, backend},
        paths,
    },
    ::backend::crypto::LinkToken,
    leptos_axum::redirect,
};

/// Changes nothing, however often and by whomever it is asked.
#[server]
pub(crate) async fn peek(token: String) -> Result<PeekedEmailChange, AppError> {
    let token = LinkToken::from_link(&token).ok_or(AppError::NotFound)?;
    Ok(backend::email_change::peek(&backend()?, &token).await?)
}

/// Goes back to the page, which shows what is recorded, also for who comes a moment too late.
#[server]
pub(crate) async fn decide(token: String, decision: Decision) -> Result<(), AppError> {
    let link = LinkToken::from_link(&token).ok_or(AppError::NotFound)?;
    let decided = match decision {
        Decision::Accept => backend::email_change::confirm(&backend()?, &anonymous(), &link).await,
        Decision::Decline => backend::email_change::decline(&backend()?, &link).await,
    };
    if matches!(decided, Ok(()) | Err(::backend::Error::Conflict(_))) {
        redirect(&paths::email_change(link.expose()));
    }
    Ok(decided?)
}
