//! Several at once (5.9): confirmed once, written down, and then asked one by one by whichever server comes to it, each like
//! any other request. So it goes on after a reload and after a restart, and it stops with the right of who asked, or with
//! the epoch of the session in which they confirmed.

use super::{ground::target, request_as};
use crate::{
    Backend, Caller, Error, Result, Visitor,
    principal::{self, Begun},
    store::{
        self,
        entity::{bulk_reset, bulk_reset_item, user},
    },
};
use domain::{
    bulk_reset::{BulkItem, BulkPreview, BulkReset, Chosen, MOST, Outcome},
    errors::{Conflict, Field, Problem},
    ids::{BulkResetId, UserId},
    mfa_reset::OUTCOME_TTL,
    person::{Reason, TextProblem},
    policy,
    scope::{Scope, ScopeKind},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

/// How many are asked for in one go of the worker.
const AT_A_TIME: usize = 25;

/// Whom it would be about, of those who were chosen.
///
/// # Errors
/// Nobody, or more than [`MOST`], is a wrong [`Field::Users`].
pub async fn preview(backend: &Backend, caller: &Caller, scope: Scope, users: &[UserId]) -> Result<BulkPreview> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    policy::view_mfa_resets(&who, scope)?;
    Ok(BulkPreview { scope, chosen: chosen(on, scope, users, now).await?, principal: who })
}

/// Confirms it, and writes it down. What becomes of each is [`progress`]'s to say.
///
/// # Errors
/// As [`preview`]; whatever [`policy::request_mfa_resets`] denies.
pub async fn begin(
    backend: &Backend,
    caller: &Caller,
    scope: Scope,
    users: &[UserId],
    reason: &Reason,
) -> Result<BulkResetId> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let _permit = policy::request_mfa_resets(&who, scope)?;
    let id = backend.random.uuid(now);
    let row = bulk_reset::Model {
        id,
        scope_kind: scope.kind().key().to_owned(),
        scope_id: scope.uuid(),
        actor_id: who.user_id.0,
        actor_name: who.name.clone(),
        actor_epoch: caller.epoch,
        reason: reason.as_str().to_owned(),
        device: caller.visitor.device.clone(),
        place: caller.visitor.place(),
        asked_at: now.ms(),
    };
    bulk_reset::Entity::insert(row.into_active_model()).exec_without_returning(&on).await?;
    let items = chosen(&on, scope, users, now).await?.into_iter().zip(0..).map(|(chosen, position)| {
        let (user_id, name) = (chosen.target.user_id.0, chosen.target.name);
        bulk_reset_item::Model {
            id: backend.random.uuid(now),
            bulk_id: id,
            position,
            user_id,
            name,
            outcome: None,
            done_at: None,
        }
        .into_active_model()
    });
    bulk_reset_item::Entity::insert_many(items.collect::<Vec<_>>()).exec_without_returning(&on).await?;
    on.commit().await?;
    Ok(BulkResetId(id))
}

/// How far it got.
///
/// # Errors
/// [`Error::NotFound`] for one of another scope.
pub async fn progress(backend: &Backend, caller: &Caller, scope: Scope, id: BulkResetId) -> Result<BulkReset> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    policy::view_mfa_resets(&who, scope)?;
    let row = bulk_reset::Entity::find_by_id(id.0)
        .filter(bulk_reset::Column::ScopeKind.eq(scope.kind().key()))
        .filter(bulk_reset::Column::ScopeId.eq(scope.uuid()))
        .one(on)
        .await?
        .ok_or(Error::NotFound)?;
    let items = bulk_reset_item::Entity::find()
        .filter(bulk_reset_item::Column::BulkId.eq(id.0))
        .order_by_asc(bulk_reset_item::Column::Position)
        .all(on)
        .await?;
    let item = |item: bulk_reset_item::Model| BulkItem {
        user_id: UserId(item.user_id),
        name: item.name,
        outcome: item.outcome.map(|key| Outcome::of_key(&key).unwrap_or(Outcome::Failed)),
    };
    Ok(BulkReset {
        id,
        asked_by: row.actor_name,
        asked_at: Timestamp::from_ms(row.asked_at),
        items: items.into_iter().map(item).collect(),
        now,
    })
}

/// Asks for the next few that wait. However many servers do so at once, each person is asked for once.
pub async fn work(backend: &Backend) -> Result<()> {
    for _ in 0..AT_A_TIME {
        let next = bulk_reset_item::Entity::find()
            .filter(bulk_reset_item::Column::Outcome.is_null())
            .order_by_asc(bulk_reset_item::Column::BulkId)
            .order_by_asc(bulk_reset_item::Column::Position)
            .one(backend.database.read())
            .await?;
        let Some(item) = next else { return Ok(()) };
        let outcome = match ask(backend, &item).await {
            Ok(()) => continue,
            Err(Error::NotSignedIn) => Outcome::AskerLostRight,
            Err(Error::Denied(denied)) => Outcome::of_denied(denied),
            Err(Error::Conflict(Conflict::ResetIs(_))) => Outcome::AcceptedAlready,
            Err(error) => {
                tracing::error!(%error, "one of several resets could not be asked for");
                Outcome::Failed
            }
        };
        settle(backend.database.write(), &item, outcome, backend.now()).await?;
    }
    Ok(())
}

/// Asks for one, in the transaction that says so; or changes nothing.
async fn ask(backend: &Backend, item: &bulk_reset_item::Model) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let bulk = bulk_reset::Entity::find_by_id(item.bulk_id).one(&on).await?.ok_or(Error::NotFound)?;
    let scope = ScopeKind::of_key(&bulk.scope_kind).ok_or(Error::NotFound)?.with(bulk.scope_id);
    let at = Timestamp::from_ms(bulk.asked_at);
    let begun = Begun { scope, by: UserId(bulk.actor_id), epoch: bulk.actor_epoch, at };
    let who = principal::absent_since(&on, &begun).await?.ok_or(Error::NotSignedIn)?;
    let reason = Reason::parse(&bulk.reason).map_err(Error::internal)?;
    let visitor = Visitor::of_before(bulk.device, bulk.place);
    let (_, awaits) = request_as(&on, backend, &who, UserId(item.user_id), &reason, &visitor, now).await?;
    let outcome = if awaits { Outcome::AwaitsApproval } else { Outcome::Asked };
    if settle(&on, item, outcome, now).await? { on.commit().await.map_err(Error::from) } else { Ok(()) }
}

/// Writes down what became of one, unless another server did. Answers whether it was this one.
async fn settle(
    on: &impl ConnectionTrait,
    item: &bulk_reset_item::Model,
    outcome: Outcome,
    now: Timestamp,
) -> Result<bool> {
    store::settle(on, "bulk_reset_items", item.id, outcome.key(), now).await
}

async fn chosen(on: &impl ConnectionTrait, scope: Scope, users: &[UserId], now: Timestamp) -> Result<Vec<Chosen>> {
    let wrong = |problem| Err(Error::field(Field::Users, Problem::Text(problem)));
    if users.len() > MOST {
        return wrong(TextProblem::TooLong { max: MOST as u16 });
    }
    let mut chosen: Vec<Chosen> = Vec::new();
    for user in users {
        if chosen.iter().any(|known| known.target.user_id == *user) {
            continue;
        }
        // Who is not here is not told apart from who never was.
        let Ok((_, target)) = target(on, scope, *user, now).await else { continue };
        let Some(person) = user::Entity::find_by_id(user.0).one(on).await? else { continue };
        chosen.push(Chosen { target, email: person.email });
    }
    if chosen.is_empty() { wrong(TextProblem::Empty) } else { Ok(chosen) }
}

/// Removes what nobody looks at any more.
pub(crate) async fn sweep(backend: &Backend, now: Timestamp) -> Result<()> {
    let old = bulk_reset::Column::AskedAt.lte((now - OUTCOME_TTL).ms());
    bulk_reset::Entity::delete_many().filter(old).exec(backend.database.write()).await?;
    Ok(())
}
