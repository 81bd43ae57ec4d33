//! `…/settings/roles`: the roles of a scope, its own before the built-in ones, and how many have each.

use super::{api, label::role_text};
use crate::{
    error::AppError,
    error_page::ErrorPage,
    paths,
    scope::use_scope,
    step_up::by_way_of_step_up,
    ui::{Done, Empty, LinkButton, PageHead, Skeleton, counted},
};
use domain::{
    policy::{self, Principal},
    roles::{Permissions, RoleOverview, Roles},
    scope::Scope,
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn RolesPage() -> impl IntoView {
    let scope = use_scope();
    let roles =
        Resource::new(move || scope.get(), |scope| async move { api::list(scope.ok_or(AppError::NotFound)?).await });
    view! {
        <Title text=tr!("roles.title")/>
        <Transition fallback=|| view! { <Skeleton label=tr!("roles.title")/> }>
            {move || Suspend::new(async move {
                match roles.await {
                    Ok(roles) => Either::Left(view! { <Page roles/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

/// Where a role is made: by way of proving who one is, where that is all that is missing.
pub(crate) fn way_to_new_role(who: &Principal, scope: Scope) -> Option<String> {
    let verdict = policy::make_role(who, scope, &Permissions::NONE).map(drop);
    let may = verdict.is_ok() || verdict.is_err_and(policy::Denied::is_mendable);
    may.then(|| by_way_of_step_up(verdict.is_ok(), paths::new_role(scope)))
}

#[component]
fn Page(roles: Roles) -> impl IntoView {
    let Roles { scope, principal, roles } = roles;
    let (custom, built_in): (Vec<_>, Vec<_>) = roles.into_iter().partition(|one| one.role.name.is_some());
    let new = way_to_new_role(&principal, scope).map(|href| {
        view! {
            <div class="actions start">
                <LinkButton href label=tr!("roles.new")/>
            </div>
        }
    });
    let own = if custom.is_empty() {
        Either::Left(view! { <Empty title=tr!("roles.none_own") text=tr!("roles.none_own_text")/> })
    } else {
        Either::Right(view! { <List scope roles=custom/> })
    };
    view! {
        <main class="main" id="main" data-page="roles">
            <PageHead eyebrow=tr!("layout.settings") title=tr!("roles.title")>
                {tr!("roles.sentence")}
            </PageHead>
            <Done says/>
            <section class="stack narrow">
                <h2>{tr!("roles.own")}</h2>
                {own}
                {new}
            </section>
            <section class="stack narrow">
                <div class="section-head">
                    <h2>{tr!("roles.built_in")}</h2>
                    <p>{tr!("roles.built_in_text")}</p>
                </div>
                <List scope roles=built_in/>
            </section>
        </main>
    }
}

#[component]
fn List(scope: Scope, roles: Vec<RoleOverview>) -> impl IntoView {
    let row = |one: RoleOverview| {
        let key = one.role.role.key();
        let label = role_text(&one.role);
        let about = (!one.description.is_empty()).then(|| view! { <p>{one.description.clone()}</p> });
        view! {
            <li>
                <div class="what">
                    <p>
                        <a href=paths::role(scope, key)>{label}</a>
                    </p>
                    {about}
                </div>
                <Holders scope role=one/>
            </li>
        }
    };
    view! { <ul class="cards">{roles.into_iter().map(row).collect_view()}</ul> }
}

/// How many have it, as a link to them, and how many are invited as that.
#[component]
pub(super) fn Holders(scope: Scope, role: RoleOverview) -> impl IntoView {
    let RoleOverview { role, holders, invited, .. } = role;
    let people = match holders {
        0 => Either::Left(view! { <span class="quiet">{tr!("roles.nobody")}</span> }),
        _ => {
            // Nobody counts further than that.
            let text = match holders {
                1_001.. => tr!("roles.many").to_owned(),
                _ => tr_n!("roles.people", holders, number = counted(holders)),
            };
            Either::Right(view! { <a href=paths::users_with_role(scope, role.role.key())>{text}</a> })
        }
    };
    let invited = (invited > 0).then(|| {
        view! {
            " · "
            <a href=paths::invite(scope)>{tr_n!("roles.invited", invited, number = counted(invited))}</a>
        }
    });
    view! { <p>{people} {invited}</p> }
}

fn says(done: &str) -> Option<&'static str> {
    match done {
        "made" => Some(tr!("roles.made")),
        "deleted" => Some(tr!("roles.deleted")),
        _ => None,
    }
}
