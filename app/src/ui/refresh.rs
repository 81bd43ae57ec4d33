//! A page that changes by itself, for who has no script: the browser asks for it again.

use leptos::prelude::*;

#[component]
pub(crate) fn Refresh(seconds: u32) -> impl IntoView {
    view! {
        <noscript>
            <meta http-equiv="refresh" content=seconds.to_string()/>
        </noscript>
    }
}
