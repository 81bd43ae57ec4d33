//! Accounts, as the operator sees and changes them: all of them listed, another plan, closed.

use super::{Waiting, delayed, refused::Refused, refused::Result};
use crate::{
    Backend,
    audit::Entry,
    closing,
    loosening::{self, Setting},
    store::{
        self,
        entity::{account, headcount, membership, portfolio},
    },
};
use domain::{
    accounts::{Closing, Plan},
    audit::AuditAction,
    ids::{AccountId, PortfolioId, UserId},
    person::Reason,
    roles::Role,
    scope::{Scope, ScopeKind},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use uuid::Uuid;

/// An account, as the operator sees it.
#[derive(Debug)]
pub struct AccountOverview {
    /// Which one.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// What it pays for.
    pub plan: Plan,
    /// Active members.
    pub people: i64,
    /// The Owner's address.
    pub owner: Option<String>,
    /// The portfolio it is linked to.
    pub portfolio: Option<PortfolioId>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// The Owner who is to be.
    pub waiting: Option<Waiting>,
}

/// Every account, oldest first.
pub async fn list(backend: &Backend) -> Result<Vec<AccountOverview>> {
    let on = backend.database.read();
    let counts = headcount::Entity::find().filter(headcount::Column::ScopeKind.eq(ScopeKind::Account.key())).all(on);
    let counts: HashMap<Uuid, i64> = counts.await?.into_iter().map(|row| (row.scope_id, row.members)).collect();
    let owners =
        membership::Entity::find().filter(membership::Column::Role.eq(Role::Owner.key().to_string())).all(on).await?;
    let mut addresses = HashMap::new();
    for owner in owners {
        if let Some(person) = store::user::by_id(on, UserId(owner.user_id)).await? {
            addresses.insert(owner.scope_id, person.email);
        }
    }
    let mut waiting = delayed::waiting(on).await?;
    let accounts = account::Entity::find()
        .order_by_asc(account::Column::CreatedAt)
        .order_by_asc(account::Column::Id)
        .all(on)
        .await?;
    Ok(accounts
        .into_iter()
        .map(|row| {
            let scope = Scope::Account(AccountId(row.id));
            let at = waiting.iter().position(|one| one.scope() == Some(scope));
            AccountOverview {
                id: AccountId(row.id),
                plan: plan_of(&row),
                people: counts.get(&row.id).copied().unwrap_or(0),
                owner: addresses.remove(&row.id),
                portfolio: row.portfolio_id.map(PortfolioId),
                closed_at: row.closed_at.map(Timestamp::from_ms),
                waiting: at.map(|at| waiting.swap_remove(at)),
                name: row.name,
            }
        })
        .collect())
}

/// What became of an account by another plan.
#[derive(Debug, PartialEq, Eq)]
pub struct PlanSet {
    /// What it was on before.
    pub was: Plan,
    /// Whether MFA is required of all users from now on, and was not before.
    pub requires_mfa: bool,
    /// The name of the portfolio that it stays in.
    pub portfolio: Option<String>,
}

/// Puts an account on another plan, and nobody else can. A paid one requires MFA of all users from now on (4.8). A free one
/// keeps what it requires, since loosening that is its own to decide, and stays in its portfolio: making or joining one takes
/// a paid account (7.1), and nobody loses their reach, or the floor they rely on, by a plan.
///
/// # Errors
/// [`Refused::NoSuchAccount`]; [`Refused::Closed`].
pub async fn set_plan(backend: &Backend, id: AccountId, plan: Plan) -> Result<PlanSet> {
    let now = backend.now();
    let scope = Scope::Account(id);
    let on = backend.database.begin().await?;
    let facts = store::lock_scope(&on, scope).await.map_err(|_| Refused::NoSuchAccount(id))?;
    let row = open(&on, id).await?;
    let was = plan_of(&row);
    let requires_mfa = plan == Plan::Paid && !facts.own.required;
    let sql = "UPDATE accounts SET plan = ? WHERE id = ?";
    on.execute_raw(store::statement(&on, sql, [plan.key().into(), id.0.into()])).await?;
    let record = |action| Entry::by_operator(action).within(Some(scope));
    if was != plan {
        let detail = format!("{} → {}", was.key(), plan.key());
        record(AuditAction::PlanChanged).because(Some(&detail)).write(&on, backend, now).await?;
    }
    if plan == Plan::Paid && loosening::call_off(&on, scope, Setting::MfaRequirement, now).await? {
        record(AuditAction::LooseningCancelled).write(&on, backend, now).await?;
    }
    if requires_mfa {
        store::set_require_mfa(&on, scope, true).await?;
        record(AuditAction::MfaRequired).write(&on, backend, now).await?;
    }
    let portfolio = match row.portfolio_id {
        Some(id) => portfolio::Entity::find_by_id(id).one(&on).await?.map(|portfolio| portfolio.name),
        None => None,
    };
    on.commit().await?;
    Ok(PlanSet { was, requires_mfa, portfolio })
}

/// Says what [`close`] would do. Changes nothing.
///
/// # Errors
/// [`Refused::NoSuchAccount`]; [`Refused::Closed`].
pub async fn closing(backend: &Backend, id: AccountId) -> Result<Closing> {
    let (on, now) = (backend.database.read(), backend.now());
    open(on, id).await?;
    Ok(closing::what_ends(on, Scope::Account(id), now).await?)
}

/// Closes an account, see [`closing`](crate::closing).
///
/// # Errors
/// [`Refused::NoSuchAccount`]; [`Refused::Closed`].
pub async fn close(backend: &Backend, id: AccountId, reason: &Reason) -> Result<()> {
    let now = backend.now();
    let scope = Scope::Account(id);
    let on = backend.database.begin().await?;
    let name = open(&on, id).await?.name;
    let entry = Entry::by_operator;
    let said = closing::Said {
        here: entry(closing::closed(scope)).because(reason.given()),
        elsewhere: entry(closing::closed(scope)),
        reset: entry(AuditAction::MfaResetCancelled),
    };
    if !closing::end(&on, backend, scope, &name, said, now).await? {
        return Err(Refused::Closed);
    }
    on.commit().await?;
    Ok(())
}

/// An account that is not closed.
pub(super) async fn open(on: &impl ConnectionTrait, id: AccountId) -> Result<account::Model> {
    let row = account::Entity::find_by_id(id.0).one(on).await?.ok_or(Refused::NoSuchAccount(id))?;
    if row.closed_at.is_some() { Err(Refused::Closed) } else { Ok(row) }
}

/// A plan of a later version is read as the one that requires more.
fn plan_of(row: &account::Model) -> Plan {
    Plan::of_key(&row.plan).unwrap_or(Plan::Paid)
}
