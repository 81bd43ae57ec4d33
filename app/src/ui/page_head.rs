//! The head of a page: where one is, the title, and in one sentence what matters about it.

use super::Text;
use leptos::prelude::*;

/// Where one is, the title, one sentence.
#[component]
pub(crate) fn PageHead(
    /// The title.
    #[prop(into)]
    title: Text,
    /// Where one is: an area's name, or why one is here.
    #[prop(optional, into)]
    eyebrow: Option<Text>,
    /// The address that the eyebrow leads to, where it is a way back.
    #[prop(optional, into)]
    back: Option<String>,
    /// What matters about the page.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let eyebrow = eyebrow.map(|eyebrow| {
        let eyebrow = match back {
            Some(href) => view! { <a href=href>{eyebrow}</a> }.into_any(),
            None => eyebrow.into_any(),
        };
        view! { <p class="eyebrow">{eyebrow}</p> }
    });
    view! {
        <header class="page-head">
            {eyebrow} <h1>{title}</h1> {children.map(|children| view! { <p class="sentence">{children()}</p> })}
        </header>
    }
}
