//! Pages behind a mailed link: what the secret in the address leads to, read again after each decision, and never decided by
//! opening the page.

use crate::error::AppError;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Which of a page's two buttons was pressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    /// Yes, in the page's words.
    Accept,
    /// No: “Decline”, “This wasn't me”.
    Decline,
}

/// The secret in the page's address, and what `peek` says of it, now and after each `decide`.
pub(crate) fn use_mailed<T, D, F>(
    decide: ServerAction<D>,
    peek: fn(String) -> F,
) -> (String, Resource<Result<T, AppError>>)
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    D: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    D::Output: Send + Sync + 'static,
    F: Future<Output = Result<T, AppError>> + Send + 'static,
{
    let token = use_params_map().read_untracked().get("token").unwrap_or_default();
    let of = token.clone();
    let read = Resource::new(move || (of.clone(), decide.version().get()), move |(token, _)| peek(token));
    (token, read)
}
