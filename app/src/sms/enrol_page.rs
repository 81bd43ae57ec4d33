//! `/enrol/sms`: names the number that codes are to be texted to.

use super::api;
use crate::{
    authenticators::WayOut,
    error_page::ErrorPage,
    next::{Next, NextField, use_next},
    paths,
    step_up::StepUpLink,
    ui::{
        Entry, Notice, PageHead, PostForm, SelectField, Submit, Text, TextField, Weight,
        form::{FormError, problem_said},
        use_post,
    },
};
use domain::{
    errors::{Field, Problem},
    sms::{Country, SmsEnrolment},
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn EnrolSmsPage() -> impl IntoView {
    let enrolment = Resource::new(|| (), |()| api::enrolment());
    let next = use_next();
    view! {
        <Title text=tr!("sms.enrol.title")/>
        <Suspense>
            {move || {
                let next = next.clone();
                Suspend::new(async move {
                    match enrolment.await {
                        Ok(enrolment) => Either::Left(view! { <Number enrolment next/> }),
                        Err(error) => Either::Right(view! { <ErrorPage error/> }),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Number(enrolment: SmsEnrolment, next: Next) -> impl IntoView {
    let SmsEnrolment { countries, must } = enrolment;
    let request = use_post::<api::RequestBinding>();
    let error = request.error();
    let by_app = next.carried_by(paths::enrol());
    let no_country = |problem| matches!(problem, Problem::Unknown).then(|| tr!("sms.enrol.which_country"));
    let country = |Country { region, name, calling_code }| (region.into(), format!("{name} (+{calling_code})").into());
    let choices: Vec<(Text, Text)> = std::iter::once(("".into(), tr!("sms.enrol.choose").into()))
        .chain(countries.into_iter().map(country))
        .collect();
    view! {
        <main class="main" id="main" data-page="enrol_sms" data-state="open">
            <PageHead eyebrow=tr!("authenticators.enrol.eyebrow") title=tr!("sms.enrol.title")>
                {tr!("sms.enrol.sentence")}
            </PageHead>
            <Notice title=tr!("sms.enrol.weaker")>
                <p>
                    {tr!("sms.enrol.why_weaker")} " " <a href=by_app>{tr!("sms.enrol.by_app")}</a>
                </p>
            </Notice>
            <PostForm post=request>
                <FormError error/>
                <StepUpLink error/>
                <SelectField
                    name="country"
                    label=tr!("sms.enrol.country")
                    problem=problem_said(error, Field::Country, no_country)
                    choices
                    chosen=String::new()
                />
                <TextField
                    name="phone_number"
                    label=tr!("sms.enrol.number")
                    entry=Entry::Phone
                    hint=tr!("sms.enrol.number_hint")
                    problem=problem_said(error, Field::PhoneNumber, number_text)
                    required=true
                />
                <NextField next/>
                <Submit label=tr!("sms.enrol.submit") weight=Weight::Primary wide=true pending=request.pending()/>
            </PostForm>
            <WayOut must/>
        </main>
    }
}

fn number_text(problem: Problem) -> Option<&'static str> {
    match problem {
        Problem::NotANumber => Some(tr!("sms.enrol.not_a_number")),
        Problem::TakesNoTexts => Some(tr!("sms.enrol.takes_no_texts")),
        Problem::NumberTaken => Some(tr!("sms.enrol.number_taken")),
        _ => None,
    }
}
