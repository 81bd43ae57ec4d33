//! `…/settings/security/portfolio/requests/{id}`: what an account's Owner agrees to, and the two answers. Who only looks is
//! told who answers.

use super::{
    api::{self, Agree, Decline},
    link_page::ProveFirst,
    power::{PowerSections, reach_query},
};
use crate::{
    error::{AppError, denied_text},
    error_page::ErrorPage,
    paths,
    scope::{ScopeField, use_scope},
    step_up::StepUpLink,
    ui::{Countdown, Fact, Facts, PageHead, Post, PostForm, Submit, Time, Weight, form::FormError, use_post},
};
use domain::{
    ids::LinkRequestId,
    policy::{self, Principal},
    portfolios::{Consent, LinkRequestState, Unfit},
    scope::Scope,
};
use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

#[component]
pub(crate) fn ConsentPage() -> impl IntoView {
    let (scope, params, map) = (use_scope(), use_params_map(), use_query_map());
    let id = move || params.read().get_str("id").and_then(|id| id.parse::<LinkRequestId>().ok());
    let query = Memo::new(move |_| map.with(reach_query));
    let consent = Resource::new(
        move || (scope.get().zip(id()), query.get()),
        |(of, query)| async move {
            let (scope, id) = of.ok_or(AppError::NotFound)?;
            api::see_request(scope, id, query).await
        },
    );
    view! {
        <Title text=tr!("portfolios.consent.title")/>
        <Transition>
            {move || Suspend::new(async move {
                match consent.await {
                    Ok(consent) => Either::Left(view! { <Page consent/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Page(consent: Consent) -> impl IntoView {
    let Consent { scope, account, principal, request, power, unfit, now } = consent;
    let (id, state) = (request.id, request.state);
    let title = tr!("portfolios.consent.question", account = account, portfolio = request.portfolio);
    let path = paths::link_request_in(scope, id);
    let (asked_at, expires_at) = (request.asked_at, request.expires_at);
    let facts = view! {
        <section class="stack narrow">
            <Facts>
                <Fact term=tr!("portfolios.consent.asked_by")>
                    {request.asked_by} " · " <Time at=asked_at now/>
                </Fact>
                {(state == LinkRequestState::Open)
                    .then(|| {
                        view! {
                            <Fact term=tr!("portfolios.consent.left")>
                                <Countdown until=expires_at now/>
                            </Fact>
                        }
                    })}
            </Facts>
        </section>
    };
    let shown = power.map(|power| {
        view! {
            <PowerSections scope power path/>
            <Answer scope id who=principal unfit/>
        }
    });
    view! {
        <main class="main" id="main" data-page="link_consent" data-state=state.key()>
            <PageHead eyebrow=tr!("portfolios.heading") back=paths::portfolio_of(scope) title>
                {sentence(state)}
            </PageHead>
            {facts}
            {shown}
        </main>
    }
}

/// The two answers, for who may give them.
#[component]
fn Answer(scope: Scope, id: LinkRequestId, who: Principal, unfit: Option<Unfit>) -> impl IntoView {
    let (agree, decline) = (use_post::<Agree>(), use_post::<Decline>());
    let inner = match policy::decline_link(&who, scope).map(drop) {
        Err(denied) => Either::Left(view! { <p>{denied_text(denied)}</p> }),
        Ok(()) => {
            let verdict = policy::agree_to_link(&who, scope).map(drop);
            let path = paths::link_request_in(scope, id);
            let yes = match (unfit, verdict) {
                (Some(unfit), _) => EitherOf3::A(view! { <p>{unfit_text(unfit)}</p> }),
                (None, Ok(())) => EitherOf3::B(view! {
                    <AnswerForm scope id post=agree label=tr!("portfolios.consent.agree") weight=Weight::Primary/>
                }),
                (None, Err(_)) => EitherOf3::C(view! { <ProveFirst path/> }),
            };
            Either::Right(view! {
                <p>{tr!("portfolios.consent.explained")}</p>
                <div class="actions">
                    <AnswerForm scope id post=decline label=tr!("portfolios.consent.decline") weight=Weight::Secondary/>
                    {yes}
                </div>
            })
        }
    };
    let (refused, also_refused) = (agree.error(), decline.error());
    view! {
        <section class="stack narrow">
            <h2>{tr!("portfolios.consent.answer")}</h2>
            <div class="card">
                <FormError error=refused/>
                <FormError error=also_refused/>
                <StepUpLink error=refused/>
                {inner}
            </div>
        </section>
    }
}

#[component]
fn AnswerForm(scope: Scope, id: LinkRequestId, post: Post, label: &'static str, weight: Weight) -> impl IntoView {
    view! {
        <PostForm post>
            <ScopeField scope/>
            <input type="hidden" name="id" value=id.to_string()/>
            <Submit label weight pending=post.pending()/>
        </PostForm>
    }
}

/// Why an account cannot join.
pub(super) fn unfit_text(unfit: Unfit) -> &'static str {
    match unfit {
        Unfit::Closed => tr!("portfolios.unfit.closed"),
        Unfit::InAnotherPortfolio => tr!("portfolios.unfit.in_another"),
        Unfit::FreePlan => tr!("portfolios.unfit.free_plan"),
    }
}

fn sentence(state: LinkRequestState) -> &'static str {
    match state {
        LinkRequestState::Open => tr!("portfolios.consent.open"),
        LinkRequestState::Agreed => tr!("portfolios.consent.agreed"),
        LinkRequestState::Declined => tr!("portfolios.consent.declined"),
        LinkRequestState::Cancelled => tr!("portfolios.consent.cancelled"),
        LinkRequestState::Expired => tr!("portfolios.consent.expired"),
        LinkRequestState::Superseded => tr!("portfolios.consent.superseded"),
    }
}
