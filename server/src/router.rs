//! Every route of the process: pages, server functions, static files.

use crate::{assets, headers};
use app::{App, assets::Assets, shell};
use axum::{
    Router,
    extract::Request,
    middleware::from_fn,
    response::IntoResponse,
    routing::{any, get},
};
use leptos::{WasmSplitManifest, config::LeptosOptions, prelude::provide_context};
use leptos_axum::{LeptosRoutes, generate_route_list, handle_server_fns_with_context, render_app_async_with_context};

/// What the routes need.
#[derive(Clone, Debug)]
pub struct Parts {
    /// leptos' own settings.
    pub leptos: LeptosOptions,
    /// Whether browsers reach us by https.
    pub https: bool,
}

/// The whole application.
pub fn router(parts: &Parts) -> Router {
    let assets = assets::assets(&parts.leptos);
    let split = assets::split_manifest();
    let https = parts.https;
    let context = page_context(&assets, split);
    let rendered = {
        let assets = assets.clone();
        move || shell(assets.clone())
    };
    let fallback = {
        let (context, rendered) = (context.clone(), rendered.clone());
        any(move |request: Request| render_app_async_with_context(context, rendered)(request))
    };
    Router::new()
        .route("/pkg/{version}/{*name}", get(assets::serve))
        .route("/api/{*function}", any(server_function))
        .leptos_routes_with_context(&parts.leptos, generate_route_list(App), context, rendered)
        .fallback_service(fallback.with_state(()))
        .with_state(parts.leptos.clone())
        .layer(from_fn(move |request, next| headers::guard(https, request, next)))
}

/// What a page finds in its context when it is rendered.
fn page_context(assets: &Assets, split: Option<WasmSplitManifest>) -> impl Fn() + Clone + Send + Sync + 'static {
    let reload = assets.reload.is_some();
    move || {
        headers::page_policy(reload);
        if let Some(split) = &split {
            provide_context(split.clone());
        }
    }
}

async fn server_function(request: Request) -> impl IntoResponse {
    handle_server_fns_with_context(|| {}, request).await
}
