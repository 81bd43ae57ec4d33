//! Takes a text to the clipboard. Needs script, and is not there without it: the text itself can always be selected.

use super::{Text, Weight, browser};
use leptos::prelude::*;

/// Copies `text`, and says so on itself for a moment.
#[component]
pub(crate) fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// “Copy this text”.
    #[prop(into)]
    label: Text,
    /// “Copied”.
    #[prop(into)]
    done: Text,
    /// How much it weighs.
    #[prop(optional)]
    weight: Weight,
) -> impl IntoView {
    let (ready, copied) = (RwSignal::new(false), RwSignal::new(false));
    Effect::new(move |_| ready.set(true));
    let copy = move |_| {
        copied.set(text.with_untracked(|text| browser::copy(text)));
        browser::after(3, move || copied.set(false));
    };
    view! {
        <button type="button" class=weight.class() hidden=move || !ready.get() on:click=copy>
            {move || if copied.get() { done.clone() } else { label.clone() }}
        </button>
        <span class="aloud" role="status">
            {move || copied.get().then_some(tr!("ui.copied_aloud"))}
        </span>
    }
}
