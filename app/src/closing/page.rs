//! `…/close`: what ends with an account or portfolio, a fresh proof, and its name typed: then nobody can enter it any more.

use super::api::{self, Close};
use crate::{
    error::{AppError, denied_text},
    error_page::ErrorPage,
    paths,
    scope::{ScopeField, use_scope},
    step_up::{StepUpLink, by_way_of_step_up},
    ui::{
        LinkButton, PageHead, PostForm, Submit, TextField, Weight, counted,
        form::{FormError, problem_said},
        use_post,
    },
};
use domain::{
    accounts::{Closing, ClosingPage},
    errors::{Conflict, Field, Problem},
    person::Name,
    policy,
    scope::{Scope, ScopeKind},
};
use leptos::{
    either::{Either, EitherOf4},
    prelude::*,
};
use leptos_meta::Title;

/// The link that leads here.
#[component]
pub(crate) fn CloseLink(scope: Scope) -> impl IntoView {
    view! { <LinkButton href=paths::close(scope) label=close_text(scope)/> }
}

/// “Close this account”, or portfolio.
pub(crate) fn close_text(scope: Scope) -> &'static str {
    match scope.kind() {
        ScopeKind::Account => tr!("closing.account"),
        ScopeKind::Portfolio => tr!("closing.portfolio"),
    }
}

#[component]
pub(crate) fn ClosePage() -> impl IntoView {
    let scope = use_scope();
    let page =
        Resource::new(move || scope.get(), |scope| async move { api::get(scope.ok_or(AppError::NotFound)?).await });
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => Either::Left(view! { <Page page/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Page(page: ClosingPage) -> impl IntoView {
    let ClosingPage { closing, principal } = page;
    let scope = principal.scope;
    let ends = closing.clone().filter(|closing| closing.accounts == 0).map(|closing| view! { <What closing/> });
    let back = move || view! { <LinkButton href=paths::overview(scope) label=tr!("closing.keep")/> };
    let denied = policy::close_scope(&principal, scope).map(drop).err();
    let decide = match (denied, closing) {
        (Some(denied), Some(_)) => EitherOf4::A(view! {
            <p>{denied_text(denied)}</p>
            <div class="actions">
                {back()}
                <LinkButton
                    href=by_way_of_step_up(false, paths::close(scope))
                    label=tr!("closing.prove")
                    weight=Weight::Primary
                />
            </div>
        }),
        (None, Some(Closing { accounts, .. })) if accounts > 0 => EitherOf4::B(view! {
            <p>{still_linked(accounts)}</p>
            <div class="actions">
                {back()}
                <LinkButton
                    href=paths::accounts(scope)
                    label=tr!("closing.to_accounts")
                    weight=Weight::Primary
                />
            </div>
        }),
        (None, Some(closing)) => EitherOf4::C(view! { <Ask scope closing/> }),
        (denied, None) => EitherOf4::D(view! {
            <p>{denied.map(denied_text)}</p>
            <div class="actions">{back()}</div>
        }),
    };
    view! {
        <Title text=close_text(scope)/>
        <main class="main" id="main" data-page="close">
            <PageHead title=close_text(scope)>{tr!("closing.sentence")}</PageHead>
            <section class="stack narrow">
                {ends}
                <div class="card">{decide}</div>
            </section>
        </main>
    }
}

/// What ends, and what stays.
#[component]
fn What(closing: Closing) -> impl IntoView {
    let Closing { people, invitations, resets, portfolio, .. } = closing;
    view! {
        <div class="prose">
            <ul>
                <li>{tr_n!("closing.people", people, number = counted(people))}</li>
                {(invitations > 0)
                    .then(|| {
                        view! { <li>{tr_n!("closing.invitations", invitations, number = counted(invitations))}</li> }
                    })}
                {(resets > 0)
                    .then(|| view! { <li>{tr_n!("closing.resets", resets, number = counted(resets))}</li> })}
                {portfolio.map(|portfolio| view! { <li>{tr!("closing.leaves", portfolio = portfolio)}</li> })}
                <li>{tr!("closing.stays")}</li>
                <li>{tr!("closing.mail")}</li>
            </ul>
        </div>
    }
}

#[component]
fn Ask(scope: Scope, closing: Closing) -> impl IntoView {
    let close = use_post::<Close>();
    let error = close.error();
    let linked = move || match error.get() {
        Some(AppError::Conflict(Conflict::StillLinked { accounts })) => Some(still_linked(accounts)),
        _ => None,
    };
    let is_linked = |error: &AppError| matches!(error, AppError::Conflict(Conflict::StillLinked { .. }));
    let other_error = Signal::derive(move || error.get().filter(|error| !is_linked(error)));
    let other = |problem| matches!(problem, Problem::Unknown).then(|| tr!("closing.other_name"));
    let hint = tr!("closing.confirm_hint", name = &closing.name);
    view! {
        <PostForm post=close>
            <FormError error=other_error/>
            <StepUpLink error=other_error/>
            {move || linked().map(|why| view! { <p class="error" role="alert">{why}</p> })}
            <ScopeField scope/>
            <TextField
                name="name"
                label=tr!("closing.confirm")
                hint
                problem=problem_said(error, Field::Name, other)
                required=true
                max=Name::MAX
            />
            <div class="actions">
                <LinkButton href=paths::overview(scope) label=tr!("closing.keep")/>
                <Submit label=tr!("closing.submit") weight=Weight::Danger pending=close.pending()/>
            </div>
        </PostForm>
    }
}

fn still_linked(accounts: u64) -> String {
    tr_n!("closing.linked", accounts, number = counted(accounts))
}
