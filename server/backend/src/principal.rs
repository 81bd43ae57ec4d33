//! Who is acting, in one scope: where a session becomes a [`Principal`]. Every use case of a scope begins here.

use crate::{
    Caller, Error, Result, portfolios,
    store::{
        entity::{account, membership, user},
        roles,
    },
};
use domain::{
    ids::{PortfolioId, UserId},
    policy::{Denied, Principal},
    scope::Scope,
    sessions::{Standing, StepUp},
    time::Timestamp,
    users::MembershipStatus,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

/// Lets the caller into `scope`.
///
/// Inside a transaction that writes, the acting membership stays as it is until the transaction ends, and the caller's
/// epoch is looked at again: between the request's first glance and now, somebody may have made the session void.
///
/// # Errors
/// [`Error::Unfinished`] when a step of the sign-in is missing, [`Denied::Unseen`] when the caller is not in there,
/// [`Denied::SignedOutHere`] when an administrator of the scope ended that of this session.
pub async fn enter(on: &impl ConnectionTrait, caller: &Caller, scope: Scope, now: Timestamp) -> Result<Principal> {
    needs_standing(caller, &[Standing::Enter])?;
    let place = membership::Entity::find()
        .filter(membership::Column::UserId.eq(caller.user_id.0))
        .filter(membership::Column::ScopeKind.eq(scope.kind().key()))
        .filter(membership::Column::ScopeId.eq(scope.uuid()))
        .filter(membership::Column::Status.eq(MembershipStatus::Active.key()))
        .lock_shared()
        .one(on)
        .await?
        .ok_or(Denied::Unseen)?;
    if place.signed_out_at.is_some_and(|at| caller.established_at.ms() <= at) {
        return Err(Denied::SignedOutHere.into());
    }
    let person = user::Entity::find_by_id(caller.user_id.0).one(on).await?.ok_or(Error::NotSignedIn)?;
    if person.epoch != caller.epoch || person.deactivated_at.is_some() {
        return Err(Error::NotSignedIn);
    }
    Ok(Principal {
        user_id: caller.user_id,
        role: roles::held(on, &place).await?.role,
        name: place.name,
        scope,
        via: None,
        step_up: caller.step_up(now),
    })
}

/// Somebody for whom something is done without their being there, as policy sees them: with what they proved when they
/// began. Nothing when they may not enter any more.
pub async fn absent(on: &impl ConnectionTrait, scope: Scope, user: UserId) -> Result<Option<Principal>> {
    Ok(active(on, scope, user).await?.map(|(who, ..)| who))
}

/// What was begun in a session and goes on without it.
pub struct Begun {
    /// Where.
    pub scope: Scope,
    /// By whom.
    pub by: UserId,
    /// Of the session.
    pub epoch: i64,
    /// When.
    pub at: Timestamp,
}

/// [`absent`], as long as the session may go on as well: nothing once it became void, or was ended in the scope.
pub async fn absent_since(on: &impl ConnectionTrait, begun: &Begun) -> Result<Option<Principal>> {
    let found = active(on, begun.scope, begun.by).await?;
    let goes_on = |person: &user::Model, place: &membership::Model| {
        person.epoch == begun.epoch && place.signed_out_at.is_none_or(|at| begun.at.ms() > at)
    };
    Ok(found.filter(|(_, person, place)| goes_on(person, place)).map(|(who, ..)| who))
}

async fn active(
    on: &impl ConnectionTrait,
    scope: Scope,
    user: UserId,
) -> Result<Option<(Principal, user::Model, membership::Model)>> {
    let place = membership::Entity::find()
        .filter(membership::Column::UserId.eq(user.0))
        .filter(membership::Column::ScopeKind.eq(scope.kind().key()))
        .filter(membership::Column::ScopeId.eq(scope.uuid()))
        .filter(membership::Column::Status.eq(MembershipStatus::Active.key()))
        .one(on)
        .await?;
    let person = user::Entity::find_by_id(user.0).one(on).await?.filter(|person| person.deactivated_at.is_none());
    let Some((person, place)) = person.zip(place) else { return Ok(None) };
    let who = Principal {
        user_id: user,
        role: roles::held(on, &place).await?.role,
        name: place.name.clone(),
        scope,
        via: None,
        step_up: StepUp::FreshByAuthenticator,
    };
    Ok(Some((who, person, place)))
}

/// The same person over a place within their reach (2.5): in a linked account with the role they have in the portfolio, and
/// through it.
///
/// # Errors
/// [`Denied::Unseen`] for a place that is out of reach.
pub async fn over(on: &impl ConnectionTrait, who: Principal, place: Scope, now: Timestamp) -> Result<Principal> {
    if who.scope == place {
        return Ok(who);
    }
    let (Scope::Portfolio(portfolio), Scope::Account(account)) = (who.scope, place) else {
        return Err(Denied::Unseen.into());
    };
    // A link that has run out is none, whether or not that was carried out.
    let linked = account::Entity::find_by_id(account.0).lock_shared().one(on).await?;
    let is_linked = linked.is_some_and(|linked| linked.portfolio_id == Some(portfolio.0));
    if !is_linked || portfolios::is_overdue(on, account, now).await? {
        return Err(Denied::Unseen.into());
    }
    Ok(who.over(portfolio, account))
}

/// Somebody absent, in a scope as a member, or over it from the portfolio that it is in.
pub async fn absent_within_reach(
    on: &impl ConnectionTrait,
    place: Scope,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Principal>> {
    let mut standing: Vec<Principal> = absent(on, place, user).await?.into_iter().collect();
    if let Scope::Account(account) = place
        && let Some(portfolio) = account::Entity::find_by_id(account.0).one(on).await?.and_then(|row| row.portfolio_id)
        && let Some(who) = absent(on, Scope::Portfolio(PortfolioId(portfolio)), user).await?
    {
        standing.extend(over(on, who, place, now).await.ok());
    }
    Ok(standing)
}

/// Lets the caller go on only where the session has come exactly this far.
pub fn needs_standing(caller: &Caller, allowed: &[Standing]) -> Result<()> {
    let standing = caller.standing();
    if allowed.contains(&standing) { Ok(()) } else { Err(Error::Unfinished(standing)) }
}
