//! Overview: what waits for me here, and what of my own is weak.

use super::api;
use crate::{
    error::AppError,
    error_page::ErrorPage,
    mfa_reset::AwaitingApproval,
    paths,
    portfolios::WaitingForOwner,
    scope::use_scope,
    ui::{Badge, Countdown, Empty, LinkButton, Notice, PageHead, Time, Tone, counted},
    users::LeaveLink,
};
use domain::{
    accounts::{Headcount, Overview},
    authenticators::FactorKind,
    check_up::Finding,
    mfa_reset::{PendingReset, State},
    scope::Scope,
    time::Timestamp,
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    let scope = use_scope();
    let overview = Resource::new(
        move || scope.get(),
        |scope| async move {
            let scope = scope.ok_or(AppError::NotFound)?;
            Ok((scope, api::overview(scope).await?))
        },
    );
    view! {
        <Title text=tr!("overview.title")/>
        <Suspense>
            {move || Suspend::new(async move {
                match overview.await {
                    Ok((scope, overview)) => Either::Left(view! { <Page scope overview/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Page(scope: Scope, overview: Overview) -> impl IntoView {
    let Overview {
        headcount,
        check_up,
        awaiting,
        mut pending,
        links,
        own_factors,
        in_grace,
        own_backup_codes_left,
        now,
    } = overview;
    // What waits for approval has a list of its own.
    pending.retain(|(_, reset)| reset.state != State::AwaitingApproval);
    let has_own_list = !awaiting.is_empty() || !links.is_empty();
    let state = if pending.is_empty() && !has_own_list { "quiet" } else { "waiting" };
    let alone = pending.is_empty() && has_own_list;
    let links = (!links.is_empty()).then(|| view! { <WaitingForOwner scope links now/> });
    let awaiting = (!awaiting.is_empty()).then(|| view! { <AwaitingApproval scope awaiting now/> });
    let waiting = if pending.is_empty() {
        Either::Left(view! { <Empty title=tr!("overview.nothing") text=tr!("overview.nothing_text")/> })
    } else {
        let rows = pending.into_iter().map(|(name, reset)| view! { <Waiting scope name reset now/> }).collect_view();
        Either::Right(view! { <ul class="cards">{rows}</ul> })
    };
    view! {
        <main class="main" id="main" data-page="overview" data-state=state>
            <PageHead title=tr!("overview.title")>{tr!("overview.sentence")}</PageHead>
            {(!in_grace)
                .then(|| view! { <OwnMethods has_factor=!own_factors.is_empty() backup_codes=own_backup_codes_left/> })}
            {links}
            {awaiting}
            {(!alone)
                .then(|| {
                    view! {
                        <section class="stack narrow">
                            <h2>{tr!("overview.waiting")}</h2>
                            {waiting}
                        </section>
                    }
                })}
            {headcount.map(|headcount| view! { <Coverage scope headcount/> })}
            {check_up.map(|findings| view! { <CheckUp scope findings/> })}
            <LeaveLink scope/>
        </main>
    }
}

/// How many use a second factor, and who does not.
#[component]
fn Coverage(scope: Scope, headcount: Headcount) -> impl IntoView {
    let Headcount { members, with_mfa } = headcount;
    let (number, all) = (counted(with_mfa), counted(members));
    view! {
        <section class="stack narrow tight">
            <h2>{tr!("overview.mfa")}</h2>
            <p>
                {tr_n!("overview.with", with_mfa, number = number, members = all)} " "
                {(with_mfa < members)
                    .then(|| view! { <a href=paths::users_without_mfa(scope)>{tr!("overview.who")}</a> })}
            </p>
            <progress value=with_mfa.to_string() max=members.to_string() aria-label=tr!("overview.coverage")></progress>
        </section>
    }
}

/// What is weak here, and its mending one click away.
#[component]
fn CheckUp(scope: Scope, findings: Vec<Finding>) -> impl IntoView {
    let found = if findings.is_empty() {
        Either::Left(view! { <p>{tr!("overview.check_up.nothing")}</p> })
    } else {
        let rows = findings.into_iter().map(|finding| view! { <Weak scope finding/> }).collect_view();
        Either::Right(view! { <ul class="cards">{rows}</ul> })
    };
    view! {
        <section class="stack narrow" id="check-up">
            <div class="section-head">
                <h2>{tr!("overview.check_up.title")}</h2>
                <p>
                    <a href=paths::help_account_security()>{tr!("overview.check_up.help")}</a>
                </p>
            </div>
            {found}
        </section>
    }
}

#[component]
fn Weak(scope: Scope, finding: Finding) -> impl IntoView {
    let (title, text, href, label) = match finding {
        Finding::NotRequired => (
            tr!("overview.check_up.not_required").to_owned(),
            tr!("overview.check_up.not_required_text"),
            paths::security(scope),
            tr!("overview.check_up.require"),
        ),
        Finding::WithoutFactor { people } => (
            tr_n!("overview.check_up.without", people, number = counted(people)),
            tr!("overview.check_up.without_text"),
            paths::roll_out(scope),
            tr!("overview.check_up.remind"),
        ),
        Finding::SmsAlone { people } => (
            tr_n!("overview.check_up.sms", people, number = counted(people)),
            tr!("overview.check_up.sms_text"),
            paths::users_with_method(scope, FactorKind::Sms),
            tr!("overview.who"),
        ),
        Finding::LoneHelper => (
            tr!("overview.check_up.lone_helper").to_owned(),
            tr!("overview.check_up.lone_helper_text"),
            paths::invite(scope),
            tr!("users.invite"),
        ),
        Finding::StaleAdministrators { people } => (
            tr_n!("overview.check_up.stale", people, number = counted(people)),
            tr!("overview.check_up.stale_text"),
            paths::users_long_away(scope),
            tr!("overview.who"),
        ),
    };
    view! {
        <li>
            <div class="what">
                <p>{title}</p>
                <p>{text}</p>
            </div>
            <LinkButton href label/>
        </li>
    }
}

/// A reset that is live: of whom, asked by whom, how long.
#[component]
fn Waiting(scope: Scope, name: String, reset: PendingReset, now: Timestamp) -> impl IntoView {
    let asked = match reset.asked_by {
        Some(asker) => tr!("overview.asked_by", asker = asker),
        None if reset.is_elsewhere => tr!("overview.asked_elsewhere").into(),
        None => tr!("overview.asked_by_operator").into(),
    };
    let (text, until) = match reset.state {
        State::Waiting => (tr!("overview.reset_accepted"), reset.effective_at),
        _ => (tr!("overview.reset_pending"), Some(reset.expires_at)),
    };
    view! {
        <li>
            <div class="what">
                <p>
                    {name}
                    <Badge tone=Tone::Pending>
                        {text} {until.map(|until| view! { " · " <Countdown until now/> })}
                    </Badge>
                </p>
                <p>{asked} " " <Time at=reset.requested_at now/></p>
            </div>
            <LinkButton href=paths::users_with_pending_reset(scope) label=tr!("overview.look")/>
        </li>
    }
}

/// What of one's own is weak, and its mending one click away.
#[component]
fn OwnMethods(has_factor: bool, backup_codes: u32) -> impl IntoView {
    const FEW: u32 = 3;
    let notice = |title: String, label: &'static str| {
        view! {
            <Notice tone=Tone::Pending title row=true>
                <div class="actions">
                    <LinkButton href=paths::me_security() label/>
                </div>
            </Notice>
        }
    };
    match (has_factor, backup_codes) {
        (false, _) => Some(notice(tr!("overview.no_factor").into(), tr!("overview.add_method"))),
        (true, left) if left < FEW => Some(notice(tr_n!("overview.few_codes", left), tr!("overview.new_codes"))),
        _ => None,
    }
}
