//! The doors: every server function, as an axum route of its own. What leptos leaves to its host is done here, in one
//! place: only forms are taken, a typed error gets its status, and a plain form finds its way back by path alone.

use app::{error::AppError, mailed_page};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use leptos::{prelude::FromServerFnError, server_fn::error::SERVER_FN_ERROR_HEADER};
use leptos_axum::handle_server_fns_with_context;
use std::time::Duration;
use tokio::time::timeout;

const FORM: &str = "application/x-www-form-urlencoded";
/// Stands for the page's own origin while leptos works on its address; never leaves.
const HERE: &str = "http://here.invalid";
/// No form of Postern's is larger.
const MOST_BYTES: usize = 64 * 1024;
/// Nor takes a browser longer to send it.
const BODY_TTL: Duration = Duration::from_secs(15);
const MOST_ERROR_BYTES: usize = 16 * 1024;

/// Path and method of every server function, from leptos' own list.
pub fn all() -> Vec<(&'static str, Method)> {
    let mut all: Vec<_> = leptos::server_fn::axum::server_fn_paths().collect();
    all.sort_by_key(|(path, _)| *path);
    all
}

/// A route for each.
pub fn routes<S: Clone + Send + Sync + 'static>(context: impl Fn() + Clone + Send + Sync + 'static) -> Router<S> {
    all().into_iter().fold(Router::new(), |router, (path, method)| {
        let context = context.clone();
        let filter = MethodFilter::try_from(method).unwrap_or(MethodFilter::POST);
        router.route(path, on(filter, move |request| answer(context, request)))
    })
}

async fn answer(context: impl Fn() + Clone + Send + 'static, request: Request) -> Response {
    if request.method() != Method::GET && !is_form(request.headers()) {
        return refusal(AppError::NotAForm);
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = timeout(BODY_TTL, to_bytes(body, MOST_BYTES)).await else { return refusal(AppError::Malformed) };
    let Ok(body) = body else { return refusal(AppError::TooLarge) };
    let from = page_of(parts.uri.path(), &body);
    let mut request = Request::from_parts(parts, Body::from(body));
    keep_path_of_referer(request.headers_mut(), from);
    let response = handle_server_fns_with_context(context, request).await.into_response();
    with_path_only(with_status(response).await)
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(FORM))
}

/// leptos sends a plain form back to where it came from. Only the path of that may count: the origin is ours, whatever
/// the header says, and is left out again by [`with_path_only`]. `from` is where it must have come from, if that is known.
fn keep_path_of_referer(headers: &mut HeaderMap, from: Option<String>) {
    let said = || {
        let uri: Uri = headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
        Some(without_outcome(uri.path(), uri.query().unwrap_or_default()))
    };
    let path = from.or_else(said);
    let here = format!("{HERE}{}", path.unwrap_or("/".into()));
    if let Ok(here) = HeaderValue::from_str(&here) {
        headers.insert(header::REFERER, here);
    }
}

/// The page whose form this is, where a mailed secret tells: a browser inside a mail client may not say where it is.
fn page_of(door: &str, form: &[u8]) -> Option<String> {
    let page = mailed_page(door)?;
    // A secret is of characters that stand for themselves.
    let token = std::str::from_utf8(form).ok()?.split('&').find_map(|pair| pair.strip_prefix("token="))?;
    let is_plain = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_plain.then(|| page(token))
}

/// What the page said of the time before does not hold any more, and would pile up in its address.
fn without_outcome(path: &str, query: &str) -> String {
    let is_outcome = |pair: &&str| ["__path=", "__err=", "done="].iter().any(|name| pair.starts_with(name));
    let kept: Vec<_> = query.split('&').filter(|pair| !pair.is_empty() && !is_outcome(pair)).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

fn with_path_only(mut response: Response) -> Response {
    let path = response.headers().get(header::LOCATION).and_then(|location| {
        let path = location.to_str().ok()?.strip_prefix(HERE)?;
        // `//host` would be another site.
        HeaderValue::from_str(&format!("/{}", path.trim_start_matches('/'))).ok()
    });
    if let Some(path) = path {
        response.headers_mut().insert(header::LOCATION, path);
    }
    if response.status() == StatusCode::FOUND {
        *response.status_mut() = StatusCode::SEE_OTHER;
    }
    response
}

/// leptos 0.8 answers every error with 500. A plain form's answer is a redirect, and stays one: a 403 with a `Location`
/// is not followed.
async fn with_status(response: Response) -> Response {
    if !response.headers().contains_key(SERVER_FN_ERROR_HEADER) || response.status().is_redirection() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, MOST_ERROR_BYTES).await.unwrap_or_default();
    describe(&AppError::de(bytes.clone()), &mut parts.status, &mut parts.headers);
    Response::from_parts(parts, Body::from(bytes))
}

/// Marks an answer that is an error and has no page of its own; `router` renders one where a person asked.
#[derive(Clone, Debug)]
pub struct Refused(pub AppError);

/// The answer to a request that does not reach its door.
pub fn refusal(error: AppError) -> Response {
    let mut response = Response::new(Body::from(error.ser()));
    let mut status = StatusCode::INTERNAL_SERVER_ERROR;
    describe(&error, &mut status, response.headers_mut());
    *response.status_mut() = status;
    response.extensions_mut().insert(Refused(error));
    response
}

fn describe(error: &AppError, status: &mut StatusCode, headers: &mut HeaderMap) {
    *status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let AppError::Throttled { retry_after_seconds } = error {
        headers.insert(header::RETRY_AFTER, (*retry_after_seconds).into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_path_of_the_referer_counts() {
        let mut headers = HeaderMap::new();
        for (sent, kept) in [
            ("https://postern.example/sign-in?next=%2Fa", "http://here.invalid/sign-in?next=%2Fa"),
            ("https://evil.example//evil.example/x", "http://here.invalid//evil.example/x"),
            ("https://postern.example/me?q=a&done=ended&__path=%2Fapi%2Fx&__err=y", "http://here.invalid/me?q=a"),
            ("not an address", "http://here.invalid/"),
        ] {
            headers.insert(header::REFERER, HeaderValue::from_static(sent));
            keep_path_of_referer(&mut headers, None);
            assert_eq!(headers[header::REFERER], kept);
        }
    }

    #[test]
    fn nobody_is_sent_to_another_site() {
        let response = Response::builder().status(302).header("location", "http://here.invalid//evil.example/x");
        let response = with_path_only(response.body(Body::empty()).unwrap());
        assert_eq!(response.headers()[header::LOCATION], "/evil.example/x");
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
    }
}
