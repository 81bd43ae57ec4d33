//! What is to be loosened: from when on, asked for by whom, and “Call it off”, for everybody who may.

use super::api::CallOff;
use crate::{
    scope::ScopeField,
    ui::{Countdown, Notice, PostForm, Submit, Time, Tone, form::FormError, use_post},
};
use domain::{loosening::Loosening, policy, policy::Principal, scope::Scope, time::Timestamp};
use leptos::prelude::*;

#[component]
pub(crate) fn LooseningNotice(
    scope: Scope,
    loosening: Loosening,
    /// What it will be like, in the words of whose setting it is.
    children: Children,
    who: Principal,
    now: Timestamp,
) -> impl IntoView {
    let call_off = use_post::<CallOff>();
    let Loosening { id, asked_by, asked_at, due_at, .. } = loosening;
    let may = policy::cancel_loosening(&who, scope).is_ok();
    view! {
        <FormError error=call_off.error()/>
        <Notice tone=Tone::Pending title=tr!("loosening.title")>
            {children()}
            <p>
                {tr!("loosening.asked", asker = asked_by)} " " <Time at=asked_at now/> ". "
                {tr!("loosening.left")} " " <Countdown until=due_at now/> "."
            </p>
            {may.then(|| {
                view! {
                    <PostForm post=call_off>
                        <ScopeField scope/>
                        <input type="hidden" name="id" value=id.to_string()/>
                        <div class="actions">
                            <Submit label=tr!("loosening.call_off") pending=call_off.pending()/>
                        </div>
                    </PostForm>
                }
            })}
        </Notice>
    }
}
