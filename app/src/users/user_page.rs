//! `…/users/{user}`: one member, as far as this scope goes: as what, how secured, what happened, and what can be done. What
//! policy refuses says why in the place of its button.

use super::{
    api::{self, ChangeRole, Deactivate, Reactivate, Remove, SignOut, TransferOwnership},
    filters::status_text,
    mfa_badge::MfaBadge,
};
use crate::{
    audit::Line,
    error::{AppError, denied_text},
    error_page::ErrorPage,
    paths,
    roles::role_text,
    scope::{ScopeField, use_scope},
    step_up::{StepUpLink, by_way_of_step_up},
    ui::{
        Badge, Done, Fact, Facts, LinkButton, PageHead, PostForm, SelectField, Submit, Time, Weight,
        form::{FormError, problem},
        use_post,
    },
};
use domain::{
    errors::Field,
    ids::UserId,
    policy::{self, Denied, Target},
    roles::NamedRole,
    scope::Scope,
    time::Timestamp,
    users::{DeviceHere, LinkedPlace, Membership, MembershipStatus, UserDetails},
};
use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn UserPage() -> impl IntoView {
    let (scope, params) = (use_scope(), use_params_map());
    let user = move || params.read().get_str("user").and_then(|user| user.parse::<UserId>().ok());
    let details = Resource::new(
        move || scope.get().zip(user()),
        |of| async move {
            let (scope, user) = of.ok_or(AppError::NotFound)?;
            api::get(scope, user).await
        },
    );
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match details.await {
                    Ok(details) => Either::Left(view! { <Page details/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Page(details: UserDetails) -> impl IntoView {
    let UserDetails { scope, user, membership, devices, activity, now, .. } = details.clone();
    let status = membership.as_ref().map_or(user.status, |membership| membership.status);
    let shut_out = (status == MembershipStatus::Deactivated).then(|| view! { <Badge>{status_text(status)}</Badge> });
    let own = membership.map(|Membership { role, added_at, .. }| {
        view! {
            <Fact term=tr!("users.role")>{role_text(&role)} " " {shut_out}</Fact>
            <Fact term=tr!("users.page.added")>
                <Time at=added_at now/>
            </Fact>
        }
    });
    let linked = user.accounts.clone();
    let accounts = (!linked.is_empty()).then(|| view! { <Accounts accounts=linked/> });
    let (name, email) = (user.name.clone(), user.email.clone());
    let last_used = match user.last_used_at {
        Some(at) => Either::Left(view! { <Time at now/> }),
        None => Either::Right(tr!("users.never")),
    };
    let happened = policy::view_activity(&details.principal, scope).is_ok().then(|| {
        let lines = activity.into_iter().map(|line| view! { <Line line now/> }).collect_view();
        view! {
            <section class="stack narrow">
                <div class="section-head">
                    <h2>{tr!("users.page.activity")}</h2>
                    <p>{tr!("users.page.activity_text")}</p>
                </div>
                <ol class="log">{lines}</ol>
            </section>
        }
    });
    view! {
        <Title text=name.clone()/>
        <main class="main" id="main" data-page="user" data-state=status.key()>
            <PageHead eyebrow=tr!("mfa_reset_request.back") back=paths::users(scope) title=name>
                {email}
            </PageHead>
            <Done says/>
            <section class="stack narrow">
                <Facts>
                    {own} {accounts} <Fact term=tr!("users.mfa")>
                        <MfaBadge row=user now/>
                    </Fact> <Fact term=tr!("users.last_active")>{last_used}</Fact>
                </Facts>
                <ResetMfa details=details.clone()/>
            </section>
            <Manage details/>
            <SignedInHere devices now/>
            {happened}
        </main>
    }
}

/// The browsers in which they came in here; of what they did elsewhere nothing.
#[component]
fn SignedInHere(devices: Vec<DeviceHere>, now: Timestamp) -> impl IntoView {
    let one = |DeviceHere { device, place, first_at, last_at }: DeviceHere| {
        view! {
            <li>
                <div class="what">
                    <p>{device}</p>
                    <p>
                        {tr!("users.page.device_last")} " " <Time at=last_at now/> ", " {tr!("users.page.device_first")}
                        " " <Time at=first_at now/> " " {tr!("users.page.device_from", place = place)}
                    </p>
                </div>
            </li>
        }
    };
    (!devices.is_empty()).then(|| {
        view! {
            <section class="stack narrow">
                <div class="section-head">
                    <h2>{tr!("users.page.devices")}</h2>
                    <p>{tr!("users.page.devices_text")}</p>
                </div>
                <ul class="cards">{devices.into_iter().map(one).collect_view()}</ul>
            </section>
        }
    })
}

/// The linked accounts they are in, each with the role there.
#[component]
fn Accounts(accounts: Vec<LinkedPlace>) -> impl IntoView {
    let place = |LinkedPlace { account, role, status }: LinkedPlace| {
        let shut_out = (status != MembershipStatus::Active).then(|| format!(" · {}", status_text(status)));
        view! { <li>{account} " · " {role_text(&role)} {shut_out}</li> }
    };
    view! {
        <Fact term=tr!("users.accounts")>
            <ul class="places">{accounts.into_iter().map(place).collect_view()}</ul>
        </Fact>
    }
}

/// “Reset MFA”, or why not; nothing for who has nothing to do with it.
#[component]
fn ResetMfa(details: UserDetails) -> impl IntoView {
    let UserDetails { scope, principal, user, .. } = details;
    let verdict = policy::request_mfa_reset(&principal, scope, &user.target()).map(drop);
    let link = move |fresh, label| {
        let href = by_way_of_step_up(fresh, paths::request_mfa_reset(scope, user.user_id));
        view! {
            <div class="actions start">
                <LinkButton href label/>
            </div>
        }
    };
    match verdict {
        _ if user.pending.is_some() => EitherOf3::A(link(true, tr!("users.menu.look_at_reset"))),
        Err(Denied::Unseen | Denied::RoleLacks { .. }) => EitherOf3::B(()),
        Err(denied) if !denied.is_mendable() => EitherOf3::C(view! { <p class="quiet">{denied_text(denied)}</p> }),
        verdict => EitherOf3::A(link(verdict.is_ok(), tr!("users.menu.reset_mfa"))),
    }
}

/// What can be done to the membership; nothing where there is none of this very scope, or for who only looks.
#[component]
fn Manage(details: UserDetails) -> impl IntoView {
    let (target, membership) = (details.target()?, details.membership.clone()?);
    let UserDetails { scope, principal, roles, .. } = details;
    let denied = match policy::remove_member(&principal, scope, &target).map(drop) {
        Err(Denied::Unseen | Denied::RoleLacks { .. }) => return None,
        Err(denied) if !denied.is_mendable() => Some(denied),
        _ => None,
    };
    let inner = match denied {
        Some(denied) => Either::Left(view! { <p class="quiet">{denied_text(denied)}</p> }),
        None => Either::Right(view! {
            <Roles scope who=principal.clone() target=target.clone() membership=membership.clone() roles/>
            <Leaving scope who=principal.clone() target=target.clone() membership/>
            <Ownership scope who=principal target/>
        }),
    };
    Some(view! {
        <section class="stack narrow">
            <h2>{tr!("users.page.membership")}</h2>
            {inner}
        </section>
    })
}

#[component]
fn Roles(
    scope: Scope,
    who: policy::Principal,
    target: Target,
    membership: Membership,
    roles: Vec<NamedRole>,
) -> impl IntoView {
    let post = use_post::<ChangeRole>();
    let error = post.error();
    let may = |named: &NamedRole| match policy::change_role(&who, scope, &target, named.role).map(drop) {
        Ok(()) => true,
        Err(denied) => denied.is_mendable(),
    };
    let held = membership.role.role.key();
    let is_held = |named: &NamedRole| named.role.key() == held;
    let choice = |named: NamedRole| (named.role.key().to_string().into(), role_text(&named));
    let offers = roles.iter().any(|named| !is_held(named) && may(named));
    // What they have is what is chosen, also where nobody here could give it.
    let choices: Vec<_> = roles.into_iter().filter(|named| is_held(named) || may(named)).map(choice).collect();
    let held = held.to_string();
    offers.then(|| {
        view! {
            <div class="card">
                <PostForm post>
                    <FormError error/>
                    <StepUpLink error/>
                    <ScopeField scope/>
                    <input type="hidden" name="user" value=target.user_id.to_string()/>
                    <input type="hidden" name="seen_role" value=held.clone()/>
                    <SelectField
                        name="role"
                        label=tr!("users.role")
                        hint=tr!("users.page.role_hint")
                        problem=problem(error, Field::Role)
                        choices
                        chosen=held
                    />
                    <div class="actions">
                        <Submit label=tr!("users.page.change_role") weight=Weight::Primary pending=post.pending()/>
                    </div>
                </PostForm>
            </div>
        }
    })
}

/// Shutting out and letting in again, and taking out.
#[component]
fn Leaving(scope: Scope, who: policy::Principal, target: Target, membership: Membership) -> impl IntoView {
    let (user, status, role) = (target.user_id, membership.status, membership.role.role);
    let (out, back, remove) = (use_post::<Deactivate>(), use_post::<Reactivate>(), use_post::<Remove>());
    let sign_out = use_post::<SignOut>();
    let named = move || {
        view! {
            <ScopeField scope/>
            <input type="hidden" name="user" value=user.to_string()/>
        }
    };
    let access = if status == MembershipStatus::Deactivated {
        let error = back.error();
        let denied = policy::set_membership_status(&who, scope, &target, role).map(drop).err();
        let card = match denied.filter(|denied| !denied.is_mendable()) {
            Some(denied) => Either::Left(view! {
                <p>{tr!("users.page.shut_out")}</p>
                <p class="quiet">{denied_text(denied)}</p>
            }),
            None => Either::Right(view! {
                <PostForm post=back>
                    <FormError error/>
                    <StepUpLink error/>
                    {named()}
                    <p>{tr!("users.page.shut_out")}</p>
                    <div class="actions">
                        <Submit label=tr!("users.page.reactivate") pending=back.pending()/>
                    </div>
                </PostForm>
            }),
        };
        Either::Left(view! { <div class="card">{card}</div> })
    } else {
        let (error, sign_out_error) = (out.error(), sign_out.error());
        Either::Right(view! {
            <div class="card">
                <PostForm post=sign_out>
                    <FormError error=sign_out_error/>
                    <StepUpLink error=sign_out_error/>
                    {named()}
                    <p>{tr!("users.page.sign_out_text")}</p>
                    <div class="actions">
                        <Submit label=tr!("users.page.sign_out") pending=sign_out.pending()/>
                    </div>
                </PostForm>
            </div>
            <div class="card">
                <PostForm post=out>
                    <FormError error/>
                    <StepUpLink error/>
                    {named()}
                    <p>{tr!("users.page.deactivate_text")}</p>
                    <div class="actions">
                        <Submit label=tr!("users.page.deactivate") pending=out.pending()/>
                    </div>
                </PostForm>
            </div>
        })
    };
    let error = remove.error();
    view! {
        {access}
        <div class="card">
            <FormError error/>
            <StepUpLink error/>
            // Nothing is taken away by one press.
            <details>
                <summary>{tr!("users.page.remove")}</summary>
                <PostForm post=remove>
                    {named()} <p>{tr!("users.page.remove_text")}</p>
                    <div class="actions">
                        <Submit
                            label=tr!("users.page.remove_now")
                            weight=Weight::Danger
                            pending=remove.pending()
                        />
                    </div>
                </PostForm>
            </details>
        </div>
    }
}

/// Handing the scope over, for its Owner.
#[component]
fn Ownership(scope: Scope, who: policy::Principal, target: Target) -> impl IntoView {
    let post = use_post::<TransferOwnership>();
    let error = post.error();
    let offered = match policy::transfer_ownership(&who, scope, &target).map(drop) {
        Ok(()) => true,
        Err(denied) => denied.is_mendable(),
    };
    offered.then(|| {
        view! {
            <div class="card">
                <FormError error/>
                <StepUpLink error/>
                <details>
                    <summary>{tr!("users.page.hand_over")}</summary>
                    <PostForm post>
                        <ScopeField scope/>
                        <input type="hidden" name="user" value=target.user_id.to_string()/>
                        <p>{tr!("users.page.hand_over_text")}</p>
                        <div class="actions">
                            <Submit
                                label=tr!("users.page.hand_over_now")
                                weight=Weight::Danger
                                pending=post.pending()
                            />
                        </div>
                    </PostForm>
                </details>
            </div>
        }
    })
}

fn says(done: &str) -> Option<&'static str> {
    match done {
        "role_changed" => Some(tr!("users.page.role_changed")),
        "signed_out" => Some(tr!("users.page.signed_out")),
        "handed_over" => Some(tr!("users.page.handed_over")),
        "deactivated" => Some(tr!("users.page.deactivated")),
        "reactivated" => Some(tr!("users.page.reactivated")),
        _ => None,
    }
}
