//! “Waiting for approval”: the requests that a second administrator has to decide about, over the list of users and on the
//! Overview.

use crate::{
    paths,
    ui::{Badge, Countdown, LinkButton, Time, Tone},
};
use domain::{mfa_reset::AwaitedApproval, scope::Scope, time::Timestamp};
use leptos::prelude::*;

#[component]
pub(crate) fn AwaitingApproval(scope: Scope, awaiting: Vec<AwaitedApproval>, now: Timestamp) -> impl IntoView {
    let rows = awaiting.into_iter().map(|awaited| view! { <Awaited scope awaited now/> }).collect_view();
    view! {
        <section class="stack narrow tight" aria-labelledby="awaiting-approval">
            <h2 id="awaiting-approval">{tr!("mfa_reset_request.approval.awaiting")}</h2>
            <ul class="cards">{rows}</ul>
        </section>
    }
}

#[component]
fn Awaited(scope: Scope, awaited: AwaitedApproval, now: Timestamp) -> impl IntoView {
    let AwaitedApproval { user_id, name, asked_by, requested_at, expires_at, is_own } = awaited;
    let page = paths::request_mfa_reset(scope, user_id);
    let (asked, href, label) = match is_own {
        true => (
            tr!("mfa_reset_request.approval.own").to_owned(),
            paths::done(&page, "requested"),
            tr!("mfa_reset_request.approval.look"),
        ),
        false => (
            tr!("mfa_reset_request.approval.asked_by", asker = asked_by),
            page,
            tr!("mfa_reset_request.approval.review"),
        ),
    };
    view! {
        <li>
            <div class="what">
                <p>
                    {name}
                    <Badge tone=Tone::Pending>
                        {tr!("mfa_reset_request.approval.badge")} " · " <Countdown until=expires_at now/>
                    </Badge>
                </p>
                <p>{asked} " " <Time at=requested_at now/></p>
            </div>
            <LinkButton href label/>
        </li>
    }
}
