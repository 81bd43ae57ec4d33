//! A scope is closed (2.3, 12.5), by its Owner or by the operator: one routine. Nobody can enter it any more, open pages
//! included; what was asked there ends, invitations end, and an account leaves its portfolio. Nobody's sign-in, and nothing that
//! they have elsewhere, changes. Who was there, and its log, stay.

use crate::{
    Backend, Caller, Error, Result,
    audit::Entry,
    invitations, loosening, mfa_reset, operator,
    outbox::{self, MailKind},
    portfolios, principal,
    store::{
        self,
        entity::{account, headcount, invitation, portfolio},
        reach,
    },
};
use domain::{
    accounts::{Closing, ClosingPage},
    audit::AuditAction,
    errors::{Conflict, Field, Problem},
    ids::UserId,
    policy,
    scope::{Scope, ScopeKind},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter};

/// What its page shows.
pub async fn get(backend: &Backend, caller: &Caller, scope: Scope) -> Result<ClosingPage> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let closing = match policy::close_scope(&who, scope).map(drop) {
        Err(denied) if !denied.is_mendable() => None,
        _ => Some(what_ends(on, scope, now).await?),
    };
    Ok(ClosingPage { closing, principal: who })
}

/// Closes a scope, as its Owner. `typed` is its name, as a person types it who means it.
///
/// # Errors
/// [`Problem::Unknown`] of another name; [`Conflict::StillLinked`] for a portfolio with accounts; whatever
/// [`policy::close_scope`] denies.
pub async fn close(backend: &Backend, caller: &Caller, scope: Scope, typed: &str) -> Result<()> {
    let now = backend.now();
    // Asked before anybody is held, so that whoever may not close it holds nobody up.
    let _permit = policy::close_scope(&principal::enter(backend.database.read(), caller, scope, now).await?, scope)?;
    let on = backend.database.begin().await?;
    reach::hold(&on, scope, Some(caller.user_id)).await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let permit = policy::close_scope(&who, scope)?;
    let name = store::lock_scope(&on, scope).await?.name;
    if crate::fold::text(typed) != crate::fold::text(&name) {
        return Err(Error::field(Field::Name, Problem::Unknown));
    }
    let entry = |action| Entry::permitted(&permit, action);
    let here = entry(closed(scope)).from(&caller.visitor);
    let said = Said { here, elsewhere: entry(closed(scope)), reset: entry(AuditAction::MfaResetCancelled) };
    if !end(&on, backend, scope, &name, said, now).await? {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    on.commit().await?;
    Ok(())
}

/// What the logs read.
pub(crate) struct Said {
    /// In the scope.
    pub(crate) here: Entry,
    /// In the portfolio that an account leaves.
    pub(crate) elsewhere: Entry,
    /// Of each reset that ends with it.
    pub(crate) reset: Entry,
}

/// What closing a scope of this kind is called in a log.
pub(crate) fn closed(scope: Scope) -> AuditAction {
    match scope.kind() {
        ScopeKind::Account => AuditAction::AccountClosed,
        ScopeKind::Portfolio => AuditAction::PortfolioClosed,
    }
}

/// Says what would end with a scope. Changes nothing.
pub(crate) async fn what_ends(on: &impl ConnectionTrait, scope: Scope, now: Timestamp) -> Result<Closing> {
    let count = headcount::Entity::find_by_id((scope.kind().key().to_owned(), scope.uuid())).one(on).await?;
    let (portfolio, accounts) = match scope {
        Scope::Account(id) => {
            let portfolio = account::Entity::find_by_id(id.0).one(on).await?.and_then(|row| row.portfolio_id);
            let portfolio = match portfolio {
                Some(id) => portfolio::Entity::find_by_id(id).one(on).await?.map(|portfolio| portfolio.name),
                None => None,
            };
            (portfolio, 0)
        }
        Scope::Portfolio(id) => {
            (None, account::Entity::find().filter(account::Column::PortfolioId.eq(id.0)).count(on).await?)
        }
    };
    Ok(Closing {
        name: store::scope_facts(on, scope).await?.name,
        people: count.map_or(0, |count| u64::try_from(count.members).unwrap_or(0)),
        invitations: invitation::Entity::find().filter(invitations::pending_in(scope)).count(on).await?,
        resets: u64::try_from(mfa_reset::live_in(on, scope, now).await?.len()).unwrap_or(0),
        portfolio,
        accounts,
    })
}

/// Closes a scope that is `called` so. Answers whether it was open: of any number who close it one does.
///
/// # Errors
/// [`Conflict::StillLinked`] for a portfolio with accounts.
pub(crate) async fn end(
    on: &DatabaseTransaction,
    backend: &Backend,
    scope: Scope,
    called: &str,
    said: Said,
    now: Timestamp,
) -> Result<bool> {
    let told = loosening::administrators(on, scope).await?;
    let portfolio = store::membership::close(on, scope, now).await?;
    let table = match scope {
        Scope::Account(_) => "accounts",
        Scope::Portfolio(id) => {
            let accounts = account::Entity::find().filter(account::Column::PortfolioId.eq(id.0)).count(on).await?;
            if accounts > 0 {
                return Err(Conflict::StillLinked { accounts }.into());
            }
            "portfolios"
        }
    };
    let sql = format!("UPDATE {table} SET closed_at = ? WHERE id = ? AND closed_at IS NULL");
    let values = [now.ms().into(), scope.uuid().into()];
    if on.execute_raw(store::statement(on, &sql, values)).await?.rows_affected() != 1 {
        return Ok(false);
    }
    mfa_reset::end_of_closed(on, backend, scope, &said.reset, now).await?;
    invitations::end_all(on, scope, now).await?;
    portfolios::end_requests_of(on, scope, now).await?;
    loosening::end_all(on, scope, now).await?;
    operator::lapse_in(on, backend, scope, now).await?;
    let entry = said.here.within(Some(scope)).write_and_name(on, backend, now).await?;
    if let Some(portfolio) = portfolio {
        let elsewhere = said.elsewhere.within(Some(Scope::Portfolio(portfolio)));
        elsewhere.because(Some(called)).write(on, backend, now).await?;
    }
    for admin in told {
        outbox::enqueue(on, backend, now, MailKind::ScopeClosed, UserId(admin.user_id), Some(entry)).await?;
    }
    Ok(true)
}
