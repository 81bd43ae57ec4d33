//! What an administrator can do with a request that is open: have its mail sent again, and call it off. Forms of one
//! button, that stand in a row's menu and on the page that says what to tell the person.

use super::api::{Cancel, Resend};
use crate::{
    error::denied_text,
    next::{Next, NextField, use_done},
    scope::ScopeField,
    ui::{
        MenuRefusal, Text, Toast, Toasts,
        form::{FormError, form_error},
    },
};
use domain::{
    ids::UserId,
    policy::{self, Denied, Principal, Target},
    scope::Scope,
};
use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ResetAction {
    /// The same link, not prolonged.
    Resend,
    /// The link stops working.
    Cancel,
}

/// Both, for one list or page.
#[derive(Clone, Copy)]
pub(crate) struct ResetActions {
    resend: ServerAction<Resend>,
    cancel: ServerAction<Cancel>,
}

impl ResetActions {
    /// Not yet used.
    pub(crate) fn new() -> Self {
        Self { resend: ServerAction::new(), cancel: ServerAction::new() }
    }

    /// Changes when either was done.
    pub(crate) fn version(&self) -> (usize, usize) {
        (self.resend.version().get(), self.cancel.version().get())
    }
}

impl ResetAction {
    fn label(self) -> &'static str {
        match self {
            Self::Resend => tr!("mfa_reset_request.resend"),
            Self::Cancel => tr!("mfa_reset_request.cancel_reset"),
        }
    }

    fn verdict(self, who: &Principal, scope: Scope, target: &Target) -> Result<(), Denied> {
        match self {
            Self::Resend => policy::resend_mfa_reset(who, scope, target).map(drop),
            Self::Cancel => policy::cancel_mfa_reset(who, scope, target).map(drop),
        }
    }
}

/// As an item of a menu: offered, disabled with the reason, or absent.
#[component]
pub(crate) fn ResetActionItem(
    what: ResetAction,
    scope: Scope,
    user: UserId,
    who: Principal,
    target: Target,
    next: Next,
    actions: ResetActions,
) -> impl IntoView {
    match what.verdict(&who, scope, &target) {
        Ok(()) => EitherOf3::A(view! {
            <li>
                <ResetActionForm what scope user next actions class="item"/>
            </li>
        }),
        Err(Denied::Unseen | Denied::RoleLacks { .. }) => EitherOf3::B(()),
        Err(denied) => EitherOf3::C(view! { <MenuRefusal label=what.label() reason=denied_text(denied)/> }),
    }
}

/// As a button.
#[component]
pub(crate) fn ResetActionForm(
    what: ResetAction,
    scope: Scope,
    user: UserId,
    next: Next,
    actions: ResetActions,
    #[prop(default = "button")] class: &'static str,
) -> impl IntoView {
    let fields = view! {
        <ScopeField scope/>
        <input type="hidden" name="user" value=user.to_string()/>
        <NextField next/>
        <button type="submit" class=class>
            {what.label()}
        </button>
    };
    match what {
        ResetAction::Resend => Either::Left(view! { <ActionForm action=actions.resend>{fields}</ActionForm> }),
        ResetAction::Cancel => Either::Right(view! { <ActionForm action=actions.cancel>{fields}</ActionForm> }),
    }
}

/// Where they say what went wrong.
#[component]
pub(crate) fn ResetActionErrors(actions: ResetActions) -> impl IntoView {
    view! {
        <FormError error=form_error(actions.resend)/>
        <FormError error=form_error(actions.cancel)/>
    }
}

/// What was just done, where the address says so.
#[component]
pub(crate) fn ResetOutcome(
    /// The same page without saying it.
    close: String,
) -> impl IntoView {
    let done = use_done();
    let text = move || {
        let text: Text = match done.get()?.as_str() {
            "reset_resent" => tr!("mfa_reset_request.resent").into(),
            "reset_cancelled" => tr!("mfa_reset_request.cancelled").into(),
            "reset_approved" => tr!("mfa_reset_request.approval.approved").into(),
            "reset_rejected" => tr!("mfa_reset_request.approval.rejected").into(),
            _ => return None,
        };
        Some(text)
    };
    view! { <Toasts>{move || text().map(|text| view! { <Toast text close=close.clone()/> })}</Toasts> }
}
