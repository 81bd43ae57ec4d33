//! The doors to what one is to Postern.

use crate::error::AppError;
use domain::{accounts::ScopeEntry, theme::Theme};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller, keep_language, keep_theme},
        error::entered,
        messages::Language,
        paths,
    },
    domain::{errors::Field, person::Name},
    leptos_axum::redirect,
};

/// Who one is to Postern, everywhere one belongs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Personal {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) language: String,
    pub(crate) time_zone: String,
    pub(crate) notice_email: Option<String>,
    pub(crate) theme: Theme,
    pub(crate) places: Vec<ScopeEntry>,
}

/// What one chooses a time zone from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct ZoneChoice {
    pub(crate) chosen: String,
    pub(crate) names: Vec<String>,
}

#[server]
pub(crate) async fn me() -> Result<Personal, AppError> {
    let caller = backend::sessions::entered(caller().await?)?;
    let backend = backend()?;
    let notice_email = backend::notice_email::get(&backend, &caller).await?.email;
    let places = backend::accounts::scopes(&backend, &caller).await?;
    // Who has chosen none is answered in what the browser accepts.
    let chosen = Some(caller.language).filter(|language| !language.is_empty());
    let language = chosen.unwrap_or_else(|| Language::current().tag().to_owned());
    let (time_zone, theme) = (caller.time_zone, caller.theme);
    Ok(Personal { name: caller.name, email: caller.email, language, time_zone, notice_email, theme, places })
}

#[server]
pub(crate) async fn set_language(language: String) -> Result<(), AppError> {
    backend::personal::set_language(&backend()?, &caller().await?, &language).await?;
    keep_language(&language);
    redirect(&paths::done(&paths::me_personal(), "language"));
    Ok(())
}

#[server]
pub(crate) async fn set_name(name: String) -> Result<(), AppError> {
    let caller = caller().await?;
    let name = entered(Field::Name, Name::parse(&name))?;
    backend::personal::set_name(&backend()?, &caller, &name).await?;
    redirect(&paths::done(&paths::me_personal(), "name"));
    Ok(())
}

#[server]
pub(crate) async fn time_zones() -> Result<ZoneChoice, AppError> {
    let caller = backend::sessions::entered(caller().await?)?;
    Ok(ZoneChoice { chosen: caller.time_zone, names: backend::mail::zone::names() })
}

#[server]
pub(crate) async fn set_time_zone(time_zone: String) -> Result<(), AppError> {
    backend::personal::set_time_zone(&backend()?, &caller().await?, &time_zone).await?;
    redirect(&paths::done(&paths::me_personal(), "time_zone"));
    Ok(())
}

#[server]
pub(crate) async fn set_theme(theme: Theme) -> Result<(), AppError> {
    backend::personal::set_theme(&backend()?, &caller().await?, theme).await?;
    keep_theme(theme);
    redirect(&paths::done(&paths::me_personal(), "theme"));
    Ok(())
}
