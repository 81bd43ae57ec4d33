//! The button that asks for a passkey. Without script it is not there, and a line says so.

use super::play::{Ceremony, use_play};
use crate::{
    step_up::StepUpLink,
    ui::{Notice, Text, Tone, Weight, form::FormError},
};
use leptos::prelude::*;

#[component]
pub(crate) fn PasskeyButton(
    /// What it does.
    #[prop(into)]
    label: Text,
    /// What for; worked out when it is pressed.
    ceremony: impl Fn() -> Ceremony + Send + Sync + 'static,
    /// Whether it begins by itself, once, when the page is there.
    #[prop(optional)]
    at_once: bool,
) -> impl IntoView {
    let (play, ready) = (use_play(), RwSignal::new(false));
    let ceremony = StoredValue::new(ceremony);
    let begin = move || play.begin(ceremony.with_value(|ceremony| ceremony()));
    Effect::new(move |_| {
        ready.set(true);
        if at_once {
            begin();
        }
    });
    let wrong = move || play.problem().get().map(|title| view! { <Notice tone=Tone::Bad title/> });
    view! {
        <div class="stack tight">
            <FormError error=play.error()/>
            <StepUpLink error=play.error()/>
            <button
                type="button"
                class=Weight::Primary.class()
                class:wide=true
                hidden=move || !ready.get()
                aria-busy=move || play.pending().get().then_some("true")
                on:click=move |_| begin()
            >
                {label}
            </button>
            {wrong}
            <noscript>
                <p class="quiet">{tr!("passkeys.no_script")}</p>
            </noscript>
        </div>
    }
}
