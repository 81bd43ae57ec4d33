//! The reach of a portfolio: its own members and those of its linked accounts, one row a person.
//!
//! Every membership says in which portfolio's reach it is, and of a person's places there one *leads*: an active one before
//! others, then the one used last. The list of a portfolio is its leading places, by the same keys as that of an account.
//! Whatever changes a membership says so here, by [`standing`] before and [`follow`] after it, in one transaction that
//! holds the person's places; the counters of the portfolio are kept from the difference.

use super::{
    ConnectionTrait,
    entity::{
        account,
        membership::{Column, Entity, Model},
    },
    statement,
};
use crate::{Error, Result};
use domain::{
    errors::Conflict,
    ids::{AccountId, PortfolioId, UserId},
    scope::{Scope, ScopeKind},
    users::MembershipStatus,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How a person counts in each portfolio that reaches them.
#[derive(Debug, Default)]
pub struct Standing(BTreeMap<Uuid, Counted>);

#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    members: i64,
    with_mfa: i64,
}

impl Counted {
    fn of(place: &Model) -> Self {
        let is_active = place.status() == MembershipStatus::Active;
        Self { members: i64::from(is_active), with_mfa: i64::from(is_active && !place.factors().is_empty()) }
    }
}

/// Whoever has a place in this very scope.
pub fn within(scope: Scope) -> Condition {
    Condition::all().add(Column::ScopeKind.eq(scope.kind().key())).add(Column::ScopeId.eq(scope.uuid()))
}

/// Whoever is in the list of a scope, once each.
pub fn listed(scope: Scope) -> Condition {
    match scope {
        Scope::Account(_) => within(scope),
        Scope::Portfolio(id) => Condition::all().add(Column::PortfolioId.eq(id.0)).add(leading()),
    }
}

/// Word for word as in the indexes over leading places, or SQLite does not use them.
fn leading() -> Expr {
    Expr::cust("leads")
}

/// Every place of these people within the reach of a portfolio: its own, then accounts in the order they were joined.
pub async fn places(on: &impl ConnectionTrait, portfolio: PortfolioId, users: &[Uuid]) -> Result<Vec<Model>> {
    let found = Entity::find()
        .filter(Column::PortfolioId.eq(portfolio.0))
        .filter(Column::UserId.is_in(users.iter().copied()))
        .order_by_desc(Column::ScopeKind)
        .order_by_asc(Column::Id);
    Ok(found.all(on).await?)
}

/// The portfolio in whose reach a scope is, which stays so until the transaction ends.
pub async fn of_scope(on: &impl ConnectionTrait, scope: Scope) -> Result<Option<PortfolioId>> {
    match scope {
        Scope::Portfolio(id) => Ok(Some(id)),
        Scope::Account(id) => {
            let found = account::Entity::find_by_id(id.0).lock_shared().one(on).await?.ok_or(Error::NotFound)?;
            // Nobody joins what was closed a moment ago.
            if found.closed_at.is_some() {
                return Err(Conflict::ChangedMeanwhile.into());
            }
            Ok(found.portfolio_id.map(PortfolioId))
        }
    }
}

/// How a person counts now, for [`follow`].
pub async fn standing(on: &impl ConnectionTrait, user: UserId) -> Result<Standing> {
    let found = Entity::find().filter(Column::UserId.eq(user.0)).filter(leading()).all(on).await?;
    Ok(Standing(found.iter().filter_map(|place| Some((place.portfolio_id?, Counted::of(place)))).collect()))
}

/// After a change of a person's places: chooses anew which leads in each portfolio, and counts the difference.
pub async fn follow(on: &impl ConnectionTrait, user: UserId, before: Standing) -> Result<()> {
    let found = Entity::find().filter(Column::UserId.eq(user.0)).filter(Column::PortfolioId.is_not_null());
    let mut reached: BTreeMap<Uuid, Vec<Model>> = BTreeMap::new();
    for place in found.all(on).await? {
        if let Some(portfolio) = place.portfolio_id {
            reached.entry(portfolio).or_default().push(place);
        }
    }
    for places in reached.values() {
        let best = places.iter().min_by_key(|place| {
            (place.status() != MembershipStatus::Active, std::cmp::Reverse(place.last_used_at), place.id)
        });
        for place in places.iter().filter(|place| place.leads && Some(place.id) != best.map(|best| best.id)) {
            set_leads(on, place.id, false).await?;
        }
        if let Some(best) = best.filter(|best| !best.leads) {
            set_leads(on, best.id, true).await?;
        }
    }
    let after = standing(on, user).await?;
    let portfolios: BTreeSet<&Uuid> = before.0.keys().chain(after.0.keys()).collect();
    for portfolio in portfolios {
        let was = before.0.get(portfolio).copied().unwrap_or_default();
        let is = after.0.get(portfolio).copied().unwrap_or_default();
        let more = (is.members - was.members, is.with_mfa - was.with_mfa);
        if more != (0, 0) {
            super::count_in(on, ScopeKind::Portfolio.with(*portfolio), more.0, more.1).await?;
        }
    }
    Ok(())
}

async fn set_leads(on: &impl ConnectionTrait, id: Uuid, leads: bool) -> Result<()> {
    let sql = "UPDATE memberships SET leads = ? WHERE id = ?";
    on.execute_raw(statement(on, sql, [leads.into(), id.into()])).await?;
    Ok(())
}

/// The accounts of a portfolio.
pub async fn accounts_of(on: &impl ConnectionTrait, portfolio: PortfolioId) -> Result<Vec<Scope>> {
    let linked = account::Column::PortfolioId.eq(portfolio.0);
    let found: Vec<Uuid> =
        account::Entity::find().select_only().column(account::Column::Id).filter(linked).into_tuple().all(on).await?;
    Ok(found.into_iter().map(|id| ScopeKind::Account.with(id)).collect())
}

/// Puts an account into the reach of a portfolio, or of none, with all who are in it.
pub async fn link(on: &impl ConnectionTrait, account: AccountId, portfolio: Option<PortfolioId>) -> Result<()> {
    let portfolio = portfolio.map(|id| id.0);
    let scope = Scope::Account(account);
    // Nobody joins meanwhile, and everybody's places are held before anybody is counted.
    let sql = "UPDATE accounts SET portfolio_id = ? WHERE id = ?";
    on.execute_raw(statement(on, sql, [portfolio.into(), account.0.into()])).await?;
    let members: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::UserId)
        .filter(listed(scope))
        .order_by_asc(Column::UserId)
        .into_tuple()
        .all(on)
        .await?;
    for user in &members {
        super::lock_places(on, UserId(*user)).await?;
    }
    for user in members {
        let before = standing(on, UserId(user)).await?;
        let sql = "UPDATE memberships SET portfolio_id = ?, leads = ? \
                   WHERE user_id = ? AND scope_kind = ? AND scope_id = ?";
        let values = [portfolio.into(), false.into(), user.into(), scope.kind().key().into(), scope.uuid().into()];
        on.execute_raw(statement(on, sql, values)).await?;
        follow(on, UserId(user), before).await?;
    }
    Ok(())
}
