//! `/sign-in/mfa/sms` and `/enrol/sms/code`: the code that was texted, as the second step or to bind the number it went to.
//! Proving identity again uses the first.

use super::api;
use crate::{
    error::AppError,
    error_page::ErrorPage,
    help::{Support, Trouble},
    next::{Next, NextField, use_done, use_next},
    paths,
    sign_in::TrustField,
    step_up::StepUpLink,
    ui::{
        CodeField, Notice, PageHead, Post, PostForm, Submit, TextField, Throttle, Tone, Weight, after,
        form::{FormError, problem, problem_said},
        use_post,
    },
};
use domain::{
    errors::{Field, Problem},
    person::Name,
    sms::{SMS_CODE_TTL, SmsChallenge},
};
use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::Title;
use leptos_router::components::Redirect;

/// The form for the code.
const FORM: &str = "by-sms";

/// So many seconds after a message left, the page asks whether it was lost: a gateway knows nothing before it has waited
/// for the phone's provider, and who has the code by then has left the page.
const LOOKS: [u64; 3] = [12, 30, 60];

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
    challenge: Resource<Result<Option<SmsChallenge>, AppError>>,
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
    let look = Action::new(|()| async { is_lost(&api::proof().await) });
    let here = next.carried_by(paths::sign_in_mfa_sms());
    let (code_next, resend_next) = (next.clone(), next.clone());
    let other = next.carried_by(paths::sign_in_mfa());
    let wait = wait(&challenge);
    view! {
        <main class="main" id="main" data-page="sms_code" data-state="open">
            <Head challenge look here/>
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
                    <a href=Trouble::NoTextMessage.href()>{tr!("sms.code.help")}</a>
                </li>
            </ul>
            <Support/>
        </main>
    }
}

#[component]
fn Bind(challenge: SmsChallenge, next: Next) -> impl IntoView {
    let bind = use_post::<api::Bind>();
    let look = Action::new(|()| async { is_lost(&api::binding().await) });
    let here = next.carried_by(paths::enrol_sms_code());
    let resend = use_post::<api::ResendBinding>();
    let error = bind.error();
    let (code_next, resend_next) = (next.clone(), next.clone());
    let other = next.carried_by(paths::enrol_sms());
    let wait = wait(&challenge);
    view! {
        <main class="main" id="main" data-page="bind_sms" data-state="open">
            <Head challenge look here/>
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
            <ul class="stack tight">
                <li>
                    <a href=other>{tr!("sms.code.other_number")}</a>
                </li>
                <li>
                    <a href=Trouble::NoTextMessage.href()>{tr!("sms.code.help")}</a>
                </li>
            </ul>
        </main>
    }
}

fn is_lost(answer: &Result<Option<SmsChallenge>, AppError>) -> bool {
    matches!(answer, Ok(Some(challenge)) if challenge.is_lost)
}

#[component]
fn Head(
    challenge: SmsChallenge,
    /// Asks whether the message was lost.
    look: Action<(), bool>,
    /// The address of this page.
    here: String,
) -> impl IntoView {
    let done = use_done();
    let left = challenge.expires_at.since(challenge.now);
    let (minutes, age) = (left.as_secs().div_ceil(60), SMS_CODE_TTL.saturating_sub(left).as_secs());
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
        <Delivery was_lost=challenge.is_lost age look here/>
    }
}

/// Says when the message did not arrive: by itself where a script runs, else by a link that looks again.
#[component]
fn Delivery(
    /// Whether that was known when the page was made.
    was_lost: bool,
    /// How many seconds before that the message left.
    age: u64,
    look: Action<(), bool>,
    here: String,
) -> impl IntoView {
    let lost = Memo::new(move |_| was_lost || look.value().get().unwrap_or(false));
    Effect::new(move |_| {
        let due = LOOKS.into_iter().filter_map(|at| u32::try_from(at.checked_sub(age)?).ok());
        for seconds in due.filter(|_| !was_lost) {
            after(seconds, move || {
                if !lost.get_untracked() {
                    look.dispatch(());
                }
            });
        }
    });
    let notice = move || {
        lost.get().then(|| {
            view! {
                <Notice tone=Tone::Bad title=tr!("sms.code.lost")>
                    <p>{tr!("sms.code.lost_next")}</p>
                </Notice>
            }
        })
    };
    let again = (!was_lost).then(|| {
        view! {
            <noscript>
                <p class="quiet">
                    {tr!("sms.code.waiting")} " " <a href=here>{tr!("sms.code.look_again")}</a>
                </p>
            </noscript>
        }
    });
    view! {
        {notice}
        {again}
    }
}

#[component]
fn Code(error: Signal<Option<AppError>>) -> impl IntoView {
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
