//! Outcomes. What was done is named in the address of the page that follows, by a word from a closed list, so that the
//! toast is there without script as well; closing it leads to the same page without that word.

use super::{Icon, Text, browser};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// Where toasts appear. Always on the page, so that what appears is read aloud.
#[component]
pub(crate) fn Toasts(children: Children) -> impl IntoView {
    view! {
        <div class="toasts" role="status">
            {children()}
        </div>
    }
}

/// One outcome. Goes by itself after a while.
#[component]
pub(crate) fn Toast(
    /// What was done, to whom.
    #[prop(into)]
    text: Text,
    /// The same page without it.
    #[prop(into)]
    close: String,
) -> impl IntoView {
    let navigate = use_navigate();
    let target = close.clone();
    Effect::new(move |_| {
        let (navigate, target) = (navigate.clone(), target.clone());
        let quietly = NavigateOptions { replace: true, scroll: false, ..Default::default() };
        browser::after(8, move || navigate(&target, quietly));
    });
    view! {
        <div class="toast">
            {text} <a class="button bare icon" href=close aria-label=tr!("ui.close")>
                {Icon::Cross}
            </a>
        </div>
    }
}
