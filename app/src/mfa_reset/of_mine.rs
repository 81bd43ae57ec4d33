//! In every session of the person whose second factors somebody wants removed: that it was asked for, and “This wasn't
//! me”.

use super::api::DeclineMine;
use crate::ui::{
    Countdown, Notice, Submit, Time, Tone,
    form::{FormError, form_error},
};
use domain::mfa_reset::ResetOfMine;
use leptos::prelude::*;

#[component]
pub(crate) fn ResetOfMineBanner(reset: ResetOfMine, decline: ServerAction<DeclineMine>) -> impl IntoView {
    let ResetOfMine { id, asked_by, scope_name, requested_at, expires_at, effective_at, now, .. } = reset;
    let (what, until) = match effective_at {
        Some(at) => (tr!("mfa_reset_request.mine.waits"), at),
        None => (tr!("mfa_reset_request.mine.what"), expires_at),
    };
    let title = match (asked_by, scope_name) {
        (Some(asker), Some(scope)) => tr!("mfa_reset_request.mine.asked", asker = asker, scope = scope),
        (None, Some(scope)) => tr!("mfa_reset_request.mine.asked_in", scope = scope),
        _ => tr!("mfa_reset_request.mine.asked_by_operator").into(),
    };
    view! {
        <aside class="above" aria-label=tr!("mfa_reset_request.mine.name")>
            <FormError error=form_error(decline)/>
            <Notice tone=Tone::Pending title row=true>
                <p>
                    {tr!("mfa_reset_request.mine.when")} " " <Time at=requested_at now/> ". "
                    {what} " " <Countdown until now/> "."
                </p>
                <ActionForm action=decline attr:class="actions">
                    <input type="hidden" name="id" value=id.to_string()/>
                    <Submit label=tr!("mfa_reset_request.mine.decline") pending=decline.pending()/>
                </ActionForm>
            </Notice>
        </aside>
    }
}
