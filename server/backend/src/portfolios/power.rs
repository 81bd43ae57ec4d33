//! What an account is shown of a portfolio: what it can do there, and everybody who has reach through it.

use super::{account, account_of, asking::stands};
use crate::{
    Backend, Caller, Error, Result, principal,
    store::{
        self,
        entity::{link_request, membership, portfolio},
        roles::{self, Held},
    },
};
use domain::{
    ids::{AccountId, LinkRequestId, MembershipId, PortfolioId},
    mfa_policy::Floor,
    policy::{self, Principal},
    portfolios::{
        self, AccountLink, Link, LinkRequest, LinkRequestState, LinkToConfirm, Power, ReachQuery, Reaching,
        WaitingLinks,
    },
    scope::{Scope, ScopeKind},
    time::Timestamp,
    users::MembershipStatus,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

/// People on a page.
pub const PAGE: u64 = 25;
/// Requests that are shown.
const REQUESTS: u64 = 20;

/// The portfolio that an account is in, and those that ask it to join.
pub async fn account_link(backend: &Backend, caller: &Caller, scope: Scope, query: ReachQuery) -> Result<AccountLink> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::view_security(&who, scope)?;
    let id = account_of(scope)?;
    let account = account(on, id).await?;
    let time = |ms: Option<i64>| ms.map(Timestamp::from_ms);
    Ok(AccountLink {
        scope,
        principal: who,
        plan: store::scope_facts(on, scope).await?.plan,
        link: match account.portfolio_id {
            Some(portfolio) => Some(Link {
                power: of(on, PortfolioId(portfolio), query).await?,
                linked_at: time(account.linked_at),
                confirm_until: time(account.link_confirm_until),
            }),
            None => None,
        },
        requests: open_requests(on, id, now).await?,
        now,
    })
}

/// What waits for the account's Owner; for everybody else, nothing.
pub(crate) async fn waiting(on: &impl ConnectionTrait, who: &Principal, now: Timestamp) -> Result<WaitingLinks> {
    let Scope::Account(id) = who.scope else { return Ok(WaitingLinks::default()) };
    if policy::decline_link(who, who.scope).is_err() {
        return Ok(WaitingLinks::default());
    }
    let account = account(on, id).await?;
    let to_confirm = match (account.portfolio_id, account.link_confirm_until) {
        (Some(portfolio), Some(until)) => {
            Some(LinkToConfirm { portfolio: name(on, PortfolioId(portfolio)).await?, until: Timestamp::from_ms(until) })
        }
        _ => None,
    };
    Ok(WaitingLinks { requests: open_requests(on, id, now).await?, to_confirm })
}

async fn open_requests(on: &impl ConnectionTrait, account: AccountId, now: Timestamp) -> Result<Vec<LinkRequest>> {
    let rows = link_request::Entity::find()
        .filter(link_request::Column::AccountId.eq(account.0))
        .filter(link_request::Column::EndedAt.is_null())
        .filter(link_request::Column::ExpiresAt.gt(now.ms()))
        .order_by_desc(link_request::Column::AskedAt)
        .limit(REQUESTS)
        .all(on)
        .await?;
    let mut open = Vec::new();
    for row in rows {
        let state = stands(on, &row, now).await?;
        if state == LinkRequestState::Open {
            open.push(told(on, row, state).await?);
        }
    }
    Ok(open)
}

/// A request, as the account is told of it.
pub(super) async fn told(
    on: &impl ConnectionTrait,
    row: link_request::Model,
    state: LinkRequestState,
) -> Result<LinkRequest> {
    Ok(LinkRequest {
        id: LinkRequestId(row.id),
        portfolio: name(on, PortfolioId(row.portfolio_id)).await?,
        asked_by: row.asked_by_name,
        asked_at: Timestamp::from_ms(row.asked_at),
        expires_at: Timestamp::from_ms(row.expires_at),
        state,
    })
}

async fn name(on: &impl ConnectionTrait, portfolio: PortfolioId) -> Result<String> {
    Ok(store::scope_facts(on, Scope::Portfolio(portfolio)).await?.name)
}

/// Below what no account of a portfolio goes.
pub(super) async fn floor(on: &impl ConnectionTrait, portfolio: PortfolioId) -> Result<Option<Floor>> {
    let found = portfolio::Entity::find_by_id(portfolio.0).one(on).await?.ok_or(Error::NotFound)?;
    Ok(found.floor())
}

/// What a portfolio can do in its accounts, and a page of who.
pub(super) async fn of(on: &impl ConnectionTrait, portfolio: PortfolioId, query: ReachQuery) -> Result<Power> {
    let facts = store::scope_facts(on, Scope::Portfolio(portfolio)).await?;
    let backwards = query.after.is_none() && query.before.is_some();
    let reaching = who_reaches(on, portfolio).await?;
    let mut find = reaching.clone().limit(PAGE + 1);
    find = match (query.after, query.before) {
        (Some(MembershipId(after)), _) => find.filter(membership::Column::Id.gt(after)),
        (None, Some(MembershipId(before))) => find.filter(membership::Column::Id.lt(before)),
        (None, None) => find,
    };
    find = match backwards {
        true => find.order_by_desc(membership::Column::Id),
        false => find.order_by_asc(membership::Column::Id),
    };
    let mut places = find.all(on).await?;
    let more = places.len() as u64 > PAGE;
    places.truncate(PAGE as usize);
    if backwards {
        places.reverse();
    }
    let (has_before, has_after) = if backwards { (more, true) } else { (query.after.is_some(), more) };
    let held = Held::in_places(on, &places).await?;
    let people = places.iter().map(|place| Reaching { role: held.in_place(place), name: place.name.clone() }).collect();
    let cursor = |place: Option<&membership::Model>| place.map(|place| MembershipId(place.id));
    Ok(Power {
        total: reaching.count(on).await?,
        before: cursor(places.first().filter(|_| has_before)),
        after: cursor(places.last().filter(|_| has_after)),
        people,
        floor: floor(on, portfolio).await?,
        guards: facts.guards,
        portfolio: facts.name,
    })
}

async fn who_reaches(on: &impl ConnectionTrait, portfolio: PortfolioId) -> Result<Select<membership::Entity>> {
    let roles = roles::keys_where(on, Scope::Portfolio(portfolio), portfolios::reaches_accounts).await?;
    let found = membership::Entity::find()
        .filter(membership::Column::ScopeKind.eq(ScopeKind::Portfolio.key()))
        .filter(membership::Column::ScopeId.eq(portfolio.0))
        .filter(membership::Column::Status.eq(MembershipStatus::Active.key()))
        .filter(membership::Column::Role.is_in(roles));
    Ok(found)
}
