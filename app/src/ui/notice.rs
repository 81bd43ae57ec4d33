//! What is so, in the page: notices, and places where nothing is yet.

use super::{Text, Tone};
use crate::next::use_done;
use leptos::prelude::*;

/// Says what is so and what to do. An error is announced at once (`role="alert"`), the rest when it is its turn.
#[component]
pub(crate) fn Notice(
    /// What its colour repeats.
    #[prop(optional)]
    tone: Tone,
    /// The sentence.
    #[prop(into)]
    title: Text,
    /// Whether there is a button beside it.
    #[prop(optional)]
    row: bool,
    /// More of it: paragraphs, a form with `class="actions"`.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let class = match tone {
        Tone::Neutral => "notice",
        Tone::Good => "notice good",
        Tone::Pending => "notice amber",
        Tone::Bad => "notice red",
    };
    view! {
        <div class=class class:row=row role=(tone == Tone::Bad).then_some("alert")>
            <p class="title">{title}</p>
            {children.map(|children| children())}
        </div>
    }
}

/// What was just done, in the page's words for what its address says of it (see [`use_done`]); announced when it is there.
#[component]
pub(crate) fn Done(says: fn(&str) -> Option<&'static str>) -> impl IntoView {
    let done = use_done();
    view! {
        <div role="status">
            {move || {
                let title = done.read().as_deref().and_then(says)?;
                Some(view! { <Notice tone=Tone::Good title/> })
            }}
        </div>
    }
}

/// Nothing here: says why, and offers the first step.
#[component]
pub(crate) fn Empty(
    /// What there is nothing of.
    #[prop(into)]
    title: Text,
    /// Why, or what would be here.
    #[prop(into)]
    text: Text,
    /// The first step.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <section class="empty">
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
        </section>
    }
}
