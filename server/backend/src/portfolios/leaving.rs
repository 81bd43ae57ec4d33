//! An account leaves its portfolio: taken out by the Portfolio Owner, by its own Owner or Admin, or by time, when nobody
//! confirmed a link that its Portfolio Owner does not stand for any more.
//!
//! Leaving loosens nothing. What the portfolio's floor asked of the account stays as the account's own, and whatever was to be
//! loosened there below the floor is called off: to make it laxer is asked for in the account itself, and takes its day.
//! Requests for MFA resets that were made through the link have no ground any more, see [`crate::mfa_reset`].

use super::{Between, account, account_of, asking::vouched, owner, portfolio_of};
use crate::{
    Backend, Caller, Error, Result,
    audit::Entry,
    loosening::{self, Setting},
    outbox::{self, MailKind},
    principal,
    store::{self, ScopeFacts, reach},
};
use domain::{
    audit::AuditAction,
    errors::Conflict,
    ids::{AccountId, PortfolioId, UserId},
    policy,
    portfolios::CONFIRM_WITHIN,
    roles::{Rank, Role},
    scope::{Scope, ScopeKind},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

/// How many are read at a time.
const AT_A_TIME: u64 = 100;

/// Takes an account out, as the Portfolio Owner.
///
/// # Errors
/// [`Error::NotFound`] for an account that is not in the portfolio; whatever [`policy::unlink`] denies.
pub async fn unlink(backend: &Backend, caller: &Caller, scope: Scope, account_id: AccountId) -> Result<()> {
    let (now, reader) = (backend.now(), backend.database.read());
    // Asked before anybody is held, so that whoever may not do it holds nobody up.
    let _permit = policy::unlink(&principal::enter(reader, caller, scope, now).await?, scope)?;
    let portfolio = portfolio_of(scope)?;
    if linked_to(reader, account_id).await? != Some(portfolio) {
        return Err(Error::NotFound);
    }
    let on = backend.database.begin().await?;
    reach::hold(&on, Scope::Account(account_id), Some(caller.user_id)).await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let entry = Entry::permitted(&policy::unlink(&who, scope)?, AuditAction::AccountUnlinked);
    let between = Between { account: account_id, portfolio };
    let (here, elsewhere) = (entry.clone().from(&caller.visitor), entry);
    if !end_link(&on, backend, between, here, elsewhere, Some(scope), now).await? {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    on.commit().await?;
    Ok(())
}

/// Takes the account out, from inside.
///
/// # Errors
/// [`Conflict::ChangedMeanwhile`] when it is in none; whatever [`policy::unlink`] denies.
pub async fn leave(backend: &Backend, caller: &Caller, scope: Scope) -> Result<()> {
    let (now, reader) = (backend.now(), backend.database.read());
    let _permit = policy::unlink(&principal::enter(reader, caller, scope, now).await?, scope)?;
    let account_id = account_of(scope)?;
    let on = backend.database.begin().await?;
    reach::hold(&on, Scope::Account(account_id), Some(caller.user_id)).await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let entry = Entry::permitted(&policy::unlink(&who, scope)?, AuditAction::AccountUnlinked);
    let portfolio = linked_to(&on, account_id).await?.ok_or(Conflict::ChangedMeanwhile)?;
    let between = Between { account: account_id, portfolio };
    let (here, elsewhere) = (entry.clone().from(&caller.visitor), entry);
    if !end_link(&on, backend, between, here, elsewhere, Some(scope), now).await? {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    on.commit().await?;
    Ok(())
}

/// Says for the account that the link stays, for as long as the portfolio has this Owner.
///
/// # Errors
/// [`Conflict::ChangedMeanwhile`] when that is not asked any more; whatever [`policy::confirm_link`] denies.
pub async fn confirm(backend: &Backend, caller: &Caller, scope: Scope) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let permit = policy::confirm_link(&who, scope)?;
    let account_id = account_of(scope)?;
    let portfolio = linked_to(&on, account_id).await?.ok_or(Conflict::ChangedMeanwhile)?;
    let owner = owner(&on, Scope::Portfolio(portfolio)).await?.map(|owner| owner.user_id);
    let sql = "UPDATE accounts SET link_confirm_until = NULL, link_confirmed_for = ? \
               WHERE id = ? AND portfolio_id = ? AND link_confirm_until > ?";
    let values = [owner.into(), account_id.0.into(), portfolio.0.into(), now.ms().into()];
    if on.execute_raw(store::statement(&on, sql, values)).await?.rows_affected() != 1 {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    let entry = Entry::permitted(&permit, AuditAction::LinkConfirmed);
    let between = Between { account: account_id, portfolio };
    between.record(&on, backend, entry.clone().from(&caller.visitor), entry, Some(scope), now).await?;
    on.commit().await?;
    Ok(())
}

/// Asks for confirmation of the links whose Portfolio Owner is not Owner or Admin of the account any more, however that came
/// about: another role, removed, gone, shut out, or another person by now. Where they are again, nothing is asked any more.
pub(crate) async fn ask_to_confirm(backend: &Backend) -> Result<()> {
    for (id, _) in unsettled(backend.database.read(), None).await? {
        let on = backend.database.begin().await?;
        let found = unsettled(&on, Some(id)).await?;
        if let Some((_, portfolio)) = found.first() {
            settle(&on, backend, id, *portfolio).await?;
        }
        on.commit().await?;
    }
    Ok(())
}

/// The linked accounts of which it is not asked what is to be asked.
async fn unsettled(on: &impl ConnectionTrait, only: Option<AccountId>) -> Result<Vec<(AccountId, PortfolioId)>> {
    let administrators: Vec<String> = Role::of_kind(ScopeKind::Account)
        .filter(|role| role.rank() >= Rank::Admin)
        .map(|role| format!("'{}'", role.key()))
        .collect();
    let vouched = "m.id IS NOT NULL AND u.deactivated_at IS NULL AND o.status = 'active'";
    // What was linked before there were agreements stands on nothing that could be lost.
    let mut sql = format!(
        "SELECT a.id, a.portfolio_id FROM accounts a \
         JOIN memberships o ON o.scope_kind = 'portfolio' AND o.scope_id = a.portfolio_id AND o.role = '{}' \
         JOIN users u ON u.id = o.user_id \
         LEFT JOIN memberships m ON m.user_id = o.user_id AND m.scope_kind = 'account' AND m.scope_id = a.id \
           AND m.status = 'active' AND m.role IN ({}) \
         WHERE a.portfolio_id IS NOT NULL AND a.linked_at IS NOT NULL AND CASE WHEN {vouched} \
           THEN a.link_confirm_until IS NOT NULL OR a.link_confirmed_for IS NOT NULL \
           ELSE a.link_confirm_until IS NULL \
             AND (a.link_confirmed_for IS NULL OR a.link_confirmed_for <> o.user_id) END",
        Role::owner_of(ScopeKind::Portfolio).key(),
        administrators.join(", "),
    );
    let mut values: Vec<sea_orm::Value> = Vec::new();
    if let Some(only) = only {
        sql.push_str(" AND a.id = ?");
        values.push(only.0.into());
    }
    sql.push_str(&format!(" ORDER BY a.id LIMIT {AT_A_TIME}"));
    let rows = on.query_all_raw(store::statement(on, &sql, values)).await?;
    let read = |row: &sea_orm::QueryResult| -> Result<(AccountId, PortfolioId)> {
        Ok((AccountId(row.try_get_by_index(0)?), PortfolioId(row.try_get_by_index(1)?)))
    };
    rows.iter().map(read).collect()
}

/// Asks, or takes back what was asked.
async fn settle(on: &DatabaseTransaction, backend: &Backend, id: AccountId, portfolio: PortfolioId) -> Result<()> {
    let now = backend.now();
    let stands_for_it = match owner(on, Scope::Portfolio(portfolio)).await? {
        Some(owner) => {
            let user = UserId(owner.user_id);
            let is_in = principal::absent(on, Scope::Portfolio(portfolio), user).await?.is_some();
            is_in && vouched(on, id, user).await?
        }
        None => false,
    };
    let this = Condition::all()
        .add(account::Column::Id.eq(id.0))
        .add(account::Column::PortfolioId.eq(portfolio.0))
        .add(account::Column::LinkedAt.is_not_null());
    let until = (!stands_for_it).then(|| (now + CONFIRM_WITHIN).ms());
    let mut update = account::Entity::update_many()
        .col_expr(account::Column::LinkConfirmUntil, sea_orm::sea_query::Expr::value(until))
        .col_expr(account::Column::LinkConfirmedFor, sea_orm::sea_query::Expr::value(None::<Uuid>))
        .filter(this);
    if !stands_for_it {
        update = update.filter(account::Column::LinkConfirmUntil.is_null());
    }
    // Another server asked a moment ago, or it is linked no more.
    if update.exec(on).await?.rows_affected != 1 || stands_for_it {
        return Ok(());
    }
    let entry = Entry::by_system(AuditAction::LinkToConfirm);
    let between = Between { account: id, portfolio };
    between.record(on, backend, entry.clone(), entry, None, now).await?;
    if let Some(owner) = owner(on, Scope::Account(id)).await? {
        outbox::enqueue(on, backend, now, MailKind::LinkToConfirm, UserId(owner.user_id), Some(id.0)).await?;
    }
    Ok(())
}

/// Ends the links that nobody confirmed in time.
pub(crate) async fn end_due(backend: &Backend) -> Result<()> {
    let now = backend.now();
    let due: Vec<(Uuid, Option<Uuid>)> = account::Entity::find()
        .select_only()
        .columns([account::Column::Id, account::Column::PortfolioId])
        .filter(account::Column::LinkConfirmUntil.lte(now.ms()))
        .filter(account::Column::PortfolioId.is_not_null())
        .limit(AT_A_TIME)
        .into_tuple()
        .all(backend.database.read())
        .await?;
    for (id, portfolio) in due {
        let Some(portfolio) = portfolio.map(PortfolioId) else { continue };
        let between = Between { account: AccountId(id), portfolio };
        let on = backend.database.begin().await?;
        reach::hold(&on, Scope::Account(between.account), None).await?;
        store::lock_scope(&on, Scope::Account(between.account)).await?;
        // Confirmed, or ended by another server, a moment ago.
        if !is_overdue(&on, between.account, now).await? {
            continue;
        }
        let entry = Entry::by_system(AuditAction::AccountUnlinked);
        if end_link(&on, backend, between, entry.clone(), entry, None, now).await? {
            on.commit().await?;
        }
    }
    Ok(())
}

/// Whether the time of an account's link is up, whether or not that was carried out.
pub(crate) async fn is_overdue(on: &impl ConnectionTrait, account: AccountId, now: Timestamp) -> Result<bool> {
    let overdue = account::Entity::find_by_id(account.0).filter(account::Column::LinkConfirmUntil.lte(now.ms()));
    Ok(overdue.one(on).await?.is_some())
}

async fn linked_to(on: &impl ConnectionTrait, id: AccountId) -> Result<Option<PortfolioId>> {
    match account(on, id).await {
        Ok(account) => Ok(account.portfolio_id.map(PortfolioId)),
        Err(Error::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Ends a link, with all that follows from it. Answers whether there was one. The caller holds the people of the account.
async fn end_link(
    on: &DatabaseTransaction,
    backend: &Backend,
    between: Between,
    here: Entry,
    elsewhere: Entry,
    acted_in: Option<Scope>,
    now: Timestamp,
) -> Result<bool> {
    let scope = Scope::Account(between.account);
    let facts = store::lock_scope(on, scope).await?;
    if !reach::link(on, between.account, Some(between.portfolio), None).await? {
        return Ok(false);
    }
    keep_what_held(on, backend, scope, &facts, now).await?;
    let sql = "UPDATE accounts SET linked_at = NULL, link_confirm_until = NULL, link_confirmed_for = NULL WHERE id = ?";
    on.execute_raw(store::statement(on, sql, [between.account.0.into()])).await?;
    let recorded = between.record(on, backend, here, elsewhere, acted_in, now).await?;
    between.tell(on, backend, MailKind::AccountUnlinked, &recorded, now).await?;
    Ok(true)
}

/// Sets as the account's own what held there because its portfolio asked for it, as these `facts` of before tell.
async fn keep_what_held(
    on: &DatabaseTransaction,
    backend: &Backend,
    scope: Scope,
    facts: &ScopeFacts,
    now: Timestamp,
) -> Result<()> {
    if facts.floor.is_none() {
        return Ok(());
    }
    let (own, held) = (facts.own, facts.mfa_rules());
    if held.required != own.required {
        store::set_require_mfa(on, scope, held.required).await?;
        Entry::by_system(AuditAction::MfaRequired).within(Some(scope)).write(on, backend, now).await?;
    }
    if held.policy != own.policy {
        store::set_mfa_policy(on, scope, held.policy).await?;
        Entry::by_system(AuditAction::MfaPolicyTightened).within(Some(scope)).write(on, backend, now).await?;
    }
    // It was asked for while the floor bounded what came of it.
    for setting in [Setting::MfaRequirement, Setting::MfaPolicy] {
        if loosening::call_off(on, scope, setting, now).await? {
            Entry::by_system(AuditAction::LooseningCancelled).within(Some(scope)).write(on, backend, now).await?;
        }
    }
    Ok(())
}
