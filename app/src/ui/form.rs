//! Where a form says what went wrong, the same with and without script.

use super::{Notice, Throttle, Tone};
use crate::{
    caller,
    error::{AppError, problem_text},
};
use domain::errors::{Field, Problem};
use leptos::{either::Either, prelude::*, server_fn::ServerFn};

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
            let text = error.text();
            match error {
                AppError::Throttled { retry_after_seconds } => {
                    Either::Left(view! { <Throttled seconds=retry_after_seconds text/> })
                }
                _ => Either::Right(view! { <Notice tone=Tone::Bad title=text/> }),
            }
        })
    }
}

/// Too many attempts. Counts down for the eye; for the ear it is said once, since a count read aloud every second is
/// worse than none.
#[component]
fn Throttled(seconds: u32, text: String) -> impl IntoView {
    caller::set_page_status(429);
    caller::set_page_retry_after(seconds);
    let is_over = RwSignal::new(false);
    let wait = move || match is_over.get() {
        true => Either::Left(tr!("ui.try_again_now")),
        false => Either::Right(view! {
            {tr!("ui.try_again_in")}
            " "
            <Throttle seconds over=Callback::new(move |()| is_over.set(true))/>
        }),
    };
    view! {
        <div class="notice amber">
            <p class="title" aria-hidden="true">
                {tr!("ui.too_many")}
            </p>
            <p aria-hidden="true">{wait}</p>
            <p class="aloud" role="alert">
                {text}
            </p>
        </div>
    }
}
