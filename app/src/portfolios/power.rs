//! What a portfolio can do in its accounts, and everybody who has reach: shown before an Owner agrees, and ever after.

use crate::{
    guards::GuardFacts,
    mfa_policy::MfaPolicyFacts,
    roles::role_text,
    ui::{Fact, Facts, Pager, counted},
};
use domain::{
    guards::Guards,
    ids::MembershipId,
    mfa_policy::Floor,
    portfolios::{Power, ReachQuery, Reaching},
    scope::Scope,
};
use leptos::{either::Either, prelude::*};
use leptos_router::params::ParamsMap;

/// Which part of the list an address asks for.
pub(super) fn reach_query(address: &ParamsMap) -> ReachQuery {
    let get = |name| address.get_str(name).and_then(|id| id.parse::<MembershipId>().ok());
    ReachQuery { after: get("after"), before: get("before") }
}

#[component]
pub(super) fn PowerSections(
    scope: Scope,
    power: Power,
    /// The page that this stands on, for the other parts of the list.
    path: String,
) -> impl IntoView {
    let Power { people, total, before, after, floor, guards, .. } = power;
    view! {
        <WhatItCanDo scope floor guards/>
        <section class="stack narrow">
            <div class="section-head">
                <h2>{tr!("portfolios.reach")}</h2>
                <p>{tr!("portfolios.reach_sentence")}</p>
            </div>
            <Reach people total before after path/>
        </section>
    }
}

#[component]
fn WhatItCanDo(scope: Scope, floor: Option<Floor>, guards: Guards) -> impl IntoView {
    let rules = match floor {
        Some(Floor { rules, .. }) => {
            let required = if rules.required { tr!("guards.on") } else { tr!("guards.off") };
            Either::Left(view! {
                <p>{tr!("portfolios.can_floor")}</p>
                <Facts>
                    <Fact term=tr!("mfa_requirement.require")>{required}</Fact>
                </Facts>
                <MfaPolicyFacts scope policy=rules.policy/>
            })
        }
        None => Either::Right(view! { <p>{tr!("portfolios.can_no_floor")}</p> }),
    };
    view! {
        <section class="stack narrow">
            <h2>{tr!("portfolios.can")}</h2>
            <div class="prose">
                <p>{tr!("portfolios.can_see")}</p>
                <p>{tr!("portfolios.can_reset")}</p>
                <p>{tr!("portfolios.can_roles")}</p>
            </div>
            {rules}
            <p>{tr!("portfolios.guards")}</p>
            <Facts>
                <GuardFacts guards/>
            </Facts>
        </section>
    }
}

/// Who, by name and role.
#[component]
pub(super) fn Reach(
    people: Vec<Reaching>,
    total: u64,
    before: Option<MembershipId>,
    after: Option<MembershipId>,
    path: String,
) -> impl IntoView {
    let person = |Reaching { name, role }: Reaching| {
        view! {
            <li>
                <div class="what">
                    <p>{name}</p>
                    <p>{role_text(&role)}</p>
                </div>
            </li>
        }
    };
    let turned = |name: &'static str, id: Option<MembershipId>| {
        let query: ParamsMap = [(name, id?.to_string())].into_iter().collect();
        Some(format!("{path}{}", query.to_query_string()))
    };
    let (before, after) = (turned("before", before), turned("after", after));
    let total = tr_n!("portfolios.people", total, number = counted(total));
    view! {
        <ul class="cards">{people.into_iter().map(person).collect_view()}</ul>
        <Pager total before after/>
    }
}
