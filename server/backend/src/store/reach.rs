//! The reach of a portfolio: its own members and those of its linked accounts, one row a person.
//!
//! Every membership says in which portfolio's reach it is, and of a person's places there one *leads*: an active one before
//! others, then the one used last. The list of a portfolio is its leading places, by the same keys as that of an account.
//! Whatever changes a membership says so here, by [`standing`] before and [`follow`] after it, in one transaction that
//! holds the person's places; the counters of the portfolio are kept from the difference.

use super::{
    ConnectionTrait, Tally,
    entity::{
        account,
        membership::{Column, Entity, Model},
        portfolio,
    },
    statement,
};
use crate::{Error, Result};
use domain::{
    authenticators::FactorKinds,
    errors::Conflict,
    ids::{AccountId, PortfolioId, UserId},
    roles::Rank,
    scope::{Scope, ScopeKind},
    users::MembershipStatus,
};
use sea_orm::{ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// How a person counts in each portfolio that reaches them.
#[derive(Debug, Default)]
pub struct Standing(BTreeMap<Uuid, Tally>);

/// Only an active member counts.
fn counts_as(place: &Model) -> Tally {
    if place.status() == MembershipStatus::Active { Tally::one(place.factors()) } else { Tally::default() }
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

/// How high people stand where these places of them are acted upon (2.5): over a linked account also by their role in its
/// portfolio.
pub async fn ranks(on: &impl ConnectionTrait, places: &[Model]) -> Result<HashMap<Uuid, Rank>> {
    let mut ranks: HashMap<Uuid, Rank> = places.iter().map(|place| (place.user_id, place.rank())).collect();
    let linked = || places.iter().filter(|place| place.scope().kind() == ScopeKind::Account);
    let portfolios: BTreeSet<Uuid> = linked().filter_map(|place| place.portfolio_id).collect();
    if portfolios.is_empty() {
        return Ok(ranks);
    }
    let above = Entity::find()
        .filter(Column::UserId.is_in(linked().map(|place| place.user_id)))
        .filter(Column::ScopeKind.eq(ScopeKind::Portfolio.key()))
        .filter(Column::ScopeId.is_in(portfolios));
    // Asked for, SQLite would go through all who are active there.
    let is_active = |place: &Model| place.status() == MembershipStatus::Active;
    for place in above.all(on).await?.into_iter().filter(is_active) {
        let rank = ranks.entry(place.user_id).or_default();
        *rank = place.rank().max(*rank);
    }
    Ok(ranks)
}

/// [`ranks`] of one place.
pub async fn rank(on: &impl ConnectionTrait, place: &Model) -> Result<Rank> {
    Ok(ranks(on, std::slice::from_ref(place)).await?.remove(&place.user_id).unwrap_or_default())
}

/// The portfolio in whose reach a scope is, which stays so until the transaction ends.
pub async fn of_scope(on: &impl ConnectionTrait, scope: Scope) -> Result<Option<PortfolioId>> {
    match scope {
        Scope::Portfolio(id) => {
            let found = portfolio::Entity::find_by_id(id.0).lock_shared().one(on).await?.ok_or(Error::NotFound)?;
            // Nobody joins what was closed a moment ago.
            if found.closed_at.is_some() { Err(Conflict::ChangedMeanwhile.into()) } else { Ok(Some(id)) }
        }
        Scope::Account(id) => {
            let found = account::Entity::find_by_id(id.0).lock_shared().one(on).await?.ok_or(Error::NotFound)?;
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
    Ok(Standing(found.iter().filter_map(|place| Some((place.portfolio_id?, counts_as(place)))).collect()))
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
        super::count_in(on, ScopeKind::Portfolio.with(*portfolio), is - was).await?;
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

/// The places of everybody who is in an account, theirs elsewhere included.
const OF_ITS_PEOPLE: &str =
    "user_id IN (SELECT user_id FROM memberships WHERE scope_kind = 'account' AND scope_id = ?)";

/// Holds the places of everybody who is in a scope, and of who does that, in the order of [`super::lock_places_of`]. Before
/// the scope itself, as everywhere: who acts in it holds their own place while they wait for the scope.
pub async fn hold(on: &impl ConnectionTrait, scope: Scope, by: Option<UserId>) -> Result<()> {
    // On SQLite the transaction has the whole database already.
    if on.get_database_backend() == DbBackend::Postgres {
        let sql = "SELECT id FROM memberships WHERE user_id IN (SELECT user_id FROM memberships \
                   WHERE scope_kind = ? AND scope_id = ? UNION ALL SELECT CAST(? AS uuid)) \
                   ORDER BY id FOR NO KEY UPDATE";
        let values = [scope.kind().key().into(), scope.uuid().into(), by.map(|by| by.0).into()];
        on.execute_raw(statement(on, sql, values)).await?;
    }
    Ok(())
}

/// Puts an account that is in the reach of `from` into that of `to`, with all who are in it; either may be none. Answers
/// whether it was in that of `from`. The same few statements however many people there are; whom the caller holds, see
/// [`hold`].
pub async fn link(
    on: &impl ConnectionTrait,
    account: AccountId,
    from: Option<PortfolioId>,
    to: Option<PortfolioId>,
) -> Result<bool> {
    let scope = Scope::Account(account);
    let mut update = account::Entity::update_many()
        .col_expr(account::Column::PortfolioId, Expr::value(to.map(|id| id.0)))
        .filter(account::Column::Id.eq(account.0));
    update = update.filter(match from {
        Some(from) => account::Column::PortfolioId.eq(from.0),
        None => account::Column::PortfolioId.is_null(),
    });
    if update.exec(on).await?.rows_affected != 1 {
        return Ok(false);
    }
    // Who joined since waits now; who just did is held too.
    hold(on, scope, None).await?;
    let portfolios: BTreeSet<Uuid> = from.into_iter().chain(to).map(|id| id.0).collect();
    let mut before = BTreeMap::new();
    for portfolio in &portfolios {
        before.insert(*portfolio, counted(on, *portfolio, account).await?);
    }
    let sql = "UPDATE memberships SET portfolio_id = ?, leads = ? WHERE scope_kind = ? AND scope_id = ?";
    let values = [to.map(|id| id.0).into(), false.into(), scope.kind().key().into(), scope.uuid().into()];
    on.execute_raw(statement(on, sql, values)).await?;
    for portfolio in portfolios {
        choose_leading(on, portfolio, account).await?;
        let (was, is) = (before.remove(&portfolio).unwrap_or_default(), counted(on, portfolio, account).await?);
        super::count_in(on, ScopeKind::Portfolio.with(portfolio), is - was).await?;
    }
    Ok(true)
}

/// How the people of an account count in a portfolio.
async fn counted(on: &impl ConnectionTrait, portfolio: Uuid, account: AccountId) -> Result<Tally> {
    let sql = format!(
        "SELECT COUNT(*), factor_kinds FROM memberships \
         WHERE portfolio_id = ? AND leads AND status = ? AND {OF_ITS_PEOPLE} GROUP BY factor_kinds"
    );
    let values = [portfolio.into(), MembershipStatus::Active.key().into(), account.0.into()];
    let mut tally = Tally::default();
    for row in on.query_all_raw(statement(on, &sql, values)).await? {
        let kinds: i16 = row.try_get_by_index(1)?;
        let kinds = FactorKinds::from_bits(u8::try_from(kinds).unwrap_or(0));
        tally += Tally::of(row.try_get_by_index(0)?, kinds);
    }
    Ok(tally)
}

/// Chooses for the people of an account which of their places leads in a portfolio, as [`follow`] does for one person.
async fn choose_leading(on: &impl ConnectionTrait, portfolio: Uuid, account: AccountId) -> Result<()> {
    let of_them = format!("portfolio_id = ? AND {OF_ITS_PEOPLE}");
    // None first, since there are never two.
    let sql = format!("UPDATE memberships SET leads = FALSE WHERE leads AND {of_them}");
    on.execute_raw(statement(on, &sql, [portfolio.into(), account.0.into()])).await?;
    let sql = format!(
        "UPDATE memberships SET leads = TRUE WHERE id IN (SELECT id FROM (SELECT id, ROW_NUMBER() OVER (\
         PARTITION BY user_id ORDER BY CASE status WHEN 'active' THEN 0 ELSE 1 END, last_used_at DESC, id\
         ) AS n FROM memberships WHERE {of_them}) AS ordered WHERE n = 1)"
    );
    on.execute_raw(statement(on, &sql, [portfolio.into(), account.0.into()])).await?;
    Ok(())
}
