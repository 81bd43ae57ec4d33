//! `…/settings/security/portfolio/new`: making a portfolio, from a paid account.

use super::{
    api::{self, Create},
    link_page::ProveFirst,
};
use crate::{
    error::{AppError, denied_text},
    error_page::ErrorPage,
    paths,
    scope::{ScopeField, use_scope},
    step_up::StepUpLink,
    ui::{
        LinkButton, PageHead, PostForm, Submit, TextField, Weight,
        form::{FormError, problem},
        use_post,
    },
};
use domain::{
    errors::Field,
    person::Name,
    policy,
    portfolios::{AccountLink, ReachQuery},
    scope::Scope,
};
use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};
use leptos_meta::Title;

#[component]
pub(crate) fn NewPortfolioPage() -> impl IntoView {
    let scope = use_scope();
    let link = Resource::new(
        move || scope.get(),
        |scope| async move { api::link(scope.ok_or(AppError::NotFound)?, ReachQuery::default()).await },
    );
    view! {
        <Title text=tr!("portfolios.new.title")/>
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
    let AccountLink { scope, principal, plan, .. } = link;
    let form = match policy::create_portfolio(&principal, scope, plan).map(drop) {
        Ok(()) => EitherOf3::A(view! { <Form scope/> }),
        Err(denied) if denied.is_mendable() => EitherOf3::B(view! {
            <p>{denied_text(denied)}</p>
            <ProveFirst path=paths::new_portfolio(scope)/>
        }),
        Err(denied) => EitherOf3::C(view! { <p>{denied_text(denied)}</p> }),
    };
    view! {
        <main class="main" id="main" data-page="new_portfolio" data-state="open">
            <PageHead
                eyebrow=tr!("portfolios.heading")
                back=paths::portfolio_of(scope)
                title=tr!("portfolios.new.title")
            >
                {tr!("portfolios.new.sentence")}
            </PageHead>
            <section class="narrow">
                <div class="card">{form}</div>
            </section>
        </main>
    }
}

#[component]
fn Form(scope: Scope) -> impl IntoView {
    let post = use_post::<Create>();
    let error = post.error();
    view! {
        <PostForm post>
            <FormError error/>
            <StepUpLink error/>
            <ScopeField scope/>
            <TextField
                name="name"
                label=tr!("portfolios.new.name")
                hint=tr!("portfolios.new.name_hint")
                max=Name::MAX
                problem=problem(error, Field::Name)
                required=true
            />
            <p class="hint">{tr!("portfolios.new.requires_mfa")}</p>
            <div class="actions">
                <LinkButton href=paths::security(scope) label=tr!("mfa_reset_request.cancel")/>
                <Submit label=tr!("portfolios.new.make") weight=Weight::Primary pending=post.pending()/>
            </div>
        </PostForm>
    }
}
