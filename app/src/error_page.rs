//! The page shown in place of one that cannot be: says what happened and what to do next, with the right status.

use crate::{caller, error::AppError, paths};
use leptos::prelude::*;
use leptos_meta::Title;

/// Instead of a page whose data was refused.
#[component]
pub(crate) fn ErrorPage(error: AppError) -> impl IntoView {
    caller::set_page_status(error.status());
    if let AppError::Throttled { retry_after_seconds } = error {
        caller::set_page_retry_after(retry_after_seconds);
    }
    let title = match error {
        AppError::NotFound => tr!("error.page.title_not_found"),
        _ => tr!("error.page.title_failed"),
    };
    view! {
        <Title text=title/>
        <main data-page="error" data-state=error.status().to_string()>
            <h1>{title}</h1>
            <p>{error.text()}</p>
            <p>
                <a href=paths::home()>{tr!("error.page.home")}</a>
            </p>
        </main>
    }
}

/// No page has this address.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    view! { <ErrorPage error=AppError::NotFound/> }
}
