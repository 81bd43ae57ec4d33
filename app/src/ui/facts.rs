//! Pairs in a frame: what is asked, of whom, until when.

use super::Text;
use leptos::prelude::*;

/// The frame.
#[component]
pub(crate) fn Facts(children: Children) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// One pair.
#[component]
pub(crate) fn Fact(
    /// What.
    #[prop(into)]
    term: Text,
    /// How it is.
    children: Children,
) -> impl IntoView {
    view! {
        <div>
            <dt>{term}</dt>
            <dd>{children()}</dd>
        </div>
    }
}
