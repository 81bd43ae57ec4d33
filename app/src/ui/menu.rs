//! Menus: a button and the popover that it opens. Opening, closing on Esc or a click elsewhere, and giving the focus back
//! are the browser's, so they work without script; what is inside are links, and forms that work by themselves. It is a
//! list of these, not an ARIA menu, whose arrow keys would need script.

use super::{Icon, Text, close_popover};
use leptos::prelude::*;

/// A button and what it opens.
#[component]
pub(crate) fn Menu(
    /// Id of the popover; unique on the page. The button's is the same with `-button`.
    #[prop(into)]
    id: String,
    /// What the button shows.
    trigger: AnyView,
    /// The button's look.
    #[prop(into)]
    trigger_class: Text,
    /// The button's name, where what it shows is not one. The popover is called like its button.
    #[prop(optional, into)]
    name: Option<String>,
    /// The popover's look: which way it opens.
    #[prop(default = "menu")]
    class: &'static str,
    /// Groups of items: each a `<ul>`.
    children: Children,
) -> impl IntoView {
    let button = format!("{id}-button");
    view! {
        <button type="button" class=trigger_class id=button.clone() popovertarget=id.clone() aria-label=name>
            {trigger}
        </button>
        <div class=class id=id popover="auto" role="group" aria-labelledby=button on:click=close_popover>
            {children()}
        </div>
    }
}

/// The three dots at the end of a row.
#[component]
pub(crate) fn RowMenu(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// “Actions for NAME”.
    #[prop(into)]
    name: String,
    /// Groups of items: each a `<ul>`.
    children: Children,
) -> impl IntoView {
    view! {
        <Menu id name trigger=Icon::More.into_render() trigger_class="button bare icon" class="menu to-start">
            {children()}
        </Menu>
    }
}

/// An item that leads somewhere.
#[component]
pub(crate) fn MenuItem(
    /// Where.
    #[prop(into)]
    href: String,
    /// What.
    #[prop(into)]
    label: Text,
    /// Whether it takes something away.
    #[prop(optional)]
    danger: bool,
) -> impl IntoView {
    view! {
        <li>
            <a class="item" class:danger=danger href=href>
                {label}
            </a>
        </li>
    }
}

/// An item that is not offered now, and why. It can be reached and read, and does nothing.
#[component]
pub(crate) fn MenuRefusal(
    /// What.
    #[prop(into)]
    label: Text,
    /// Why not.
    #[prop(into)]
    reason: Text,
) -> impl IntoView {
    view! {
        <li>
            <a class="item" role="link" aria-disabled="true" tabindex="0">
                {label}
                <small>{reason}</small>
            </a>
        </li>
    }
}
