//! After asking: what to tell the person, how far the mail got, and what can still be done. What is told is said on
//! another channel, by the administrator, so it must hold by itself.

use super::actions::{ResetAction, ResetActionErrors, ResetActionForm, ResetActions, ResetOutcome};
use crate::{
    next::Next,
    paths,
    ui::{Badge, CopyButton, Countdown, Fact, Facts, LinkButton, PageHead, Time, Tone, Weight, clock},
};
use domain::{
    ids::UserId,
    mfa_reset::{Delivery, PendingReset},
    scope::Scope,
    time::Timestamp,
};
use leptos::{either::Either, prelude::*};

#[component]
pub(super) fn Told(
    scope: Scope,
    user: UserId,
    scope_name: String,
    name: String,
    email: String,
    reset: PendingReset,
    number: Option<String>,
    now: Timestamp,
    actions: ResetActions,
) -> impl IntoView {
    let page = paths::done(&paths::request_mfa_reset(scope, user), "requested");
    let users = paths::users(scope);
    let sentence = match reset.delivery {
        Delivery::Queued => tr!("mfa_reset_request.mail.queued", email = email),
        Delivery::Sent => tr!("mfa_reset_request.mail.sent", email = email),
        Delivery::Refused { code } => tr!("mfa_reset_request.mail.refused", email = email, code = code),
    };
    let next = Next::to(page.clone());
    view! {
        <main class="main" id="main" data-page="reset_mfa" data-state="requested">
            <PageHead
                eyebrow=tr!("mfa_reset_request.back")
                back=users.clone()
                title=tr!("mfa_reset_request.told.title", name = name)
            >
                {sentence}
            </PageHead>
            <ResetActionErrors actions/>
            <div class="narrow stack">
                <State reset=reset.clone() now/>
                {reset.asks_number.then(|| view! { <Number name=name.clone() asker=reset.asked_by.clone() number/> })}
                <WhatToTell name scope_name until=reset.expires_at with_number=reset.asks_number/>
                <div class="actions">
                    <LinkButton href=users.clone() label=tr!("mfa_reset_request.told.done") weight=Weight::Primary/>
                    <ResetActionForm what=ResetAction::Resend scope user next actions/>
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
    view! {
        <Facts>
            <Fact term=tr!("mfa_reset_request.told.asked")>
                {asker} ", " <Time at=reset.requested_at now/>
            </Fact>
            <Fact term=tr!("mfa_reset_request.told.left")>
                <Countdown until=reset.expires_at now/>
            </Fact>
            <Fact term=tr!("mfa_reset_request.told.mail")>
                <Badge tone>{delivery}</Badge>
            </Fact>
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
