//! A portfolio asks an account to join: only one of which its Owner is Owner or Admin, so that it learns of no other. The
//! request waits for the account's Owner, and dies with the right of who asked.

use super::{Between, account, owner, portfolio_of, unfit};
use crate::{
    Backend, Caller, Error, Result,
    audit::Entry,
    outbox::{self, MailKind},
    principal,
    store::{
        self,
        entity::{
            link_request::{Column, Entity, Model},
            membership,
        },
    },
};
use domain::{
    audit::AuditAction,
    errors::Conflict,
    ids::{AccountId, LinkRequestId, PortfolioId, UserId},
    policy,
    portfolios::{self, LinkRequestState, REQUEST_TTL, REQUESTS, REQUESTS_SPAN},
    scope::{Scope, ScopeKind},
    time::Timestamp,
    users::MembershipStatus,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};
use std::time::Duration;
use uuid::Uuid;

/// How long it stays known that somebody asked.
const KEPT: Duration = Duration::from_secs(90 * 24 * 3600);

/// What was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Which request.
    pub id: LinkRequestId,
    /// Whether who asked owns the account too, and goes on to agree.
    pub is_own: bool,
}

/// Asks. The account's Owner is told by mail, unless that is who asks.
///
/// # Errors
/// [`Error::NotFound`] for an account of which the caller is neither Owner nor Admin; [`Conflict::ChangedMeanwhile`] for one
/// that was asked already or cannot join; [`Error::Throttled`] after [`REQUESTS`] within [`REQUESTS_SPAN`]; whatever
/// [`policy::ask_for_link`] denies.
pub async fn ask(backend: &Backend, caller: &Caller, scope: Scope, account_id: AccountId) -> Result<Asked> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let permit = policy::ask_for_link(&who, scope)?;
    let portfolio = portfolio_of(scope)?;
    // Of two who ask at once the later one finds the request of the earlier.
    store::lock_scope(&on, scope).await?;
    if !vouched(&on, account_id, who.user_id).await? {
        return Err(Error::NotFound);
    }
    if unfit(&account(&on, account_id).await?).is_some() {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    let of_account =
        || Entity::find().filter(Column::PortfolioId.eq(portfolio.0)).filter(Column::AccountId.eq(account_id.0));
    if let Some(before) = of_account().filter(Column::EndedAt.is_null()).one(&on).await? {
        let state = stands(&on, &before, now).await?;
        if state == LinkRequestState::Open {
            return Err(Conflict::ChangedMeanwhile.into());
        }
        end(&on, &before, state, now).await?;
    }
    if of_account().filter(Column::AskedAt.gt((now - REQUESTS_SPAN).ms())).count(&on).await? >= REQUESTS {
        return Err(Error::Throttled { retry_after: REQUESTS_SPAN });
    }
    let row = Model {
        id: backend.random.uuid(now),
        portfolio_id: portfolio.0,
        account_id: account_id.0,
        asked_by_id: who.user_id.0,
        asked_by_name: who.name.clone(),
        asked_at: now.ms(),
        expires_at: (now + REQUEST_TTL).ms(),
        ended_at: None,
        ended_as: None,
    };
    let id = row.id;
    Entity::insert(row.into_active_model()).exec_without_returning(&on).await?;
    let entry = Entry::permitted(&permit, AuditAction::LinkAsked).about(id);
    let between = Between { account: account_id, portfolio };
    between.record(&on, backend, entry.clone().from(&caller.visitor), entry, Some(scope), now).await?;
    let owner = owner(&on, Scope::Account(account_id)).await?;
    let is_own = owner.as_ref().is_some_and(|owner| owner.user_id == who.user_id.0);
    if let Some(owner) = owner.filter(|_| !is_own) {
        outbox::enqueue(&on, backend, now, MailKind::LinkAsked, UserId(owner.user_id), Some(id)).await?;
    }
    on.commit().await?;
    Ok(Asked { id: LinkRequestId(id), is_own })
}

/// Calls it off.
///
/// # Errors
/// [`Error::NotFound`] for a request of another portfolio; [`Conflict::ChangedMeanwhile`] when it ended; whatever
/// [`policy::cancel_link_request`] denies.
pub async fn cancel(backend: &Backend, caller: &Caller, scope: Scope, id: LinkRequestId) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let permit = policy::cancel_link_request(&who, scope)?;
    let portfolio = portfolio_of(scope)?;
    let row = Entity::find_by_id(id.0).filter(Column::PortfolioId.eq(portfolio.0)).one(&on).await?;
    let row = row.ok_or(Error::NotFound)?;
    if !end(&on, &row, LinkRequestState::Cancelled, now).await? {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    let entry = Entry::permitted(&permit, AuditAction::LinkCancelled).about(row.id);
    let between = Between { account: AccountId(row.account_id), portfolio };
    between.record(&on, backend, entry.clone().from(&caller.visitor), entry, Some(scope), now).await?;
    on.commit().await?;
    Ok(())
}

/// Ends a request, on condition that nobody did before, and in time where that counts. Answers whether it was.
pub(super) async fn end(on: &impl ConnectionTrait, row: &Model, how: LinkRequestState, now: Timestamp) -> Result<bool> {
    let mut sql = String::from("UPDATE link_requests SET ended_at = ?, ended_as = ? WHERE id = ? AND ended_at IS NULL");
    let mut values: Vec<sea_orm::Value> = vec![now.ms().into(), how.key().into(), row.id.into()];
    if matches!(how, LinkRequestState::Agreed | LinkRequestState::Declined | LinkRequestState::Cancelled) {
        sql.push_str(" AND expires_at > ?");
        values.push(now.ms().into());
    }
    Ok(on.execute_raw(store::statement(on, &sql, values)).await?.rows_affected() == 1)
}

/// Ends what other portfolios asked of an account that has joined one.
pub(super) async fn supersede(on: &DatabaseTransaction, account: AccountId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE link_requests SET ended_at = ?, ended_as = ? WHERE account_id = ? AND ended_at IS NULL";
    let values = [now.ms().into(), LinkRequestState::Superseded.key().into(), account.0.into()];
    on.execute_raw(store::statement(on, sql, values)).await?;
    Ok(())
}

/// Where it stands, also when who asked may not ask any more and nobody wrote that down.
pub(super) async fn stands(on: &impl ConnectionTrait, row: &Model, now: Timestamp) -> Result<LinkRequestState> {
    let state = state(row, now);
    if state != LinkRequestState::Open {
        return Ok(state);
    }
    let (portfolio, asker) = (Scope::Portfolio(PortfolioId(row.portfolio_id)), UserId(row.asked_by_id));
    let asker_may = principal::absent(on, portfolio, asker)
        .await?
        .is_some_and(|who| policy::cancel_link_request(&who, portfolio).is_ok());
    let may = asker_may && vouched(on, AccountId(row.account_id), asker).await?;
    Ok(if may { LinkRequestState::Open } else { LinkRequestState::Cancelled })
}

fn state(row: &Model, now: Timestamp) -> LinkRequestState {
    let ended = row
        .ended_at
        .map(|_| row.ended_as.as_deref().and_then(LinkRequestState::of_key).unwrap_or(LinkRequestState::Cancelled));
    LinkRequestState::at(ended, Timestamp::from_ms(row.expires_at), now)
}

/// Whether this person is Owner or Admin of an account.
pub(super) async fn vouched(on: &impl ConnectionTrait, account: AccountId, user: UserId) -> Result<bool> {
    let place = membership::Entity::find()
        .filter(membership::Column::UserId.eq(user.0))
        .filter(membership::Column::ScopeKind.eq(ScopeKind::Account.key()))
        .filter(membership::Column::ScopeId.eq(account.0))
        .filter(membership::Column::Status.eq(MembershipStatus::Active.key()))
        .one(on)
        .await?;
    Ok(place.is_some_and(|place| portfolios::vouches(place.rank(), place.status())))
}

/// A request, as it is told to whoever it is mailed to, and where it stands.
pub(crate) async fn lookup(
    on: &impl ConnectionTrait,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<(Model, LinkRequestState)>> {
    let Some(row) = Entity::find_by_id(id).one(on).await? else { return Ok(None) };
    let state = stands(on, &row, now).await?;
    Ok(Some((row, state)))
}

/// The scope is closed: an account joins nothing any more, and none joins a portfolio.
pub(crate) async fn end_requests_of(on: &impl ConnectionTrait, scope: Scope, now: Timestamp) -> Result<()> {
    let theirs = match scope {
        Scope::Account(id) => Column::AccountId.eq(id.0),
        Scope::Portfolio(id) => Column::PortfolioId.eq(id.0),
    };
    let update = Entity::update_many()
        .col_expr(Column::EndedAt, now.ms().into())
        .col_expr(Column::EndedAs, LinkRequestState::Cancelled.key().into());
    update.filter(theirs).filter(Column::EndedAt.is_null()).exec(on).await?;
    Ok(())
}

/// Removes those that nobody is shown any more.
pub(crate) async fn sweep(backend: &Backend, now: Timestamp) -> Result<()> {
    Entity::delete_many().filter(Column::AskedAt.lte((now - KEPT).ms())).exec(backend.database.write()).await?;
    Ok(())
}
