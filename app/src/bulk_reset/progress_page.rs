//! `…/users/reset-mfa/{id}`: how far it got, and what became of each. It can be left and opened again.

use super::api;
use crate::{
    error::AppError,
    error_page::ErrorPage,
    paths,
    scope::use_scope,
    ui::{Badge, LinkButton, PageHead, Refresh, Time, Tone, Weight, counted},
};
use domain::{
    bulk_reset::{BulkItem, BulkReset, Outcome},
    ids::BulkResetId,
    scope::Scope,
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn ProgressPage() -> impl IntoView {
    let (scope, params) = (use_scope(), use_params_map());
    let id = move || params.read().get_str("bulk").and_then(|id| id.parse::<BulkResetId>().ok());
    let progress = Resource::new(
        move || scope.get().zip(id()),
        |of| async move {
            let (scope, id) = of.ok_or(AppError::NotFound)?;
            Ok((scope, api::progress(scope, id).await?))
        },
    );
    view! {
        <Title text=tr!("bulk_reset.title")/>
        <Transition>
            {move || Suspend::new(async move {
                match progress.await {
                    Ok((scope, reset)) => {
                        let again = reset.done() < reset.items.len();
                        if again {
                            Effect::new(move |_| crate::ui::after(1, move || progress.refetch()));
                        }
                        Either::Left(view! { <Progress scope reset/> })
                    }
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Progress(scope: Scope, reset: BulkReset) -> impl IntoView {
    let (done, all) = (reset.done(), reset.items.len());
    let is_done = done == all;
    let state = if is_done { "done" } else { "working" };
    let title = if is_done { tr!("bulk_reset.done") } else { tr!("bulk_reset.working") };
    let (number, of) = (counted(done as u64), counted(all as u64));
    let sentence = match is_done {
        true => tr!("bulk_reset.progress_done", done = number, all = of),
        false => tr!("bulk_reset.progress", done = number, all = of),
    };
    let BulkReset { asked_by, asked_at, items, now, .. } = reset;
    let rows = items.into_iter().map(|item| view! { <Item scope item/> }).collect_view();
    view! {
        <main class="main" id="main" data-page="bulk_reset" data-state=state>
            <PageHead eyebrow=tr!("mfa_reset_request.back") back=paths::users(scope) title>
                {sentence}
            </PageHead>
            {(!is_done).then(|| view! { <Refresh seconds=3/> })}
            <section class="stack narrow">
                <progress value=done.to_string() max=all.to_string() aria-label=tr!("bulk_reset.bar_label")></progress>
                <p class="quiet">
                    {tr!("bulk_reset.asked", asker = asked_by)} " " <Time at=asked_at now/>
                </p>
                <ul class="cards">{rows}</ul>
                <div class="actions">
                    <LinkButton
                        href=paths::users_with_pending_reset(scope)
                        label=tr!("bulk_reset.pending")
                        weight=Weight::Primary
                    />
                </div>
            </section>
        </main>
    }
}

#[component]
fn Item(scope: Scope, item: BulkItem) -> impl IntoView {
    let BulkItem { user_id, name, outcome } = item;
    let (tone, text) = match outcome {
        None => (Tone::Neutral, tr!("bulk_reset.waits")),
        Some(outcome) => (tone(outcome), outcome_text(outcome)),
    };
    let is_asked = matches!(outcome, Some(Outcome::Asked | Outcome::AwaitsApproval));
    let look = is_asked.then(|| {
        let href = paths::done(&paths::request_mfa_reset(scope, user_id), "requested");
        view! { <LinkButton href label=tr!("bulk_reset.tell")/> }
    });
    view! {
        <li>
            <div class="what">
                <p>{name} <Badge tone>{text}</Badge></p>
            </div>
            {look}
        </li>
    }
}

fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Asked => Tone::Good,
        Outcome::AwaitsApproval | Outcome::AcceptedAlready => Tone::Pending,
        _ => Tone::Bad,
    }
}

fn outcome_text(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Asked => tr!("bulk_reset.outcome.asked"),
        Outcome::AwaitsApproval => tr!("bulk_reset.outcome.awaits_approval"),
        Outcome::AcceptedAlready => tr!("bulk_reset.outcome.accepted_already"),
        Outcome::NothingToReset => tr!("bulk_reset.outcome.nothing_to_reset"),
        Outcome::NotActive => tr!("bulk_reset.outcome.not_active"),
        Outcome::Outranked => tr!("bulk_reset.outcome.outranked"),
        Outcome::Oneself => tr!("bulk_reset.outcome.oneself"),
        Outcome::DailyLimit => tr!("bulk_reset.outcome.daily_limit"),
        Outcome::Gone => tr!("bulk_reset.outcome.gone"),
        Outcome::AskerLostRight => tr!("bulk_reset.outcome.asker_lost_right"),
        Outcome::Failed => tr!("bulk_reset.outcome.failed"),
    }
}
