//! The doors of text messages.

use crate::{error::AppError, next::Next};
use domain::{
    ids::AuthenticatorId,
    sms::{SmsChallenge, SmsEnrolment},
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller, keep},
        error::entered,
        messages::Language,
        paths,
    },
    ::backend::authenticators::{self, SmsPurpose},
    domain::{errors::Field, person::Name},
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn enrolment() -> Result<SmsEnrolment, AppError> {
    Ok(authenticators::sms_enrolment(&backend()?, &caller().await?, Language::current().tag()).await?)
}

#[server]
pub(crate) async fn request_binding(
    #[server(default)] country: String,
    phone_number: String,
    #[server(default)] next: Next,
) -> Result<(), AppError> {
    authenticators::request_sms_binding(&backend()?, &caller().await?, &country, &phone_number).await?;
    redirect(&next.carried_by(paths::enrol_sms_code()));
    Ok(())
}

#[server]
pub(crate) async fn binding() -> Result<Option<SmsChallenge>, AppError> {
    Ok(authenticators::sms_challenge(&backend()?, &caller().await?, SmsPurpose::Binding).await?)
}

#[server]
pub(crate) async fn resend_binding(#[server(default)] next: Next) -> Result<(), AppError> {
    authenticators::resend_sms_code(&backend()?, &caller().await?, SmsPurpose::Binding).await?;
    redirect(&paths::done(&next.carried_by(paths::enrol_sms_code()), "resent"));
    Ok(())
}

#[server]
pub(crate) async fn bind(code: String, name: String, #[server(default)] next: Next) -> Result<(), AppError> {
    let name = entered(Field::Name, Name::parse(&name))?;
    let signed_in = authenticators::bind_sms(&backend()?, &caller().await?, &name, &code).await?;
    keep(&signed_in);
    let next = Next::to(next.step(signed_in.standing, signed_in.scope));
    redirect(&next.carried_by(paths::me_backup_codes()));
    Ok(())
}

#[server]
pub(crate) async fn request_code(id: AuthenticatorId, #[server(default)] next: Next) -> Result<(), AppError> {
    authenticators::request_sms_code(&backend()?, &caller().await?, id).await?;
    redirect(&next.carried_by(paths::sign_in_mfa_sms()));
    Ok(())
}

#[server]
pub(crate) async fn proof() -> Result<Option<SmsChallenge>, AppError> {
    Ok(authenticators::sms_challenge(&backend()?, &caller().await?, SmsPurpose::Proof).await?)
}

#[server]
pub(crate) async fn resend_code(#[server(default)] next: Next) -> Result<(), AppError> {
    authenticators::resend_sms_code(&backend()?, &caller().await?, SmsPurpose::Proof).await?;
    redirect(&paths::done(&next.carried_by(paths::sign_in_mfa_sms()), "resent"));
    Ok(())
}

#[server]
pub(crate) async fn submit_code(
    code: String,
    #[server(default)] trust: bool,
    #[server(default)] next: Next,
) -> Result<(), AppError> {
    let signed_in = authenticators::submit_sms_code(&backend()?, &caller().await?, &code, trust).await?;
    keep(&signed_in);
    redirect(&next.step(signed_in.standing, signed_in.scope));
    Ok(())
}
