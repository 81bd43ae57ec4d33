//! The ground a request stands on: who asked may still ask, and whom it is about still belongs there (5.6).

use super::row::{life, requests_today, scope_of};
use crate::{
    Error, Result, authenticators, portfolios, principal,
    store::{
        entity::{membership, mfa_reset},
        reach,
    },
};
use domain::{
    authenticators::{FactorKind, FactorKinds},
    ids::{PortfolioId, UserId},
    mfa_reset::{End, EndReason, Life, State},
    policy::{self, Denied, Target},
    roles::Rank,
    scope::Scope,
    time::Timestamp,
    users::MembershipStatus,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// The row's life as it stands: a request also ends with the asker's right to ask, with the target's place in the reach, and
/// with the epoch it was made under, whether or not that was written down yet.
pub(super) async fn as_it_stands(
    on: &impl ConnectionTrait,
    row: &mfa_reset::Model,
    epoch: i64,
    now: Timestamp,
) -> Result<Life> {
    let life = life(row);
    if !life.state(now).is_live() {
        return Ok(life);
    }
    let reason = if row.epoch != epoch { Some(EndReason::DoneElsewhere) } else { groundless(on, row, now).await? };
    let end = reason.map(|reason| End { state: State::Cancelled, at: now, reason });
    Ok(Life { end: end.or(life.end), ..life })
}

/// Why a live request has no ground any more, if it has none.
pub(super) async fn groundless(
    on: &impl ConnectionTrait,
    row: &mfa_reset::Model,
    now: Timestamp,
) -> Result<Option<EndReason>> {
    let (Some(scope), Some(asker)) = (scope_of(row), row.asker_id) else { return Ok(None) };
    let target = match target(on, scope, UserId(row.user_id), now).await {
        Ok((_, target)) => target,
        Err(Error::Denied(Denied::Unseen)) => return Ok(Some(EndReason::TargetLeft)),
        Err(other) => return Err(other),
    };
    if target.status != MembershipStatus::Active {
        return Ok(Some(EndReason::TargetLeft));
    }
    let Some(asker) = principal::absent(on, scope, UserId(asker)).await? else {
        return Ok(Some(EndReason::AskerLostRight));
    };
    let backed = policy::still_backs_mfa_reset(&asker, scope, &target);
    Ok(backed.is_err().then_some(EndReason::AskerLostRight))
}

/// The member as policy sees them, with the place that stands for them in the list; who is not in reach is not there.
pub(super) async fn target(
    on: &impl ConnectionTrait,
    scope: Scope,
    user: UserId,
    now: Timestamp,
) -> Result<(membership::Model, Target)> {
    let place = match scope {
        Scope::Account(_) => place(on, scope, user).await?,
        Scope::Portfolio(portfolio) => leading(on, portfolio, user, now).await?,
    }
    .ok_or(Denied::Unseen)?;
    let resets_today = requests_today(on, scope, &[user.0], now).await?.remove(&user.0).unwrap_or(0);
    let target = Target {
        user_id: user,
        name: place.name.clone(),
        rank: rank(on, scope, &place).await?,
        owns: place.rank() == Rank::Owner,
        status: place.status(),
        factors: place.factors(),
        resets_today,
    };
    Ok((place, target))
}

/// The highest standing within reach (2.5): of a portfolio over all places there; of an account also as a portfolio role
/// over the account, if they hold one.
async fn rank(on: &impl ConnectionTrait, scope: Scope, place: &membership::Model) -> Result<Rank> {
    let Scope::Portfolio(portfolio) = scope else { return reach::rank(on, place).await };
    let places = reach::places(on, portfolio, &[place.user_id]).await?;
    let active = places.iter().filter(|other| other.status() == MembershipStatus::Active);
    Ok(active.map(|other| other.rank()).fold(place.rank(), Rank::max))
}

/// The place that stands for somebody in a portfolio. An account whose link has run out is not within its reach, whether or
/// not that was carried out.
async fn leading(
    on: &impl ConnectionTrait,
    portfolio: PortfolioId,
    user: UserId,
    now: Timestamp,
) -> Result<Option<membership::Model>> {
    let mut places = reach::places(on, portfolio, &[user.0]).await?;
    places.sort_by_key(|place| (!place.leads, place.status() != MembershipStatus::Active));
    for place in places {
        let is_within = match place.scope() {
            Scope::Portfolio(_) => true,
            Scope::Account(account) => !portfolios::is_overdue(on, account, now).await?,
        };
        if is_within {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

pub(super) async fn factors_of(on: &impl ConnectionTrait, user: UserId) -> Result<FactorKinds> {
    let bound = authenticators::of(on, user).await?;
    Ok(bound.iter().filter_map(|row| FactorKind::of_key(&row.kind)).collect())
}

pub(super) async fn place(on: &impl ConnectionTrait, scope: Scope, user: UserId) -> Result<Option<membership::Model>> {
    let found = membership::Entity::find()
        .filter(membership::Column::UserId.eq(user.0))
        .filter(membership::Column::ScopeKind.eq(scope.kind().key()))
        .filter(membership::Column::ScopeId.eq(scope.uuid()))
        .one(on)
        .await?;
    Ok(found)
}
