//! The doors to what a scope accepts as a second factor.

use crate::error::AppError;
use domain::{mfa_policy::MfaPolicySettings, scope::Scope};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller},
        error::one_of,
        paths,
    },
    domain::{
        errors::Field,
        mfa_policy::{GraceDays, MfaPolicy, TrustDays},
    },
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn get(scope: Scope) -> Result<MfaPolicySettings, AppError> {
    Ok(backend::mfa_policy::get(&backend()?, &caller().await?, scope).await?)
}

#[server]
pub(crate) async fn set(
    scope: Scope,
    trust_days: u8,
    grace_days: u8,
    #[server(default)] phishing_resistant: bool,
    #[server(default)] sms: bool,
    #[server(default)] floor: bool,
) -> Result<(), AppError> {
    let trust = one_of(Field::TrustDays, TrustDays::try_from(trust_days).ok())?;
    let grace = one_of(Field::GraceDays, GraceDays::try_from(grace_days).ok())?;
    let asked = MfaPolicy { trust, phishing_resistant, grace, sms, floor };
    backend::mfa_policy::set(&backend()?, &caller().await?, scope, asked).await?;
    redirect(&paths::done(&paths::security(scope), "mfa_policy_set"));
    Ok(())
}
