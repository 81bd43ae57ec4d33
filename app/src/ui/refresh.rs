//! A page that changes by itself, for who has no script: the browser asks for it again.

use leptos::prelude::*;

/// Nothing where a script runs: an element made by script would be obeyed too, even after the page has changed.
#[component]
pub(crate) fn Refresh(seconds: u32) -> impl IntoView {
    let ask_again = if cfg!(feature = "ssr") {
        format!(r#"<meta http-equiv="refresh" content="{seconds}">"#)
    } else {
        String::new()
    };
    view! { <noscript inner_html=ask_again></noscript> }
}
