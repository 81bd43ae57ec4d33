//! Accounts, as the operator sees and changes them: all of them listed, another plan, closed.

use super::{Waiting, delayed, refused::Refused, refused::Result};
use crate::{
    Backend,
    audit::Entry,
    invitations,
    loosening::{self, Setting},
    mfa_reset,
    outbox::{self, MailKind},
    portfolios,
    store::{
        self,
        entity::{account, headcount, invitation, membership, portfolio},
    },
};
use domain::{
    accounts::Plan,
    audit::AuditAction,
    ids::{AccountId, PortfolioId, UserId},
    person::Reason,
    roles::Role,
    scope::{Scope, ScopeKind},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};
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

/// What closing an account would do, for who is asked whether they mean it.
#[derive(Debug)]
pub struct Closing {
    /// Its name, which is typed to confirm it.
    pub name: String,
    /// Who lose their access.
    pub people: i64,
    /// Invitations that end.
    pub invitations: u64,
    /// MFA resets that end.
    pub resets: usize,
    /// The portfolio that it leaves.
    pub portfolio: Option<String>,
}

/// Says what [`close`] would do. Changes nothing.
///
/// # Errors
/// [`Refused::NoSuchAccount`]; [`Refused::Closed`].
pub async fn closing(backend: &Backend, id: AccountId) -> Result<Closing> {
    let (on, now) = (backend.database.read(), backend.now());
    let scope = Scope::Account(id);
    let row = open(on, id).await?;
    let count = headcount::Entity::find_by_id((ScopeKind::Account.key().to_owned(), id.0)).one(on).await?;
    let invitations = invitation::Entity::find().filter(invitations::pending_in(scope)).count(on).await?;
    let portfolio = match row.portfolio_id {
        Some(id) => portfolio::Entity::find_by_id(id).one(on).await?.map(|portfolio| portfolio.name),
        None => None,
    };
    Ok(Closing {
        name: row.name,
        people: count.map_or(0, |count| count.members),
        invitations,
        resets: mfa_reset::live_in(on, scope, now).await?.len(),
        portfolio,
    })
}

/// Closes an account: nobody can enter it any more, open pages included; what was asked there ends, invitations end, and it
/// leaves its portfolio. Nobody's sign-in, and nothing that they have elsewhere, changes. Who was there, and its log, stay.
///
/// # Errors
/// [`Refused::NoSuchAccount`]; [`Refused::Closed`].
pub async fn close(backend: &Backend, id: AccountId, reason: &Reason) -> Result<()> {
    let now = backend.now();
    let scope = Scope::Account(id);
    let on = backend.database.begin().await?;
    let row = open(&on, id).await?;
    let told = loosening::administrators(&on, scope).await?;
    store::membership::close(&on, id, now).await?;
    // Of any number of commands one closes it.
    let sql = "UPDATE accounts SET closed_at = ? WHERE id = ? AND closed_at IS NULL";
    if on.execute_raw(store::statement(&on, sql, [now.ms().into(), id.0.into()])).await?.rows_affected() != 1 {
        return Err(Refused::Closed);
    }
    mfa_reset::end_of_closed(&on, backend, scope, now).await?;
    invitations::end_all(&on, scope, now).await?;
    portfolios::end_requests_of(&on, id, now).await?;
    loosening::end_all(&on, scope, now).await?;
    delayed::lapse_in(&on, backend, scope, now).await?;
    let entry = Entry::by_operator(AuditAction::AccountClosed).within(Some(scope)).because(reason.given());
    let entry = entry.write_and_name(&on, backend, now).await?;
    record_in_portfolio(&on, backend, &row, now).await?;
    for admin in told {
        outbox::enqueue(&on, backend, now, MailKind::AccountClosed, UserId(admin.user_id), Some(entry)).await?;
    }
    on.commit().await?;
    Ok(())
}

async fn record_in_portfolio(
    on: &DatabaseTransaction,
    backend: &Backend,
    row: &account::Model,
    now: Timestamp,
) -> Result<()> {
    let Some(portfolio) = row.portfolio_id.map(PortfolioId) else { return Ok(()) };
    let entry = Entry::by_operator(AuditAction::AccountClosed).within(Some(Scope::Portfolio(portfolio)));
    Ok(entry.because(Some(&row.name)).write(on, backend, now).await?)
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
