//! The section of the Security page. What is made stricter holds at once; what is made looser, a day later.

use super::api;
use crate::{
    error::AppError,
    loosening::{LooseningForm, LooseningNotice},
    ui::{Fact, Facts, Notice, SelectField, SwitchField, Text, Tone, counted, form::problem, use_post},
};
use domain::{
    errors::Field,
    loosening::Loosened,
    mfa_policy::{Days, GraceDays, MfaPolicy, MfaPolicySettings, MfaRules, TrustDays},
    policy,
    roll_out::Coverage,
    scope::{Scope, ScopeKind},
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
    let MfaPolicySettings { own, floor, loosening, coverage, has_sms_gateway, principal, now } = settings;
    let verdict = policy::set_mfa_policy(&principal, scope).map(drop);
    let loosening = loosening.map(|loosening| {
        let to = match loosening.to {
            Loosened::MfaPolicy(policy) => Some(view! { <MfaPolicyFacts scope policy/> }),
            Loosened::Guards(_) | Loosened::MfaNotRequired => None,
        };
        view! {
            <LooseningNotice scope loosening who=principal now>
                {to}
            </LooseningNotice>
        }
    });
    let (rules, least) = (own.above(floor.as_ref()), floor.as_ref().map(|floor| floor.rules.policy));
    let below = floor.map(|floor| {
        view! {
            <Notice title=tr!("mfa_policy.floor_here", portfolio = floor.portfolio)>
                <MfaPolicyFacts scope policy=floor.rules.policy/>
            </Notice>
        }
    });
    view! {
        {loosening}
        {below}
        <LooseningForm scope post=set verdict>
            <Choices scope rules least coverage has_sms_gateway error=set.error()/>
        </LooseningForm>
    }
}

#[component]
fn Choices(
    scope: Scope,
    /// What holds.
    rules: MfaRules,
    /// What the account's portfolio asks of it, if it does: nothing laxer is offered.
    least: Option<MfaPolicy>,
    coverage: Option<Coverage>,
    has_sms_gateway: bool,
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    let MfaRules { required, policy } = rules;
    let least = least.unwrap_or(MfaPolicy {
        trust: TrustDays::MOST,
        grace: GraceDays::MOST,
        sms: true,
        ..MfaPolicy::default()
    });
    // Not where there is no choice: the portfolio says no, or the server sends none.
    let sms = (policy.sms || (least.sms && has_sms_gateway)).then(|| {
        view! { <SwitchField name="sms" label=tr!("mfa_policy.sms") hint=tr!("mfa_policy.sms_hint") on=policy.sms/> }
    });
    let only_hint = match required {
        true => tr!("mfa_policy.only_hint"),
        false => tr!("mfa_policy.only_unrequired"),
    };
    // Before it is turned on, whom it stops.
    let coverage = coverage.unwrap_or_default();
    let stopped = if policy.phishing_resistant { 0 } else { coverage.without_phishing_resistant() };
    let only_hint = match stopped {
        0 => only_hint.to_owned(),
        some => format!("{only_hint} {}", tr_n!("mfa_policy.only_affects", some, number = counted(some))),
    };
    let floor = (scope.kind() == ScopeKind::Portfolio).then(|| {
        let stopped = if required && !policy.floor { coverage.without } else { 0 };
        let hint = match stopped {
            0 => tr!("mfa_policy.floor_hint").to_owned(),
            some => {
                let affects = tr_n!("mfa_policy.floor_affects", some, number = counted(some));
                format!("{} {affects}", tr!("mfa_policy.floor_hint"))
            }
        };
        view! { <SwitchField name="floor" label=tr!("mfa_policy.floor") hint on=policy.floor/> }
    });
    view! {
        <SelectField
            name="trust_days"
            label=tr!("mfa_policy.trust")
            hint=tr!("mfa_policy.trust_hint")
            problem=problem(error, Field::TrustDays)
            choices=choices(&TrustDays::OFFERED, policy.trust, least.trust, trust_text)
            chosen=policy.trust.get().to_string()
        />
        <SwitchField
            name="phishing_resistant"
            label=tr!("mfa_policy.only")
            hint=only_hint
            on=policy.phishing_resistant
            fixed=least.phishing_resistant
        />
        {sms}
        <SelectField
            name="grace_days"
            label=tr!("mfa_policy.grace")
            hint=tr!("mfa_policy.grace_hint")
            problem=problem(error, Field::GraceDays)
            choices=choices(&GraceDays::OFFERED, policy.grace, least.grace, grace_text)
            chosen=policy.grace.get().to_string()
        />
        {floor}
    }
}

/// As it will be, or is asked for at least.
#[component]
pub(crate) fn MfaPolicyFacts(scope: Scope, policy: MfaPolicy) -> impl IntoView {
    let is_on = |on| if on { tr!("guards.on") } else { tr!("guards.off") };
    let floor = (scope.kind() == ScopeKind::Portfolio)
        .then(|| view! { <Fact term=tr!("mfa_policy.floor")>{is_on(policy.floor)}</Fact> });
    view! {
        <Facts>
            <Fact term=tr!("mfa_policy.trust")>{trust_text(policy.trust)}</Fact>
            <Fact term=tr!("mfa_policy.only")>{is_on(policy.phishing_resistant)}</Fact>
            <Fact term=tr!("mfa_policy.sms")>{is_on(policy.sms)}</Fact>
            <Fact term=tr!("mfa_policy.grace")>{grace_text(policy.grace)}</Fact>
            {floor}
        </Facts>
    }
}

/// What is offered and not laxer than there may be, and what is set already where that is something else.
fn choices<const MOST: u8>(
    offered: &[Days<MOST>],
    set: Days<MOST>,
    most: Days<MOST>,
    text: fn(Days<MOST>) -> String,
) -> Vec<(Text, Text)> {
    let mut all: Vec<Days<MOST>> = offered.iter().copied().filter(|days| *days <= most).chain([set]).collect();
    all.sort();
    all.dedup();
    all.into_iter().map(|days| (days.get().to_string().into(), text(days).into())).collect()
}

fn trust_text(days: TrustDays) -> String {
    match days.get() {
        0 => tr!("mfa_policy.never").into(),
        days => tr_n!("mfa_policy.days", u64::from(days)),
    }
}

fn grace_text(days: GraceDays) -> String {
    match days.get() {
        0 => tr!("mfa_policy.no_grace").into(),
        days => tr_n!("mfa_policy.grace_days", u64::from(days)),
    }
}
