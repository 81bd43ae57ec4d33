//! `…/leave`: giving one's own membership up, asked once more before it is done.

use super::api::{self, Leave};
use crate::{
    closing::CloseLink,
    error::{AppError, denied_text},
    error_page::ErrorPage,
    paths,
    scope::{ScopeField, use_scope},
    step_up::{StepUpLink, by_way_of_step_up},
    ui::{LinkButton, PageHead, PostForm, Submit, Weight, form::FormError, use_post},
};
use domain::{
    policy::{self, Denied, Principal},
    scope::{Scope, ScopeKind},
};
use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};
use leptos_meta::Title;

/// The link that leads here.
#[component]
pub(crate) fn LeaveLink(scope: Scope) -> impl IntoView {
    let label = match scope.kind() {
        ScopeKind::Account => tr!("users.leave.account"),
        ScopeKind::Portfolio => tr!("users.leave.portfolio"),
    };
    view! {
        <p class="quiet">
            <a href=paths::leave(scope)>{label}</a>
        </p>
    }
}

#[component]
pub(crate) fn LeavePage() -> impl IntoView {
    let scope = use_scope();
    let who = Resource::new(
        move || scope.get(),
        |scope| async move { api::own_membership(scope.ok_or(AppError::NotFound)?).await },
    );
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match who.await {
                    Ok(who) => Either::Left(view! { <Page who/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Page(who: Principal) -> impl IntoView {
    let scope = who.scope;
    let title = match scope.kind() {
        ScopeKind::Account => tr!("users.leave.account_question"),
        ScopeKind::Portfolio => tr!("users.leave.portfolio_question"),
    };
    let leave = use_post::<Leave>();
    let error = leave.error();
    let stay = move || view! { <LinkButton href=paths::overview(scope) label=tr!("users.leave.stay")/> };
    let decide = match policy::leave(&who, scope).map(drop) {
        Err(denied) if denied.is_mendable() => {
            let href = by_way_of_step_up(false, paths::leave(scope));
            EitherOf3::A(view! {
                <p>{denied_text(denied)}</p>
                <div class="actions">
                    {stay()} <LinkButton href label=tr!("users.leave.prove") weight=Weight::Primary/>
                </div>
            })
        }
        Err(denied) => EitherOf3::B(view! {
            <p>{denied_text(denied)}</p>
            <div class="actions">
                {stay()} {(denied == Denied::OwnerStays).then(|| view! { <CloseLink scope/> })}
            </div>
        }),
        Ok(()) => EitherOf3::C(view! {
            <PostForm post=leave>
                <FormError error/>
                <StepUpLink error/>
                <ScopeField scope/>
                <div class="actions">
                    {stay()}
                    <Submit label=tr!("users.leave.confirm") weight=Weight::Danger pending=leave.pending()/>
                </div>
            </PostForm>
        }),
    };
    view! {
        <Title text=title/>
        <main class="main" id="main" data-page="leave">
            <PageHead title>{tr!("users.leave.text")}</PageHead>
            <section class="narrow">
                <div class="card">{decide}</div>
            </section>
        </main>
    }
}
