//! A page that changes by itself, for who has no script: the browser asks for it again.

use super::browser;
use leptos::prelude::*;

/// Says nothing where a script runs: an element made by script would be obeyed too, even after the page has changed.
#[component]
pub(crate) fn Refresh(seconds: u32) -> impl IntoView {
    let obeyed = (!browser::IS_HERE).then_some("refresh");
    view! {
        <noscript>
            <meta http-equiv=obeyed content=seconds.to_string()/>
        </noscript>
    }
}
