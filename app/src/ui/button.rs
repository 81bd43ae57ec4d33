//! Buttons that send a form, and links that look like buttons because they lead to the next step.

use super::Text;
use leptos::prelude::*;

/// How much a button weighs. A page has one primary at most; danger is for what cannot be undone.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Weight {
    /// The step that the page is for.
    Primary,
    /// Anything else.
    #[default]
    Secondary,
    /// Takes something away.
    Danger,
}

impl Weight {
    /// Its class, for a button that is more than these.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Secondary => "button",
            Self::Danger => "button danger",
        }
    }
}

/// Sends its form. While that is under way it says so, and does not send again; its words stay, so nothing jumps.
#[component]
pub(crate) fn Submit(
    /// What it does: the verb of the title.
    #[prop(into)]
    label: Text,
    /// How much it weighs.
    #[prop(optional)]
    weight: Weight,
    /// Whether it fills its line.
    #[prop(optional)]
    wide: bool,
    /// Whether the form is on its way.
    #[prop(optional, into)]
    pending: Signal<bool>,
) -> impl IntoView {
    let guard = move |event: leptos::ev::MouseEvent| {
        if pending.get_untracked() {
            event.prevent_default();
        }
    };
    view! {
        <button
            type="submit"
            class=weight.class()
            class:wide=wide
            aria-busy=move || pending.get().then_some("true")
            on:click=guard
        >
            {label}
        </button>
    }
}

/// A link that is the next step.
#[component]
pub(crate) fn LinkButton(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// What happens there.
    #[prop(into)]
    label: Text,
    /// How much it weighs.
    #[prop(optional)]
    weight: Weight,
    /// Whether it fills its line.
    #[prop(optional)]
    wide: bool,
) -> impl IntoView {
    view! {
        <a class=weight.class() class:wide=wide href=href>
            {label}
        </a>
    }
}
