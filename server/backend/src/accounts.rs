//! Where a person may go, and what stands on the first page there.

use crate::{
    Backend, Caller, Result,
    audit::Entry,
    authenticators, mfa_reset, portfolios,
    principal::{self, needs_standing},
    roll_out, sign_in,
    store::{
        self,
        entity::{account, audit_entry, membership, mfa_reset as reset_row, portfolio},
        reach,
        roles::Held,
    },
    users,
};
use domain::{
    accounts::{Console, Overview, ScopeEntry},
    audit::AuditAction,
    check_up::{self, Condition, Finding},
    policy::{self, Principal},
    scope::{Scope, ScopeKind},
    sessions::Standing,
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

/// Live resets on the Overview page.
const PENDING: u64 = 20;

/// Everywhere the caller may go, portfolios first, by name.
pub async fn scopes(backend: &Backend, caller: &Caller) -> Result<Vec<ScopeEntry>> {
    needs_standing(caller, &[Standing::Enter])?;
    let on = backend.database.read();
    let places = store::active_memberships(on, caller.user_id).await?;
    let held = Held::in_places(on, &places).await?;
    let ids = |kind: ScopeKind| -> Vec<Uuid> {
        places.iter().map(membership::Model::scope).filter(|scope| scope.kind() == kind).map(Scope::uuid).collect()
    };
    let mut names: HashMap<Uuid, String> = account::Entity::find()
        .filter(account::Column::Id.is_in(ids(ScopeKind::Account)))
        .all(on)
        .await?
        .into_iter()
        .map(|account| (account.id, account.name))
        .collect();
    for portfolio in
        portfolio::Entity::find().filter(portfolio::Column::Id.is_in(ids(ScopeKind::Portfolio))).all(on).await?
    {
        names.insert(portfolio.id, portfolio.name);
    }
    let mut entries: Vec<ScopeEntry> = places
        .iter()
        .filter_map(|place| {
            let name = names.get(&place.scope_id)?.clone();
            Some(ScopeEntry { scope: place.scope(), name, role: held.in_place(place) })
        })
        .collect();
    entries.sort_by_key(|entry| (entry.scope.kind() == ScopeKind::Account, crate::fold::text(&entry.name)));
    Ok(entries)
}

/// Where the caller goes when no place was named: the scope last used. None for who belongs nowhere.
pub async fn home(backend: &Backend, caller: &Caller) -> Result<Option<Scope>> {
    needs_standing(caller, &[Standing::Enter])?;
    sign_in::last_scope(backend.database.read(), caller.user_id).await
}

/// What every console page of a scope needs. That somebody came in is recorded here, once a session.
pub async fn console(backend: &Backend, caller: &Caller, scope: Scope) -> Result<Console> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    came_in(backend, caller, &who, now).await?;
    let facts = store::scope_facts(on, scope).await?;
    Ok(Console {
        principal: who,
        scope_name: facts.name,
        plan: facts.plan,
        scopes: scopes(backend, caller).await?,
        reset_of_mine: mfa_reset::of_mine(backend, caller).await?,
        grace_until: caller.demands.grace_until(),
        now,
    })
}

/// Writes down the last use of the scope, to the minute, and the first use by this session in its log: also while another
/// session of the same person is in use there, for that other may be a stranger's.
async fn came_in(backend: &Backend, caller: &Caller, who: &Principal, now: Timestamp) -> Result<()> {
    let place = membership::Entity::find()
        .filter(membership::Column::UserId.eq(caller.user_id.0))
        .filter(membership::Column::ScopeKind.eq(who.scope.kind().key()))
        .filter(membership::Column::ScopeId.eq(who.scope.uuid()))
        .one(backend.database.read())
        .await?;
    let Some(place) = place else { return Ok(()) };
    let is_recent = place.last_used_at > (now - Duration::from_secs(60)).ms();
    if is_recent && is_recorded(backend.database.read(), caller, who.scope).await? {
        return Ok(());
    }
    let on = backend.database.begin().await?;
    // Holds the rows until the end, so that of two pages at once the later sees the entry of the first.
    store::lock_places(&on, caller.user_id).await?;
    let standing = reach::standing(&on, caller.user_id).await?;
    let sql = "UPDATE memberships SET last_used_at = ? WHERE id = ?";
    on.execute_raw(store::statement(&on, sql, [now.ms().into(), place.id.into()])).await?;
    reach::follow(&on, caller.user_id, standing).await?;
    if !is_recorded(&on, caller, who.scope).await? {
        let entry = Entry::own(caller.user_id, &who.name, AuditAction::SignedIn).within(Some(who.scope));
        entry.about(caller.session_id.0).from(&caller.visitor).write(&on, backend, now).await?;
    }
    let sql = "UPDATE users SET last_scope_kind = ?, last_scope_id = ? WHERE id = ?";
    let values = [who.scope.kind().key().into(), who.scope.uuid().into(), caller.user_id.0.into()];
    on.execute_raw(store::statement(&on, sql, values)).await?;
    on.commit().await?;
    Ok(())
}

/// Whether it stands in the scope's log that this session came in. Looked for among the person's entries since it began.
async fn is_recorded(on: &impl ConnectionTrait, caller: &Caller, scope: Scope) -> Result<bool> {
    let begun = u64::try_from(caller.established_at.ms()).unwrap_or(0);
    let since = uuid::Builder::from_unix_timestamp_millis(begun, &[0; 10]).into_uuid();
    let entry = audit_entry::Entity::find()
        .filter(audit_entry::Column::TargetId.eq(caller.user_id.0))
        .filter(audit_entry::Column::Id.gte(since))
        .filter(audit_entry::Column::SubjectId.eq(caller.session_id.0))
        .filter(audit_entry::Column::Action.eq(AuditAction::SignedIn.key()))
        .filter(audit_entry::Column::ScopeId.eq(scope.uuid()))
        .one(on)
        .await?;
    Ok(entry.is_some())
}

/// The Overview page.
pub async fn overview(backend: &Backend, caller: &Caller, scope: Scope) -> Result<Overview> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let headcount = match policy::view_users(&who, scope) {
        Ok(_permit) => Some(users::headcount(on, scope).await?),
        Err(_) => None,
    };
    let pending = match policy::view_mfa_resets(&who, scope) {
        Ok(()) => pending(on, scope, now).await?,
        Err(_) => Vec::new(),
    };
    let check_up = match policy::view_security(&who, scope) {
        Ok(_permit) => Some(check_up(on, scope, now).await?),
        Err(_) => None,
    };
    let own = authenticators::of(on, caller.user_id).await?;
    Ok(Overview {
        headcount,
        check_up,
        awaiting: mfa_reset::awaiting(on, &who, scope, now).await?,
        pending,
        links: portfolios::waiting(on, &who, now).await?,
        own_factors: own.iter().filter_map(|row| domain::authenticators::FactorKind::of_key(&row.kind)).collect(),
        in_grace: caller.demands.grace_until().is_some(),
        own_backup_codes_left: authenticators::backup_codes_left(on, caller.user_id).await?,
        now,
    })
}

/// What is weak in a scope (10.4).
async fn check_up(on: &impl ConnectionTrait, scope: Scope, now: Timestamp) -> Result<Vec<Finding>> {
    let (helpers, stale_administrators) = store::tenure::strength(on, scope, now - check_up::STALE).await?;
    Ok(check_up::findings(&Condition {
        is_required: store::scope_facts(on, scope).await?.mfa_rules().required,
        coverage: roll_out::coverage(on, scope).await?,
        helpers,
        stale_administrators,
    }))
}

async fn pending(
    on: &impl ConnectionTrait,
    scope: Scope,
    now: Timestamp,
) -> Result<Vec<(String, domain::mfa_reset::PendingReset)>> {
    let targets: Vec<Uuid> = reset_row::Entity::find()
        .select_only()
        .column(reset_row::Column::UserId)
        .filter(reset_row::Column::UserId.in_subquery(mfa_reset::pending_in(scope, now)))
        .filter(reset_row::Column::EndedAt.is_null())
        .distinct()
        .limit(PENDING)
        .into_tuple()
        .all(on)
        .await?;
    let mut live = mfa_reset::pending(on, scope, &targets, now).await?;
    let places = membership::Entity::find()
        .filter(reach::listed(scope))
        .filter(membership::Column::UserId.is_in(targets))
        .all(on)
        .await?;
    Ok(places.into_iter().filter_map(|place| Some((place.name, live.remove(&place.user_id)?))).collect())
}
