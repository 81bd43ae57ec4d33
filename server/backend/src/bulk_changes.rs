//! Many people changed at once (6.1, 7.2): asked in or given another role, by a list, a text or a file.
//!
//! [`propose`] carries every line out and takes it back again, so that what is reviewed was decided by the very routines that
//! will do it. [`apply`] says once that it is to be done; from then on the worker of whichever server comes to a line does it,
//! each like any other invitation or change of role, and each in every log it touches. So it goes on after a reload and after
//! a restart, and it stops with the right of who proposed it, or with the epoch of their session.

mod file;
mod ground;

pub use file::read;

use crate::{
    Backend, Caller, Error, Result, Visitor, invitations,
    principal::{self, Begun},
    store::{
        self,
        entity::{bulk_change, bulk_change_line, membership},
        roles,
    },
    users,
};
use domain::{
    bulk_change::{self as rules, BulkChange, BulkChangeLine, MOST, Openings, Outcome, PROPOSAL_TTL, Place, Wish},
    errors::{Conflict, Field, Problem},
    ids::{AccountId, BulkChangeId, UserId},
    invitations::OUTCOME_TTL,
    person::{EmailAddress, TextProblem},
    policy::{self, Principal},
    roles::RoleKey,
    scope::{Scope, ScopeKind},
    time::Timestamp,
};
use ground::Ground;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{LockBehavior, LockType},
};

/// How often a line is tried that the database did not take.
const TRIES: usize = 3;
/// How many are done in one go of the worker.
const AT_A_TIME: u64 = 50;
/// Rows of one statement: SQLite takes no more than 32,766 arguments.
const ROWS: usize = 500;

/// Who proposed it, from where.
struct Proposer {
    begun: Begun,
    visitor: Visitor,
    language: String,
}

impl Proposer {
    /// As they stand now; nothing if they may not propose it any more, or their session may not go on.
    async fn stands(&self, on: &impl ConnectionTrait) -> Result<Option<Principal>> {
        let who = principal::absent_since(on, &self.begun).await?;
        Ok(who.filter(|who| policy::propose_many(who, self.begun.scope).is_ok()))
    }
}

/// Whether anything of the kind may be proposed: for who has something large to read first.
///
/// # Errors
/// Whatever [`policy::propose_many`] denies.
pub async fn may_propose(backend: &Backend, caller: &Caller, scope: Scope) -> Result<()> {
    let who = principal::enter(backend.database.read(), caller, scope, backend.now()).await?;
    let _permit = policy::propose_many(&who, scope)?;
    Ok(())
}

/// Where people can be asked in, and as what.
pub async fn openings(backend: &Backend, caller: &Caller, scope: Scope) -> Result<Openings> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::propose_many(&who, scope)?;
    let places = Ground::of(on, scope).await?.openings(on, &who).await?;
    Ok(Openings { scope, language: caller.language.clone(), places, principal: who })
}

/// The same for addresses that are asked into some of these places, into each as something.
///
/// # Errors
/// As [`propose`]; no place is a wrong [`Field::Role`].
pub async fn propose_invitations(
    backend: &Backend,
    caller: &Caller,
    scope: Scope,
    language: &str,
    addresses: &str,
    places: &[Place],
) -> Result<BulkChangeId> {
    let asked: Vec<&Place> = places.iter().filter(|place| !place.role.is_empty()).collect();
    if asked.is_empty() {
        return Err(Error::field(Field::Role, Problem::Text(TextProblem::Empty)));
    }
    // Each is written down for each address.
    if asked.iter().any(|place| place.role.parse::<RoleKey>().is_err()) {
        return Err(Error::field(Field::Role, Problem::Unknown));
    }
    let wish = |(line, address): (u32, &str), place: &Place| Wish {
        line,
        address: address.to_owned(),
        role: place.role.clone(),
        account: if place.scope == scope { String::new() } else { place.scope.uuid().to_string() },
    };
    let wishes = rules::addresses(addresses)
        .flat_map(|address| asked.iter().map(move |place| wish(address, place)))
        .take(MOST + 1);
    propose(backend, caller, scope, language, &wishes.collect::<Vec<_>>()).await
}

/// Writes down what is to be done, and what would become of each line; nothing is done.
///
/// # Errors
/// No line, or more than [`MOST`], is a wrong [`Field::Users`]; whatever [`policy::propose_many`] denies.
pub async fn propose(
    backend: &Backend,
    caller: &Caller,
    scope: Scope,
    language: &str,
    wishes: &[Wish],
) -> Result<BulkChangeId> {
    let now = backend.now();
    let who = principal::enter(backend.database.read(), caller, scope, now).await?;
    let _permit = policy::propose_many(&who, scope)?;
    let wrong = |problem| Err(Error::field(Field::Users, Problem::Text(problem)));
    if wishes.is_empty() {
        return wrong(TextProblem::Empty);
    }
    if wishes.len() > MOST {
        return wrong(TextProblem::TooLong { max: MOST as u16 });
    }
    let id = backend.random.uuid(now);
    let ground = Ground::of(backend.database.read(), scope).await?;
    let mut lines: Vec<_> = ground.lines(wishes, id, || backend.random.uuid(now));
    // With what they proved or will have: what that takes is asked for when it is applied.
    let begun = Begun { scope, by: caller.user_id, epoch: caller.epoch, at: now };
    let proposer = Proposer { begun, visitor: caller.visitor.clone(), language: language.to_owned() };
    // Each by itself: whoever is looked at is held up no longer than by a change of theirs alone.
    for line in lines.iter_mut().filter(|line| !outcome(&line.expected).is_a_refusal()) {
        let on = backend.database.begin().await?;
        line.had = had(&on, line).await?;
        let expected = apply_line(&on, backend, &proposer, line, now).await.unwrap_or(Outcome::Failed);
        line.expected = expected.key().to_owned();
        on.rollback().await?;
    }
    let on = backend.database.begin().await?;
    let row = bulk_change::Model {
        id,
        scope_kind: scope.kind().key().to_owned(),
        scope_id: scope.uuid(),
        actor_id: who.user_id.0,
        actor_name: who.name.clone(),
        actor_epoch: caller.epoch,
        language: language.to_owned(),
        device: caller.visitor.device.clone(),
        place: caller.visitor.place(),
        proposed_at: now.ms(),
        applied_at: None,
    };
    bulk_change::Entity::insert(row.into_active_model()).exec_without_returning(&on).await?;
    for lines in lines.chunks(ROWS) {
        let rows = lines.iter().cloned().map(IntoActiveModel::into_active_model);
        bulk_change_line::Entity::insert_many(rows.collect::<Vec<_>>()).exec_without_returning(&on).await?;
    }
    on.commit().await?;
    Ok(BulkChangeId(id))
}

/// The same for people chosen in the list: this role wherever they have a place of its kind, or in one account alone.
///
/// # Errors
/// As [`propose`]; nobody with such a place is a wrong [`Field::Users`] too.
pub async fn propose_role(
    backend: &Backend,
    caller: &Caller,
    scope: Scope,
    chosen: &[UserId],
    role: RoleKey,
    account: Option<AccountId>,
) -> Result<BulkChangeId> {
    let on = backend.database.read();
    let who = principal::enter(on, caller, scope, backend.now()).await?;
    let _permit = policy::propose_many(&who, scope)?;
    let wishes = ground::wishes(on, scope, chosen, role, account).await?;
    propose(backend, caller, scope, &caller.language, &wishes).await
}

/// Says that it is to be done, once. What becomes of each line is [`get`]'s to say.
///
/// # Errors
/// [`Conflict::ChangedMeanwhile`] when it was applied already or is too old; [`Error::NotFound`] for somebody else's;
/// whatever [`policy::change_many`] denies.
pub async fn apply(backend: &Backend, caller: &Caller, scope: Scope, id: BulkChangeId) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let _permit = policy::change_many(&who, scope)?;
    let row = lookup(&on, scope, id).await?;
    if row.actor_id != who.user_id.0 {
        return Err(Error::NotFound);
    }
    // What the logs tell is who applied it, in which browser and from where.
    let sql = "UPDATE bulk_changes SET applied_at = ?, actor_epoch = ?, device = ?, place = ? \
               WHERE id = ? AND applied_at IS NULL AND proposed_at > ?";
    let (device, place) = (caller.visitor.device.clone(), caller.visitor.place());
    let oldest = (now - PROPOSAL_TTL).ms();
    let values = [now.ms().into(), caller.epoch.into(), device.into(), place.into(), id.0.into(), oldest.into()];
    if on.execute_raw(store::statement(&on, sql, values)).await?.rows_affected() != 1 {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    on.commit().await?;
    Ok(())
}

/// What would become of each line, or what did.
///
/// # Errors
/// [`Error::NotFound`] for one of another scope; whatever [`policy::propose_many`] denies.
pub async fn get(backend: &Backend, caller: &Caller, scope: Scope, id: BulkChangeId) -> Result<BulkChange> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::propose_many(&who, scope)?;
    let row = lookup(on, scope, id).await?;
    let lines = bulk_change_line::Entity::find()
        .filter(bulk_change_line::Column::BulkId.eq(id.0))
        .order_by_asc(bulk_change_line::Column::Position)
        .all(on)
        .await?;
    let written =
        lines.iter().filter_map(|line| line.role.as_ref()).chain(lines.iter().filter_map(|line| line.had.as_ref()));
    let keys: Vec<RoleKey> = written.filter_map(|key| key.parse().ok()).collect();
    let held = roles::Held::by(on, keys).await?;
    let line = |line: bulk_change_line::Model| {
        let kind = scope_of(&line).map_or(scope.kind(), Scope::kind);
        let named = |key: &Option<String>| Some(held.of(key.as_ref()?.parse().ok()?, kind));
        BulkChangeLine {
            line: u32::try_from(line.line).unwrap_or(0),
            role: named(&line.role),
            had: named(&line.had),
            outcome: outcome(line.outcome.as_deref().unwrap_or(&line.expected)),
            is_done: line.outcome.is_some(),
            address: line.address,
            account: line.account,
            written: line.written,
        }
    };
    let proposed_at = Timestamp::from_ms(row.proposed_at);
    Ok(BulkChange {
        id,
        scope,
        is_own: row.actor_id == who.user_id.0,
        principal: who,
        proposed_by: row.actor_name,
        proposed_at,
        applied_at: row.applied_at.map(Timestamp::from_ms),
        expires_at: proposed_at + PROPOSAL_TTL,
        lines: lines.into_iter().map(line).collect(),
        now,
    })
}

/// Does the next lines of what was applied. However many servers do so at once, each line is done once.
pub async fn work(backend: &Backend) -> Result<()> {
    let applied = bulk_change::Entity::find()
        .select_only()
        .column(bulk_change::Column::Id)
        .filter(bulk_change::Column::AppliedAt.is_not_null());
    let next = bulk_change_line::Entity::find()
        .filter(bulk_change_line::Column::Outcome.is_null())
        .filter(bulk_change_line::Column::BulkId.in_subquery(sea_orm::QueryTrait::into_query(applied)))
        .order_by_asc(bulk_change_line::Column::BulkId)
        .order_by_asc(bulk_change_line::Column::Position)
        .limit(AT_A_TIME);
    for line in next.all(backend.database.read()).await? {
        do_line(backend, &line).await?;
    }
    Ok(())
}

/// Does one line, or says that the database would not take it.
async fn do_line(backend: &Backend, line: &bulk_change_line::Model) -> Result<()> {
    for _ in 0..TRIES {
        match try_line(backend, line).await {
            Err(error) => tracing::warn!(%error, line = %line.id, "one of many changes was not taken"),
            done => return done,
        }
    }
    settle(backend.database.write(), line, Outcome::Failed, backend.now()).await.map(drop)
}

/// Does one line in the transaction that says so, or changes nothing but its result.
async fn try_line(backend: &Backend, line: &bulk_change_line::Model) -> Result<()> {
    let now = backend.now();
    if outcome(&line.expected).is_a_refusal() {
        settle(backend.database.write(), line, outcome(&line.expected), now).await?;
        return Ok(());
    }
    let on = backend.database.begin().await?;
    // One server at a time: what another one is at is not begun here.
    let waits = bulk_change_line::Entity::find_by_id(line.id)
        .filter(bulk_change_line::Column::Outcome.is_null())
        .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
        .one(&on)
        .await?;
    if waits.is_none() {
        return Ok(());
    }
    let became = match proposer(&on, line).await? {
        None => Outcome::ProposerLostRight,
        Some(proposer) => apply_line(&on, backend, &proposer, line, now).await?,
    };
    if became.is_a_change() {
        // Somebody else did it: this is taken back.
        return if settle(&on, line, became, now).await? { Ok(on.commit().await?) } else { Ok(()) };
    }
    on.rollback().await?;
    settle(backend.database.write(), line, became, now).await?;
    Ok(())
}

/// Who proposed it, and when it was said that it is to be done.
async fn proposer(on: &impl ConnectionTrait, line: &bulk_change_line::Model) -> Result<Option<Proposer>> {
    let Some(bulk) = bulk_change::Entity::find_by_id(line.bulk_id).one(on).await? else { return Ok(None) };
    let Some(at) = bulk.applied_at.map(Timestamp::from_ms) else { return Ok(None) };
    let scope = ScopeKind::of_key(&bulk.scope_kind).ok_or(Error::NotFound)?.with(bulk.scope_id);
    let begun = Begun { scope, by: UserId(bulk.actor_id), epoch: bulk.actor_epoch, at };
    let visitor = Visitor::of_before(bulk.device, bulk.place);
    Ok(Some(Proposer { begun, visitor, language: bulk.language }))
}

/// Carries a line out; the caller commits, or takes it back.
async fn apply_line(
    on: &DatabaseTransaction,
    backend: &Backend,
    proposer: &Proposer,
    line: &bulk_change_line::Model,
    now: Timestamp,
) -> Result<Outcome> {
    Ok(match try_to_apply_line(on, backend, proposer, line, now).await {
        Ok(outcome) => outcome,
        Err(Error::Denied(denied)) => Outcome::of_denied(denied),
        Err(Error::Conflict(conflict)) => Outcome::of_conflict(conflict),
        Err(Error::NotSignedIn | Error::NotFound) => Outcome::ProposerLostRight,
        Err(Error::Invalid(fields)) => match fields.0.first().map(|(_, problem)| *problem) {
            Some(Problem::AlreadyInvited) => Outcome::AlreadyInvited,
            Some(Problem::DeactivatedMember) => Outcome::ShutOut,
            Some(Problem::AlreadyMember) => Outcome::ChangedMeanwhile,
            Some(Problem::Unknown) => Outcome::UnknownRole,
            _ => Outcome::Failed,
        },
        Err(error @ Error::Internal(_)) => return Err(error),
        Err(error) => {
            tracing::error!(%error, line = %line.id, "one of many changes could not be done");
            Outcome::Failed
        }
    })
}

async fn try_to_apply_line(
    on: &DatabaseTransaction,
    backend: &Backend,
    proposer: &Proposer,
    line: &bulk_change_line::Model,
    now: Timestamp,
) -> Result<Outcome> {
    let (Some(place), Some(role)) = (scope_of(line), line.role.as_ref().and_then(|key| key.parse().ok())) else {
        return Ok(Outcome::Failed);
    };
    let by = proposer.begun.by;
    let given = roles::lock_shared(on, place, role).await?;
    let Some(member) = invitations::member(on, place, &line.address_folded).await? else {
        if line.had.is_some() {
            return Ok(Outcome::ChangedMeanwhile);
        }
        store::lock_places_of(on, &[by]).await?;
        // As the invitation holds it, and not shared first: two who share it would wait for each other.
        store::lock_scope(on, place).await?;
        let Some(who) = proposer.stands(on).await? else { return Ok(Outcome::ProposerLostRight) };
        let who = principal::over(on, who, place, now).await?;
        let email = EmailAddress::parse(&line.address).map_err(Error::internal)?;
        let invitation =
            invitations::Asked { scope: place, email: &email, language: &proposer.language, role: given.role };
        invitations::invite_as(on, backend, &who, &proposer.visitor, invitation, now).await?;
        return Ok(Outcome::Invited);
    };
    store::lock_places_of(on, &[by, UserId(member.user_id)]).await?;
    // As they stand once nobody changes it.
    let Some(who) = proposer.stands(on).await? else { return Ok(Outcome::ProposerLostRight) };
    let who = principal::over(on, who, place, now).await?;
    let member = membership::Entity::find_by_id(member.id).one(on).await?.ok_or(Conflict::ChangedMeanwhile)?;
    // Whoever had no place when it was proposed came in by another way meanwhile.
    let seen = line.had.as_ref().map(|key| roles::key_of(key, place.kind())).ok_or(Conflict::ChangedMeanwhile)?;
    let change = users::RoleChange { place: &member, seen, given: &given };
    let changed = users::change_role_as(on, backend, &who, &proposer.visitor, change, now).await?;
    Ok(if changed { Outcome::Changed } else { Outcome::Unchanged })
}

/// As what the person of a line is in its place now.
async fn had(on: &impl ConnectionTrait, line: &bulk_change_line::Model) -> Result<Option<String>> {
    let Some(place) = scope_of(line) else { return Ok(None) };
    Ok(invitations::member(on, place, &line.address_folded).await?.map(|member| member.role))
}

/// Writes down what became of a line, unless another server did. Answers whether it was this one.
async fn settle(
    on: &impl ConnectionTrait,
    line: &bulk_change_line::Model,
    outcome: Outcome,
    now: Timestamp,
) -> Result<bool> {
    store::settle(on, "bulk_change_lines", line.id, outcome.key(), now).await
}

async fn lookup(on: &impl ConnectionTrait, scope: Scope, id: BulkChangeId) -> Result<bulk_change::Model> {
    bulk_change::Entity::find_by_id(id.0)
        .filter(bulk_change::Column::ScopeKind.eq(scope.kind().key()))
        .filter(bulk_change::Column::ScopeId.eq(scope.uuid()))
        .one(on)
        .await?
        .ok_or(Error::NotFound)
}

fn scope_of(line: &bulk_change_line::Model) -> Option<Scope> {
    Some(ScopeKind::of_key(line.scope_kind.as_deref()?)?.with(line.scope_id?))
}

fn outcome(key: &str) -> Outcome {
    Outcome::of_key(key).unwrap_or(Outcome::Failed)
}

/// Removes what was not applied in time, and what nobody looks at any more.
pub(crate) async fn sweep(backend: &Backend, now: Timestamp) -> Result<()> {
    let stale = Condition::all()
        .add(bulk_change::Column::AppliedAt.is_null())
        .add(bulk_change::Column::ProposedAt.lte((now - PROPOSAL_TTL).ms()));
    let old = Condition::any().add(stale).add(bulk_change::Column::AppliedAt.lte((now - OUTCOME_TTL).ms()));
    bulk_change::Entity::delete_many().filter(old).exec(backend.database.write()).await?;
    Ok(())
}
