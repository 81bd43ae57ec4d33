//! The page: search, a filter by action, and the entries, latest first. Its state is its address.

use super::{
    api,
    line::{Line, action_text},
};
use crate::{
    error::AppError,
    error_page::ErrorPage,
    paths,
    scope::use_scope,
    ui::{Choice, Empty, FilterChip, LinkButton, PageHead, Pager, SearchField, Skeleton},
};
use domain::{
    audit::{AuditAction, AuditPage, AuditQuery},
    ids::AuditEntryId,
    scope::Scope,
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

#[component]
pub(crate) fn ActivityPage() -> impl IntoView {
    let (scope, map) = (use_scope(), use_query_map());
    let query = Memo::new(move |_| map.with(read));
    let log = Resource::new(
        move || (scope.get(), query.get()),
        |(scope, query)| async move {
            let scope = scope.ok_or(AppError::NotFound)?;
            Ok((scope, query.clone(), api::list(scope, query).await?))
        },
    );
    view! {
        <Title text=tr!("audit.title")/>
        <Transition fallback=|| view! { <Skeleton label=tr!("audit.loading")/> }>
            {move || Suspend::new(async move {
                match log.await {
                    Ok((scope, query, log)) => Either::Left(view! { <Page scope query log/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Page(scope: Scope, query: AuditQuery, log: AuditPage) -> impl IntoView {
    let AuditPage { lines, before, after, now } = log;
    let state = if lines.is_empty() { "none" } else { "list" };
    let turned = |after: Option<AuditEntryId>, before: Option<AuditEntryId>| {
        let turn = after.is_some() || before.is_some();
        turn.then(|| address(scope, &AuditQuery { after, before, ..query.clone() }))
    };
    let (newer, older) = (turned(None, before), turned(after, None));
    let list = if lines.is_empty() {
        Either::Left(view! {
            <Empty title=tr!("audit.nothing") text=tr!("audit.nothing_text")>
                <LinkButton href=paths::activity(scope) label=tr!("audit.show_all")/>
            </Empty>
        })
    } else {
        let lines = lines.into_iter().map(|line| view! { <Line line now/> }).collect_view();
        Either::Right(view! {
            <ol class="log">{lines}</ol>
            <Pager total=tr!("audit.newest_first") before=newer after=older/>
        })
    };
    view! {
        <main class="main" id="main" data-page="activity" data-state=state>
            <PageHead eyebrow=tr!("audit.settings") title=tr!("audit.title")>{tr!("audit.sentence")}</PageHead>
            <Filters scope query/>
            {list}
        </main>
    }
}

#[component]
fn Filters(scope: Scope, query: AuditQuery) -> impl IntoView {
    let choice = |label: &'static str, action: Option<AuditAction>| Choice {
        label: label.into(),
        href: address(scope, &AuditQuery { action, after: None, before: None, q: query.q.clone() }),
        chosen: query.action == action,
    };
    let mut choices = vec![choice(tr!("audit.any_action"), None)];
    choices.extend(AuditAction::ALL.iter().map(|action| choice(action_text(*action), Some(*action))));
    let kept = query.action.map(|action| ("action", action.key().to_owned())).into_iter().collect();
    let narrowed = query.action.is_some() || !query.q.is_empty();
    view! {
        <div class="filters">
            <SearchField action=paths::activity(scope) label=tr!("audit.search") value=query.q kept/>
            <FilterChip id="filter-action" label=tr!("audit.action_label") choices/>
            {narrowed
                .then(|| {
                    view! {
                        <a class="button bare" href=paths::activity(scope)>
                            {tr!("audit.clear")}
                        </a>
                    }
                })}
        </div>
    }
}

fn read(address: &ParamsMap) -> AuditQuery {
    AuditQuery {
        q: address.get_str("q").unwrap_or_default().chars().take(100).collect(),
        action: address.get_str("action").and_then(AuditAction::of_key),
        after: address.get_str("after").and_then(|id| id.parse().ok()),
        before: address.get_str("before").and_then(|id| id.parse().ok()),
    }
}

fn address(scope: Scope, query: &AuditQuery) -> String {
    let AuditQuery { q, action, after, before } = query;
    let parts: ParamsMap = [
        ("q", (!q.is_empty()).then(|| q.clone())),
        ("action", action.map(|action| action.key().to_owned())),
        ("after", after.map(|id| id.to_string())),
        ("before", before.map(|id| id.to_string())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect();
    format!("{}{}", paths::activity(scope), parts.to_query_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_and_its_address_say_the_same() {
        let id = "0198f3a0-0000-7000-8000-000000000001";
        let map: ParamsMap =
            [("q", "ada"), ("action", "mfa_reset_done"), ("after", id), ("x", "y")].into_iter().collect();
        let query = read(&map);
        assert_eq!(query.action, Some(AuditAction::MfaResetDone));
        let scope = format!("a/{id}").parse().unwrap();
        let address = address(scope, &query);
        let (path, parts) = address.split_once('?').unwrap();
        assert_eq!(path, paths::activity(scope));
        let decoded = |text: &str| text.replace("%5F", "_").replace("%2D", "-");
        let parts = parts.split('&').filter_map(|part| part.split_once('='));
        assert_eq!(read(&parts.map(|(name, value)| (name.to_owned(), decoded(value))).collect()), query);
        let odd: ParamsMap = [("action", "nothing"), ("after", "now")].into_iter().collect();
        assert_eq!(read(&odd), AuditQuery::default());
    }
}
