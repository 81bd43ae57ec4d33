//! `/me/personal/notices`: a second address for notices, once identity was proven. It counts when the code was typed that
//! is mailed to it.

use super::api;
use crate::{
    error_page::ErrorPage,
    help::Support,
    paths,
    step_up::{StepUpLink, StepUpRedirect},
    ui::{
        CodeField, Done, Entry, Fact, Facts, LinkButton, PageHead, PostForm, Submit, TextField, Weight,
        form::{FormError, problem, problem_said},
        use_post,
    },
};
use domain::{
    errors::{Field, Problem},
    notice_email::WaitingAddress,
};
use leptos::{either::EitherOf4, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn NoticeEmailPage() -> impl IntoView {
    let notice_email = Resource::new(|| (), |()| api::get());
    view! {
        <Title text=tr!("notice_email.title")/>
        <Suspense>
            {move || Suspend::new(async move {
                match notice_email.await {
                    Err(error) => EitherOf4::A(view! { <ErrorPage error/> }),
                    Ok(it) => match it.waits {
                        Some(waits) => EitherOf4::B(view! { <Code waits/> }),
                        None if !it.step_up.is_fresh() => EitherOf4::C(view! { <StepUpRedirect/> }),
                        None => EitherOf4::D(view! { <Address email=it.email/> }),
                    },
                }
            })}
        </Suspense>
    }
}

#[component]
fn Code(waits: WaitingAddress) -> impl IntoView {
    let confirm = use_post::<api::Confirm>();
    let again = use_post::<api::Request>();
    let other = use_post::<api::CallOff>();
    let error = confirm.error();
    let WaitingAddress { email, expires_at, now } = waits;
    let minutes = expires_at.since(now).as_secs().div_ceil(60);
    let sentence = tr!("notice_email.code_sentence", email = &email);
    let wrong = |problem| matches!(problem, Problem::WrongCode).then(|| tr!("notice_email.wrong"));
    view! {
        <main class="main" id="main" data-page="notice_email" data-state="waiting">
            <div class="panel stack">
                <PageHead title=tr!("notice_email.code_title")>
                    {sentence} " " {tr_n!("notice_email.minutes", minutes)}
                </PageHead>
                <Done says=done_text/>
                <PostForm post=confirm>
                    <FormError error/>
                    <CodeField
                        label=tr!("notice_email.code")
                        problem=problem_said(error, Field::Code, wrong)
                        autofocus=true
                    />
                    <div class="actions">
                        <LinkButton href=paths::me_personal() label=tr!("notice_email.later")/>
                        <Submit label=tr!("notice_email.confirm") weight=Weight::Primary pending=confirm.pending()/>
                    </div>
                </PostForm>
                <p class="quiet">{tr!("notice_email.nothing_came")}</p>
                <PostForm post=again>
                    <FormError error=again.error()/>
                    <StepUpLink error=again.error()/>
                    <input type="hidden" name="email" value=email/>
                    <Submit label=tr!("notice_email.again") pending=again.pending()/>
                </PostForm>
                <PostForm post=other>
                    <FormError error=other.error()/>
                    <Submit label=tr!("notice_email.other") pending=other.pending()/>
                </PostForm>
                <Support/>
            </div>
        </main>
    }
}

#[component]
fn Address(email: Option<String>) -> impl IntoView {
    let request = use_post::<api::Request>();
    let error = request.error();
    let label = if email.is_some() { tr!("notice_email.another") } else { tr!("notice_email.email") };
    view! {
        <main class="main" id="main" data-page="notice_email" data-state="open">
            <div class="panel stack">
                <PageHead title=tr!("notice_email.title")>{tr!("notice_email.sentence")}</PageHead>
                {email.map(|email| view! { <Present email/> })}
                <PostForm post=request>
                    <FormError error/>
                    <StepUpLink error/>
                    <TextField
                        name="email"
                        label
                        entry=Entry::NewEmail
                        hint=tr!("notice_email.hint")
                        problem=problem(error, Field::Email)
                        required=true
                        autofocus=true
                    />
                    <div class="actions">
                        <LinkButton href=paths::me_personal() label=tr!("notice_email.cancel")/>
                        <Submit label=tr!("notice_email.submit") weight=Weight::Primary pending=request.pending()/>
                    </div>
                </PostForm>
                <Support/>
            </div>
        </main>
    }
}

#[component]
fn Present(email: String) -> impl IntoView {
    let remove = use_post::<api::Remove>();
    view! {
        <Facts>
            <Fact term=tr!("notice_email.present")>{email}</Fact>
        </Facts>
        <PostForm post=remove>
            <FormError error=remove.error()/>
            <StepUpLink error=remove.error()/>
            <div class="actions">
                <Submit label=tr!("notice_email.remove") weight=Weight::Danger pending=remove.pending()/>
            </div>
        </PostForm>
    }
}

fn done_text(done: &str) -> Option<&'static str> {
    (done == "mailed").then(|| tr!("notice_email.mailed"))
}
