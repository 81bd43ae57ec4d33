//! What an administrator brings as a file (6.1): read whole, tried line by line, and done only once it was reviewed. A file has
//! a door of its own, since no server function takes one; the form is the same with and without script.

use crate::{
    exports::{scope_of, visitor_of},
    server_functions::refusal,
};
use app::{error::AppError, messages::Language, paths};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use backend::{Backend, bulk_changes, sessions};
use domain::bulk_change::{FILE_BYTES, FileProblem};
use std::time::Duration;
use tokio::time::timeout;

/// A file that is too large is read all the same, so that its sender is told: a browser that is cut off shows its own words.
const MOST_BYTES: usize = 16 * FILE_BYTES;
/// A browser may take this long to send it.
const BODY_TTL: Duration = Duration::from_secs(30);

/// The routes of imports.
pub fn routes<S: Clone + Send + Sync + 'static>(backend: Backend) -> Router<S> {
    Router::new()
        .route("/a/{account}/settings/users/import.csv", post(import))
        .route("/p/{portfolio}/manage/users/import.csv", post(import))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(backend)
}

/// A form as it came.
#[derive(Default)]
struct Form {
    file: Bytes,
    /// Of who has none in the file.
    role: String,
    language: String,
}

async fn import(State(backend): State<Backend>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(scope) = scope_of(&parts) else { return refusal(AppError::NotFound) };
    let visitor = visitor_of(&backend, parts.clone());
    let caller = match sessions::caller(&backend, &visitor).await {
        Ok(caller) => caller,
        Err(error) => return refusal(error.into()),
    };
    // Whoever may not is sent away before anything of theirs is read.
    if let Err(error) = bulk_changes::may_propose(&backend, &caller, scope).await {
        return refusal(error.into());
    }
    let to = |address: String| Redirect::to(&address).into_response();
    let told = |(problem, line): (FileProblem, Option<u64>)| to(paths::import_problem(scope, problem, line));
    let Ok(form) = timeout(BODY_TTL, read(Request::from_parts(parts, body))).await else {
        return refusal(AppError::Malformed);
    };
    let Some(Form { file, role, language }) = form else { return told((FileProblem::TooLong, None)) };
    let wishes = match bulk_changes::read(&file, &role) {
        Ok(wishes) => wishes,
        Err(problem) => return told(problem),
    };
    let language = Language::of(&language).or_else(|| Language::of(&caller.language)).map_or("en", Language::tag);
    match bulk_changes::propose(&backend, &caller, scope, language, &wishes).await {
        Ok(id) => to(paths::bulk_change(scope, id)),
        Err(error) => refusal(error.into()),
    }
}

/// The form; nothing for one that is too large.
async fn read(request: Request) -> Option<Form> {
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    let mut form = Form::default();
    while let Some(field) = parts.next_field().await.ok()? {
        match field.name() {
            Some("file") => form.file = field.bytes().await.ok()?,
            Some("role") => form.role = field.text().await.ok()?,
            Some("language") => form.language = field.text().await.ok()?,
            _ => {}
        }
    }
    Some(form)
}
