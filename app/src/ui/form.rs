//! Where a form says what went wrong, the same with and without script.

use crate::error::{AppError, problem_text};
use domain::errors::Field;
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

/// What is wrong with the form as a whole; wrong fields speak for themselves.
#[component]
pub(crate) fn FormError(error: Signal<Option<AppError>>) -> impl IntoView {
    let text = move || error.get().map(|error| error.text());
    move || text().map(|text| view! { <p class="form-error" role="alert">{text}</p> })
}

/// What is wrong with one field; `id` is what its input names in `aria-describedby`.
#[component]
pub(crate) fn FieldError(error: Signal<Option<AppError>>, field: Field, id: &'static str) -> impl IntoView {
    let text = move || error.with(|error| error.as_ref().and_then(|error| error.of(field)).map(problem_text));
    move || text().map(|text| view! { <p class="field-error" id=id role="alert">{text}</p> })
}
