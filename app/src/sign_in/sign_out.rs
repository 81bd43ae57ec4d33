//! Ending the present session: a form of one button, wherever one is. The browser posts it by itself: what follows is the
//! page of a stranger, and nothing of this one is to stay.

use super::api;
use crate::ui::Text;
use leptos::{prelude::*, server_fn::ServerFn};

#[component]
pub(crate) fn SignOut(
    /// What the button says here.
    #[prop(into)]
    label: Text,
    /// How the button looks.
    #[prop(default = "button link")]
    class: &'static str,
) -> impl IntoView {
    view! {
        <form method="post" action=api::SignOut::PATH>
            <button type="submit" class=class>
                {label}
            </button>
        </form>
    }
}
