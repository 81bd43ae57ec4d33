//! Prints the page. Needs script, and is not there without it: the browser's own command does the same.

use super::{Text, browser};
use leptos::prelude::*;

/// Opens the browser's print dialog.
#[component]
pub(crate) fn PrintButton(
    /// “Print”.
    #[prop(into)]
    label: Text,
) -> impl IntoView {
    let ready = RwSignal::new(false);
    Effect::new(move |_| ready.set(true));
    view! {
        <button type="button" class="button" hidden=move || !ready.get() on:click=|_| browser::print()>
            {label}
        </button>
    }
}
