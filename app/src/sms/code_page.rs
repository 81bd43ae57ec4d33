//! `/sign-in/mfa/sms` and `/enrol/sms/code`: the code that was texted, as the second step or to bind the number it went to.
//! Proving identity again uses the first.

use super::api;
use crate::{
    error_page::ErrorPage,
    help::Support,
    next::{Next, NextField, use_done, use_next},
    paths,
    sign_in::TrustField,
    step_up::StepUpLink,
    ui::{
        CodeField, Notice, PageHead, Post, PostForm, Submit, TextField, Throttle, Tone, Weight,
        form::{FormError, problem, problem_said},
        use_post,
    },
};
use domain::{
    errors::{Field, Problem},
    person::Name,
    sms::SmsChallenge,
};
use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::Title;
use leptos_router::components::Redirect;

/// The form for the code.
const FORM: &str = "by-sms";

/// As the second step, or as step-up.
#[component]
pub(crate) fn SmsCodePage() -> impl IntoView {
    let challenge = Resource::new(|| (), |()| api::proof());
    code_page(challenge, paths::sign_in_mfa, |challenge, next| view! { <Prove challenge next/> })
}

/// To bind the number.
#[component]
pub(crate) fn BindSmsPage() -> impl IntoView {
    let challenge = Resource::new(|| (), |()| api::binding());
    code_page(challenge, paths::enrol_sms, |challenge, next| view! { <Bind challenge next/> })
}

/// `page` where a code was texted; else the page `before` it, which texts one.
fn code_page<V: IntoView + 'static>(
    challenge: Resource<Result<Option<SmsChallenge>, crate::error::AppError>>,
    before: fn() -> String,
    page: fn(SmsChallenge, Next) -> V,
) -> impl IntoView {
    let next = use_next();
    view! {
        <Title text=tr!("sms.code.title")/>
        <Suspense>
            {move || {
                let next = next.clone();
                Suspend::new(async move {
                    match challenge.await {
                        Ok(Some(challenge)) => EitherOf3::A(page(challenge, next)),
                        Ok(None) => EitherOf3::B(view! { <Redirect path=next.carried_by(before())/> }),
                        Err(error) => EitherOf3::C(view! { <ErrorPage error/> }),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Prove(challenge: SmsChallenge, next: Next) -> impl IntoView {
    let submit = use_post::<api::SubmitCode>();
    let resend = use_post::<api::ResendCode>();
    let error = submit.error();
    let trust = challenge.trust.map(|days| view! { <TrustField days form=FORM/> });
    let (code_next, resend_next) = (next.clone(), next.clone());
    let other = next.carried_by(paths::sign_in_mfa());
    let wait = wait(&challenge);
    view! {
        <main class="main" id="main" data-page="sms_code" data-state="open">
            <Head challenge/>
            <PostForm post=submit id=FORM>
                <FormError error/>
                <Code error/>
                {trust}
                <NextField next=code_next/>
                <Submit label=tr!("sms.code.submit") weight=Weight::Primary wide=true pending=submit.pending()/>
            </PostForm>
            <Resend wait next=resend_next resend/>
            <ul class="stack tight">
                <li>
                    <a href=other>{tr!("sign_in.mfa.other")}</a>
                </li>
                <li>
                    <a href=format!("{}#sms", paths::help_mfa())>{tr!("sms.code.help")}</a>
                </li>
            </ul>
            <Support/>
        </main>
    }
}

#[component]
fn Bind(challenge: SmsChallenge, next: Next) -> impl IntoView {
    let bind = use_post::<api::Bind>();
    let resend = use_post::<api::ResendBinding>();
    let error = bind.error();
    let (code_next, resend_next) = (next.clone(), next.clone());
    let other = next.carried_by(paths::enrol_sms());
    let wait = wait(&challenge);
    view! {
        <main class="main" id="main" data-page="bind_sms" data-state="open">
            <Head challenge/>
            <PostForm post=bind>
                <FormError error/>
                <StepUpLink error/>
                <Code error/>
                <TextField
                    name="name"
                    label=tr!("authenticators.enrol.name")
                    hint=tr!("sms.code.name_hint")
                    value=tr!("sms.code.name_default")
                    problem=problem(error, Field::Name)
                    required=true
                    max=Name::MAX
                />
                <NextField next=code_next/>
                <Submit label=tr!("sms.code.bind") weight=Weight::Primary wide=true pending=bind.pending()/>
            </PostForm>
            <Resend wait next=resend_next resend/>
            <p>
                <a href=other>{tr!("sms.code.other_number")}</a>
            </p>
        </main>
    }
}

#[component]
fn Head(challenge: SmsChallenge) -> impl IntoView {
    let done = use_done();
    let minutes = challenge.expires_at.since(challenge.now).as_secs().div_ceil(60);
    let lost = challenge.is_lost.then(|| {
        view! {
            <Notice tone=Tone::Bad title=tr!("sms.code.lost")>
                <p>{tr!("sms.code.lost_next")}</p>
            </Notice>
        }
    });
    view! {
        <PageHead title=tr!("sms.code.title")>
            {tr!("sms.code.sentence", number = challenge.number)} " " {tr_n!("sms.code.minutes", minutes)}
        </PageHead>
        <div role="status">
            {move || {
                (done.read().as_deref() == Some("resent"))
                    .then(|| view! { <Notice tone=Tone::Good title=tr!("sms.code.resent")/> })
            }}
        </div>
        {lost}
    }
}

#[component]
fn Code(error: Signal<Option<crate::error::AppError>>) -> impl IntoView {
    let wrong = |problem| matches!(problem, Problem::WrongCode).then(|| tr!("sms.code.wrong"));
    view! {
        <CodeField label=tr!("sms.code.label") problem=problem_said(error, Field::Code, wrong) autofocus=true/>
    }
}

/// How many seconds until another can be asked for.
fn wait(challenge: &SmsChallenge) -> u32 {
    u32::try_from(challenge.resend_at.since(challenge.now).as_secs()).unwrap_or(u32::MAX)
}

/// Asking for a new code. The button is there at all times, since without script nothing would bring it back; the door
/// says no before its time.
#[component]
fn Resend(wait: u32, next: Next, resend: Post) -> impl IntoView {
    let over = RwSignal::new(wait == 0);
    view! {
        <PostForm post=resend>
            <FormError error=resend.error()/>
            <NextField next/>
            <p class="quiet" hidden=move || over.get()>
                {tr!("sms.code.resend_wait")}
                " "
                <Throttle seconds=wait over=Callback::new(move |()| over.set(true))/>
            </p>
            <Submit label=tr!("sms.code.resend") pending=resend.pending()/>
        </PostForm>
    }
}
