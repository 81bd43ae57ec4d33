//! The doors behind the link of the mail “MFA reset request”. Open to strangers: the secret in the link is the proof, and
//! being signed in neither helps nor hinders.

use crate::{error::AppError, mailed::Decision};
use domain::mfa_reset::PeekedReset;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{anonymous, backend, keep_return},
        paths,
    },
    ::backend::crypto::LinkToken,
    leptos_axum::redirect,
};

/// Changes nothing, however often and by whomever it is asked.
#[server]
pub(crate) async fn peek(token: String) -> Result<PeekedReset, AppError> {
    let token = LinkToken::from_link(&token).ok_or(AppError::NotFound)?;
    Ok(backend::mfa_reset::peek(&backend()?, &token).await?)
}

/// Goes back to the page, which shows what is recorded: that is the answer, also for who comes a moment too late, and
/// also in a mail program's own browser that does not say which page it comes from.
#[server]
pub(crate) async fn decide(
    token: String,
    decision: Decision,
    #[server(default)] number: String,
) -> Result<(), AppError> {
    let link = LinkToken::from_link(&token).ok_or(AppError::NotFound)?;
    let decided = match decision {
        Decision::Accept => backend::mfa_reset::accept(&backend()?, &anonymous(), &link, &number)
            .await
            .map(|accepted| keep_return(&accepted.returning)),
        Decision::Decline => backend::mfa_reset::decline(&backend()?, &anonymous(), &link).await.map(drop),
    };
    if matches!(decided, Ok(()) | Err(::backend::Error::Conflict(_))) {
        redirect(&paths::mfa_reset(link.expose()));
    }
    Ok(decided?)
}
