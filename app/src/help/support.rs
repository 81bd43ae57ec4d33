//! Whom to ask when nothing else helps: the operator's own address, on every dead end.

use crate::caller;
use leptos::prelude::*;

/// The address, if the operator has set one.
#[component]
pub(crate) fn Support() -> impl IntoView {
    caller::support_url().map(|url| {
        view! {
            <p class="quiet">
                {tr!("help.support")} " " <a href=url.clone()>{url.clone()}</a>
            </p>
        }
    })
}
