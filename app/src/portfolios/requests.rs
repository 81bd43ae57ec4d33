//! What waits for an account's Owner: portfolios that ask it to join, and a link that is to be confirmed.

use crate::{
    paths,
    ui::{Badge, Countdown, LinkButton, Time, Tone},
};
use domain::{
    portfolios::{LinkRequest, LinkToConfirm, WaitingLinks},
    scope::Scope,
    time::Timestamp,
};
use leptos::prelude::*;

/// On the Overview.
#[component]
pub(crate) fn WaitingForOwner(scope: Scope, links: WaitingLinks, now: Timestamp) -> impl IntoView {
    let WaitingLinks { requests, to_confirm } = links;
    let to_confirm = to_confirm.map(|LinkToConfirm { portfolio, until }| {
        view! {
            <li>
                <div class="what">
                    <p>
                        {portfolio}
                        <Badge tone=Tone::Pending>
                            {tr!("portfolios.to_confirm")} " · " <Countdown until now/>
                        </Badge>
                    </p>
                    <p>{tr!("portfolios.to_confirm_text")}</p>
                </div>
                <LinkButton href=paths::portfolio_of(scope) label=tr!("portfolios.look")/>
            </li>
        }
    });
    let requests = requests.into_iter().map(|request| view! { <Asking scope request now/> }).collect_view();
    view! {
        <section class="stack narrow" aria-labelledby="waiting-links">
            <h2 id="waiting-links">{tr!("portfolios.waiting")}</h2>
            <ul class="cards">{to_confirm} {requests}</ul>
        </section>
    }
}

/// One portfolio that asks.
#[component]
pub(super) fn Asking(scope: Scope, request: LinkRequest, now: Timestamp) -> impl IntoView {
    let LinkRequest { id, portfolio, asked_by, asked_at, expires_at, .. } = request;
    let label = tr!("portfolios.look_at", portfolio = &portfolio);
    view! {
        <li>
            <div class="what">
                <p>
                    {portfolio}
                    <Badge tone=Tone::Pending>
                        {tr!("portfolios.asks")} " · " <Countdown until=expires_at now/>
                    </Badge>
                </p>
                <p>{tr!("portfolios.asked_by", asker = asked_by)} " " <Time at=asked_at now/></p>
            </div>
            <a class="button" href=paths::link_request_in(scope, id) aria-label=label>
                {tr!("portfolios.look")}
            </a>
        </li>
    }
}
