//! The doors behind the link of an invitation. Open to strangers: the secret in the link is the proof.

use crate::{error::AppError, mailed::Decision};
use domain::invitations::PeekedInvitation;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{anonymous, backend},
        paths,
    },
    ::backend::crypto::{LinkToken, Password},
    leptos_axum::redirect,
};

/// Changes nothing, however often and by whomever it is asked.
#[server]
pub(crate) async fn peek(token: String) -> Result<PeekedInvitation, AppError> {
    let token = LinkToken::from_link(&token).ok_or(AppError::NotFound)?;
    Ok(backend::invitations::peek(&backend()?, &token).await?)
}

/// Goes back to the page, which shows what is recorded, also for who comes a moment too late.
#[server]
pub(crate) async fn decide(
    token: String,
    decision: Decision,
    #[server(default)] name: String,
    #[server(default)] password: String,
) -> Result<(), AppError> {
    let link = LinkToken::from_link(&token).ok_or(AppError::NotFound)?;
    let password = Password::new(password);
    let decided = match decision {
        Decision::Accept => backend::invitations::accept(&backend()?, &anonymous(), &link, &name, password).await,
        Decision::Decline => backend::invitations::decline(&backend()?, &link).await,
    };
    if matches!(decided, Ok(()) | Err(::backend::Error::Conflict(_))) {
        redirect(&paths::invitation(link.expose()));
    }
    Ok(decided?)
}
