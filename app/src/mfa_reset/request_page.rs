//! `…/users/{user}/reset-mfa`: asking for a reset, and after that what to tell the person; for a second administrator,
//! deciding about it; and once it was accepted and waits, calling it off. Opening it changes nothing.

use super::{actions::ResetActions, api, decide::Decide, request_form::RequestForm, told::Told, waits::Waits};
use crate::{
    error::AppError,
    error_page::ErrorPage,
    next::use_done,
    paths,
    scope::use_scope,
    step_up::StepUpRedirect,
    ui::{PageHead, Weight},
};
use domain::{
    guards::Approver,
    ids::UserId,
    mfa_reset::{Delivery, PendingReset, ResetPreview, State},
    policy::{self, Denied},
};
use leptos::{either::EitherOf6, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn RequestPage() -> impl IntoView {
    let (scope, params, done) = (use_scope(), use_params_map(), use_done());
    let actions = ResetActions::new();
    let user = move || params.read().get_str("user").and_then(|user| user.parse::<UserId>().ok());
    let preview = Resource::new(
        move || (scope.get().zip(user()), actions.version(), done.get()),
        |(of, _, done)| async move {
            let (scope, user) = of.ok_or(AppError::NotFound)?;
            Ok((api::preview(scope, user).await?, done.as_deref() == Some("requested")))
        },
    );
    view! {
        <Title text=tr!("mfa_reset_request.dialog")/>
        <Transition>
            {move || Suspend::new(async move {
                let (read, just_asked) = match preview.await {
                    Ok(read) => read,
                    Err(error) => return EitherOf6::F(view! { <ErrorPage error/> }),
                };
                match part(&read, just_asked) {
                    Part::Ask => EitherOf6::A(view! { <Ask preview=read/> }),
                    Part::Told(reset) => {
                        keep_looking(&reset, preview);
                        EitherOf6::B(view! { <Told preview=read reset actions/> })
                    }
                    Part::Decide(reset, approver) => {
                        EitherOf6::C(view! { <Decide preview=read reset approver/> })
                    }
                    Part::Waits(reset) => EitherOf6::D(view! { <Waits preview=read reset actions/> }),
                    Part::StepUp => EitherOf6::E(view! { <StepUpRedirect/> }),
                    Part::Refused(denied) => {
                        EitherOf6::F(view! { <ErrorPage error=AppError::Denied(denied)/> })
                    }
                }
            })}
        </Transition>
    }
}

/// What of the story the reader is at.
enum Part {
    Ask,
    Told(PendingReset),
    Decide(PendingReset, Approver),
    Waits(PendingReset),
    StepUp,
    Refused(Denied),
}

fn part(preview: &ResetPreview, just_asked: bool) -> Part {
    let decides = |approver: &Approver| {
        policy::reject_mfa_reset(&preview.principal, preview.scope, &preview.target, approver).is_ok()
    };
    match (&preview.pending, preview.approver.filter(decides)) {
        (Some(reset), _) if reset.state == State::Waiting => return Part::Waits(reset.clone()),
        (Some(reset), Some(approver)) => return Part::Decide(reset.clone(), approver),
        (Some(reset), None) if just_asked => return Part::Told(reset.clone()),
        _ => {}
    }
    match preview.verdict() {
        Ok(()) => Part::Ask,
        Err(denied) if denied.is_mendable() => Part::StepUp,
        Err(denied) => Part::Refused(denied),
    }
}

/// While the mail is on its way, looks again until it is sent or refused.
fn keep_looking(reset: &PendingReset, preview: Resource<Result<(ResetPreview, bool), AppError>>) {
    if reset.state == State::Open && reset.delivery == Delivery::Queued {
        Effect::new(move |_| crate::ui::after(2, move || preview.refetch()));
    }
}

#[component]
fn Ask(preview: ResetPreview) -> impl IntoView {
    let users = paths::users(preview.scope);
    let cancel = view! {
        <button type="submit" form="leave" class=Weight::Secondary.class()>
            {tr!("mfa_reset_request.cancel")}
        </button>
    };
    view! {
        <main class="main" id="main" data-page="reset_mfa" data-state="ask">
            <PageHead
                eyebrow=tr!("mfa_reset_request.back")
                back=users.clone()
                title=tr!("mfa_reset_request.title", name = preview.name)
            />
            <div class="panel">
                <RequestForm preview cancel=cancel.into_any()/>
                <form id="leave" method="get" action=users></form>
            </div>
        </main>
    }
}
