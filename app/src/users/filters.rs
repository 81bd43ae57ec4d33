//! Search and filters over the list; each choice is a link to the list so narrowed.

use super::{
    mfa_badge::short,
    query::{is_narrowed, narrowed, parts},
};
use crate::{
    paths,
    roles::role_text,
    ui::{Choice, FilterChip, SearchField, Text},
};
use domain::{
    authenticators::FactorKind,
    roles::NamedRole,
    scope::Scope,
    users::{MembershipStatus, MfaFilter, UserQuery, UserSort},
};
use leptos::prelude::*;

#[component]
pub(super) fn Filters(scope: Scope, query: UserQuery, roles: Vec<NamedRole>) -> impl IntoView {
    let kept = parts(&UserQuery { q: String::new(), after: None, before: None, ..query.clone() });
    let roles = roles.into_iter().map(|named| (role_text(&named), named.role.key()));
    let roles = choices(scope, &query, tr!("users.any_role"), roles, |query| &mut query.role);
    let mfa = MfaFilter::ALL.iter().map(|mfa| (mfa_text(*mfa).into(), *mfa));
    let mfa = choices(scope, &query, tr!("users.any_state"), mfa, |query| &mut query.mfa);
    let status = MembershipStatus::ALL.into_iter().map(|status| (status_text(status).into(), status));
    let status = choices(scope, &query, tr!("users.any_status"), status, |query| &mut query.status);
    let sort = UserSort::ALL
        .iter()
        .map(|sort| Choice {
            label: sort_text(*sort).into(),
            href: narrowed(scope, &query, |query| query.sort = *sort),
            chosen: query.sort == *sort,
        })
        .collect();
    let clear = is_narrowed(&query).then(|| {
        view! {
            <a class="button bare" href=narrowed(scope, &UserQuery { sort: query.sort, ..Default::default() }, |_| ())>
                {tr!("users.clear")}
            </a>
        }
    });
    view! {
        <div class="filters">
            <SearchField action=paths::users(scope) label=tr!("users.search") value=query.q.clone() kept/>
            <FilterChip id="filter-role" label=tr!("users.role") choices=roles/>
            <FilterChip id="filter-mfa" label=tr!("users.mfa") choices=mfa/>
            <FilterChip id="filter-status" label=tr!("users.status") choices=status/>
            <FilterChip id="sort" label=tr!("users.sort") choices=sort only_small=true/>
            {clear}
        </div>
    }
}

/// “Any”, then each value; `part` is the part of the query that a choice sets.
fn choices<T: Copy + PartialEq>(
    scope: Scope,
    query: &UserQuery,
    any: &'static str,
    values: impl IntoIterator<Item = (Text, T)>,
    part: fn(&mut UserQuery) -> &mut Option<T>,
) -> Vec<Choice> {
    let chosen = *part(&mut query.clone());
    let choice = |label: Text, value: Option<T>| Choice {
        label,
        href: narrowed(scope, query, |query| *part(query) = value),
        chosen: chosen == value,
    };
    let mut choices = vec![choice(any.into(), None)];
    choices.extend(values.into_iter().map(|(label, value)| choice(label, Some(value))));
    choices
}

fn mfa_text(mfa: MfaFilter) -> &'static str {
    match mfa {
        MfaFilter::On => tr!("users.mfa_filter.on"),
        MfaFilter::Off => tr!("users.mfa_filter.off"),
        MfaFilter::Pending => tr!("users.mfa_filter.pending"),
        MfaFilter::Passkey => short(FactorKind::Passkey),
        MfaFilter::Totp => short(FactorKind::Totp),
        MfaFilter::Sms => short(FactorKind::Sms),
    }
}

/// What a status is called: who was asked and has not come is “Pending”.
pub(super) fn status_text(status: MembershipStatus) -> &'static str {
    match status {
        MembershipStatus::Active => tr!("users.status_filter.active"),
        MembershipStatus::Invited => tr!("users.status_filter.invited"),
        MembershipStatus::Deactivated => tr!("users.status_filter.deactivated"),
    }
}

fn sort_text(sort: UserSort) -> &'static str {
    match sort {
        UserSort::Name => tr!("users.sort_by.name"),
        UserSort::NameDesc => tr!("users.sort_by.name_desc"),
        UserSort::LastActive => tr!("users.sort_by.last_active"),
        UserSort::LastActiveAsc => tr!("users.sort_by.last_active_asc"),
    }
}
