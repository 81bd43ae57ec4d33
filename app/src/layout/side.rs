//! The side of the console: where one is, the areas there that one may see, and who one is. On a phone it is a bar, and
//! the areas open from it. The rules that show an area are the ones that guard it.

use super::{
    palette::{Goal, Goals, Palette, own_pages},
    switcher::Switcher,
};
use crate::{
    accounts::api::Own,
    paths,
    roles::role_text,
    sign_in::SignOut,
    ui::{Avatar, Icon, Menu, MenuItem, close_popover},
};
use domain::{
    accounts::{Console, ScopeEntry},
    mfa_reset::ResetOfMine,
    policy::{self, Principal},
    scope::Scope,
    time::Timestamp,
};
use leptos::{either::Either, prelude::*};
use leptos_router::components::A;

/// What the side shows.
pub(super) struct Frame {
    here: Option<ScopeEntry>,
    scopes: Vec<ScopeEntry>,
    areas: Vec<Areas>,
    goals: Goals,
    name: String,
    detail: String,
    pub(super) reset_of_mine: Option<ResetOfMine>,
    pub(super) grace_until: Option<Timestamp>,
    pub(super) now: Timestamp,
}

/// Areas that belong together.
struct Areas {
    title: Option<&'static str>,
    links: Vec<(&'static str, String)>,
}

impl From<Console> for Frame {
    fn from(console: Console) -> Self {
        let Console { principal, scope_name, scopes, reset_of_mine, grace_until, now, .. } = console;
        let role = scopes.iter().find(|entry| entry.scope == principal.scope).map(|entry| entry.role.clone());
        let role = role.unwrap_or(principal.role.into());
        let detail = role_text(&role);
        let here = ScopeEntry { scope: principal.scope, name: scope_name, role };
        let areas = areas(&principal);
        let pages = areas.iter().flat_map(|areas| &areas.links).map(|(label, href)| Goal::new(label, href.clone()));
        Self {
            here: Some(here),
            goals: Goals::new(pages.collect(), &scopes).within(&principal),
            scopes,
            areas,
            detail: detail.into_owned(),
            name: principal.name,
            reset_of_mine,
            grace_until,
            now,
        }
    }
}

impl From<Own> for Frame {
    fn from(own: Own) -> Self {
        let areas = Areas {
            title: Some(tr!("layout.you")),
            links: vec![
                (tr!("layout.personal"), paths::me_personal()),
                (tr!("layout.my_security"), paths::me_security()),
                (tr!("layout.my_sessions"), paths::me_sessions()),
            ],
        };
        Self {
            here: None,
            goals: Goals::new(own_pages().into(), &own.scopes),
            scopes: own.scopes,
            areas: vec![areas],
            name: own.name,
            detail: own.email,
            reset_of_mine: own.reset_of_mine,
            grace_until: own.grace_until,
            now: own.now,
        }
    }
}

fn areas(who: &Principal) -> Vec<Areas> {
    let scope = who.scope;
    let users = policy::view_users(who, scope).is_ok().then(|| (tr!("layout.users"), paths::users(scope)));
    let security = policy::view_security(who, scope).is_ok().then(|| (tr!("layout.security"), paths::security(scope)));
    let activity = policy::view_activity(who, scope).is_ok().then(|| (tr!("layout.activity"), paths::activity(scope)));
    let roles = policy::view_users(who, scope).is_ok().then(|| (tr!("roles.title"), paths::roles(scope)));
    let settings = [roles, security, activity];
    let accounts = policy::view_accounts(who, scope).is_ok().then(|| (tr!("layout.accounts"), paths::accounts(scope)));
    let (manage, settings): (Vec<_>, Vec<_>) = match scope {
        Scope::Account(_) => (vec![], [users].into_iter().chain(settings).flatten().collect()),
        Scope::Portfolio(_) => (users.into_iter().chain(accounts).collect(), settings.into_iter().flatten().collect()),
    };
    let overview = Areas { title: None, links: vec![(tr!("layout.overview"), paths::overview(scope))] };
    let manage = Areas { title: Some(tr!("layout.manage")), links: manage };
    let settings = Areas { title: Some(tr!("layout.settings")), links: settings };
    [overview, manage, settings].into_iter().filter(|areas| !areas.links.is_empty()).collect()
}

/// The side, or for who may not be here the way elsewhere.
#[component]
pub(super) fn Side(frame: Option<Frame>) -> impl IntoView {
    match frame {
        Some(Frame { here, scopes, areas, goals, name, detail, .. }) => Either::Left(view! {
            <Switcher here scopes/>
            <Palette goals/>
            <AreaList areas/>
            <Me name detail/>
        }),
        None => Either::Right(view! {
            <a class="scope" href=paths::home()>
                <span class="avatar place postern" aria-hidden="true">
                    "P"
                </span>
                <strong>{tr!("layout.postern")}</strong>
            </a>
        }),
    }
}

#[component]
fn AreaList(areas: Vec<Areas>) -> impl IntoView {
    let link = |(label, href): (&'static str, String)| {
        view! {
            <li>
                <A href>{label}</A>
            </li>
        }
    };
    let group = |Areas { title, links }| {
        view! {
            {title.map(|title| view! { <h2>{title}</h2> })}
            <ul>{links.into_iter().map(link).collect_view()}</ul>
        }
    };
    view! {
        <button
            type="button"
            class="button bare icon areas-button"
            popovertarget="areas"
            aria-label=tr!("layout.areas")
        >
            {Icon::Bars}
        </button>
        <nav class="areas" id="areas" popover="auto" aria-label=tr!("layout.areas") on:click=close_popover>
            {areas.into_iter().map(group).collect_view()}
        </nav>
    }
}

/// Who one is, one's own pages, and the way out.
#[component]
fn Me(name: String, detail: String) -> impl IntoView {
    let trigger = view! {
        <Avatar name=name.clone()/>
        <span class="two">
            <span>{name}</span>
            <span>{detail}</span>
        </span>
    };
    view! {
        <Menu id="me" trigger=trigger.into_any() trigger_class="me" class="menu up">
            <ul>
                <MenuItem href=paths::me_personal() label=tr!("layout.personal")/>
                <MenuItem href=paths::me_security() label=tr!("layout.my_security")/>
                <MenuItem href=paths::me_sessions() label=tr!("layout.my_sessions")/>
            </ul>
            <hr/>
            <SignOut label=tr!("layout.sign_out") class="item"/>
        </Menu>
    }
}
