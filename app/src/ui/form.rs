//! Where a form says what went wrong, the same with and without script.

use super::{Notice, Throttle, Tone};
use crate::error::{AppError, problem_text};
use domain::errors::{Field, Problem};
use leptos::{prelude::*, server_fn::ServerFn};

/// The error of the action's last run: this page's, or the one that a plain post left in the address.
pub(crate) fn form_error<S>(action: ServerAction<S>) -> Signal<Option<AppError>>
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    let value = action.value();
    Signal::derive(move || value.with(|value| value.as_ref().and_then(|result| result.as_ref().err().cloned())))
}

/// What is wrong with one field: for the `problem` of a field.
pub(crate) fn problem(error: Signal<Option<AppError>>, field: Field) -> Signal<Option<String>> {
    Signal::derive(move || error.with(|error| error.as_ref().and_then(|error| error.of(field)).map(problem_text)))
}

/// The same, where the page knows better words for a problem than are said everywhere.
pub(crate) fn problem_said(
    error: Signal<Option<AppError>>,
    field: Field,
    words: fn(Problem) -> Option<&'static str>,
) -> Signal<Option<String>> {
    let say = move |problem| words(problem).map_or_else(|| problem_text(problem), str::to_owned);
    Signal::derive(move || error.with(|error| error.as_ref().and_then(|error| error.of(field)).map(say)))
}

/// What is wrong with the form as a whole; wrong fields speak for themselves. A throttle counts down.
#[component]
pub(crate) fn FormError(error: Signal<Option<AppError>>) -> impl IntoView {
    move || {
        error.get().filter(|error| !matches!(error, AppError::Invalid(_))).map(|error| {
            let seconds = match error {
                AppError::Throttled { retry_after_seconds } => Some(retry_after_seconds),
                _ => None,
            };
            view! {
                <Notice tone=if seconds.is_some() { Tone::Pending } else { Tone::Bad } title=error.text()>
                    {seconds.map(|seconds| view! { <p>{tr!("ui.try_again_in")} " " <Throttle seconds/></p> })}
                </Notice>
            }
        })
    }
}
