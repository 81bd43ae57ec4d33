//! `…/users/changes/{id}`: what would become of each line; once applied, what did. It can be left and opened again.

use super::{
    api::{self, Apply},
    outcome::{text, tone},
};
use crate::{
    error::AppError,
    error_page::ErrorPage,
    paths,
    roles::role_text,
    scope::{ScopeField, use_scope},
    step_up::{StepUpLink, by_way_of_step_up},
    ui::{
        Badge, LinkButton, Notice, PageHead, PostForm, Refresh, Submit, Time, Tone, Weight, counted, form::FormError,
        use_post,
    },
};
use domain::{
    bulk_change::{BulkChange, BulkChangeLine},
    ids::BulkChangeId,
    policy::{self, Denied},
    scope::ScopeKind,
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn ReviewPage() -> impl IntoView {
    let (scope, params) = (use_scope(), use_params_map());
    let id = move || params.read().get_str("change").and_then(|id| id.parse::<BulkChangeId>().ok());
    let change = Resource::new(
        move || scope.get().zip(id()),
        |of| async move {
            let (scope, id) = of.ok_or(AppError::NotFound)?;
            api::get(scope, id).await
        },
    );
    view! {
        <Title text=tr!("bulk_change.review_title")/>
        <Transition>
            {move || Suspend::new(async move {
                match change.await {
                    Ok(found) => {
                        if found.applied_at.is_some() && found.done() < found.lines.len() {
                            Effect::new(move |_| crate::ui::after(1, move || change.refetch()));
                        }
                        Either::Left(view! { <Page change=found/> })
                    }
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Page(change: BulkChange) -> AnyView {
    let BulkChange { scope, proposed_at, now, .. } = change;
    let (done, all) = (change.done(), change.lines.len());
    let is_working = change.applied_at.is_some() && done < all;
    let (changes, refusals) = (change.changes() as u64, change.refusals() as u64);
    let (state, title) = match change.applied_at {
        None => ("review", tr!("bulk_change.review_title")),
        Some(_) if is_working => ("working", tr!("bulk_change.working")),
        Some(_) => ("done", tr!("bulk_change.done_title")),
    };
    let wrong = tr_n!("bulk_change.wrong", refusals, number = counted(refusals));
    let sentence = match state {
        "review" => tr_n!("bulk_change.would", changes, number = counted(changes)),
        "working" => tr!("bulk_reset.progress", done = counted(done as u64), all = counted(all as u64)),
        _ => tr_n!("bulk_change.did", changes, number = counted(changes)),
    };
    let sentence = if refusals > 0 && !is_working { format!("{sentence} {wrong}") } else { sentence };
    let bar = change.applied_at.map(|_| {
        view! {
            <progress value=done.to_string() max=all.to_string() aria-label=tr!("bulk_reset.bar_label")></progress>
        }
    });
    let with_accounts = scope.kind() == ScopeKind::Portfolio;
    let lines = change.lines.iter().cloned().map(|line| view! { <Line line with_accounts/> }).collect_view();
    view! {
        <main class="main" id="main" data-page="bulk_change" data-state=state>
            <PageHead eyebrow=tr!("mfa_reset_request.back") back=paths::users(scope) title>
                {sentence}
            </PageHead>
            {is_working.then(|| view! { <Refresh seconds=3/> })}
            <section class="stack">
                {bar}
                <p class="quiet">
                    {tr!("bulk_change.proposed", who = change.proposed_by.clone())} " " <Time at=proposed_at now/>
                </p>
                <ApplyForm change=change.clone()/>
                <table class="table lines" aria-label=title>
                    <thead>
                        <tr>
                            <th scope="col">{tr!("bulk_change.line")}</th>
                            <th scope="col">{tr!("invitations.email")}</th>
                            {with_accounts.then(|| view! { <th scope="col">{tr!("users.accounts")}</th> })}
                            <th scope="col">{tr!("users.role")}</th>
                            <th scope="col">{tr!("bulk_change.result")}</th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </section>
        </main>
    }
    .into_any()
}

/// The one button, or why there is none.
#[component]
fn ApplyForm(change: BulkChange) -> AnyView {
    let post = use_post::<Apply>();
    let error = post.error();
    let (scope, id, changes) = (change.scope, change.id, change.changes() as u64);
    if change.applied_at.is_some() {
        return ().into_any();
    }
    let again = view! {
        <div class="actions">
            <LinkButton href=paths::many(scope) label=tr!("bulk_change.again")/>
        </div>
    };
    let why = match () {
        () if !change.is_own => Some(tr!("bulk_change.not_yours")),
        () if changes == 0 => Some(tr!("bulk_change.nothing")),
        () if !change.is_open() => Some(tr!("bulk_change.too_old")),
        () => None,
    };
    if let Some(why) = why {
        return view! {
            <Notice tone=Tone::Neutral title=why/>
            {again}
        }
        .into_any();
    }
    if policy::change_many(&change.principal, scope).is_err_and(Denied::is_mendable) {
        let href = by_way_of_step_up(false, paths::bulk_change(scope, id));
        return view! {
            <div class="actions">
                <LinkButton href=paths::users(scope) label=tr!("mfa_reset_request.cancel")/>
                <LinkButton href label=tr!("bulk_change.prove") weight=Weight::Primary/>
            </div>
        }
        .into_any();
    }
    view! {
        <PostForm post>
            <FormError error/>
            <StepUpLink error/>
            <ScopeField scope/>
            <input type="hidden" name="id" value=id.to_string()/>
            <div class="actions">
                <LinkButton href=paths::users(scope) label=tr!("mfa_reset_request.cancel")/>
                <Submit
                    label=tr_n!("bulk_change.apply", changes, number = counted(changes))
                    weight=Weight::Primary
                    pending=post.pending()
                />
            </div>
        </PostForm>
    }
    .into_any()
}

#[component]
fn Line(line: BulkChangeLine, with_accounts: bool) -> AnyView {
    let BulkChangeLine { line, address, account, role, written, had, outcome, is_done } = line;
    let role = role.as_ref().map_or_else(|| written.into(), role_text);
    let had = had.filter(|_| outcome.is_a_change()).map(|had| {
        view! { <span class="quiet">{role_text(&had)} " → "</span> }
    });
    view! {
        <tr>
            <td>{line}</td>
            <td class="lead">{address}</td>
            {with_accounts.then(|| view! { <td>{account}</td> })}
            <td>{had} {role}</td>
            <td>
                <Badge tone=tone(outcome)>{text(outcome, is_done)}</Badge>
            </td>
        </tr>
    }
    .into_any()
}
