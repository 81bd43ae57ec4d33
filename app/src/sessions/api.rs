//! The doors to one's own sessions and devices.

use crate::error::AppError;
use domain::{
    ids::{DeviceId, SessionId},
    sessions::MySessions,
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::{backend, caller},
        paths,
    },
    leptos_axum::redirect,
};

#[server]
pub(crate) async fn mine() -> Result<MySessions, AppError> {
    Ok(backend::sessions::mine(&backend()?, &caller().await?).await?)
}

#[server]
pub(crate) async fn end(id: SessionId) -> Result<(), AppError> {
    backend::sessions::end(&backend()?, &caller().await?, id).await?;
    redirect(&paths::done(&paths::me_sessions(), "ended"));
    Ok(())
}

#[server]
pub(crate) async fn end_others() -> Result<(), AppError> {
    backend::sessions::end_others(&backend()?, &caller().await?).await?;
    redirect(&paths::done(&paths::me_sessions(), "others_ended"));
    Ok(())
}

#[server]
pub(crate) async fn distrust_device(id: DeviceId) -> Result<(), AppError> {
    backend::sessions::distrust_device(&backend()?, &caller().await?, id).await?;
    redirect(&paths::done(&paths::me_sessions(), "distrusted"));
    Ok(())
}

#[server]
pub(crate) async fn forget_device(id: DeviceId) -> Result<(), AppError> {
    backend::sessions::forget_device(&backend()?, &caller().await?, id).await?;
    redirect(&paths::done(&paths::me_sessions(), "forgotten"));
    Ok(())
}
