//! What is asked before a reset is asked for: what will happen to whom, what the person has, why, and yes or no. The same
//! in the dialog and on the page.

use super::api::Request;
use crate::{
    authenticators::kind_text,
    scope::ScopeField,
    step_up::StepUpLink,
    ui::{
        Countdown, Fact, Facts, Submit, TextField, Time, Weight,
        form::{FormError, form_error, problem},
    },
};
use domain::{
    errors::Field,
    guards::{ApprovalReason, Demands, NumberReason, in_hours},
    mfa_reset::ResetPreview,
    person::Reason,
};
use leptos::prelude::*;

#[component]
pub(super) fn RequestForm(
    preview: ResetPreview,
    /// “Cancel”: closes the dialog, leaves the page.
    cancel: AnyView,
) -> impl IntoView {
    let request = ServerAction::<Request>::new();
    let error = form_error(request);
    let (scope, user) = (preview.scope, preview.target.user_id);
    view! {
        <ActionForm action=request attr:class="form">
            <FormError error/>
            <StepUpLink error/>
            <Consequences preview/>
            <ScopeField scope/>
            <input type="hidden" name="user" value=user.to_string()/>
            <TextField
                name="reason"
                label=tr!("mfa_reset_request.reason")
                aside=tr!("mfa_reset_request.reason_aside")
                max=Reason::MAX
                problem=problem(error, Field::Reason)
            />
            <div class="actions">
                {cancel}
                <Submit
                    label=tr!("mfa_reset_request.reset")
                    weight=Weight::Danger
                    pending=request.pending()
                />
            </div>
        </ActionForm>
    }
}

/// What will happen, and what there is to know before.
#[component]
fn Consequences(preview: ResetPreview) -> impl IntoView {
    let methods = methods(&preview);
    let ResetPreview { scope_name, name, backup_codes_left, last_used_at, pending, demands, now, .. } = preview;
    let last_used = match last_used_at {
        Some(at) => view! { <Time at now/> }.into_any(),
        None => tr!("mfa_reset_request.never").into_any(),
    };
    let codes = (backup_codes_left > 0)
        .then(|| view! { <p class="warn">{tr!("mfa_reset_request.use_codes", name = name)}</p> });
    let demanded =
        demanded(&demands, &name).into_iter().map(|text| view! { <p class="warn">{text}</p> }).collect_view();
    let replaces = pending.map(|pending| {
        view! {
            <p class="warn">
                {tr!("mfa_reset_request.replaces")} " " <Countdown until=pending.expires_at now/> "."
            </p>
        }
    });
    view! {
        <div class="prose">
            <p>{tr!("mfa_reset_request.what", name = name)}</p>
        </div>
        <Facts>
            <Fact term=tr!("mfa_reset_request.methods")>{methods}</Fact>
            <Fact term=tr!("mfa_reset_request.last_used", scope = scope_name)>{last_used}</Fact>
        </Facts>
        {codes}
        {replaces}
        {demanded}
        <p class="quiet">{tr!("mfa_reset_request.elsewhere", name = name)}</p>
    }
}

/// What it needs besides “Accept”, and why.
fn demanded(demands: &Demands, name: &str) -> Vec<String> {
    let approval = demands.approval.map(|reason| match reason {
        ApprovalReason::Administrator => tr!("mfa_reset_request.approval_administrator", name = name),
        ApprovalReason::Everybody => tr!("mfa_reset_request.approval_everybody").into(),
        ApprovalReason::AskerReset => tr!("mfa_reset_request.approval_asker_reset").into(),
    });
    let nobody = demands.approval.filter(|_| !demands.somebody_can_approve);
    let nobody = nobody.map(|_| tr!("mfa_reset_request.approval_nobody").to_owned());
    let wait = Some(in_hours(demands.wait)).filter(|hours| *hours > 0);
    let wait = wait.map(|hours| tr_n!("mfa_reset_request.wait", hours, name = name));
    let number = demands.number.map(|reason| match reason {
        NumberReason::PasswordMailed => tr!("mfa_reset_request.number_mailed", name = name),
        NumberReason::Set => tr!("mfa_reset_request.number_set", name = name),
    });
    [approval, nobody, wait, number].into_iter().flatten().collect()
}

/// “Authenticator app, 6 backup codes left”: kinds, never more.
pub(super) fn methods(preview: &ResetPreview) -> String {
    let mut methods: Vec<String> = preview.factors.iter().map(|kind| kind_text(kind).into()).collect();
    if preview.backup_codes_left > 0 {
        methods.push(tr_n!("mfa_reset_request.codes_left", preview.backup_codes_left));
    }
    methods.join(", ")
}
