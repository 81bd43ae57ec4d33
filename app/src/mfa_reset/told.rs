//! After asking: what to tell the person, how far the mail got, and what can still be done; or that a second administrator
//! has to agree first. What is told is said on
//! another channel, by the administrator, so it must hold by itself.

use super::actions::{ResetAction, ResetActionErrors, ResetActionForm, ResetActions, ResetOutcome};
use crate::{
    next::Next,
    paths,
    ui::{Badge, CopyButton, Countdown, Fact, Facts, LinkButton, PageHead, Time, Tone, Weight, clock},
};
use domain::{
    mfa_reset::{Delivery, PendingReset, ResetPreview, State as Stands},
    time::Timestamp,
};
use leptos::{either::Either, prelude::*};

#[component]
pub(super) fn Told(preview: ResetPreview, reset: PendingReset, actions: ResetActions) -> impl IntoView {
    let ResetPreview { scope, scope_name, name, email, target, number, now, .. } = preview;
    let user = target.user_id;
    let page = paths::done(&paths::request_mfa_reset(scope, user), "requested");
    let users = paths::users(scope);
    let awaits = reset.state == Stands::AwaitingApproval;
    let (state, title, sentence) = match (awaits, reset.delivery) {
        (true, _) => (
            "awaiting_approval",
            tr!("mfa_reset_request.approval.awaiting").to_owned(),
            tr!("mfa_reset_request.approval.awaits", name = name),
        ),
        (false, delivery) => {
            let sentence = match delivery {
                Delivery::Queued => tr!("mfa_reset_request.mail.queued", email = email),
                Delivery::Sent => tr!("mfa_reset_request.mail.sent", email = email),
                Delivery::Refused { code } => tr!("mfa_reset_request.mail.refused", email = email, code = code),
            };
            ("requested", tr!("mfa_reset_request.told.title", name = name), sentence)
        }
    };
    let next = Next::to(page.clone());
    let resend = (!awaits).then(|| view! { <ResetActionForm what=ResetAction::Resend scope user next actions/> });
    let tell = (!awaits).then(|| {
        view! {
            <WhatToTell name=name.clone() scope_name until=reset.expires_at with_number=reset.asks_number/>
        }
    });
    view! {
        <main class="main" id="main" data-page="reset_mfa" data-state=state>
            <PageHead eyebrow=tr!("mfa_reset_request.back") back=users.clone() title>
                {sentence}
            </PageHead>
            <ResetActionErrors actions/>
            <div class="narrow stack">
                <State reset=reset.clone() now/>
                {reset.asks_number.then(|| view! { <Number name=name.clone() asker=reset.asked_by.clone() number/> })}
                {tell}
                <div class="actions">
                    <LinkButton href=users.clone() label=tr!("mfa_reset_request.told.done") weight=Weight::Primary/>
                    {resend}
                    <ResetActionForm what=ResetAction::Cancel scope user next=Next::to(users) actions/>
                </div>
            </div>
            <ResetOutcome close=page/>
        </main>
    }
}

#[component]
fn State(reset: PendingReset, now: Timestamp) -> impl IntoView {
    let (tone, delivery) = match reset.delivery {
        Delivery::Queued => (Tone::Pending, tr!("mfa_reset_request.delivery.queued")),
        Delivery::Sent => (Tone::Good, tr!("mfa_reset_request.delivery.sent")),
        Delivery::Refused { .. } => (Tone::Bad, tr!("mfa_reset_request.delivery.refused")),
    };
    let asker = reset.asked_by.unwrap_or_else(|| tr!("mfa_reset_request.operator").into());
    let awaits = reset.state == Stands::AwaitingApproval;
    let left = match awaits {
        true => tr!("mfa_reset_request.approval.left"),
        false => tr!("mfa_reset_request.told.left"),
    };
    let mail = (!awaits).then(|| {
        view! {
            <Fact term=tr!("mfa_reset_request.told.mail")>
                <Badge tone>{delivery}</Badge>
            </Fact>
        }
    });
    view! {
        <Facts>
            <Fact term=tr!("mfa_reset_request.told.asked")>
                {asker} ", " <Time at=reset.requested_at now/>
            </Fact>
            <Fact term=left>
                <Countdown until=reset.expires_at now/>
            </Fact>
            {mail}
        </Facts>
    }
}

/// The number, for who asked; for others, who has it. Apart from the text that is copied: that may go by mail.
#[component]
fn Number(name: String, asker: Option<String>, number: Option<String>) -> impl IntoView {
    match number {
        Some(number) => Either::Left(view! {
            <section class="card">
                <h2>{tr!("mfa_reset_request.number.heading")}</h2>
                <p class="number">{number}</p>
                <p class="prose">{tr!("mfa_reset_request.number.text", name = name)}</p>
            </section>
        }),
        None => Either::Right(view! {
            <p class="quiet">
                {tr!("mfa_reset_request.number.others", asker = asker.unwrap_or_default())}
            </p>
        }),
    }
}

/// The text, and the button that takes it along.
#[component]
fn WhatToTell(name: String, scope_name: String, until: Timestamp, with_number: bool) -> impl IntoView {
    let until = clock(until);
    let text = Signal::derive(move || match with_number {
        true => tr!("mfa_reset_request.told.text_number", scope = scope_name, until = until.get()),
        false => tr!("mfa_reset_request.told.text", scope = scope_name, until = until.get()),
    });
    view! {
        <section class="card">
            <h2>{tr!("mfa_reset_request.told.heading", name = name)}</h2>
            <p class="prose">{text}</p>
            <div class="actions">
                <CopyButton
                    text
                    label=tr!("mfa_reset_request.told.copy")
                    done=tr!("mfa_reset_request.told.copied")
                />
            </div>
        </section>
    }
}
