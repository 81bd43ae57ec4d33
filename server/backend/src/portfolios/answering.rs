//! The account's Owner answers: shown first what the portfolio will be able to do, and who.

use super::{
    Between, account, account_of,
    asking::{end, stands, supersede},
    power, unfit,
};
use crate::{
    Backend, Caller, Error, Result,
    audit::Entry,
    outbox::{self, MailKind},
    principal,
    store::{
        self,
        entity::link_request::{Column, Entity, Model},
        reach,
    },
};
use domain::{
    audit::AuditAction,
    errors::Conflict,
    ids::{AccountId, LinkRequestId, PortfolioId, UserId},
    mfa_policy::MfaRules,
    policy,
    portfolios::{Consent, LinkRequestState, ReachQuery},
    scope::Scope,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// What there is to agree to.
///
/// # Errors
/// [`Error::NotFound`] for a request to another account.
pub async fn consent(
    backend: &Backend,
    caller: &Caller,
    scope: Scope,
    id: LinkRequestId,
    query: ReachQuery,
) -> Result<Consent> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::view_security(&who, scope)?;
    let account_id = account_of(scope)?;
    let row = of_account(on, account_id, id).await?;
    let account = account(on, account_id).await?;
    let state = stands(on, &row, now).await?;
    let power = match state {
        LinkRequestState::Open => Some(power::of(on, PortfolioId(row.portfolio_id), query).await?),
        _ => None,
    };
    Ok(Consent {
        scope,
        principal: who,
        request: power::told(on, row, state).await?,
        power,
        unfit: unfit(&account),
        account: account.name,
        now,
    })
}

/// Agrees: from now on the account is in the portfolio, and what others asked of it has ended.
///
/// # Errors
/// [`Conflict::ChangedMeanwhile`] when the request ended, or the account cannot join any more; [`Conflict::NeedsPasskeyFirst`]
/// for who would shut themselves out; whatever [`policy::agree_to_link`] denies.
pub async fn agree(backend: &Backend, caller: &Caller, scope: Scope, id: LinkRequestId) -> Result<()> {
    let (now, reader) = (backend.now(), backend.database.read());
    // Asked before anybody is held, so that whoever may not agree holds nobody up.
    let _permit = policy::agree_to_link(&principal::enter(reader, caller, scope, now).await?, scope)?;
    let account_id = account_of(scope)?;
    let on = backend.database.begin().await?;
    reach::hold(&on, scope, Some(caller.user_id)).await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let permit = policy::agree_to_link(&who, scope)?;
    let facts = store::lock_scope(&on, scope).await?;
    let row = of_account(&on, account_id, id).await?;
    // Not closed, nor while this lasts.
    reach::of_scope(&on, Scope::Portfolio(PortfolioId(row.portfolio_id))).await?;
    let is_open = stands(&on, &row, now).await? == LinkRequestState::Open;
    if !is_open || unfit(&account(&on, account_id).await?).is_some() {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    let portfolio = PortfolioId(row.portfolio_id);
    let below = facts.own.above(power::floor(&on, portfolio).await?.as_ref());
    let stops = |rules: MfaRules| rules.required && rules.policy.phishing_resistant;
    // One that is bound may be lost: who lets only such in shows one that works, as where it is set.
    let proves_it = caller.proofs.iter().any(|proof| proof.kind.is_phishing_resistant());
    if stops(below) && !stops(facts.own) && !proves_it {
        return Err(Conflict::NeedsPasskeyFirst.into());
    }
    if !end(&on, &row, LinkRequestState::Agreed, now).await? {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    supersede(&on, account_id, now).await?;
    if !reach::link(&on, account_id, None, Some(portfolio)).await? {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    let sql = "UPDATE accounts SET linked_at = ?, link_confirm_until = NULL, link_confirmed_for = NULL WHERE id = ?";
    on.execute_raw(store::statement(&on, sql, [now.ms().into(), account_id.0.into()])).await?;
    let entry = Entry::permitted(&permit, AuditAction::AccountLinked).about(row.id);
    let between = Between { account: account_id, portfolio };
    let recorded = between.record(&on, backend, entry.clone().from(&caller.visitor), entry, Some(scope), now).await?;
    between.tell(&on, backend, MailKind::AccountLinked, &recorded, now).await?;
    on.commit().await?;
    Ok(())
}

/// Does not agree. Who asked is told, unless they answer themselves.
///
/// # Errors
/// [`Conflict::ChangedMeanwhile`] when the request ended; whatever [`policy::decline_link`] denies.
pub async fn decline(backend: &Backend, caller: &Caller, scope: Scope, id: LinkRequestId) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let permit = policy::decline_link(&who, scope)?;
    let account = account_of(scope)?;
    let row = of_account(&on, account, id).await?;
    if stands(&on, &row, now).await? != LinkRequestState::Open
        || !end(&on, &row, LinkRequestState::Declined, now).await?
    {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    let entry = Entry::permitted(&permit, AuditAction::LinkDeclined).about(row.id);
    let between = Between { account, portfolio: PortfolioId(row.portfolio_id) };
    between.record(&on, backend, entry.clone().from(&caller.visitor), entry, Some(scope), now).await?;
    if row.asked_by_id != who.user_id.0 {
        let asker = UserId(row.asked_by_id);
        outbox::enqueue(&on, backend, now, MailKind::LinkDeclined, asker, Some(row.id)).await?;
    }
    on.commit().await?;
    Ok(())
}

async fn of_account(on: &impl ConnectionTrait, account: AccountId, id: LinkRequestId) -> Result<Model> {
    Entity::find_by_id(id.0).filter(Column::AccountId.eq(account.0)).one(on).await?.ok_or(Error::NotFound)
}
