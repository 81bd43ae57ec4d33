//! `…/users/reset-mfa?user=…&user=…`: the one confirmation. Opening it changes nothing.

use super::{api, choose::chosen_users};
use crate::{
    authenticators::kind_text,
    error::{AppError, denied_text},
    error_page::ErrorPage,
    paths,
    scope::{ScopeField, use_scope},
    step_up::{StepUpLink, StepUpRedirect},
    ui::{
        Avatar, Badge, Empty, LinkButton, PageHead, Submit, TextField, Tone, Weight, counted,
        form::{FormError, form_error, problem},
    },
};
use domain::{
    bulk_reset::{BulkPreview, Chosen},
    errors::Field,
    person::Reason,
    policy::{self, Principal},
    scope::Scope,
};
use leptos::{either::EitherOf4, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub(crate) fn AskPage() -> impl IntoView {
    let (scope, query) = (use_scope(), use_query_map());
    let users = Memo::new(move |_| query.with(chosen_users));
    let preview = Resource::new(
        move || (scope.get(), users.get()),
        |(scope, users)| async move {
            let scope = scope.ok_or(AppError::NotFound)?;
            Ok((scope, api::preview(scope, users).await))
        },
    );
    view! {
        <Title text=tr!("bulk_reset.title")/>
        <Transition>
            {move || Suspend::new(async move {
                match preview.await {
                    Ok((_, Ok(preview))) => {
                        match policy::request_mfa_resets(&preview.principal, preview.scope).map(drop) {
                            Err(denied) if denied.is_mendable() => EitherOf4::A(view! { <StepUpRedirect/> }),
                            Err(denied) => EitherOf4::B(view! { <ErrorPage error=AppError::Denied(denied)/> }),
                            Ok(()) => EitherOf4::C(view! { <Ask preview/> }),
                        }
                    }
                    Ok((scope, Err(AppError::Invalid(_)))) => EitherOf4::D(view! { <Nobody scope/> }),
                    Ok((_, Err(error))) | Err(error) => EitherOf4::B(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Ask(preview: BulkPreview) -> impl IntoView {
    let begin = ServerAction::<api::Begin>::new();
    let error = form_error(begin);
    let BulkPreview { scope, principal, chosen } = preview;
    let number = chosen.len() as u64;
    let hidden = chosen.iter().enumerate().map(|(at, chosen)| {
        let user = chosen.target.user_id.to_string();
        view! { <input type="hidden" name=format!("users[{at}]") value=user/> }
    });
    let hidden = hidden.collect_view();
    let rows = chosen.into_iter().map(|chosen| view! { <Row chosen who=principal.clone()/> }).collect_view();
    view! {
        <main class="main" id="main" data-page="bulk_reset" data-state="ask">
            <PageHead
                eyebrow=tr!("mfa_reset_request.back")
                back=paths::users(scope)
                title=tr_n!("bulk_reset.ask", number, number = counted(number))
            >
                {tr!("bulk_reset.sentence")}
            </PageHead>
            <ul class="cards narrow">{rows}</ul>
            <div class="panel">
                <ActionForm action=begin attr:class="form">
                    <FormError error/>
                    <StepUpLink error/>
                    <ScopeField scope/>
                    {hidden}
                    <TextField
                        name="reason"
                        label=tr!("mfa_reset_request.reason")
                        aside=tr!("mfa_reset_request.reason_aside")
                        max=Reason::MAX
                        problem=problem(error, Field::Reason)
                    />
                    <div class="actions">
                        <LinkButton href=paths::users(scope) label=tr!("mfa_reset_request.cancel")/>
                        <Submit
                            label=tr!("mfa_reset_request.reset")
                            weight=Weight::Danger
                            pending=begin.pending()
                        />
                    </div>
                </ActionForm>
            </div>
        </main>
    }
}

/// Somebody who was chosen: what they have, or why nothing will be asked of them.
#[component]
fn Row(chosen: Chosen, who: Principal) -> impl IntoView {
    let Chosen { target, email } = chosen;
    let refused = policy::request_mfa_reset(&who, who.scope, &target).err().filter(|denied| !denied.is_mendable());
    let mark = match refused {
        Some(denied) => view! { <p class="warn">{denied_text(denied)}</p> }.into_any(),
        None => {
            let kinds = target.factors.iter().map(kind_text).collect::<Vec<_>>().join(", ");
            view! { <Badge tone=Tone::Good>{kinds}</Badge> }.into_any()
        }
    };
    view! {
        <li>
            <div class="person">
                <Avatar name=target.name.clone()/>
                <span class="two">
                    <span>{target.name}</span>
                    <span>{email}</span>
                </span>
            </div>
            {mark}
        </li>
    }
}

#[component]
fn Nobody(scope: Scope) -> impl IntoView {
    view! {
        <main class="main" id="main" data-page="bulk_reset" data-state="none">
            <PageHead
                eyebrow=tr!("mfa_reset_request.back")
                back=paths::users(scope)
                title=tr!("bulk_reset.title")
            />
            <Empty title=tr!("bulk_reset.nobody") text=tr!("bulk_reset.nobody_text")>
                <LinkButton href=paths::users(scope) label=tr!("bulk_reset.choose_again") weight=Weight::Primary/>
            </Empty>
        </main>
    }
}
