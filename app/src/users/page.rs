//! The page: a sentence, search and filters, the rows, and the pages before and after.

use super::{
    api,
    filters::Filters,
    query::{address, export, is_narrowed, narrowed, read},
    row::Row,
};
use crate::{
    bulk_reset::ChosenBar,
    error::AppError,
    error_page::ErrorPage,
    mfa_reset::{AwaitingApproval, RequestDialog, RequestDialogHandle, ResetActionErrors, ResetActions, ResetOutcome},
    next::Next,
    paths,
    scope::use_scope,
    ui::{Done, Empty, LinkButton, PageHead, Pager, Skeleton, SortHeading, counted},
};
use domain::{
    accounts::Headcount,
    policy,
    scope::{Scope, ScopeKind},
    users::{UserPage, UserQuery, UserSort},
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// What the rows can set going. Together, so that the list is read again after each.
#[derive(Clone, Copy)]
pub(super) struct Actions {
    pub(super) resets: ResetActions,
    /// How many are chosen.
    pub(super) chosen: RwSignal<usize>,
    pub(super) dialog: RequestDialogHandle,
}

#[component]
pub(crate) fn UsersPage() -> impl IntoView {
    let (scope, map) = (use_scope(), use_query_map());
    let query = Memo::new(move |_| map.with(read));
    let actions = Actions { resets: ResetActions::new(), chosen: RwSignal::new(0), dialog: RequestDialogHandle::new() };
    let users = Resource::new(
        move || (scope.get(), query.get(), actions.resets.version()),
        |(scope, query, _)| async move {
            let users = api::list(scope.ok_or(AppError::NotFound)?, query.clone()).await?;
            Ok((query, users))
        },
    );
    view! {
        <Title text=tr!("users.title")/>
        <Transition fallback=|| view! { <Skeleton label=tr!("users.loading")/> }>
            {move || Suspend::new(async move {
                match users.await {
                    Ok((query, users)) => Either::Left(view! { <Page query users actions/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Page(query: UserQuery, users: UserPage, actions: Actions) -> impl IntoView {
    let UserPage { awaiting, scope, principal, roles, rows, headcount, filtered, before, after, now } = users;
    let here = Next::to(address(scope, &query));
    let close = address(scope, &query);
    let eyebrow = match scope.kind() {
        ScopeKind::Account => tr!("users.settings"),
        ScopeKind::Portfolio => tr!("users.manage"),
    };
    let turned = |after: Option<String>, before: Option<String>| {
        let turn = after.is_some() || before.is_some();
        turn.then(|| address(scope, &UserQuery { after, before, ..query.clone() }))
    };
    let pager = view! {
        <Pager total=total(headcount, filtered) before=turned(None, before) after=turned(after, None)/>
    };
    let state = if rows.is_empty() { "none" } else { "list" };
    let invites = policy::cancel_invitation(&principal, scope).is_ok();
    let exports = policy::export_users(&principal, scope).is_ok().then(|| {
        view! {
            <p>
                <a href=export(scope, &query) rel="external" download>
                    {tr!("users.export")}
                </a>
            </p>
        }
    });
    let list = if rows.is_empty() {
        Either::Left(view! { <Nobody scope query=query.clone()/> })
    } else {
        let rows = rows
            .into_iter()
            .map(|row| view! { <Row row who=principal.clone() now actions here=here.clone()/> })
            .collect_view();
        Either::Right(view! {
            <ChosenBar scope who=principal.clone() chosen=actions.chosen/>
            <div>
                <table
                    class="table people"
                    class:reach=scope.kind() == ScopeKind::Portfolio
                    aria-label=tr!("users.title")
                >
                    <Headings scope query=query.clone()/>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {pager}
            {exports}
        })
    };
    view! {
        <main class="main" id="main" data-page="users" data-state=state>
            <div class="head-row">
                <PageHead eyebrow title=tr!("users.title")>{sentence(headcount)}</PageHead>
                {invites
                    .then(|| {
                        view! {
                            <div class="actions">
                                <LinkButton href=paths::many(scope) label=tr!("bulk_change.open")/>
                                <LinkButton href=paths::invite(scope) label=tr!("users.invite")/>
                            </div>
                        }
                    })}
            </div>
            <Done says/>
            <ResetActionErrors actions=actions.resets/>
            {(!awaiting.is_empty()).then(|| view! { <AwaitingApproval scope awaiting now/> })}
            <Filters scope query roles/>
            {list}
            <ResetOutcome close/>
            <RequestDialog handle=actions.dialog/>
        </main>
    }
}

#[component]
fn Headings(scope: Scope, query: UserQuery) -> impl IntoView {
    let heading = |label: &'static str, rising: UserSort, falling: UserSort, first: UserSort| {
        let sorted = match query.sort {
            sort if sort == rising => Some("ascending"),
            sort if sort == falling => Some("descending"),
            _ => None,
        };
        let other = if query.sort == rising { falling } else { rising };
        let next = if sorted.is_some() { other } else { first };
        let href = narrowed(scope, &query, |query| query.sort = next);
        view! { <SortHeading label href sorted/> }
    };
    view! {
        <thead>
            <tr>
                {heading(tr!("users.name"), UserSort::Name, UserSort::NameDesc, UserSort::Name)}
                <th scope="col">
                    {match scope.kind() {
                        ScopeKind::Account => tr!("users.role"),
                        ScopeKind::Portfolio => tr!("users.accounts"),
                    }}
                </th>
                <th scope="col">{tr!("users.mfa")}</th>
                {heading(
                    tr!("users.last_active"),
                    UserSort::LastActiveAsc,
                    UserSort::LastActive,
                    UserSort::LastActive,
                )}
                <th scope="col">
                    <span class="aloud">{tr!("users.actions")}</span>
                </th>
            </tr>
        </thead>
    }
}

/// Nobody is left, and how to get everybody back.
#[component]
fn Nobody(scope: Scope, query: UserQuery) -> impl IntoView {
    let title = if query.q.is_empty() { tr!("users.nobody").into() } else { tr!("users.nobody_like", q = query.q) };
    let text = if is_narrowed(&query) { tr!("users.nobody_text") } else { tr!("users.page_gone") };
    view! {
        <Empty title text>
            <LinkButton href=narrowed(scope, &UserQuery::default(), |_| ()) label=tr!("users.show_all")/>
        </Empty>
    }
}

/// What matters about the page: how many use a second factor, and how many do not.
fn sentence(headcount: Headcount) -> String {
    let Headcount { members, with_mfa } = headcount;
    let without = members.saturating_sub(with_mfa);
    let people = tr_n!("users.people", members, number = counted(members));
    let use_it = match (with_mfa, without) {
        (0, _) => tr!("users.none_use").into(),
        (_, 0) => tr!("users.all_use").into(),
        _ => {
            let with = tr_n!("users.with", with_mfa, number = counted(with_mfa));
            tr_n!("users.without", without, with = with, number = counted(without))
        }
    };
    format!("{people} {use_it}")
}

/// How many the list has. What is filtered is counted to a thousand and one.
fn total(headcount: Headcount, filtered: Option<u32>) -> String {
    match filtered {
        None => tr_n!("users.total", headcount.members, number = counted(headcount.members)),
        Some(1_001..) => tr!("users.many_match").into(),
        Some(found) => tr_n!("users.match", found, number = counted(found)),
    }
}

fn says(done: &str) -> Option<&'static str> {
    (done == "removed").then(|| tr!("users.page.removed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_says_who_uses_a_second_factor() {
        for (members, with_mfa, expected) in [
            (41, 36, "41 people. 36 use a second factor, 5 do not yet."),
            (2, 1, "2 people. 1 uses a second factor, 1 does not yet."),
            (3, 3, "3 people. All use a second factor."),
            (1, 0, "1 person. Nobody uses a second factor yet."),
            (1_000_000, 999_999, "1,000,000 people. 999,999 use a second factor, 1 does not yet."),
        ] {
            assert_eq!(sentence(Headcount { members, with_mfa }), expected);
        }
    }

    #[test]
    fn counting_stops_at_a_thousand() {
        let everybody = Headcount { members: 12_345, with_mfa: 0 };
        assert_eq!(total(everybody, None), "12,345 people");
        assert_eq!(total(everybody, Some(1)), "1 person found");
        assert_eq!(total(everybody, Some(1_000)), "1,000 people found");
        assert_eq!(total(everybody, Some(1_001)), "1,000+ people found");
    }
}
