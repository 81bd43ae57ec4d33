//! `/step-up?next=…`: asks for the code, or for the password of who has no authenticator, and goes on.

use super::api;
use crate::{
    error::AppError,
    error_page::ErrorPage,
    help::Trouble,
    next::{Next, NextField, use_next},
    paths,
    sign_in::{SignOut, Ways, challenge},
    ui::{
        Entry, PageHead, Submit, TextField, Weight,
        form::{FormError, form_error, problem_said},
    },
};
use domain::{
    authenticators::FactorKind,
    errors::{Field, Problem},
    sessions::{MfaChallenge, StepUp},
};
use leptos::{either::EitherOf4, prelude::*};
use leptos_meta::Title;
use leptos_router::components::Redirect;

#[component]
pub(crate) fn StepUpPage() -> impl IntoView {
    let asked = Resource::new(|| (), |()| asked());
    let next = use_next();
    view! {
        <Title text=tr!("step_up.title")/>
        <Suspense>
            {move || {
                let next = next.clone();
                Suspend::new(async move {
                    match asked.await {
                        Err(error) => EitherOf4::A(view! { <ErrorPage error/> }),
                        Ok((step_up, _)) if serves(step_up, &next) => {
                            EitherOf4::B(view! { <Redirect path=next.path().map_or(paths::home(), str::to_owned)/> })
                        }
                        Ok((_, Some(challenge))) => EitherOf4::D(view! { <ByMethod challenge next/> }),
                        Ok((_, None)) => EitherOf4::C(view! { <ByPassword next/> }),
                    }
                })
            }}
        </Suspense>
    }
}

/// How it is proven, and with which methods, where the person has any.
async fn asked() -> Result<(StepUp, Option<MfaChallenge>), AppError> {
    let step_up = api::standing().await?;
    let challenge = if step_up.has_authenticator() { Some(challenge().await?) } else { None };
    Ok((step_up, challenge))
}

/// Whether there is nothing left to prove for the page that comes next. A backup code serves for one's methods only.
fn serves(step_up: StepUp, next: &Next) -> bool {
    step_up.is_fresh() || (step_up.is_fresh_for_methods() && is_about_methods(next))
}

fn is_enrolment(next: &Next) -> bool {
    next.path().is_some_and(|path| path.starts_with("/enrol"))
}

/// Binding a new method, or removing a lost one.
fn is_about_methods(next: &Next) -> bool {
    is_enrolment(next) || next.path().is_some_and(|path| path.starts_with("/me/security/methods/"))
}

#[component]
fn ByMethod(challenge: MfaChallenge, next: Next) -> impl IntoView {
    let has_backup_codes = challenge.has_backup_codes && is_about_methods(&next);
    let challenge = MfaChallenge { has_backup_codes, ..challenge };
    let enrolling = is_enrolment(&next);
    let help_wrong = challenge.offers(FactorKind::Totp).then(|| {
        view! {
            <p>
                <a href=Trouble::CodeRefused.href()>{tr!("sign_in.mfa.help_wrong")}</a>
            </p>
        }
    });
    view! {
        <main class="main" id="main" data-page="step_up" data-state="code">
            <PageHead title=tr!("step_up.title")>{tr!("step_up.sentence")}</PageHead>
            <Ways challenge backup_sentence=tr!("step_up.backup_sentence") next/>
            {help_wrong}
            <Cancel enrolling/>
        </main>
    }
}

#[component]
fn ByPassword(next: Next) -> impl IntoView {
    let prove = ServerAction::<api::ProveByPassword>::new();
    let error = form_error(prove);
    let enrolling = is_enrolment(&next);
    let wrong = |problem| matches!(problem, Problem::SignInRefused).then(|| tr!("step_up.wrong"));
    view! {
        <main class="main" id="main" data-page="step_up" data-state="password">
            <PageHead title=tr!("step_up.title")>{tr!("step_up.sentence")}</PageHead>
            <ActionForm action=prove attr:class="form">
                <FormError error/>
                <TextField
                    name="password"
                    label=tr!("step_up.password")
                    entry=Entry::Password
                    problem=problem_said(error, Field::Password, wrong)
                    required=true
                    autofocus=true
                />
                <NextField next/>
                <Submit label=tr!("step_up.submit") weight=Weight::Primary wide=true pending=prove.pending()/>
            </ActionForm>
            <Cancel enrolling/>
        </main>
    }
}

#[component]
fn Cancel(
    /// Whether it is on the way to enrolment, which may be all that is open.
    enrolling: bool,
) -> impl IntoView {
    view! {
        <p>
            <a href=Trouble::AskedAgain.href()>{tr!("step_up.why")}</a>
        </p>
        <p>
            <a href=paths::me_security()>{tr!("step_up.cancel")}</a>
        </p>
        {enrolling.then(|| view! { <SignOut label=tr!("authenticators.enrol.sign_out")/> })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_code_serves_for_methods_only() {
        let (methods, users) = (Next::to("/me/security/methods/1/remove"), Next::to("/a/1/settings/users/2/reset-mfa"));
        assert!(serves(StepUp::FreshByRecoveryCode, &methods));
        assert!(serves(StepUp::FreshByRecoveryCode, &Next::to("/enrol?next=/me/security")));
        assert!(!serves(StepUp::FreshByRecoveryCode, &users));
        assert!(!serves(StepUp::FreshByRecoveryCode, &Next::default()));
        assert!(serves(StepUp::FreshByAuthenticator, &users));
        assert!(!serves(StepUp::NeedsAuthenticator, &methods));
    }
}
