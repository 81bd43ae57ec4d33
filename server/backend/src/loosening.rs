//! What makes resets, or sign-in, easier takes effect a day after it is asked for (5.6): every Owner and Admin of the scope
//! is told by mail at once, and each of them can call it off. What is stricter holds at once and is not seen here.
//!
//! Nothing is loosened by the time alone: [`apply_due`] does it, and however late that runs, it is on the strict side.

use crate::{
    Backend, Caller, Result, Visitor,
    audit::Entry,
    outbox::{self, MailKind},
    principal,
    store::{
        self, ScopeFacts,
        entity::{
            loosening::{Column, Entity, Model},
            membership,
        },
    },
};
use domain::{
    audit::AuditAction,
    errors::Conflict,
    ids::{LooseningId, PortfolioId, UserId},
    loosening::{LOOSENING, Loosened, Loosening},
    policy::{self, Principal},
    roles::{Rank, Role},
    scope::{Scope, ScopeKind},
    time::Timestamp,
    users::MembershipStatus,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How many are read at a time.
const AT_A_TIME: u64 = 100;

/// What can be loosened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Setting {
    /// The guards of MFA resets.
    Guards,
    /// “Require MFA for all users”.
    MfaRequirement,
    /// Which methods are accepted, how long a browser is trusted and how long somebody may go without one.
    MfaPolicy,
}

impl Setting {
    const fn key(self) -> &'static str {
        match self {
            Self::Guards => "guards",
            Self::MfaRequirement => "mfa_requirement",
            Self::MfaPolicy => "mfa_policy",
        }
    }

    /// What that changes.
    const fn of(loosened: &Loosened) -> Self {
        match loosened {
            Loosened::Guards(_) => Self::Guards,
            Loosened::MfaNotRequired => Self::MfaRequirement,
            Loosened::MfaPolicy(_) => Self::MfaPolicy,
        }
    }

    /// Of a scope that asks the same of its accounts: whether this is part of it.
    fn is_floor(self, of: &ScopeFacts) -> bool {
        self != Self::Guards && of.own.policy.floor
    }
}

/// What is to be loosened of this setting, if anything is.
pub(crate) async fn of(on: &impl ConnectionTrait, scope: Scope, setting: Setting) -> Result<Option<Loosening>> {
    let live = live(scope).add(Column::Setting.eq(setting.key()));
    Ok(Entity::find().filter(live).one(on).await?.as_ref().and_then(read))
}

/// Writes down that `to` is to hold [`LOOSENING`] from now instead of what was to be loosened before, and tells every Owner
/// and Admin, also of the accounts in which it holds. The caller holds the scope of these `facts`, see
/// [`store::lock_scope`].
pub(crate) async fn begin(
    on: &DatabaseTransaction,
    backend: &Backend,
    who: &Principal,
    facts: &ScopeFacts,
    to: Loosened,
    now: Timestamp,
) -> Result<()> {
    let (guards, methods) = match to {
        Loosened::Guards(guards) => (Some(guards), None),
        Loosened::MfaNotRequired => (None, None),
        Loosened::MfaPolicy(methods) => (None, Some(methods)),
    };
    let setting = Setting::of(&to);
    end(on, who.scope, setting, Ended::Replaced, now).await?;
    let row = Model {
        id: backend.random.uuid(now),
        scope_kind: who.scope.kind().key().to_owned(),
        scope_id: who.scope.uuid(),
        setting: setting.key().to_owned(),
        approver: guards.map(|guards| guards.approver.key().to_owned()),
        wait: guards.map(|guards| guards.wait.get().into()),
        owner_wait: guards.map(|guards| guards.owner_wait.get().into()),
        number: guards.map(|guards| guards.number),
        asked_by_id: who.user_id.0,
        asked_by_name: who.name.clone(),
        asked_at: now.ms(),
        due_at: (now + LOOSENING).ms(),
        ended_at: None,
        ended_as: None,
        trust_days: methods.map(|methods| methods.trust.get().into()),
        phishing_resistant: methods.map(|methods| methods.phishing_resistant),
        grace_days: methods.map(|methods| methods.grace.get().into()),
        floor: methods.map(|methods| methods.floor),
        sms: methods.map(|methods| methods.sms),
    };
    let id = row.id;
    Entity::insert(row.into_active_model()).exec_without_returning(on).await?;
    let mut told: BTreeSet<Uuid> = BTreeSet::new();
    let mut where_it_holds = vec![who.scope];
    if let (true, Scope::Portfolio(portfolio)) = (setting.is_floor(facts), who.scope) {
        where_it_holds.extend(store::reach::accounts_of(on, portfolio).await?);
    }
    for scope in where_it_holds {
        told.extend(administrators(on, scope).await?.into_iter().map(|admin| admin.user_id));
    }
    for admin in told {
        outbox::enqueue(on, backend, now, MailKind::Loosening, UserId(admin), Some(id)).await?;
    }
    Ok(())
}

/// Everybody of rank 2 and above.
pub(crate) async fn administrators(on: &impl ConnectionTrait, scope: Scope) -> Result<Vec<membership::Model>> {
    let roles = Role::of_kind(scope.kind()).filter(|role| role.rank() >= Rank::Admin);
    let found = membership::Entity::find()
        .filter(membership::Column::ScopeKind.eq(scope.kind().key()))
        .filter(membership::Column::ScopeId.eq(scope.uuid()))
        .filter(membership::Column::Status.eq(MembershipStatus::Active.key()))
        .filter(membership::Column::Role.is_in(roles.map(|role| role.key().to_string())))
        .all(on)
        .await?;
    Ok(found)
}

/// Where this person can do something about what is loosened in `scope`: there, or of its accounts in one of theirs.
pub(crate) async fn administered_by(on: &impl ConnectionTrait, user: UserId, scope: Scope) -> Result<Option<Scope>> {
    let mut theirs = store::active_memberships(on, user).await?;
    theirs.retain(|place| place.rank() >= Rank::Admin);
    let is_in = |place: &&membership::Model| place.portfolio_id.map(PortfolioId).map(Scope::Portfolio) == Some(scope);
    let here = theirs.iter().find(|place| place.scope() == scope);
    Ok(here.or_else(|| theirs.iter().find(is_in)).map(membership::Model::scope))
}

/// Calls it off: all stays as it is.
///
/// # Errors
/// [`Conflict::NothingToCallOff`] when it took effect, was replaced or called off; whatever [`policy::cancel_loosening`]
/// denies.
pub async fn cancel(backend: &Backend, caller: &Caller, scope: Scope, id: LooseningId) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let permit = policy::cancel_loosening(&who, scope)?;
    let facts = store::lock_scope(&on, scope).await?;
    let this = live(scope).add(Column::Id.eq(id.0));
    let row = Entity::find().filter(this.clone()).one(&on).await?.ok_or(Conflict::NothingToCallOff)?;
    if !end_one(&on, this, Ended::Cancelled, now).await? {
        return Err(Conflict::NothingToCallOff.into());
    }
    let is_floor = read(&row).is_some_and(|loosening| Setting::of(&loosening.to).is_floor(&facts));
    record_called_off(&on, backend, &caller.visitor, &permit, is_floor, now).await?;
    on.commit().await?;
    Ok(())
}

/// Something stricter was asked for meanwhile: what was to be loosened is called off, if anything was.
pub(crate) async fn call_off(on: &DatabaseTransaction, scope: Scope, setting: Setting, now: Timestamp) -> Result<bool> {
    end(on, scope, setting, Ended::Cancelled, now).await
}

/// Writes into the log that it was called off.
pub(crate) async fn record_called_off<A>(
    on: &impl ConnectionTrait,
    backend: &Backend,
    visitor: &Visitor,
    permit: &policy::Permit<A>,
    is_floor: bool,
    now: Timestamp,
) -> Result<()> {
    let entry = Entry::permitted(permit, AuditAction::LooseningCancelled).from(visitor);
    entry.write_below(on, backend, now, is_floor).await
}

/// Loosens what is due.
pub(crate) async fn apply_due(backend: &Backend) -> Result<()> {
    let now = backend.now();
    let due = Condition::all().add(Column::EndedAt.is_null()).add(Column::DueAt.lte(now.ms()));
    let rows = Entity::find().filter(due).limit(AT_A_TIME).all(backend.database.read()).await?;
    for row in rows {
        let Some(loosening) = read(&row) else { continue };
        let scope = scope_of(&row);
        let on = backend.database.begin().await?;
        let facts = store::lock_scope(&on, scope).await?;
        let may = match principal::absent(&on, scope, UserId(row.asked_by_id)).await? {
            Some(who) => match loosening.to {
                Loosened::Guards(_) => policy::set_guards(&who, scope).is_ok(),
                Loosened::MfaNotRequired => policy::set_mfa_requirement(&who, scope, facts.plan, false).is_ok(),
                Loosened::MfaPolicy(_) => policy::set_mfa_policy(&who, scope).is_ok(),
            },
            None => false,
        };
        // It does not outlive the right of who asked.
        let how = if may { Ended::Applied } else { Ended::Cancelled };
        // Called off, or done by another server, a moment ago.
        if !end_one(&on, live(scope).add(Column::Id.eq(row.id)), how, now).await? {
            continue;
        }
        let is_floor = Setting::of(&loosening.to).is_floor(&facts);
        let action = match loosening.to {
            _ if !may => AuditAction::LooseningCancelled,
            Loosened::Guards(guards) => {
                store::set_guards(&on, scope, guards).await?;
                AuditAction::GuardsLoosened
            }
            Loosened::MfaNotRequired => {
                store::set_require_mfa(&on, scope, false).await?;
                AuditAction::MfaNotRequired
            }
            Loosened::MfaPolicy(methods) => {
                store::set_mfa_policy(&on, scope, methods).await?;
                AuditAction::MfaPolicyLoosened
            }
        };
        Entry::by_system(action).within(Some(scope)).write_below(&on, backend, now, is_floor).await?;
        on.commit().await?;
    }
    Ok(())
}

/// The scope is closed: nothing is loosened there any more.
pub(crate) async fn end_all(on: &DatabaseTransaction, scope: Scope, now: Timestamp) -> Result<()> {
    end_one(on, live(scope), Ended::Cancelled, now).await.map(drop)
}

#[derive(Clone, Copy)]
enum Ended {
    Applied,
    Cancelled,
    Replaced,
}

async fn end(on: &impl ConnectionTrait, scope: Scope, setting: Setting, how: Ended, now: Timestamp) -> Result<bool> {
    end_one(on, live(scope).add(Column::Setting.eq(setting.key())), how, now).await
}

async fn end_one(on: &impl ConnectionTrait, which: Condition, how: Ended, now: Timestamp) -> Result<bool> {
    let how = match how {
        Ended::Applied => "applied",
        Ended::Cancelled => "cancelled",
        Ended::Replaced => "replaced",
    };
    let update = Entity::update_many().col_expr(Column::EndedAt, now.ms().into()).col_expr(Column::EndedAs, how.into());
    Ok(update.filter(which).exec(on).await?.rows_affected == 1)
}

fn live(scope: Scope) -> Condition {
    Condition::all()
        .add(Column::ScopeKind.eq(scope.kind().key()))
        .add(Column::ScopeId.eq(scope.uuid()))
        .add(Column::EndedAt.is_null())
}

fn scope_of(row: &Model) -> Scope {
    ScopeKind::of_key(&row.scope_kind).unwrap_or(ScopeKind::Account).with(row.scope_id)
}

/// As it is told, with its scope, to whoever it is mailed to.
pub(crate) async fn lookup(on: &impl ConnectionTrait, id: Uuid) -> Result<Option<(Scope, Loosening)>> {
    let row = Entity::find_by_id(id).filter(Column::EndedAt.is_null()).one(on).await?;
    Ok(row.as_ref().and_then(|row| Some((scope_of(row), read(row)?))))
}

fn read(row: &Model) -> Option<Loosening> {
    // One that was asked for before the last three were there is as if they had been left off.
    let (grace, floor) = (row.grace_days.unwrap_or_default(), row.floor.unwrap_or_default());
    let sms = row.sms.unwrap_or_default();
    let methods = row.trust_days.zip(row.phishing_resistant);
    let to = match (&row.approver, row.wait, row.owner_wait, row.number) {
        (Some(approver), Some(wait), Some(owner_wait), Some(number)) => {
            Loosened::Guards(store::guards_of(approver, wait, owner_wait, number))
        }
        _ if row.setting == Setting::MfaRequirement.key() => Loosened::MfaNotRequired,
        _ => methods
            .map(|(days, strict)| Loosened::MfaPolicy(store::mfa_policy_of((days, grace), strict, sms, floor)))?,
    };
    Some(Loosening {
        id: LooseningId(row.id),
        to,
        asked_by: row.asked_by_name.clone(),
        asked_at: Timestamp::from_ms(row.asked_at),
        due_at: Timestamp::from_ms(row.due_at),
    })
}
