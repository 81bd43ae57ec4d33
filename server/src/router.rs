//! Every route of the process: pages, server functions, static files, and what a watchdog asks.

use crate::{
    assets, csrf, demo, exports, headers,
    health::{healthz, readyz},
    imports,
    network::{Network, note_sender},
    server_functions,
    server_functions::{Refused, refusal},
    telemetry,
};
use app::{
    App,
    caller::{keep_said_language, language_of},
    document::{Assets, refusal_shell, shell},
    error::AppError,
    messages::reading,
};
use axum::{
    Router,
    body::Body,
    extract::Request,
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use backend::Backend;
use http::header;
use leptos::{WasmSplitManifest, config::LeptosOptions, prelude::provide_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list_with_exclusions, render_app_async_with_context};
use std::{
    any::Any,
    path::PathBuf,
    sync::{Arc, LazyLock},
    time::Duration,
};
use tower_http::catch_panic::CatchPanicLayer;

/// What the routes need besides the use cases.
#[derive(Clone, Debug)]
pub struct Parts {
    /// leptos' own settings.
    pub leptos: LeptosOptions,
    /// Proxies whose word on the sender's address is taken.
    pub trusted: Vec<Network>,
    /// A demo's files: only then is there a `/demo`.
    pub demo: Option<DemoFiles>,
}

/// Where a demo keeps what `/demo` shows.
#[derive(Clone, Debug)]
pub struct DemoFiles {
    /// Its data folder.
    pub dir: PathBuf,
    /// How far its clock runs ahead.
    pub ahead: Duration,
}

impl Default for Parts {
    fn default() -> Self {
        Self { leptos: LeptosOptions::builder().output_name("postern").build(), trusted: Vec::new(), demo: None }
    }
}

/// Every page, from leptos' own list. Made once and before any page: while leptos walks the routes it suspends the loading
/// of data in the whole process, and a page rendered meanwhile would wait for ever.
pub fn pages() -> &'static [AxumRouteListing] {
    static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| {
        // leptos would add a route for each server function as well, past the care that `server_functions` takes.
        let functions = server_functions::all().into_iter().map(|(path, _)| path.to_owned()).collect();
        generate_route_list_with_exclusions(App, Some(functions))
    });
    &PAGES
}

/// The whole application.
pub fn router(parts: &Parts, backend: Backend) -> Router {
    let assets = assets::assets(&parts.leptos);
    let own: Arc<str> = backend.settings.public_url.clone().into();
    let https = own.starts_with("https:");
    let (random, refusing) = (backend.random.clone(), backend.clone());
    let trusted: Arc<[Network]> = parts.trusted.clone().into();
    let context = page_context(&assets, assets::split_manifest(), backend.clone());
    let rendered = {
        let assets = assets.clone();
        move || shell(assets.clone())
    };
    let fallback = {
        let (context, rendered) = (context.clone(), rendered.clone());
        any(move |request: Request| render_app_async_with_context(context, rendered)(request))
    };
    let for_functions = {
        let backend = backend.clone();
        move || provide_context(backend.clone())
    };
    Router::new()
        .route("/pkg/{version}/{*name}", get(assets::serve))
        .merge(server_functions::routes(for_functions))
        .merge(parts.demo.as_ref().map(|files| demo::routes(files, &assets, backend.clone())).unwrap_or_default())
        .merge(exports::routes(backend.clone()))
        .merge(imports::routes(backend.clone()))
        .leptos_routes_with_context(&parts.leptos, pages().to_vec(), context, rendered)
        .route("/healthz", get(healthz))
        .route("/readyz", get(move || readyz(backend)))
        .fallback_service(fallback.with_state(()))
        .with_state(parts.leptos.clone())
        .layer(from_fn_with_state(own, csrf::check))
        .layer(CatchPanicLayer::custom(|_: Box<dyn Any + Send>| refusal(AppError::Internal { request_id: None })))
        .layer(from_fn(move |request, next| refuse_in_words(assets.clone(), refusing.clone(), request, next)))
        .layer(from_fn(answer_in_language))
        .layer(from_fn_with_state(trusted, note_sender))
        .layer(from_fn(move |request, next| headers::guard(https, request, next)))
        .layer(from_fn_with_state(random, telemetry::record))
}

/// Everything that a request has rendered is in one language.
async fn answer_in_language(request: Request, next: Next) -> Response {
    reading(language_of(request.uri(), request.headers()), next.run(request)).await
}

/// A person whose request was refused before it came to a page reads why; a script gets the error as it is.
async fn refuse_in_words(assets: Assets, backend: Backend, request: Request, next: Next) -> Response {
    let accepted = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let reads_pages = accepted.is_some_and(|accepted| accepted.contains("text/html"));
    let asked = Request::builder().uri("/").body(Body::empty());
    let response = next.run(request).await;
    let (true, Some(Refused(error)), Ok(asked)) = (reads_pages, response.extensions().get(), asked) else {
        return response;
    };
    let error = error.clone();
    let context = move || {
        provide_context(backend.clone());
        headers::page_policy(false);
    };
    let page = render_app_async_with_context(context, move || refusal_shell(assets.clone(), error.clone()));
    page(asked).await.into_response()
}

/// What a page finds in its context when it is rendered.
fn page_context(
    assets: &Assets,
    split: Option<WasmSplitManifest>,
    backend: Backend,
) -> impl Fn() + Clone + Send + Sync + 'static {
    let reload = assets.reload.is_some();
    move || {
        provide_context(backend.clone());
        headers::page_policy(reload);
        keep_said_language();
        if let Some(split) = &split {
            provide_context(split.clone());
        }
    }
}
