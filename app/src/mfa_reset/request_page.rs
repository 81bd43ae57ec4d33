//! `…/users/{user}/reset-mfa`: asking for a reset, and after that what to tell the person. Opening it changes nothing.

use super::{actions::ResetActions, api, request_form::RequestForm, told::Told};
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
    ids::UserId,
    mfa_reset::{Delivery, PendingReset, ResetPreview},
};
use leptos::{either::EitherOf4, prelude::*};
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
                match preview.await {
                    Ok((ResetPreview { pending: Some(reset), number, name, email, scope, target, scope_name, now, .. }, true)) => {
                        keep_looking(&reset, preview);
                        EitherOf4::A(view! { <Told scope user=target.user_id scope_name name email reset number now actions/> })
                    }
                    Ok((preview, _)) => {
                        match preview.verdict() {
                            Ok(()) => EitherOf4::B(view! { <Ask preview/> }),
                            Err(denied) if denied.is_mendable() => EitherOf4::C(view! { <StepUpRedirect/> }),
                            Err(denied) => EitherOf4::D(view! { <ErrorPage error=AppError::Denied(denied)/> }),
                        }
                    }
                    Err(error) => EitherOf4::D(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

/// While the mail is on its way, looks again until it is sent or refused.
fn keep_looking(reset: &PendingReset, preview: Resource<Result<(ResetPreview, bool), AppError>>) {
    if reset.delivery == Delivery::Queued {
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
