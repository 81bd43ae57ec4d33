//! A request that was accepted and waits to take effect: what is known of it here, and “Cancel reset”.

use super::actions::{ResetAction, ResetActionErrors, ResetActionForm, ResetActions};
use crate::{
    next::Next,
    paths,
    ui::{Countdown, Fact, Facts, LinkButton, PageHead, Time, Weight},
};
use domain::{
    mfa_reset::{PendingReset, ResetPreview},
    policy,
};
use leptos::prelude::*;

#[component]
pub(super) fn Waits(preview: ResetPreview, reset: PendingReset, actions: ResetActions) -> impl IntoView {
    let ResetPreview { scope, name, target, now, principal, .. } = preview;
    let users = paths::users(scope);
    let sentence = match reset.is_elsewhere {
        true => tr!("mfa_reset_request.waits.elsewhere", name = name),
        false => tr!("mfa_reset_request.waits.sentence", name = name),
    };
    let asked = reset.asked_by.map(|asker| {
        view! {
            <Fact term=tr!("mfa_reset_request.told.asked")>{asker} ", " <Time at=reset.requested_at now/></Fact>
        }
    });
    let effect = reset.effective_at.map(|at| {
        view! {
            <Fact term=tr!("mfa_reset_request.waits.left")>
                <Countdown until=at now/>
            </Fact>
        }
    });
    let may = match reset.is_elsewhere {
        true => policy::call_off_mfa_reset(&principal, scope, &target).is_ok(),
        false => policy::cancel_mfa_reset(&principal, scope, &target).is_ok(),
    };
    let user = target.user_id;
    let cancel = may.then(|| {
        view! { <ResetActionForm what=ResetAction::Cancel scope user next=Next::to(users.clone()) actions/> }
    });
    view! {
        <main class="main" id="main" data-page="reset_mfa" data-state="waiting">
            <PageHead
                eyebrow=tr!("mfa_reset_request.back")
                back=users.clone()
                title=tr!("mfa_reset_request.waits.title", name = name)
            >
                {sentence}
            </PageHead>
            <ResetActionErrors actions/>
            <div class="narrow stack">
                <Facts>{asked} {effect}</Facts>
                <p class="quiet">{tr!("mfa_reset_request.waits.call", name = name)}</p>
                <div class="actions">
                    <LinkButton href=users.clone() label=tr!("mfa_reset_request.told.done") weight=Weight::Primary/>
                    {cancel}
                </div>
            </div>
        </main>
    }
}
