//! Narrowing a list: a search field and chips. Each chip says its state when closed; its choices are links, so that the
//! state of the list is its address, with script and without.

use super::{Icon, Menu, Text};
use leptos::prelude::*;

/// One choice of a filter.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    /// What it says in the list.
    pub(crate) label: Text,
    /// The address of the list with this choice.
    pub(crate) href: String,
    /// Whether it is the present one.
    pub(crate) chosen: bool,
}

/// A filter. Closed it reads “MFA”, or “MFA: Off” when it narrows.
#[component]
pub(crate) fn FilterChip(
    /// Unique on the page.
    id: &'static str,
    /// What it filters by.
    #[prop(into)]
    label: Text,
    /// The choices; the first is the one that does not narrow.
    choices: Vec<Choice>,
    /// For what a wide screen shows elsewhere, as sorting by headings.
    #[prop(optional)]
    only_small: bool,
) -> impl IntoView {
    let chosen = choices.iter().skip(1).find(|choice| choice.chosen);
    let text = match chosen {
        Some(choice) => tr!("ui.filter_set", filter = label, choice = choice.label),
        None => label.to_string(),
    };
    let class = match (chosen.is_some(), only_small) {
        (true, false) => "chip set",
        (true, true) => "chip set only-small",
        (false, false) => "chip",
        (false, true) => "chip only-small",
    };
    let trigger = view! {
        {text}
        {Icon::Down}
    };
    let items = choices
        .into_iter()
        .map(|choice| {
            view! {
                <li>
                    <a class="item" href=choice.href aria-current=choice.chosen.then_some("true")>
                        {choice.label}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <Menu id trigger=trigger.into_any() trigger_class=class>
            <ul>{items}</ul>
        </Menu>
    }
}

/// Looks for a part of a text. Sent by Enter; `kept` are the other filters, which stay.
#[component]
pub(crate) fn SearchField(
    /// The list's address without a query.
    action: String,
    /// What is searched: placeholder and name.
    #[prop(into)]
    label: Text,
    /// What is searched for now.
    value: String,
    /// The other parts of the query.
    kept: Vec<(&'static str, String)>,
) -> impl IntoView {
    let kept =
        kept.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    view! {
        <search>
            <leptos_router::components::Form action=action method="get">
                <input
                    class="input"
                    type="search"
                    name="q"
                    maxlength="100"
                    placeholder=label.clone()
                    aria-label=label
                    value=value
                />
                {kept}
            </leptos_router::components::Form>
        </search>
    }
}
