//! The section of the Security page. What is made stricter holds at once; what is made looser, a day later, and the section
//! says so before and after.

use super::api;
use crate::{
    error::AppError,
    loosening::{LooseningForm, LooseningNotice},
    ui::{Fact, Facts, Notice, SelectField, SwitchField, Text, Tone, counted, form::problem, use_post},
};
use domain::{
    errors::Field,
    guards::{ApproverFor, ENOUGH_ADMINISTRATORS, GuardSettings, Guards, Hours},
    loosening::Loosened,
    policy,
    scope::Scope,
};
use leptos::{either::Either, prelude::*};

#[component]
pub(crate) fn GuardsSection(scope: Scope) -> impl IntoView {
    let settings = Resource::new(|| (), move |()| api::get(scope));
    view! {
        <section class="stack narrow" id="mfa-reset">
            <div class="section-head">
                <h2>{tr!("guards.heading")}</h2>
                <p>{tr!("guards.sentence")}</p>
            </div>
            <Transition>
                {move || Suspend::new(async move {
                    match settings.await {
                        Ok(settings) => Either::Left(view! { <Settings scope settings/> }),
                        Err(error) => Either::Right(view! { <Notice tone=Tone::Bad title=AppError::text(&error)/> }),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Settings(scope: Scope, settings: GuardSettings) -> impl IntoView {
    let set = use_post::<api::Set>();
    let GuardSettings { guards, loosening, administrators, principal, now } = settings;
    let verdict = policy::set_guards(&principal, scope).map(drop);
    let loosening = loosening.map(|loosening| {
        let to = match loosening.to {
            Loosened::Guards(guards) => Some(view! { <Facts><GuardFacts guards/></Facts> }),
            Loosened::MfaNotRequired | Loosened::MfaPolicy(_) => None,
        };
        view! {
            <LooseningNotice scope loosening who=principal now>
                {to}
            </LooseningNotice>
        }
    });
    view! {
        {loosening}
        <LooseningForm scope post=set verdict>
            <Choices guards administrators error=set.error()/>
        </LooseningForm>
    }
}

#[component]
fn Choices(guards: Guards, administrators: usize, error: Signal<Option<AppError>>) -> impl IntoView {
    let approvers = ApproverFor::ALL.into_iter().map(|choice| (choice.key().into(), approver_text(choice).into()));
    let approver_hint = match administrators < ENOUGH_ADMINISTRATORS {
        true => tr_n!("guards.approver_few", administrators as u64, number = counted(administrators as u64)),
        false => tr!("guards.approver_hint").into(),
    };
    view! {
        <SelectField
            name="approver"
            label=tr!("guards.approver")
            hint=approver_hint
            problem=problem(error, Field::Approver)
            choices=approvers.collect()
            chosen=guards.approver.key().to_owned()
        />
        <SelectField
            name="wait"
            label=tr!("guards.wait")
            hint=tr!("guards.wait_hint")
            problem=problem(error, Field::Wait)
            choices=hours(guards.wait)
            chosen=guards.wait.get().to_string()
        />
        <SelectField
            name="owner_wait"
            label=tr!("guards.owner_wait")
            hint=tr!("guards.owner_wait_hint")
            problem=problem(error, Field::OwnerWait)
            choices=hours(guards.owner_wait)
            chosen=guards.owner_wait.get().to_string()
        />
        <SwitchField name="number" label=tr!("guards.number") hint=tr!("guards.number_hint") on=guards.number/>
    }
}

/// Guard by guard, as they will be, or are.
#[component]
pub(crate) fn GuardFacts(guards: Guards) -> impl IntoView {
    let number = if guards.number { tr!("guards.on") } else { tr!("guards.off") };
    view! {
        <Fact term=tr!("guards.approver")>{approver_text(guards.approver)}</Fact>
        <Fact term=tr!("guards.wait")>{hours_text(guards.wait)}</Fact>
        <Fact term=tr!("guards.owner_wait")>{hours_text(guards.owner_wait)}</Fact>
        <Fact term=tr!("guards.number")>{number}</Fact>
    }
}

fn approver_text(choice: ApproverFor) -> &'static str {
    match choice {
        ApproverFor::Nobody => tr!("guards.approver_nobody"),
        ApproverFor::Administrators => tr!("guards.approver_administrators"),
        ApproverFor::Everybody => tr!("guards.approver_everybody"),
    }
}

/// What is offered, and what is set already where that is something else.
fn hours(set: Hours) -> Vec<(Text, Text)> {
    let mut offered = Hours::OFFERED.to_vec();
    if !offered.contains(&set) {
        offered.push(set);
        offered.sort();
    }
    offered.into_iter().map(|hours| (hours.get().to_string().into(), hours_text(hours).into())).collect()
}

fn hours_text(hours: Hours) -> String {
    match hours.get() {
        0 => tr!("guards.no_wait").into(),
        hours => tr_n!("guards.hours", u64::from(hours)),
    }
}
