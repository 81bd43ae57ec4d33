//! Holds the place of a list that is loading, in the size of its rows, so that nothing jumps.

use super::Text;
use leptos::prelude::*;

/// Six rows of nothing, shown only when loading takes a moment.
#[component]
pub(crate) fn Skeleton(
    /// What is loading, read aloud.
    #[prop(into)]
    label: Text,
) -> impl IntoView {
    view! {
        <div role="status" aria-label=label>
            {(0..6).map(|_| view! { <span class="skeleton"></span> }).collect_view()}
        </div>
    }
}
