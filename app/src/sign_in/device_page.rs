//! `/sign-in/device`: the code mailed because this browser has not signed in as this person before.

use super::{SignOut, api};
use crate::{
    error_page::ErrorPage,
    help::Trouble,
    next::{Next, NextField, use_done, use_next},
    ui::{
        CodeField, Notice, PageHead, Submit, Throttle, Tone, Weight,
        form::{FormError, form_error, problem_said},
    },
};
use domain::{
    errors::{Field, Problem},
    sessions::DeviceChallenge,
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn DevicePage() -> impl IntoView {
    let (submit, resend) = (ServerAction::<api::SubmitDeviceCode>::new(), ServerAction::<api::ResendDeviceCode>::new());
    let challenge = Resource::new(move || resend.version().get(), |_| api::device());
    let next = use_next();
    view! {
        <Title text=tr!("sign_in.device.title")/>
        <Suspense>
            {move || {
                let next = next.clone();
                Suspend::new(async move {
                    match challenge.await {
                        Ok(challenge) => Either::Left(view! { <Form challenge next submit resend/> }),
                        Err(error) => Either::Right(view! { <ErrorPage error/> }),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Form(
    challenge: DeviceChallenge,
    next: Next,
    submit: ServerAction<api::SubmitDeviceCode>,
    resend: ServerAction<api::ResendDeviceCode>,
) -> impl IntoView {
    let error = form_error(submit);
    let done = use_done();
    let resend_next = next.clone();
    let minutes = challenge.expires_at.since(challenge.now).as_secs().div_ceil(60);
    let wrong = |problem| matches!(problem, Problem::WrongCode).then(|| tr!("sign_in.device.wrong"));
    view! {
        <main class="main" id="main" data-page="device_code" data-state="open">
            <PageHead title=tr!(
                "sign_in.device.title"
            )>{tr!("sign_in.device.sentence", email = challenge.email)}</PageHead>
            <div role="status">
                {move || {
                    (done.read().as_deref() == Some("resent"))
                        .then(|| view! { <Notice tone=Tone::Good title=tr!("sign_in.device.resent")/> })
                }}
            </div>
            <ActionForm action=submit attr:class="form">
                <FormError error/>
                <CodeField
                    label=tr!("sign_in.device.code")
                    hint=tr_n!("sign_in.device.hint", minutes)
                    problem=problem_said(error, Field::Code, wrong)
                    autofocus=true
                />
                <NextField next/>
                <Submit
                    label=tr!("sign_in.device.submit")
                    weight=Weight::Primary
                    wide=true
                    pending=submit.pending()
                />
            </ActionForm>
            <Resend wait=challenge.resend_at.since(challenge.now).as_secs() next=resend_next resend/>
            <ul class="stack tight">
                <li>
                    <a href=Trouble::AskedAgain.href()>{tr!("sign_in.asked_again")}</a>
                </li>
                <li>
                    <SignOut label=tr!("sign_in.device.other")/>
                </li>
            </ul>
        </main>
    }
}

/// Asking for a new code. The button is there at all times, since without script nothing would bring it back; the door
/// says no before its time.
#[component]
fn Resend(
    /// How many seconds from now.
    wait: u64,
    next: Next,
    resend: ServerAction<api::ResendDeviceCode>,
) -> impl IntoView {
    let over = RwSignal::new(wait == 0);
    let seconds = u32::try_from(wait).unwrap_or(u32::MAX);
    view! {
        <ActionForm action=resend attr:class="stack tight">
            <FormError error=form_error(resend)/>
            <NextField next/>
            <p class="quiet" hidden=move || over.get()>
                {tr!("sign_in.device.resend_wait")}
                " "
                <Throttle seconds over=Callback::new(move |()| over.set(true))/>
            </p>
            <Submit label=tr!("sign_in.device.resend") pending=resend.pending()/>
        </ActionForm>
    }
}
