//! Ending the present session: a form of one button, wherever one is.

use super::api;
use crate::ui::Text;
use leptos::prelude::*;

#[component]
pub(crate) fn SignOut(
    /// What the button says here.
    #[prop(into)]
    label: Text,
    /// How the button looks.
    #[prop(default = "button link")]
    class: &'static str,
) -> impl IntoView {
    let sign_out = ServerAction::<api::SignOut>::new();
    view! {
        <ActionForm action=sign_out>
            <button type="submit" class=class>
                {label}
            </button>
        </ActionForm>
    }
}
