//! The page: coverage, and who is without, longest first. Where it stands in the list is in its address.

use super::{
    api::{self, Remind},
    chart::CoverageChart,
};
use crate::{
    error::AppError,
    error_page::ErrorPage,
    paths,
    roles::role_text,
    scope::{ScopeField, use_scope},
    ui::{
        Done, Empty, LinkButton, PageHead, Pager, Post, PostForm, Skeleton, Submit, Time, Weight, counted,
        form::FormError, use_post,
    },
};
use domain::{
    policy,
    roll_out::{REMINDED_AT_ONCE, RollOut, RollOutQuery, WithoutMfa, may_remind},
    scope::Scope,
    time::Timestamp,
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

#[component]
pub(crate) fn RollOutPage() -> impl IntoView {
    let (scope, map) = (use_scope(), use_query_map());
    let query = Memo::new(move |_| map.with(|map| RollOutQuery { after: map.get("after"), before: map.get("before") }));
    let roll_out = Resource::new(
        move || (scope.get(), query.get()),
        |(scope, query)| async move { api::get(scope.ok_or(AppError::NotFound)?, query).await },
    );
    view! {
        <Title text=tr!("roll_out.title")/>
        <Transition fallback=|| view! { <Skeleton label=tr!("roll_out.loading")/> }>
            {move || Suspend::new(async move {
                match roll_out.await {
                    Ok(roll_out) => Either::Left(view! { <Page roll_out/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Page(roll_out: RollOut) -> impl IntoView {
    let RollOut { scope, required, coverage, .. } = roll_out;
    let state = if coverage.without == 0 { "complete" } else { "under_way" };
    let (with, all) = (counted(coverage.with_mfa()), counted(coverage.members()));
    let percent = coverage.percent(coverage.with_mfa());
    let export = policy::export_roll_out(&roll_out.principal, scope).is_ok().then(|| {
        view! {
            <p>
                <a href=paths::roll_out_export(scope) rel="external" download>
                    {tr!("roll_out.export")}
                </a>
            </p>
        }
    });
    let requirement = if required { tr!("roll_out.required") } else { tr!("roll_out.not_required") };
    view! {
        <main class="main" id="main" data-page="roll_out" data-state=state>
            <PageHead eyebrow=tr!("roll_out.settings") title=tr!("roll_out.title")>
                {tr!("roll_out.sentence", with = with, members = all, percent = percent)} " " {requirement} " "
                <a href=paths::security(scope)>{tr!("roll_out.to_settings")}</a>
            </PageHead>
            <Done says/>
            <section class="stack narrow">
                <div class="section-head">
                    <h2>{tr!("roll_out.coverage")}</h2>
                    <p>{tr!("roll_out.by_strongest")}</p>
                </div>
                <CoverageChart scope coverage/>
                {export}
            </section>
            <Without roll_out/>
        </main>
    }
}

/// Who has none, and the buttons that remind them.
#[component]
fn Without(roll_out: RollOut) -> impl IntoView {
    let RollOut { principal, scope, coverage, without, before, after, now, .. } = roll_out;
    let remind = use_post::<Remind>();
    let may = policy::remind_of_mfa(&principal, scope).is_ok();
    let list = if without.is_empty() {
        // Past the end of a list that became shorter meanwhile there is nobody either.
        let (title, text, back) = match coverage.without {
            0 => (tr!("roll_out.all_have"), tr!("roll_out.all_have_text"), None),
            _ => (tr!("roll_out.no_more"), tr!("roll_out.no_more_text"), Some(paths::roll_out(scope))),
        };
        let back = back.map(|href| view! { <LinkButton href label=tr!("roll_out.first")/> });
        Either::Left(view! { <Empty title text>{back}</Empty> })
    } else {
        let all = (may && without.iter().any(|one| is_due(one, &principal, now))).then(|| {
            let most = counted(REMINDED_AT_ONCE);
            let hint = (coverage.without > REMINDED_AT_ONCE)
                .then(|| view! { <p class="quiet">{tr!("roll_out.at_once", number = most)}</p> });
            view! {
                <PostForm post=remind>
                    <ScopeField scope/>
                    {hint}
                    <div class="actions">
                        <Submit label=tr!("roll_out.remind_all") weight=Weight::Primary pending=remind.pending()/>
                    </div>
                </PostForm>
            }
        });
        let row = |one: WithoutMfa| {
            let due = may && is_due(&one, &principal, now);
            view! { <Row scope one due remind now/> }
        };
        let rows = without.into_iter().map(row).collect_view();
        let total = tr_n!("roll_out.people", coverage.without, number = counted(coverage.without));
        let turned = |name: &'static str, cursor: Option<String>| {
            let query: ParamsMap = [(name, cursor?)].into_iter().collect();
            Some(format!("{}{}", paths::roll_out(scope), query.to_query_string()))
        };
        let (before, after) = (turned("before", before), turned("after", after));
        Either::Right(view! {
            {all}
            <ul class="cards">{rows}</ul>
            <Pager total before after/>
        })
    };
    view! {
        <section class="stack narrow">
            <h2>{tr!("roll_out.without")}</h2>
            <FormError error=remind.error()/>
            {list}
        </section>
    }
}

fn is_due(one: &WithoutMfa, who: &policy::Principal, now: Timestamp) -> bool {
    one.user_id != who.user_id && may_remind(one.reminded_at, now)
}

#[component]
fn Row(scope: Scope, one: WithoutMfa, due: bool, remind: Post, now: Timestamp) -> impl IntoView {
    let WithoutMfa { user_id, name, email, role, since, last_used_at, reminded_at } = one;
    let active = match last_used_at {
        Some(at) => Either::Left(view! { {tr!("roll_out.active")} " " <Time at now/> }),
        None => Either::Right(tr!("roll_out.never_active")),
    };
    let reminded = reminded_at.map(|at| view! { " · " {tr!("roll_out.reminded")} " " <Time at now/> });
    let label = tr!("roll_out.remind_name", name = &name);
    let button = due.then(|| {
        view! {
            <PostForm post=remind>
                <ScopeField scope/>
                <input type="hidden" name="user" value=user_id.to_string()/>
                <button type="submit" class="button" aria-label=label>
                    {tr!("roll_out.remind")}
                </button>
            </PostForm>
        }
    });
    view! {
        <li>
            <div class="what">
                <p>{name}</p>
                <p>{email} " · " {role_text(&role)}</p>
                <p>{tr!("roll_out.since")} " " <Time at=since now/> " · " {active} {reminded}</p>
            </div>
            {button}
        </li>
    }
}

fn says(done: &str) -> Option<&'static str> {
    match done {
        "reminded" => Some(tr!("roll_out.now_reminded")),
        "nobody_reminded" => Some(tr!("roll_out.nobody_reminded")),
        _ => None,
    }
}
