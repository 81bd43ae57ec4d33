//! Manage > Accounts of a portfolio: those that are linked, and for the Portfolio Owner those that could be, each with the
//! reason where it cannot.

use super::{
    api::{self, Ask, Cancel, Unlink},
    consent_page::unfit_text,
    link_page::ProveFirst,
};
use crate::{
    error::AppError,
    error_page::ErrorPage,
    paths,
    scope::{ScopeField, use_scope},
    step_up::StepUpLink,
    ui::{
        Badge, Countdown, Done, Empty, PageHead, Post, PostForm, Submit, Time, Tone, Weight, counted, form::FormError,
        use_post,
    },
};
use domain::{
    ids::{AccountId, LinkRequestId},
    policy,
    portfolios::{Candidacy, Candidate, LinkedAccount, PortfolioAccounts},
    scope::Scope,
    time::Timestamp,
};
use leptos::{
    either::{Either, EitherOf4},
    prelude::*,
};
use leptos_meta::Title;

#[component]
pub(crate) fn AccountsPage() -> impl IntoView {
    let scope = use_scope();
    let accounts = Resource::new(
        move || scope.get(),
        |scope| async move { api::accounts(scope.ok_or(AppError::NotFound)?).await },
    );
    view! {
        <Title text=tr!("portfolios.accounts.title")/>
        <Transition>
            {move || Suspend::new(async move {
                match accounts.await {
                    Ok(accounts) => Either::Left(view! { <Page accounts/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Page(accounts: PortfolioAccounts) -> impl IntoView {
    let PortfolioAccounts { scope, principal, linked, candidates, now } = accounts;
    let state = if linked.is_empty() { "none" } else { "linked" };
    let is_owner = policy::cancel_link_request(&principal, scope).is_ok();
    // Who has to prove who they are first does that before choosing.
    let is_fresh = policy::ask_for_link(&principal, scope).is_ok();
    let prove = (is_owner && !is_fresh).then(|| view! { <ProveFirst path=paths::accounts(scope)/> });
    let may = is_owner && is_fresh;
    let candidates = is_owner.then(|| view! { <Candidates scope candidates may now/> });
    view! {
        <main class="main" id="main" data-page="accounts" data-state=state>
            <PageHead eyebrow=tr!("layout.manage") title=tr!("portfolios.accounts.title")>
                {tr!("portfolios.accounts.sentence")}
            </PageHead>
            <Done says/>
            {prove}
            <LinkedAccounts scope linked may now/>
            {candidates}
        </main>
    }
}

#[component]
fn LinkedAccounts(scope: Scope, linked: Vec<LinkedAccount>, may: bool, now: Timestamp) -> impl IntoView {
    let unlink = use_post::<Unlink>();
    let error = unlink.error();
    let list = if linked.is_empty() {
        let text = tr!("portfolios.accounts.none_text");
        Either::Left(view! { <Empty title=tr!("portfolios.accounts.none") text/> })
    } else {
        let rows = linked.into_iter().map(|account| view! { <Linked scope account may unlink now/> }).collect_view();
        Either::Right(view! { <ul class="cards">{rows}</ul> })
    };
    view! {
        <section class="stack narrow">
            <h2>{tr!("portfolios.accounts.linked")}</h2>
            <FormError error/>
            <StepUpLink error/>
            {list}
        </section>
    }
}

#[component]
fn Linked(scope: Scope, account: LinkedAccount, may: bool, unlink: Post, now: Timestamp) -> impl IntoView {
    let LinkedAccount { id, name, members, linked_at, confirm_until } = account;
    let since = linked_at.map(|at| view! { " · " {tr!("portfolios.accounts.since")} " " <Time at now/> });
    let doubt = confirm_until.map(|until| {
        view! {
            <Badge tone=Tone::Pending>
                {tr!("portfolios.to_confirm")} " · " <Countdown until now/>
            </Badge>
        }
    });
    let question = tr!("portfolios.accounts.unlink", account = &name);
    let form = may.then(|| {
        view! {
            <details>
                <summary>{question}</summary>
                <PostForm post=unlink>
                    <ScopeField scope/>
                    <input type="hidden" name="account" value=id.to_string()/>
                    <p>{tr!("portfolios.accounts.unlink_text")}</p>
                    <div class="actions">
                        <Submit
                            label=tr!("portfolios.unlink_now")
                            weight=Weight::Danger
                            pending=unlink.pending()
                        />
                    </div>
                </PostForm>
            </details>
        }
    });
    view! {
        <li>
            <div class="what">
                <p>{name} {doubt}</p>
                <p>{tr_n!("portfolios.people", members, number = counted(members))} {since}</p>
            </div>
            {form}
        </li>
    }
}

#[component]
fn Candidates(scope: Scope, candidates: Vec<Candidate>, may: bool, now: Timestamp) -> impl IntoView {
    let (ask, cancel) = (use_post::<Ask>(), use_post::<Cancel>());
    let (refused, not_cancelled) = (ask.error(), cancel.error());
    let list = if candidates.is_empty() {
        let text = tr!("portfolios.accounts.no_candidates_text");
        Either::Left(view! { <Empty title=tr!("portfolios.accounts.no_candidates") text/> })
    } else {
        let row = |candidate| view! { <Row scope candidate may ask cancel now/> };
        let rows = candidates.into_iter().map(row).collect_view();
        Either::Right(view! { <ul class="cards">{rows}</ul> })
    };
    view! {
        <section class="stack narrow">
            <div class="section-head">
                <h2>{tr!("portfolios.accounts.candidates")}</h2>
                <p>{tr!("portfolios.accounts.candidates_sentence")}</p>
            </div>
            <FormError error=refused/>
            <FormError error=not_cancelled/>
            <StepUpLink error=refused/>
            {list}
        </section>
    }
}

#[component]
fn Row(scope: Scope, candidate: Candidate, may: bool, ask: Post, cancel: Post, now: Timestamp) -> impl IntoView {
    let Candidate { id, name, is_own, candidacy } = candidate;
    let (detail, deed) = match candidacy {
        Candidacy::Unfit(unfit) => (unfit_text(unfit), EitherOf4::A(())),
        Candidacy::MayBeAsked => {
            let detail = match is_own {
                true => tr!("portfolios.accounts.own"),
                false => tr!("portfolios.accounts.of_another"),
            };
            let form = may.then(|| view! { <AskForm scope account=id name=name.clone() is_own ask/> });
            (detail, EitherOf4::B(form))
        }
        Candidacy::Asked { id: request, .. } if is_own => {
            let href = paths::link_request(id, request);
            let label = tr!("portfolios.look_at", portfolio = &name);
            let look = view! {
                <a class="button" href=href aria-label=label>
                    {tr!("portfolios.look")}
                </a>
            };
            (tr!("portfolios.accounts.own"), EitherOf4::C(look))
        }
        Candidacy::Asked { id: request, .. } => {
            let form = view! { <CancelForm scope request name=name.clone() cancel/> };
            (tr!("portfolios.accounts.waits"), EitherOf4::D(form))
        }
    };
    let badge = match candidacy {
        Candidacy::Asked { expires_at, .. } => Some(view! {
            <Badge tone=Tone::Pending>
                {tr!("portfolios.accounts.asked")} " · " <Countdown until=expires_at now/>
            </Badge>
        }),
        Candidacy::MayBeAsked | Candidacy::Unfit(_) => None,
    };
    view! {
        <li>
            <div class="what">
                <p>{name} {badge}</p>
                <p>{detail}</p>
            </div>
            {deed}
        </li>
    }
}

#[component]
fn AskForm(scope: Scope, account: AccountId, name: String, is_own: bool, ask: Post) -> impl IntoView {
    let (label, whole) = match is_own {
        true => (tr!("portfolios.accounts.join"), tr!("portfolios.accounts.join_name", account = name)),
        false => (tr!("portfolios.accounts.ask"), tr!("portfolios.accounts.ask_name", account = name)),
    };
    view! {
        <PostForm post=ask>
            <ScopeField scope/>
            <input type="hidden" name="account" value=account.to_string()/>
            <button type="submit" class="button" aria-label=whole>
                {label}
            </button>
        </PostForm>
    }
}

#[component]
fn CancelForm(scope: Scope, request: LinkRequestId, name: String, cancel: Post) -> impl IntoView {
    let whole = tr!("portfolios.accounts.call_off_name", account = name);
    view! {
        <PostForm post=cancel>
            <ScopeField scope/>
            <input type="hidden" name="id" value=request.to_string()/>
            <button type="submit" class="button" aria-label=whole>
                {tr!("portfolios.accounts.call_off")}
            </button>
        </PostForm>
    }
}

fn says(done: &str) -> Option<&'static str> {
    match done {
        "made" => Some(tr!("portfolios.accounts.made")),
        "asked" => Some(tr!("portfolios.accounts.now_asked")),
        "called_off" => Some(tr!("portfolios.accounts.called_off")),
        "unlinked" => Some(tr!("portfolios.now_unlinked")),
        _ => None,
    }
}
