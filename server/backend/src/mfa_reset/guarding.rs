//! What the guards demand of a request: the rules of [`domain::guards`], asked with what the database remembers.

use super::{ground, trace};
use crate::{
    Result,
    store::{
        self,
        entity::{membership, mfa_reset, user},
        reach,
        roles::Held,
        tenure,
    },
};
use domain::{
    guards::{self, Approval, Approver, Demands, Ground, NumberReason},
    ids::{PortfolioId, UserId},
    mfa_reset::State,
    policy::{self, Principal, Target},
    roles::Rank,
    scope::{Scope, ScopeKind},
    sessions::StepUp,
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

/// What a request has to meet, and who may approve it where it needs that.
pub(super) struct Demanded {
    pub(super) approval: Option<Approval>,
    /// Who could approve it now.
    pub(super) approvers: Vec<membership::Model>,
    /// As far as the asker's reach goes.
    pub(super) wait: Duration,
    pub(super) number: Option<NumberReason>,
}

impl Demanded {
    /// Of the operator's request: nothing (5.6).
    pub(super) fn nothing() -> Self {
        Self { approval: None, approvers: Vec::new(), wait: Duration::ZERO, number: None }
    }

    /// As its asker is told before.
    pub(super) fn told(&self) -> Demands {
        Demands {
            approval: self.approval.as_ref().map(|approval| approval.reason),
            somebody_can_approve: !self.approvers.is_empty(),
            wait: self.wait,
            number: self.number,
        }
    }
}

/// What a request would have to meet that `asker` made now in `scope`.
pub(super) async fn demanded(
    on: &impl ConnectionTrait,
    scope: Scope,
    asker: UserId,
    person: &user::Model,
    target: &Target,
    now: Timestamp,
) -> Result<Demanded> {
    let grounds = grounds(on, scope, target.user_id, now).await?;
    let approval = guards::approval(scope, &grounds, asker_reset_at(on, scope, asker, now).await?, now);
    let approvers = match &approval {
        Some(approval) => approvers(on, approval, scope, asker, target, now).await?,
        None => Vec::new(),
    };
    Ok(Demanded {
        wait: guards::wait(&grounds, !approvers.is_empty()),
        number: guards::number(&grounds, super::number::password_mailed_at(person), now),
        approval,
        approvers,
    })
}

/// How long a request that is being accepted now waits at least, as far as the asker's reach goes.
pub(super) async fn wait(on: &impl ConnectionTrait, row: &mfa_reset::Model, now: Timestamp) -> Result<Duration> {
    let Some(scope) = super::row::scope_of(row) else { return Ok(Duration::ZERO) };
    let grounds = grounds(on, scope, UserId(row.user_id), now).await?;
    let settled = Duration::from_millis(row.wait_ms.unsigned_abs());
    Ok(settled.max(guards::wait(&grounds, row.approver_id.is_some())))
}

/// When the second factors of the asker were last reset, or of somebody whose reset counts as theirs.
async fn asker_reset_at(
    on: &impl ConnectionTrait,
    scope: Scope,
    asker: UserId,
    now: Timestamp,
) -> Result<Option<Timestamp>> {
    let tenures = tenure::of_scope(on, scope).await?;
    let invited = tenure::invited(on, scope, &tenures).await?;
    let answers: Vec<Uuid> =
        guards::answers_for(&tenures, &invited, asker, now).into_iter().map(|user| user.0).collect();
    Ok(reset_lately(on, &answers, now).await?.into_values().max())
}

/// A scope outside the asker's reach where the person is an administrator, or was within the memory of the guards.
pub(super) struct Elsewhere {
    pub(super) scope: Scope,
    /// What the person is called there, or was.
    pub(super) name: String,
}

/// Those scopes: they are told before it takes effect. Shutting somebody out for a moment does not help.
pub(super) async fn elsewhere(
    on: &impl ConnectionTrait,
    row: &mfa_reset::Model,
    person: &user::Model,
    now: Timestamp,
) -> Result<Vec<Elsewhere>> {
    let Some(scope) = super::row::scope_of(row) else { return Ok(Vec::new()) };
    let user = UserId(person.id);
    let within = reached(on, scope, user, now).await?;
    let mut found = Vec::new();
    for scope in tenure::scopes_of(on, user, now).await? {
        if !within.contains(&scope) {
            let place = ground::place(on, scope, user).await?;
            found.push(Elsewhere { scope, name: place.map_or_else(|| person.name.clone(), |place| place.name) });
        }
    }
    Ok(found)
}

/// The scopes that a request made in `scope` about `user` reaches: of a portfolio also the linked accounts in which they were
/// an administrator within the memory of the guards, though they be shut out there now.
async fn reached(on: &impl ConnectionTrait, scope: Scope, user: UserId, now: Timestamp) -> Result<Vec<Scope>> {
    let touched = trace::touched(on, scope, user).await?;
    let mut reached: Vec<Scope> = [scope].into_iter().chain(touched.iter().map(membership::Model::scope)).collect();
    if scope.kind() == ScopeKind::Portfolio {
        for known in tenure::scopes_of(on, user, now).await? {
            let portfolio = reach::of_scope(on, known).await?.map(Scope::Portfolio);
            if portfolio == Some(scope) && !reached.contains(&known) {
                reached.push(known);
            }
        }
    }
    Ok(reached)
}

async fn grounds(on: &impl ConnectionTrait, scope: Scope, user: UserId, now: Timestamp) -> Result<Vec<Ground>> {
    // Who has a portfolio role has its rank over the linked accounts too.
    let over = match scope {
        Scope::Portfolio(_) => Rank::Member,
        Scope::Account(_) => match ground::place(on, scope, user).await?.and_then(|place| place.portfolio_id) {
            Some(portfolio) => {
                let tenures = tenure::of_scope(on, Scope::Portfolio(PortfolioId(portfolio))).await?;
                guards::highest_rank(&tenures, user, now)
            }
            None => Rank::Member,
        },
    };
    let mut grounds = Vec::new();
    for scope in reached(on, scope, user, now).await? {
        let tenures = tenure::of_scope(on, scope).await?;
        grounds.push(Ground {
            scope,
            guards: store::scope_facts(on, scope).await?.guards,
            rank: guards::highest_rank(&tenures, user, now).max(over),
            administrators: guards::most_administrators(&tenures, now),
        });
    }
    // A portfolio sees in a person their highest rank within its reach; and its own rank stands over each account.
    if let Some(portfolio) = grounds.iter().position(|ground| ground.scope.kind() == ScopeKind::Portfolio) {
        let highest = grounds.iter().map(|ground| ground.rank).max().unwrap_or_default();
        let over = grounds[portfolio].rank;
        for ground in &mut grounds {
            ground.rank = ground.rank.max(over);
        }
        grounds[portfolio].rank = highest;
    }
    Ok(grounds)
}

/// Everybody who could approve now, of every scope that has a voice.
async fn approvers(
    on: &impl ConnectionTrait,
    approval: &Approval,
    asked_in: Scope,
    asker: UserId,
    target: &Target,
    now: Timestamp,
) -> Result<Vec<membership::Model>> {
    let mut found: Vec<membership::Model> = Vec::new();
    for scope in approval.voices(asked_in) {
        let places = store::membership::who_resets_mfa(on, scope, target.user_id).await?;
        let tenures = tenure::of_scope(on, scope).await?;
        let invited = tenure::invited(on, scope, &tenures).await?;
        let ids: Vec<Uuid> = places.iter().map(|place| place.user_id).collect();
        let held = Held::in_places(on, &places).await?;
        let resets = reset_lately(on, &ids, now).await?;
        for place in places {
            let (user, reset_at) = (UserId(place.user_id), resets.get(&place.user_id).copied());
            let approver = Approver::of(&tenures, &invited, user, Some(asker), reset_at, now);
            let who = Principal {
                user_id: UserId(place.user_id),
                role: held.in_place(&place).role,
                name: place.name.clone(),
                scope,
                via: None,
                step_up: StepUp::FreshByAuthenticator,
            };
            let may = policy::approve_mfa_reset(&who, scope, target, &approver).is_ok();
            if may && !place.factors().is_empty() && found.iter().all(|other| other.user_id != place.user_id) {
                found.push(place);
            }
        }
    }
    Ok(found)
}

/// Somebody as who may approve this request in a scope.
pub(super) async fn approver(
    on: &impl ConnectionTrait,
    row: &mfa_reset::Model,
    scope: Scope,
    user: UserId,
    now: Timestamp,
) -> Result<Approver> {
    let tenures = tenure::of_scope(on, scope).await?;
    let invited = tenure::invited(on, scope, &tenures).await?;
    let reset_at = reset_lately(on, &[user.0], now).await?.remove(&user.0);
    Ok(Approver::of(&tenures, &invited, user, row.asker_id.map(UserId), reset_at, now))
}

/// Whether somebody's second factors were reset within a day.
pub(crate) async fn is_freshly_reset(on: &impl ConnectionTrait, user: UserId, now: Timestamp) -> Result<bool> {
    Ok(!reset_lately(on, &[user.0], now).await?.is_empty())
}

/// When the second factors of these people were last reset, of those for whom that was within a day.
async fn reset_lately(on: &impl ConnectionTrait, users: &[Uuid], now: Timestamp) -> Result<HashMap<Uuid, Timestamp>> {
    let rows: Vec<(Uuid, Option<i64>)> = mfa_reset::Entity::find()
        .select_only()
        .columns([mfa_reset::Column::UserId, mfa_reset::Column::EndedAt])
        .filter(mfa_reset::Column::UserId.is_in(users.iter().copied()))
        .filter(mfa_reset::Column::EndedAs.eq(State::Done.key()))
        .filter(mfa_reset::Column::EndedAt.gt((now - guards::FRESHLY_RESET).ms()))
        .into_tuple()
        .all(on)
        .await?;
    let mut last = HashMap::new();
    for (user, at) in rows {
        let at = at.map(Timestamp::from_ms).unwrap_or(now);
        last.entry(user).and_modify(|known: &mut Timestamp| *known = at.max(*known)).or_insert(at);
    }
    Ok(last)
}
