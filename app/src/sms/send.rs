//! On the page that asks for a second factor: a button for each number that a code can be texted to.

use super::api;
use crate::{
    next::{Next, NextField},
    ui::{PostForm, Submit, Weight, form::FormError, use_post},
};
use domain::{ids::AuthenticatorId, sms::MaskedNumber};
use leptos::prelude::*;

/// Nothing leaves before one is pressed: each message costs somebody.
#[component]
pub(crate) fn SendForms(
    numbers: Vec<(AuthenticatorId, MaskedNumber)>,
    next: Next,
    /// Whether it is what the page asks for, or one of the other ways.
    first: bool,
) -> impl IntoView {
    let weight = if first { Weight::Primary } else { Weight::Secondary };
    numbers
        .into_iter()
        .map(|(id, number)| {
            let send = use_post::<api::RequestCode>();
            let next = next.clone();
            view! {
                <PostForm post=send>
                    <FormError error=send.error()/>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <NextField next/>
                    <Submit
                        label=tr!("sms.send", number = number)
                        weight
                        wide=true
                        pending=send.pending()
                    />
                </PostForm>
            }
        })
        .collect_view()
}
