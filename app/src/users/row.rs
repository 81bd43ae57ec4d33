//! One member: who, as what, how secured, when last here, and what can be done. An item of the menu is there because
//! policy says so, and what policy refuses says why; what the reader's role has nothing to do with is not there at all.

use super::{filters::status_text, mfa_badge::MfaBadge, page::Actions};
use crate::{
    bulk_reset::Choose,
    error::denied_text,
    mfa_reset::{ResetAction, ResetActionItem},
    next::Next,
    paths,
    roles::role_text,
    step_up::by_way_of_step_up,
    ui::{Avatar, Badge, MenuItem, MenuRefusal, RowMenu, Time, counted},
};
use domain::{
    mfa_reset::State,
    policy::{self, Denied, Principal},
    roles::NamedRole,
    time::Timestamp,
    users::{LinkedPlace, MembershipStatus, UserOverview},
};
use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};

#[component]
pub(super) fn Row(row: UserOverview, who: Principal, now: Timestamp, actions: Actions, here: Next) -> impl IntoView {
    let invited = row.status == MembershipStatus::Invited;
    let name = if invited { row.email.clone() } else { row.name.clone() };
    let address = if invited { status_text(row.status).into() } else { row.email.clone() };
    let shut_out = (row.status == MembershipStatus::Deactivated)
        .then(|| view! { <Badge>{status_text(MembershipStatus::Deactivated)}</Badge> });
    let last_used = match row.last_used_at {
        Some(at) => view! { <Time at now/> }.into_any(),
        None => tr!("users.never").into_any(),
    };
    view! {
        <tr>
            <td class="lead">
                <div class="person">
                    <Choose row=row.clone() who=who.clone() chosen=actions.chosen/>
                    <Avatar name=name.clone()/>
                    <span class="two">
                        <span>
                            <a href=paths::user(who.scope, row.user_id)>{name}</a>
                        </span>
                        <span>{address}</span>
                    </span>
                </div>
            </td>
            <td>
                <Places role=row.role.clone() accounts=row.accounts.clone()/>
                " "
                {shut_out}
            </td>
            <td>{(!invited).then(|| view! { <MfaBadge row=row.clone() now/> })}</td>
            <td class="nowrap">{(!invited).then_some(last_used)}</td>
            <td class="act">
                <RowActions row who actions here/>
            </td>
        </tr>
    }
}

/// So many accounts are seen at a glance.
const AT_A_GLANCE: usize = 2;

/// As what they are here, and in the list of a portfolio their accounts, each with the role there.
#[component]
fn Places(role: Option<NamedRole>, accounts: Vec<LinkedPlace>) -> impl IntoView {
    if accounts.is_empty() {
        return Either::Left(role.as_ref().map(role_text));
    }
    let own = role.map(|role| view! { <li>{role_text(&role)}</li> });
    let place = |LinkedPlace { account, role, status }: LinkedPlace| {
        let shut_out = (status != MembershipStatus::Active).then(|| format!(" · {}", status_text(status)));
        view! {
            <li>
                {account} <span class="quiet">" · " {role_text(&role)} {shut_out}</span>
            </li>
        }
    };
    let mut accounts = accounts;
    let shown = if accounts.len() > AT_A_GLANCE + 1 { AT_A_GLANCE } else { accounts.len() };
    let rest = accounts.split_off(shown);
    let more = (!rest.is_empty()).then(|| {
        view! {
            <details>
                <summary>{tr_n!("users.more_accounts", rest.len() as u64, number = counted(rest.len() as u64))}</summary>
                <ul class="places">{rest.into_iter().map(place).collect_view()}</ul>
            </details>
        }
    });
    Either::Right(view! {
        <ul class="places">{own} {accounts.into_iter().map(place).collect_view()}</ul>
        {more}
    })
}

/// The three dots, where there is anything behind them.
#[component]
fn RowActions(row: UserOverview, who: Principal, actions: Actions, here: Next) -> impl IntoView {
    policy::view_mfa_resets(&who, who.scope).is_ok().then(|| {
        let (user, scope) = (row.user_id, who.scope);
        // One that was accepted is not replaced.
        let waits = row.pending.as_ref().is_some_and(|reset| reset.state == State::Waiting);
        let open = row.pending.as_ref().map(|reset| {
            let is_open = reset.state == State::Open;
            let page = paths::request_mfa_reset(scope, user);
            let (look, label) = match reset.state {
                State::Open => (paths::done(&page, "requested"), tr!("users.menu.what_to_tell")),
                _ => (page, tr!("users.menu.look_at_reset")),
            };
            let item = |what: ResetAction| {
                let (who, target, next) = (who.clone(), row.target(), here.clone());
                view! { <ResetActionItem what scope user who target next actions=actions.resets/> }
            };
            view! {
                <ul>
                    <MenuItem href=look label/>
                    {is_open.then(|| item(ResetAction::Resend))}
                    {item(ResetAction::Cancel)}
                </ul>
                {(!waits).then(|| view! { <hr/> })}
            }
        });
        view! {
            <RowMenu id=menu_id(&row) name=tr!("users.actions_for", name = row.name)>
                {open}
                {(!waits).then(|| {
                    view! {
                        <ul>
                            <ResetItem row=row.clone() who=who.clone() actions/>
                        </ul>
                    }
                })}
            </RowMenu>
        }
    })
}

fn menu_id(row: &UserOverview) -> String {
    format!("actions-{}", row.user_id)
}

/// “Reset MFA”: offered, disabled with the reason, or absent.
#[component]
fn ResetItem(row: UserOverview, who: Principal, actions: Actions) -> impl IntoView {
    let (scope, user) = (who.scope, row.user_id);
    let label = tr!("users.menu.reset_mfa");
    match policy::request_mfa_reset(&who, scope, &row.target()).map(drop) {
        Err(Denied::Unseen | Denied::RoleLacks { .. }) => EitherOf3::A(()),
        Err(denied) if !denied.is_mendable() => EitherOf3::B(view! { <MenuRefusal label reason=denied_text(denied)/> }),
        verdict => {
            let fresh = verdict.is_ok();
            let href = by_way_of_step_up(fresh, paths::request_mfa_reset(scope, user));
            let opener = format!("{}-button", menu_id(&row));
            let open = move |event: leptos::ev::MouseEvent| {
                // Somebody who wants a new tab, or has to prove who they are first, follows the link.
                if fresh && !event.ctrl_key() && !event.meta_key() && !event.shift_key() {
                    event.prevent_default();
                    actions.dialog.open_for(scope, user, opener.clone());
                }
            };
            EitherOf3::C(view! { <MenuItem href label on:click=open/> })
        }
    }
}
