//! The second administrator's page: who asks what for whom, why, and “Approve” or “Reject”.

use super::{
    api::{Approve, Reject},
    request_form::methods,
};
use crate::{
    error::denied_text,
    paths,
    scope::ScopeField,
    step_up::{StepUpLink, by_way_of_step_up},
    ui::{
        Countdown, Fact, Facts, LinkButton, PageHead, Submit, Time, Weight,
        form::{FormError, form_error},
    },
};
use domain::{
    guards::Approver,
    ids::UserId,
    mfa_reset::{PendingReset, ResetPreview},
    policy,
    scope::Scope,
};
use leptos::{either::EitherOf3, prelude::*};

#[component]
pub(super) fn Decide(preview: ResetPreview, reset: PendingReset, approver: Approver) -> impl IntoView {
    let ResetPreview { scope, now, .. } = preview;
    let user = preview.target.user_id;
    let asker = reset.asked_by.unwrap_or_default();
    let sentence = tr!("mfa_reset_request.approval.sentence", asker = asker, name = preview.name);
    let call_first = tr!("mfa_reset_request.approval.call_first", asker = asker, name = preview.name);
    let (reason, methods) = (preview.asked_reason.clone(), methods(&preview));
    view! {
        <main class="main" id="main" data-page="reset_mfa" data-state="approve">
            <PageHead
                eyebrow=tr!("mfa_reset_request.back")
                back=paths::users(scope)
                title=tr!("mfa_reset_request.approval.title", name = preview.name)
            >
                {sentence}
            </PageHead>
            <div class="panel stack">
                <Facts>
                    <Fact term=tr!("mfa_reset_request.told.asked")>
                        {asker} ", " <Time at=reset.requested_at now/>
                    </Fact>
                    {reason.map(|reason| view! { <Fact term=tr!("mfa_reset_request.reason")>{reason}</Fact> })}
                    <Fact term=tr!("mfa_reset_request.methods")>{methods}</Fact>
                    <Fact term=tr!("mfa_reset_request.approval.left")>
                        <Countdown until=reset.expires_at now/>
                    </Fact>
                </Facts>
                <p class="warn">{call_first}</p>
                <Buttons preview approver scope user/>
            </div>
        </main>
    }
}

#[component]
fn Buttons(preview: ResetPreview, approver: Approver, scope: Scope, user: UserId) -> impl IntoView {
    let (approve, reject) = (ServerAction::<Approve>::new(), ServerAction::<Reject>::new());
    let error = form_error(approve);
    let fields = move || {
        view! {
            <ScopeField scope/>
            <input type="hidden" name="user" value=user.to_string()/>
        }
    };
    let verdict = policy::approve_mfa_reset(&preview.principal, scope, &preview.target, &approver).map(drop);
    let yes = match verdict {
        Ok(()) => EitherOf3::A(view! {
            <ActionForm action=approve>
                {fields()}
                <Submit
                    label=tr!("mfa_reset_request.approval.approve")
                    weight=Weight::Primary
                    pending=approve.pending()
                />
            </ActionForm>
        }),
        Err(denied) if denied.is_mendable() => {
            let href = by_way_of_step_up(false, paths::request_mfa_reset(scope, user));
            EitherOf3::B(view! {
                <LinkButton href label=tr!("mfa_reset_request.approval.confirm_first") weight=Weight::Primary/>
            })
        }
        Err(denied) => EitherOf3::C(view! { <p class="quiet">{denied_text(denied)}</p> }),
    };
    view! {
        <FormError error/>
        <FormError error=form_error(reject)/>
        <StepUpLink error/>
        <div class="actions">
            <ActionForm action=reject>
                {fields()}
                <Submit label=tr!("mfa_reset_request.approval.reject") pending=reject.pending()/>
            </ActionForm>
            {yes}
        </div>
    }
}
