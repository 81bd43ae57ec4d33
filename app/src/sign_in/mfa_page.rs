//! `/sign-in/mfa`: the second factor, or a backup code in its place. Proving identity again uses the same two forms.

use super::{
    SignOut, api,
    trust_field::{TRUST, TrustField},
};
use crate::{
    error_page::ErrorPage,
    help::Trouble,
    next::{Next, NextField, use_next},
    passkeys::{Ceremony, PasskeyButton},
    paths,
    sms::SendForms,
    ui::{
        CodeField, Entry, PageHead, Submit, TextField, Weight,
        form::{FormError, form_error, problem, problem_said},
        is_checked,
    },
};
use domain::{
    authenticators::FactorKind,
    errors::{Field, Problem},
    mfa_policy::TrustDays,
    sessions::MfaChallenge,
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

/// The form for a code.
const BY_CODE: &str = "by-code";

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
                        Ok(challenge) => Either::Left(view! { <Challenge challenge next/> }),
                        Err(error) => Either::Right(view! { <ErrorPage error/> }),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Challenge(challenge: MfaChallenge, next: Next) -> impl IntoView {
    let (title, sentence) = match challenge.first() {
        Some(FactorKind::Passkey) => (tr!("passkeys.challenge.title"), tr!("passkeys.challenge.sentence")),
        Some(FactorKind::Sms) => (tr!("sms.challenge.title"), tr!("sms.challenge.sentence")),
        _ => (tr!("sign_in.mfa.title"), tr!("sign_in.mfa.sentence")),
    };
    let help_wrong = challenge.offers(FactorKind::Totp).then(|| {
        view! {
            <li>
                <a href=Trouble::CodeRefused.href()>{tr!("sign_in.mfa.help_wrong")}</a>
            </li>
        }
    });
    let no_passkey = challenge.offers(FactorKind::Passkey).then(|| {
        view! {
            <li>
                <a href=Trouble::PasskeyNotFound.href()>{tr!("passkeys.help")}</a>
            </li>
        }
    });
    let no_codes = (!challenge.has_backup_codes).then(|| {
        view! {
            <p class="quiet">
                {tr!("sign_in.mfa.no_backup_codes")} " "
                <a href=Trouble::NoBackupCodes.href()>{tr!("sign_in.mfa.no_backup_codes_help")}</a>
            </p>
        }
    });
    view! {
        <main class="main" id="main" data-page="mfa" data-state="open">
            <PageHead title>{sentence}</PageHead>
            <Ways challenge backup_sentence=tr!("sign_in.mfa.backup_sentence") next/>
            {no_codes}
            <ul class="stack tight">
                {help_wrong}
                {no_passkey}
                <li>
                    <a href=Trouble::AskedAgain.href()>{tr!("sign_in.asked_again")}</a>
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

/// The strongest way to prove it, and the others behind “Try another way”, which is open when one of them was refused.
#[component]
pub(crate) fn Ways(
    challenge: MfaChallenge,
    /// What a backup code is, and serves for here.
    backup_sentence: &'static str,
    next: Next,
) -> impl IntoView {
    let (by_code, by_backup_code) =
        (ServerAction::<api::SubmitTotp>::new(), ServerAction::<api::SubmitBackupCode>::new());
    let refused = Memo::new(move |_| {
        form_error(by_code).with(Option::is_some) || form_error(by_backup_code).with(Option::is_some)
    });
    let (has_app, has_sms) = (challenge.offers(FactorKind::Totp), challenge.offers(FactorKind::Sms));
    let is_passkey = challenge.offers(FactorKind::Passkey);
    let (carried, coded) = (next.clone(), next.clone());
    let (trust, trust_here) = if is_passkey { (None, challenge.trust) } else { (challenge.trust, None) };
    let texted_first = challenge.first() == Some(FactorKind::Sms);
    let texted = next.clone();
    let texts = has_sms.then(|| view! { <SendForms numbers=challenge.numbers next=texted first=texted_first/> });
    let (first_texts, other_texts) = if texted_first { (texts, None) } else { (None, texts) };
    let passkey = is_passkey.then(move || {
        let prove = move || Ceremony::Prove { trust: is_checked(TRUST), next: carried.clone() };
        view! {
            {trust_here.map(|days| view! { <TrustField days form=BY_CODE/> })}
            <PasskeyButton label=tr!("passkeys.challenge.submit") ceremony=prove/>
        }
    });
    let coded_first = !is_passkey && !texted_first;
    let code = move || has_app.then(|| view! { <CodeForm submit=by_code next=coded first=coded_first trust/> });
    let (first, second) = if coded_first { (Some(code), None) } else { (None, Some(code)) };
    let backup = challenge.has_backup_codes.then(|| {
        view! {
            <p>{backup_sentence}</p>
            <BackupCodeForm next submit=by_backup_code/>
        }
    });
    let has_others = backup.is_some() || (!coded_first && has_app) || other_texts.is_some();
    let others = has_others.then(|| {
        view! {
            <details class="more" open=move || refused.get()>
                <summary>{tr!("sign_in.mfa.other")}</summary>
                <div class="stack">{second.map(|code| code())} {other_texts} {backup}</div>
            </details>
        }
    });
    view! {
        {passkey}
        {first.map(|code| code())}
        {first_texts}
        {others}
    }
}

/// A code of the authenticator app.
#[component]
fn CodeForm(
    submit: ServerAction<api::SubmitTotp>,
    next: Next,
    /// Whether it is what the page asks for, or one of the other ways.
    first: bool,
    /// For how long the browser may be trusted, where that is asked in this form.
    trust: Option<TrustDays>,
) -> impl IntoView {
    let error = form_error(submit);
    let weight = if first { Weight::Primary } else { Weight::Secondary };
    view! {
        <ActionForm action=submit attr:class="form" attr:id=BY_CODE>
            <FormError error/>
            <CodeField label=tr!("sign_in.mfa.code") problem=problem(error, Field::Code) autofocus=first/>
            {trust.map(|days| view! { <TrustField days form=BY_CODE/> })}
            <NextField next/>
            <Submit label=tr!("sign_in.mfa.submit") weight wide=true pending=submit.pending()/>
        </ActionForm>
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
