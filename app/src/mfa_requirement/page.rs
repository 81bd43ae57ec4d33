//! The page. It says how many people a requirement would affect before it is turned on, and that turning it off takes
//! nothing from anybody.

use super::api;
use crate::{
    error::{AppError, denied_text},
    error_page::ErrorPage,
    guards::GuardsSection,
    loosening::LooseningNotice,
    mfa_policy::MfaPolicySection,
    next::use_done,
    paths,
    portfolios::PortfolioSection,
    scope::{ScopeField, use_scope},
    step_up::{StepUpLink, by_way_of_step_up},
    ui::{
        Fact, Facts, LinkButton, PageHead, Submit, SwitchField, Text, Toast, Toasts, Weight, counted,
        form::{FormError, form_error},
    },
};
use domain::{
    accounts::MfaRequirement,
    mfa_policy::GraceDays,
    policy::{self, Denied},
    scope::Scope,
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn SecurityPage() -> impl IntoView {
    let scope = use_scope();
    let set = ServerAction::<api::Set>::new();
    let requirement = Resource::new(
        move || (scope.get(), set.version().get()),
        |(scope, _)| async move {
            let scope = scope.ok_or(AppError::NotFound)?;
            Ok((scope, api::get(scope).await?))
        },
    );
    view! {
        <Title text=tr!("mfa_requirement.title")/>
        <Transition>
            {move || Suspend::new(async move {
                match requirement.await {
                    Ok((scope, requirement)) => Either::Left(view! { <Page scope requirement set/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Page(scope: Scope, requirement: MfaRequirement, set: ServerAction<api::Set>) -> impl IntoView {
    let state = if requirement.required { "required" } else { "not_required" };
    let portfolio = matches!(scope, Scope::Account(_)).then(|| view! { <PortfolioSection scope/> });
    let (sentence, contact) = (sentence(&requirement), requirement.security_contact.clone());
    view! {
        <main class="main" id="main" data-page="security" data-state=state>
            <PageHead eyebrow=tr!("mfa_requirement.settings") title=tr!("mfa_requirement.title")>
                {sentence}
            </PageHead>
            <section class="stack narrow">
                <h2>{tr!("mfa_requirement.heading")}</h2>
                <Requirement scope requirement set/>
                <p>
                    <a href=paths::roll_out(scope)>{tr!("mfa_requirement.roll_out")}</a>
                </p>
            </section>
            <MfaPolicySection scope/>
            <GuardsSection scope/>
            {portfolio}
            <section class="stack narrow">
                <div class="section-head">
                    <h2>{tr!("mfa_requirement.contact_heading")}</h2>
                    <p>{tr!("mfa_requirement.contact_sentence")}</p>
                </div>
                <Facts>
                    <Fact term=tr!("mfa_requirement.contact")>{contact}</Fact>
                </Facts>
            </section>
            <Outcome scope/>
        </main>
    }
}

/// The switch, as far as the reader may turn it.
#[component]
fn Requirement(scope: Scope, requirement: MfaRequirement, set: ServerAction<api::Set>) -> impl IntoView {
    let MfaRequirement { required, grace, floor, loosening, plan, headcount, principal, now, .. } = requirement;
    let set_above = floor.filter(|floor| floor.rules.required);
    let error = form_error(set);
    let verdict = policy::set_mfa_requirement(&principal, scope, plan, !required).map(drop);
    let affected = headcount.members.saturating_sub(headcount.with_mfa);
    let fixed = set_above.is_some() || matches!(&verdict, Err(denied) if !denied.is_mendable());
    let hint: Text = match (set_above, verdict) {
        (Some(floor), _) => tr!("mfa_requirement.set_above", portfolio = floor.portfolio).into(),
        (None, Err(denied @ (Denied::PlanRequiresMfa | Denied::RoleLacks { .. }))) => denied_text(denied).into(),
        _ if required => tr!("mfa_requirement.turning_off").into(),
        _ if affected == 0 => tr!("mfa_requirement.affects_nobody").into(),
        _ if grace == GraceDays::NEVER => tr_n!("mfa_requirement.affects", affected, number = counted(affected)).into(),
        _ => {
            let time = tr_n!("mfa_policy.grace_days", u64::from(grace.get()));
            tr_n!("mfa_requirement.affects_later", affected, number = counted(affected), time = time).into()
        }
    };
    let button = match verdict {
        _ if fixed => None,
        Ok(()) => Some(
            view! {
                <Submit label=tr!("loosening.save") weight=Weight::Primary pending=set.pending()/>
            }
            .into_any(),
        ),
        Err(denied) if denied.is_mendable() => {
            let href = by_way_of_step_up(false, paths::security(scope));
            Some(view! { <LinkButton href label=tr!("loosening.confirm_first")/> }.into_any())
        }
        Err(_) => None,
    };
    // Who has to prove who they are first does that before turning the switch, or the turn would be lost on the way.
    let inert = fixed || verdict.is_err();
    let loosening = loosening.map(|loosening| {
        view! {
            <LooseningNotice scope loosening who=principal.clone() now>
                <p>{tr!("loosening.mfa_requirement")}</p>
            </LooseningNotice>
        }
    });
    view! {
        {loosening}
        <ActionForm action=set attr:class="card">
            <FormError error/>
            <StepUpLink error/>
            <ScopeField scope/>
            <SwitchField name="required" label=tr!("mfa_requirement.require") hint on=required fixed=inert/>
            {button.map(|button| view! { <div class="actions">{button}</div> })}
        </ActionForm>
    }
}

#[component]
fn Outcome(scope: Scope) -> impl IntoView {
    let done = use_done();
    let text = move || {
        let text: Text = match done.get()?.as_str() {
            "mfa_required" => tr!("mfa_requirement.now_on").into(),
            "mfa_not_required" => tr!("mfa_requirement.off_later").into(),
            "guards_set" | "mfa_policy_set" => tr!("loosening.set").into(),
            "loosening_called_off" => tr!("loosening.called_off").into(),
            _ => return None,
        };
        Some(text)
    };
    view! { <Toasts>{move || text().map(|text| view! { <Toast text close=paths::security(scope)/> })}</Toasts> }
}

/// Whether it is required, and how many have one.
fn sentence(requirement: &MfaRequirement) -> String {
    let MfaRequirement { required, headcount, .. } = requirement;
    let (with, members) = (counted(headcount.with_mfa), counted(headcount.members));
    if *required {
        tr!("mfa_requirement.sentence_on", with = with, members = members)
    } else {
        tr!("mfa_requirement.sentence_off", with = with, members = members)
    }
}
