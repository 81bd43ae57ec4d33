//! The section of the Security page. What is made stricter holds at once; what is made looser, a day later.

use super::api;
use crate::{
    error::{AppError, denied_text},
    guards::LooseningNotice,
    paths,
    scope::ScopeField,
    step_up::{StepUpLink, by_way_of_step_up},
    ui::{
        Fact, Facts, LinkButton, Notice, PostForm, SelectField, Submit, SwitchField, Text, Tone, Weight,
        form::{FormError, problem},
        use_post,
    },
};
use domain::{
    errors::Field,
    guards::Loosened,
    mfa_policy::{MfaPolicy, MfaPolicySettings, TrustDays},
    policy,
    scope::Scope,
};
use leptos::{either::Either, prelude::*};

#[component]
pub(crate) fn MfaPolicySection(scope: Scope) -> impl IntoView {
    let settings = Resource::new(|| (), move |()| api::get(scope));
    view! {
        <section class="stack narrow" id="methods">
            <div class="section-head">
                <h2>{tr!("mfa_policy.heading")}</h2>
                <p>{tr!("mfa_policy.sentence")}</p>
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
fn Settings(scope: Scope, settings: MfaPolicySettings) -> impl IntoView {
    let set = use_post::<api::Set>();
    let MfaPolicySettings { policy, mfa_required, loosening, principal, now } = settings;
    let error = set.error();
    let verdict = policy::set_mfa_policy(&principal, scope).map(drop);
    let may = verdict.is_ok();
    let button = match verdict {
        Ok(()) => Either::Left(view! {
            <Submit label=tr!("mfa_policy.save") weight=Weight::Primary pending=set.pending()/>
        }),
        Err(denied) if denied.is_mendable() => {
            let href = by_way_of_step_up(false, paths::security(scope));
            Either::Right(view! { <LinkButton href label=tr!("mfa_policy.confirm_first")/> }.into_any())
        }
        Err(denied) => Either::Right(view! { <p class="quiet">{denied_text(denied)}</p> }.into_any()),
    };
    let loosening = loosening.map(|loosening| {
        let to = match loosening.to {
            Loosened::MfaPolicy(policy) => Some(view! { <AsFacts policy/> }),
            Loosened::Guards(_) | Loosened::MfaNotRequired => None,
        };
        view! {
            <LooseningNotice scope loosening who=principal now>
                {to}
            </LooseningNotice>
        }
    });
    let only_hint = match mfa_required {
        true => tr!("mfa_policy.only_hint"),
        false => tr!("mfa_policy.only_unrequired"),
    };
    view! {
        {loosening}
        <div class="card">
            <PostForm post=set>
                <FormError error/>
                <StepUpLink error/>
                <ScopeField scope/>
                // Who has to prove who they are first does that before choosing, or the choice would be lost on the way.
                <fieldset class="form" disabled=!may>
                    <SelectField
                        name="trust_days"
                        label=tr!("mfa_policy.trust")
                        hint=tr!("mfa_policy.trust_hint")
                        problem=problem(error, Field::TrustDays)
                        choices=days(policy.trust)
                        chosen=policy.trust.get().to_string()
                    />
                    <SwitchField
                        name="phishing_resistant"
                        label=tr!("mfa_policy.only")
                        hint=only_hint
                        on=policy.phishing_resistant
                    />
                </fieldset>
                <p class="hint">{tr!("guards.looser")}</p>
                <div class="actions">{button}</div>
            </PostForm>
        </div>
    }
}

/// As it will be.
#[component]
fn AsFacts(policy: MfaPolicy) -> impl IntoView {
    let only = if policy.phishing_resistant { tr!("guards.on") } else { tr!("guards.off") };
    view! {
        <Facts>
            <Fact term=tr!("mfa_policy.trust")>{days_text(policy.trust)}</Fact>
            <Fact term=tr!("mfa_policy.only")>{only}</Fact>
        </Facts>
    }
}

/// What is offered, and what is set already where that is something else.
fn days(set: TrustDays) -> Vec<(Text, Text)> {
    let mut offered = TrustDays::OFFERED.to_vec();
    if !offered.contains(&set) {
        offered.push(set);
        offered.sort();
    }
    offered.into_iter().map(|days| (days.get().to_string().into(), days_text(days).into())).collect()
}

fn days_text(days: TrustDays) -> String {
    match days.get() {
        0 => tr!("mfa_policy.never").into(),
        days => tr_n!("mfa_policy.days", u64::from(days)),
    }
}
