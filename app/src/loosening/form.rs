//! A section of the Security page whose settings can be made stricter or looser.

use crate::{
    error::denied_text,
    paths,
    scope::ScopeField,
    step_up::{StepUpLink, by_way_of_step_up},
    ui::{LinkButton, Post, PostForm, Submit, Weight, form::FormError},
};
use domain::{policy::Denied, scope::Scope};
use leptos::prelude::*;

/// The fields, as far as the reader may change them, and what becomes of what is looser.
#[component]
pub(crate) fn LooseningForm(
    scope: Scope,
    post: Post,
    /// Whether the reader may, now or after proving who they are.
    verdict: Result<(), Denied>,
    children: Children,
) -> impl IntoView {
    let error = post.error();
    let may = verdict.is_ok();
    let button = match verdict {
        Ok(()) => view! {
            <Submit label=tr!("loosening.save") weight=Weight::Primary pending=post.pending()/>
        }
        .into_any(),
        Err(denied) if denied.is_mendable() => {
            let href = by_way_of_step_up(false, paths::security(scope));
            view! { <LinkButton href label=tr!("loosening.confirm_first")/> }.into_any()
        }
        Err(denied) => view! { <p class="quiet">{denied_text(denied)}</p> }.into_any(),
    };
    view! {
        <div class="card">
            <PostForm post>
                <FormError error/>
                <StepUpLink error/>
                <ScopeField scope/>
                // Who has to prove who they are first does that before choosing, or the choice would be lost on the way.
                <fieldset class="form" disabled=!may>
                    {children()}
                </fieldset>
                <p class="hint">{tr!("loosening.looser")}</p>
                <div class="actions">{button}</div>
            </PostForm>
        </div>
    }
}
