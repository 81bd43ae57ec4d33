//! `/sign-in/mfa`: the second factor, or a backup code in its place. Proving identity again uses the same two forms.

use super::{SignOut, api};
use crate::{
    error_page::ErrorPage,
    next::{Next, NextField, use_next},
    paths,
    ui::{
        CodeField, Entry, PageHead, Submit, TextField, Weight,
        form::{FormError, form_error, problem, problem_said},
    },
};
use domain::errors::{Field, Problem};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn MfaPage() -> impl IntoView {
    let challenge = Resource::new(|| (), |()| api::challenge());
    let next = use_next();
    view! {
        <Title text=tr!("sign_in.mfa.title")/>
        <Suspense>
            {move || {
                let next = next.clone();
                Suspend::new(async move {
                    match challenge.await {
                        Ok(challenge) => {
                            Either::Left(view! { <Challenge has_backup_codes=challenge.has_backup_codes next/> })
                        }
                        Err(error) => Either::Right(view! { <ErrorPage error/> }),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Challenge(has_backup_codes: bool, next: Next) -> impl IntoView {
    let other = if has_backup_codes {
        Either::Left(view! { <ByBackupCode sentence=tr!("sign_in.mfa.backup_sentence") next=next.clone()/> })
    } else {
        Either::Right(view! { <p class="quiet">{tr!("sign_in.mfa.no_backup_codes")}</p> })
    };
    view! {
        <main class="main" id="main" data-page="mfa" data-state="open">
            <PageHead title=tr!("sign_in.mfa.title")>{tr!("sign_in.mfa.sentence")}</PageHead>
            <CodeForm next/>
            {other}
            <ul class="stack tight">
                <li>
                    <a href=paths::help_mfa()>{tr!("sign_in.mfa.help_wrong")}</a>
                </li>
                <li>
                    <a href=paths::sign_in_mfa_help()>{tr!("sign_in.mfa.stuck")}</a>
                </li>
                <li>
                    <SignOut label=tr!("sign_in.mfa.start_over")/>
                </li>
            </ul>
        </main>
    }
}

/// A code of the authenticator app.
#[component]
pub(crate) fn CodeForm(next: Next) -> impl IntoView {
    let submit = ServerAction::<api::SubmitTotp>::new();
    let error = form_error(submit);
    view! {
        <ActionForm action=submit attr:class="form">
            <FormError error/>
            <CodeField label=tr!("sign_in.mfa.code") problem=problem(error, Field::Code) autofocus=true/>
            <NextField next/>
            <Submit label=tr!("sign_in.mfa.submit") weight=Weight::Primary wide=true pending=submit.pending()/>
        </ActionForm>
    }
}

/// A backup code in its place, behind a line that opens; open when the code that was given was refused.
#[component]
pub(crate) fn ByBackupCode(
    /// What a backup code is, and serves for here.
    sentence: &'static str,
    next: Next,
) -> impl IntoView {
    let submit = ServerAction::<api::SubmitBackupCode>::new();
    let refused = Memo::new(move |_| form_error(submit).with(Option::is_some));
    view! {
        <details class="more" open=move || refused.get()>
            <summary>{tr!("sign_in.mfa.other")}</summary>
            <div class="stack">
                <p>{sentence}</p>
                <BackupCodeForm next submit/>
            </div>
        </details>
    }
}

#[component]
fn BackupCodeForm(next: Next, submit: ServerAction<api::SubmitBackupCode>) -> impl IntoView {
    let error = form_error(submit);
    let wrong = |problem| matches!(problem, Problem::WrongCode).then(|| tr!("sign_in.mfa.backup_wrong"));
    view! {
        <ActionForm action=submit attr:class="form">
            <FormError error/>
            <TextField
                name="backup_code"
                label=tr!("sign_in.mfa.backup_code")
                entry=Entry::BackupCode
                problem=problem_said(error, Field::BackupCode, wrong)
                required=true
            />
            <NextField next/>
            <Submit label=tr!("sign_in.mfa.backup_submit") wide=true pending=submit.pending()/>
        </ActionForm>
    }
}
