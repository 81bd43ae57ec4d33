//! `/enrol`: binds an authenticator app; where one is required, the only page that is open. Loading it again shows the
//! same key, and nothing counts until a first code was right.

use super::api;
use crate::{
    error_page::ErrorPage,
    help::Trouble,
    next::{Next, NextField, use_next},
    paths,
    sign_in::SignOut,
    step_up::StepUpLink,
    ui::{
        CodeField, CopyButton, LinkButton, Notice, PageHead, QrCode, SecretKey, Submit, TextField, Tone, Weight,
        form::{FormError, form_error, problem},
    },
};
use domain::{authenticators::TotpEnrolment, errors::Field, person::Name};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn EnrolPage() -> impl IntoView {
    let enrolment = Resource::new(|| (), |()| api::enrolment());
    let next = use_next();
    view! {
        <Title text=tr!("authenticators.enrol.title")/>
        <Suspense>
            {move || {
                let next = next.clone();
                Suspend::new(async move {
                    match enrolment.await {
                        Ok(enrolment) => Either::Left(view! { <Steps enrolment next/> }),
                        Err(error) => Either::Right(view! { <ErrorPage error/> }),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Steps(enrolment: TotpEnrolment, next: Next) -> impl IntoView {
    let TotpEnrolment { key, uri, qr_path, qr_size, must, only_passkeys, or_sms } = enrolment;
    let by_passkey = next.carried_by(paths::enrol_passkey());
    let by_sms = or_sms.then(|| {
        view! {
            <p>
                <a href=next.carried_by(paths::enrol_sms())>{tr!("authenticators.enrol.by_sms")}</a>
            </p>
        }
    });
    // First, where an app does not serve; else below.
    let (only, instead) = match only_passkeys {
        true => {
            let only = view! {
                <Notice tone=Tone::Pending title=tr!("authenticators.enrol.only_passkeys")>
                    <div class="actions">
                        <LinkButton href=by_passkey label=tr!("authenticators.enrol.by_passkey")/>
                    </div>
                </Notice>
            };
            (Some(only), None)
        }
        false => {
            let instead = view! {
                <p>
                    <a href=by_passkey>{tr!("authenticators.enrol.by_passkey")}</a>
                </p>
            };
            (None, Some(instead))
        }
    };
    view! {
        <main class="main" id="main" data-page="enrol" data-state="open">
            <PageHead eyebrow=tr!("authenticators.enrol.eyebrow") title=tr!("authenticators.enrol.title")>
                {tr!("authenticators.enrol.sentence")}
            </PageHead>
            {only}
            <ol class="steps">
                <li>
                    <h2>{tr!("authenticators.enrol.step_app")}</h2>
                    <p class="quiet">{tr!("authenticators.enrol.step_app_hint")}</p>
                </li>
                <li>
                    <h2>{tr!("authenticators.enrol.step_scan")}</h2>
                    <QrCode path=qr_path size=qr_size label=tr!("authenticators.enrol.qr")/>
                    <Key key uri/>
                </li>
                <li>
                    <h2>{tr!("authenticators.enrol.step_code")}</h2>
                    <BindForm next/>
                </li>
            </ol>
            {instead}
            {by_sms}
            <WayOut must/>
        </main>
    }
}

/// Who has to enrol has nowhere else to go; everybody else goes back to the own methods.
#[component]
pub(crate) fn WayOut(must: bool) -> impl IntoView {
    if must {
        Either::Left(view! { <SignOut label=tr!("authenticators.enrol.sign_out")/> })
    } else {
        Either::Right(view! {
            <p>
                <a href=paths::me_security()>{tr!("authenticators.enrol.cancel")}</a>
            </p>
        })
    }
}

/// The same by hand, for who cannot scan.
#[component]
fn Key(key: String, uri: String) -> impl IntoView {
    let bare: String = key.split_whitespace().collect();
    view! {
        <div class="stack tight">
            <p>{tr!("authenticators.enrol.by_hand")}</p>
            <SecretKey value=key/>
            <p class="quiet">{tr!("authenticators.enrol.key_hint")}</p>
            <div class="actions row">
                <CopyButton
                    text=bare
                    label=tr!("authenticators.enrol.copy_key")
                    done=tr!("authenticators.enrol.copied")
                />
                <a class="button only-small" href=uri>
                    {tr!("authenticators.enrol.on_this_phone")}
                </a>
            </div>
        </div>
    }
}

#[component]
fn BindForm(next: Next) -> impl IntoView {
    let bind = ServerAction::<api::BindTotp>::new();
    let error = form_error(bind);
    let wrong = problem(error, Field::Code);
    view! {
        <ActionForm action=bind attr:class="form">
            <FormError error/>
            <StepUpLink error/>
            <CodeField
                label=tr!("authenticators.enrol.code")
                hint=tr!("authenticators.enrol.code_hint")
                problem=wrong
            />
            <p hidden=move || wrong.with(Option::is_none)>
                <a href=Trouble::CodeRefused.href()>{tr!("sign_in.mfa.help_wrong")}</a>
            </p>
            <TextField
                name="name"
                label=tr!("authenticators.enrol.name")
                hint=tr!("authenticators.enrol.name_hint")
                value=tr!("authenticators.enrol.name_default")
                problem=problem(error, Field::Name)
                required=true
                max=Name::MAX
            />
            <NextField next/>
            <Submit
                label=tr!("authenticators.enrol.submit")
                weight=Weight::Primary
                wide=true
                pending=bind.pending()
            />
        </ActionForm>
    }
}
