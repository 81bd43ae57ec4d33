//! `…/settings/security/portfolio`: the portfolio that an account is in, what it can do there, who, and the way out. For its
//! Owner also the question whether it stays, where that is asked.

use super::{
    api::{self, Confirm, Leave},
    power::{PowerSections, reach_query},
    requests::Asking,
    section::LinkFacts,
};
use crate::{
    error::{AppError, denied_text},
    error_page::ErrorPage,
    paths,
    scope::{ScopeField, use_scope},
    step_up::{StepUpLink, by_way_of_step_up},
    ui::{
        Countdown, Done, Empty, LinkButton, Notice, PageHead, PostForm, Submit, Tone, Weight, form::FormError, use_post,
    },
};
use domain::{
    policy::{self, Principal},
    portfolios::{AccountLink, Link},
    scope::Scope,
    time::Timestamp,
};
use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub(crate) fn PortfolioPage() -> impl IntoView {
    let (scope, map) = (use_scope(), use_query_map());
    let query = Memo::new(move |_| map.with(reach_query));
    let link = Resource::new(
        move || (scope.get(), query.get()),
        |(scope, query)| async move { api::link(scope.ok_or(AppError::NotFound)?, query).await },
    );
    view! {
        <Title text=tr!("portfolios.heading")/>
        <Transition>
            {move || Suspend::new(async move {
                match link.await {
                    Ok(link) => Either::Left(view! { <Page link/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Page(link: AccountLink) -> impl IntoView {
    let AccountLink { scope, principal, link, requests, now, .. } = link;
    let state = match &link {
        Some(Link { confirm_until: Some(_), .. }) => "to_confirm",
        Some(_) => "linked",
        None => "none",
    };
    let requests = (!requests.is_empty()).then(|| {
        let rows = requests.into_iter().map(|request| view! { <Asking scope request now/> }).collect_view();
        view! { <ul class="cards">{rows}</ul> }
    });
    let shown = match link {
        Some(link) => Either::Left(view! { <Linked scope who=principal link now/> }),
        None => Either::Right(view! { <Empty title=tr!("portfolios.in_none") text=tr!("portfolios.in_none_text")/> }),
    };
    view! {
        <main class="main" id="main" data-page="portfolio" data-state=state>
            <PageHead
                eyebrow=tr!("mfa_requirement.title")
                back=paths::security(scope)
                title=tr!("portfolios.heading")
            >
                {tr!("portfolios.sentence")}
            </PageHead>
            <Done says/>
            {shown}
            {requests}
        </main>
    }
}

#[component]
fn Linked(scope: Scope, who: Principal, link: Link, now: Timestamp) -> impl IntoView {
    let Link { power, linked_at, confirm_until } = link;
    let confirm = confirm_until.map(|until| view! { <ToConfirm scope who=who.clone() until now/> });
    let portfolio = power.portfolio.clone();
    view! {
        {confirm}
        <section class="stack narrow">
            <LinkFacts portfolio linked_at confirm_until now/>
        </section>
        <PowerSections scope power path=paths::portfolio_of(scope)/>
        <WayOut scope who/>
    }
}

/// The question, and for the Owner the answer.
#[component]
fn ToConfirm(scope: Scope, who: Principal, until: Timestamp, now: Timestamp) -> impl IntoView {
    let confirm = use_post::<Confirm>();
    let error = confirm.error();
    let answer = match policy::confirm_link(&who, scope).map(drop) {
        Ok(()) => EitherOf3::A(view! {
            <PostForm post=confirm>
                <ScopeField scope/>
                <div class="actions">
                    <Submit label=tr!("portfolios.confirm") weight=Weight::Primary pending=confirm.pending()/>
                </div>
            </PostForm>
        }),
        Err(denied) if denied.is_mendable() => EitherOf3::B(view! { <ProveFirst path=paths::portfolio_of(scope)/> }),
        Err(denied) => EitherOf3::C(view! { <p>{denied_text(denied)}</p> }),
    };
    view! {
        <section class="stack narrow">
            <FormError error/>
            <StepUpLink error/>
            <Notice tone=Tone::Pending title=tr!("portfolios.to_confirm_text")>
                <p>{tr!("portfolios.left")} " " <Countdown until now/></p>
                {answer}
            </Notice>
        </section>
    }
}

/// Ending the link, in two presses.
#[component]
fn WayOut(scope: Scope, who: Principal) -> impl IntoView {
    let leave = use_post::<Leave>();
    let error = leave.error();
    let form = match policy::unlink(&who, scope).map(drop) {
        Ok(()) => EitherOf3::A(view! {
            <details>
                <summary>{tr!("portfolios.unlink")}</summary>
                <PostForm post=leave>
                    <ScopeField scope/>
                    <p>{tr!("portfolios.unlink_text")}</p>
                    <div class="actions">
                        <Submit label=tr!("portfolios.unlink_now") weight=Weight::Danger pending=leave.pending()/>
                    </div>
                </PostForm>
            </details>
        }),
        Err(denied) if denied.is_mendable() => EitherOf3::B(view! {
            <p>{tr!("portfolios.unlink_text")}</p>
            <ProveFirst path=paths::portfolio_of(scope)/>
        }),
        Err(denied) => EitherOf3::C(view! { <p class="quiet">{denied_text(denied)}</p> }),
    };
    view! {
        <section class="stack narrow">
            <h2>{tr!("portfolios.way_out")}</h2>
            <div class="card">
                <FormError error/>
                <StepUpLink error/>
                {form}
            </div>
        </section>
    }
}

/// In place of a form that takes a fresh proof.
#[component]
pub(super) fn ProveFirst(path: String) -> impl IntoView {
    view! {
        <div class="actions">
            <LinkButton href=by_way_of_step_up(false, path) label=tr!("portfolios.prove")/>
        </div>
    }
}

fn says(done: &str) -> Option<&'static str> {
    match done {
        "linked" => Some(tr!("portfolios.now_linked")),
        "declined" => Some(tr!("portfolios.now_declined")),
        "confirmed" => Some(tr!("portfolios.now_confirmed")),
        "unlinked" => Some(tr!("portfolios.now_unlinked")),
        _ => None,
    }
}
