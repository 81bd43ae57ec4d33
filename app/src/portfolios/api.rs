//! The doors of portfolios, from either side.

use crate::error::AppError;
use domain::{
    ids::{AccountId, LinkRequestId},
    portfolios::{AccountLink, Consent, PortfolioAccounts, ReachQuery},
    scope::Scope,
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller},
        error::entered,
        paths,
    },
    domain::{errors::Field, person::Name},
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn accounts(scope: Scope) -> Result<PortfolioAccounts, AppError> {
    Ok(backend::portfolios::accounts(&backend()?, &caller().await?, scope).await?)
}

#[server]
pub(crate) async fn link(scope: Scope, #[server(default)] query: ReachQuery) -> Result<AccountLink, AppError> {
    Ok(backend::portfolios::account_link(&backend()?, &caller().await?, scope, query).await?)
}

#[server]
pub(crate) async fn see_request(
    scope: Scope,
    id: LinkRequestId,
    #[server(default)] query: ReachQuery,
) -> Result<Consent, AppError> {
    Ok(backend::portfolios::consent(&backend()?, &caller().await?, scope, id, query).await?)
}

#[server]
pub(crate) async fn create(scope: Scope, name: String) -> Result<(), AppError> {
    let name = entered(Field::Name, Name::parse(&name))?;
    let made = backend::portfolios::create(&backend()?, &caller().await?, scope, &name).await?;
    redirect(&paths::done(&paths::portfolio_accounts(made), "made"));
    Ok(())
}

/// Who owns the account too goes on to what they agree to.
#[server]
pub(crate) async fn ask(scope: Scope, account: AccountId) -> Result<(), AppError> {
    let asked = backend::portfolios::ask(&backend()?, &caller().await?, scope, account).await?;
    redirect(&match asked.is_own {
        true => paths::link_request(account, asked.id),
        false => paths::done(&paths::accounts(scope), "asked"),
    });
    Ok(())
}

#[server]
pub(crate) async fn cancel(scope: Scope, id: LinkRequestId) -> Result<(), AppError> {
    backend::portfolios::cancel(&backend()?, &caller().await?, scope, id).await?;
    redirect(&paths::done(&paths::accounts(scope), "called_off"));
    Ok(())
}

#[server]
pub(crate) async fn agree(scope: Scope, id: LinkRequestId) -> Result<(), AppError> {
    backend::portfolios::agree(&backend()?, &caller().await?, scope, id).await?;
    redirect(&paths::done(&paths::portfolio_of(scope), "linked"));
    Ok(())
}

#[server]
pub(crate) async fn decline(scope: Scope, id: LinkRequestId) -> Result<(), AppError> {
    backend::portfolios::decline(&backend()?, &caller().await?, scope, id).await?;
    redirect(&paths::done(&paths::portfolio_of(scope), "declined"));
    Ok(())
}

#[server]
pub(crate) async fn confirm(scope: Scope) -> Result<(), AppError> {
    backend::portfolios::confirm(&backend()?, &caller().await?, scope).await?;
    redirect(&paths::done(&paths::portfolio_of(scope), "confirmed"));
    Ok(())
}

#[server]
pub(crate) async fn leave(scope: Scope) -> Result<(), AppError> {
    backend::portfolios::leave(&backend()?, &caller().await?, scope).await?;
    redirect(&paths::done(&paths::portfolio_of(scope), "unlinked"));
    Ok(())
}

#[server]
pub(crate) async fn unlink(scope: Scope, account: AccountId) -> Result<(), AppError> {
    backend::portfolios::unlink(&backend()?, &caller().await?, scope, account).await?;
    redirect(&paths::done(&paths::accounts(scope), "unlinked"));
    Ok(())
}
