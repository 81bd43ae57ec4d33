//! The section of an account's Security page: the portfolio that it is in with everybody who has reach through it, or how to
//! come into one.

use super::{api, power::Reach, requests::Asking};
use crate::{
    error::AppError,
    paths,
    ui::{Badge, Countdown, Fact, Facts, Notice, Time, Tone},
};
use domain::{
    policy,
    portfolios::{AccountLink, Link, Power, ReachQuery},
    scope::Scope,
    time::Timestamp,
};
use leptos::{either::Either, prelude::*};

#[component]
pub(crate) fn PortfolioSection(scope: Scope) -> impl IntoView {
    let link = Resource::new(|| (), move |()| api::link(scope, ReachQuery::default()));
    view! {
        <section class="stack narrow" id="portfolio">
            <div class="section-head">
                <h2>{tr!("portfolios.heading")}</h2>
                <p>{tr!("portfolios.sentence")}</p>
            </div>
            <Transition>
                {move || Suspend::new(async move {
                    match link.await {
                        Ok(link) => Either::Left(view! { <Shown link/> }),
                        Err(error) => Either::Right(view! { <Notice tone=Tone::Bad title=AppError::text(&error)/> }),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Shown(link: AccountLink) -> impl IntoView {
    let AccountLink { scope, principal, plan, link, requests, now } = link;
    let make = policy::create_portfolio(&principal, scope, plan).map(drop);
    let make = make.err().is_none_or(|denied| denied.is_mendable()).then(|| {
        view! {
            <p>
                <a href=paths::new_portfolio(scope)>{tr!("portfolios.make")}</a>
            </p>
        }
    });
    let linked = match link {
        Some(link) => Either::Left(view! { <Linked scope link now/> }),
        None => Either::Right(view! { <p>{tr!("portfolios.in_none")}</p> }),
    };
    let requests = (!requests.is_empty()).then(|| {
        let rows = requests.into_iter().map(|request| view! { <Asking scope request now/> }).collect_view();
        view! { <ul class="cards">{rows}</ul> }
    });
    view! { {linked} {requests} {make} }
}

#[component]
fn Linked(scope: Scope, link: Link, now: Timestamp) -> impl IntoView {
    let Link { power: Power { portfolio, people, total, after, .. }, linked_at, confirm_until } = link;
    view! {
        <LinkFacts portfolio linked_at confirm_until now/>
        <h3>{tr!("portfolios.reach")}</h3>
        <Reach people total before=None after path=paths::portfolio_of(scope)/>
        <p>
            <a href=paths::portfolio_of(scope)>{tr!("portfolios.more")}</a>
        </p>
    }
}

/// Which portfolio, since when, and until when if that is in doubt.
#[component]
pub(super) fn LinkFacts(
    portfolio: String,
    linked_at: Option<Timestamp>,
    confirm_until: Option<Timestamp>,
    now: Timestamp,
) -> impl IntoView {
    let since = linked_at.map(|at| {
        view! {
            <Fact term=tr!("portfolios.since")>
                <Time at now/>
            </Fact>
        }
    });
    let until = confirm_until.map(|until| {
        view! {
            <Fact term=tr!("portfolios.ends_unless")>
                <Badge tone=Tone::Pending>
                    <Countdown until now/>
                </Badge>
            </Fact>
        }
    });
    view! {
        <Facts>
            <Fact term=tr!("portfolios.heading")>{portfolio}</Fact>
            {since}
            {until}
        </Facts>
    }
}
