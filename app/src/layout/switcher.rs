//! The account switcher: every account and portfolio one may enter, by name, with one's role in each. Links, so that
//! each opens in a tab of its own as well; searching them needs script, and is only there with it.

use crate::{
    paths,
    roles::role_text,
    ui::{Avatar, Icon, Menu},
};
use domain::{accounts::ScopeEntry, scope::ScopeKind};
use leptos::prelude::*;

/// Fewer than this are seen at a glance.
const WORTH_SEARCHING: usize = 8;

#[component]
pub(super) fn Switcher(
    /// Where one is; nothing on one's own pages.
    here: Option<ScopeEntry>,
    /// Everywhere one may go.
    scopes: Vec<ScopeEntry>,
) -> impl IntoView {
    let (name, detail) = match &here {
        Some(here) => (here.name.clone(), kind_and_role(here)),
        None => (tr!("layout.switcher.elsewhere").into(), tr!("layout.switcher.choose").into()),
    };
    let trigger = view! {
        <Avatar name=name.clone() place=true/>
        <span class="two">
            <span>{name}</span>
            <span>{detail}</span>
        </span>
        {Icon::UpDown}
    };
    let searched = RwSignal::new(String::new());
    let search = (scopes.len() >= WORTH_SEARCHING).then(|| view! { <Search searched/> });
    let (accounts, portfolios): (Vec<_>, Vec<_>) =
        scopes.into_iter().partition(|entry| entry.scope.kind() == ScopeKind::Account);
    let present = here.map(|here| here.scope);
    let group = move |title: &'static str, entries: Vec<ScopeEntry>| {
        (!entries.is_empty()).then(|| {
            let entries = entries
                .into_iter()
                .map(|entry| {
                    let is_present = present == Some(entry.scope);
                    view! { <Entry entry is_present searched/> }
                })
                .collect_view();
            view! {
                <p class="group">{title}</p>
                <ul>{entries}</ul>
            }
        })
    };
    view! {
        <Menu id="scopes" trigger=trigger.into_any() trigger_class="scope">
            {search}
            {group(tr!("layout.switcher.accounts"), accounts)}
            {group(tr!("layout.switcher.portfolios"), portfolios)}
        </Menu>
    }
}

fn kind_and_role(here: &ScopeEntry) -> String {
    let role = role_text(&here.role);
    match here.scope.kind() {
        ScopeKind::Account => tr!("layout.switcher.account", role = role),
        ScopeKind::Portfolio => tr!("layout.switcher.portfolio", role = role),
    }
}

#[component]
fn Search(searched: RwSignal<String>) -> impl IntoView {
    let ready = RwSignal::new(false);
    Effect::new(move |_| ready.set(true));
    view! {
        <input
            class="input"
            type="search"
            autofocus=true
            hidden=move || !ready.get()
            placeholder=tr!("layout.switcher.search")
            aria-label=tr!("layout.switcher.search")
            on:input:target=move |event| searched.set(event.target().value().to_lowercase())
        />
    }
}

#[component]
fn Entry(entry: ScopeEntry, is_present: bool, searched: RwSignal<String>) -> impl IntoView {
    let ScopeEntry { scope, name, role } = entry;
    let folded = name.to_lowercase();
    view! {
        <li hidden=move || searched.with(|part| !folded.contains(part.trim()))>
            <a class="item" href=paths::overview(scope) aria-current=is_present.then_some("true")>
                <Avatar name=name.clone() place=true/>
                <span class="two">
                    <span>{name}</span>
                    <span>{role_text(&role)}</span>
                </span>
            </a>
        </li>
    }
}
