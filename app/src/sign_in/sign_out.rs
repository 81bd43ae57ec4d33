//! Ending the present session: a form of one button, wherever one is.

use super::api;
use crate::ui::{PostForm, Text, use_post};
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
    let post = use_post::<api::SignOut>();
    view! {
        <PostForm post class="">
            <button type="submit" class=class>
                {label}
            </button>
        </PostForm>
    }
}
