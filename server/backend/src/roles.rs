//! The roles of a scope (2.2): seen, made, edited, done away with. What a role allows holds with the next request of whoever
//! has it, since every request looks it up; see [`crate::store::roles`].
//!
//! To edit a role is to act on everybody who has it. So who is given “ask for MFA resets” by an edit was given it by who
//! edited, as the guards of a reset remember it (5.6), and whose it was before has it no longer.

use crate::{
    Backend, Caller, Error, Result,
    audit::Entry,
    fold,
    mail::{Words, languages},
    principal,
    store::{
        self,
        entity::{
            invitation, membership,
            role::{Column, Entity, Model},
        },
        reach, roles, tenure,
    },
    users::COUNTED_TO,
};
use domain::{
    audit::AuditAction,
    errors::{Conflict, Field, Problem},
    ids::{RoleId, UserId},
    policy::{self, Permit},
    roles::{NamedRole, Role, RoleDetails, RoleDraft, RoleKey, RoleOverview, Roles},
    scope::Scope,
    time::Timestamp,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, LockType, Query},
};
use uuid::Uuid;

/// So many of those who have a role are named on its page.
const SHOWN: u64 = 10;

/// Every role of a scope, with how many have it.
pub async fn list(backend: &Backend, caller: &Caller, scope: Scope) -> Result<Roles> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::view_users(&who, scope)?;
    let custom = roles::of_scope(on, scope).await?;
    let mut listed = Vec::new();
    for row in &custom {
        listed.push(overview(on, scope, row.named(), row.description.clone()).await?);
    }
    for role in Role::of_kind(scope.kind()) {
        listed.push(overview(on, scope, role.into(), String::new()).await?);
    }
    Ok(Roles { scope, principal: who, roles: listed })
}

/// One role, with some of those who have it.
///
/// # Errors
/// [`Error::NotFound`] for one that this scope does not have.
pub async fn get(backend: &Backend, caller: &Caller, scope: Scope, key: RoleKey) -> Result<RoleDetails> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::view_users(&who, scope)?;
    let (role, row) = match (key.as_built_in(), key.as_custom()) {
        (Some(role), _) if role.kind() == scope.kind() => (role.into(), None),
        (None, Some(id)) => {
            let row = roles::lookup(on, scope, id).await?.ok_or(Error::NotFound)?;
            (row.named(), Some(row))
        }
        _ => return Err(Error::NotFound),
    };
    let some = membership::Entity::find()
        .filter(holding(scope, key))
        .order_by_asc(membership::Column::NameFolded)
        .order_by_asc(membership::Column::Id)
        .limit(SHOWN);
    Ok(RoleDetails {
        some_holders: some.all(on).await?.into_iter().map(|place| (UserId(place.user_id), place.name)).collect(),
        changed_at: row.as_ref().map(|row| Timestamp::from_ms(row.changed_at)),
        role: overview(on, scope, role, row.map(|row| row.description).unwrap_or_default()).await?,
        principal: who,
        scope,
    })
}

/// Makes a role.
///
/// # Errors
/// [`Problem::NameTaken`]; whatever [`policy::make_role`] denies.
pub async fn make(backend: &Backend, caller: &Caller, scope: Scope, draft: &RoleDraft) -> Result<RoleId> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let permit = policy::make_role(&who, scope, &draft.permissions)?;
    let id = backend.random.uuid(now);
    let row = Model {
        id,
        scope_kind: scope.kind().key().to_owned(),
        scope_id: scope.uuid(),
        name: draft.name.as_str().to_owned(),
        name_folded: free_name(&on, scope, draft, None).await?,
        description: draft.description.as_str().to_owned(),
        created_at: now.ms(),
        changed_at: now.ms(),
        deleted_at: None,
        user_management: 0,
        account_settings: 0,
        security_settings: 0,
        mfa_reset: 0,
        activity_log: 0,
        api_keys_integrations: 0,
        billing: 0,
        content: 0,
        profiles_lists_segments: 0,
        data_platform: 0,
    };
    let row = row.allowing(&draft.permissions).into_active_model();
    Entity::insert(row).exec_without_returning(&on).await.map_err(name_taken)?;
    record(&on, backend, caller, &permit, AuditAction::RoleMade, &draft.name.to_string(), id, now).await?;
    on.commit().await?;
    Ok(RoleId(id))
}

/// Makes another of a role, which had `seen` as the time of its last change when the page was read: at once for whoever
/// has it.
///
/// # Errors
/// [`Conflict::ChangedMeanwhile`] when somebody else was faster; [`Problem::NameTaken`]; whatever [`policy::edit_role`]
/// denies.
pub async fn edit(
    backend: &Backend,
    caller: &Caller,
    scope: Scope,
    id: RoleId,
    seen: Timestamp,
    draft: &RoleDraft,
) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let row = roles::lock(&on, scope, id).await?;
    let holders = lock_holders(&on, caller.user_id, scope, RoleKey::custom(id)).await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let _seen = policy::view_users(&who, scope)?;
    let row = row.ok_or(Error::NotFound)?;
    let permit = policy::edit_role(&who, scope, row.role(), &draft.permissions)?;
    if row.changed_at != seen.ms() {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    let after = Model {
        name: draft.name.as_str().to_owned(),
        name_folded: free_name(&on, scope, draft, Some(id)).await?,
        description: draft.description.as_str().to_owned(),
        changed_at: now.ms().max(row.changed_at + 1),
        ..row.clone()
    };
    let after = after.allowing(&draft.permissions);
    let detail = changes(&row, &after);
    Entity::update(after.clone().into_active_model().reset_all()).exec(&on).await.map_err(name_taken)?;
    if policy::resets_mfa(row.role()) != policy::resets_mfa(after.role()) {
        for place in &holders {
            tenure::follow(&on, backend.random.uuid(now), place, Some(who.user_id), now).await?;
        }
    }
    record(&on, backend, caller, &permit, AuditAction::RoleEdited, &detail, id.0, now).await?;
    on.commit().await?;
    Ok(())
}

/// Does away with a role that nobody has and nobody is invited as.
///
/// # Errors
/// [`Conflict::RoleInUse`] with how many that are; whatever [`policy::delete_role`] denies.
pub async fn delete(backend: &Backend, caller: &Caller, scope: Scope, id: RoleId) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let row = roles::lock(&on, scope, id).await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let _seen = policy::view_users(&who, scope)?;
    let row = row.ok_or(Error::NotFound)?;
    let permit = policy::delete_role(&who, scope, row.role())?;
    let key = RoleKey::custom(id);
    let holders = membership::Entity::find().filter(holding(scope, key)).count(&on).await?
        + invitation::Entity::find().filter(inviting(scope, key)).count(&on).await?;
    if holders > 0 {
        return Err(Conflict::RoleInUse { holders }.into());
    }
    let sql = "UPDATE roles SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL";
    on.execute_raw(store::statement(&on, sql, [now.ms().into(), id.0.into()])).await?;
    record(&on, backend, caller, &permit, AuditAction::RoleDeleted, &row.name, id.0, now).await?;
    on.commit().await?;
    Ok(())
}

async fn overview(
    on: &impl ConnectionTrait,
    scope: Scope,
    role: NamedRole,
    description: String,
) -> Result<RoleOverview> {
    let key = role.role.key();
    let limited = membership::Entity::find()
        .select_only()
        .column(membership::Column::Id)
        .filter(holding(scope, key))
        .limit(u64::from(COUNTED_TO) + 1)
        .into_query();
    let counted = Query::select().expr(Expr::cust("COUNT(*)")).from_subquery(limited, "holding").to_owned();
    let holders: i64 = on.query_one(&counted).await?.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    let invited = invitation::Entity::find().filter(inviting(scope, key)).count(on).await?;
    Ok(RoleOverview { role, description, holders: u64::try_from(holders).unwrap_or(0), invited })
}

/// Who has a role in a scope, whatever their status.
fn holding(scope: Scope, key: RoleKey) -> Condition {
    reach::within(scope).add(membership::Column::Role.eq(key.to_string()))
}

/// Invitations as that, which can be accepted or sent again.
fn inviting(scope: Scope, key: RoleKey) -> Condition {
    Condition::all()
        .add(invitation::Column::ScopeKind.eq(scope.kind().key()))
        .add(invitation::Column::ScopeId.eq(scope.uuid()))
        .add(invitation::Column::Role.eq(key.to_string()))
        .add(invitation::Column::DecidedAt.is_null())
}

/// Who has the role, who keeps it until the transaction ends. Who edits it is held with them, in the order of
/// [`store::lock_places_of`].
async fn lock_holders(
    on: &DatabaseTransaction,
    by: UserId,
    scope: Scope,
    key: RoleKey,
) -> Result<Vec<membership::Model>> {
    let own = reach::within(scope).add(membership::Column::UserId.eq(by.0));
    let mut held = membership::Entity::find()
        .filter(Condition::any().add(holding(scope, key)).add(own))
        .order_by_asc(membership::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(on)
        .await?;
    held.retain(|place| place.role_key() == key);
    Ok(held)
}

/// The name as it is compared. Not that of another role of the scope, nor of a built-in one in any language: nobody takes a
/// custom role for what it is not.
async fn free_name(on: &impl ConnectionTrait, scope: Scope, draft: &RoleDraft, but: Option<RoleId>) -> Result<String> {
    let folded = fold::text(draft.name.as_str());
    let is_that = |called: &str| fold::text(called) == folded;
    let built_in = |words: &Words| Role::ALL.iter().any(|role| is_that(&words.role(*role)));
    let mut is_taken = languages().map(Words::of).any(|words| built_in(&words));
    is_taken |= Role::ALL.iter().filter_map(|role| role.built_in_key()).any(is_that);
    let mut same = Entity::find()
        .filter(Column::ScopeKind.eq(scope.kind().key()))
        .filter(Column::ScopeId.eq(scope.uuid()))
        .filter(Column::NameFolded.eq(&folded))
        .filter(Column::DeletedAt.is_null());
    if let Some(RoleId(id)) = but {
        same = same.filter(Column::Id.ne(id));
    }
    if is_taken || same.one(on).await?.is_some() {
        return Err(Error::field(Field::Name, Problem::NameTaken));
    }
    Ok(folded)
}

/// Of two who give the same name at once, the later one is refused by the table.
fn name_taken(error: sea_orm::DbErr) -> Error {
    let error = Error::from(error);
    if error.is_duplicate() { Error::field(Field::Name, Problem::NameTaken) } else { error }
}

/// What an edit changed, for the log: the name, then each area that goes further, or less far.
fn changes(before: &Model, after: &Model) -> String {
    // What follows a comma is a permission: a name does not get to look like one.
    let (was, is) = (before.name.replace(',', ""), after.name.replace(',', ""));
    let mut said = vec![if was == is { is } else { format!("{was} → {is}") }];
    let levels = before.role().permissions().levels().zip(after.role().permissions().levels()).collect::<Vec<_>>();
    let changed = levels.into_iter().filter(|((_, was), (_, is))| was != is);
    said.extend(changed.map(|((area, was), (_, is))| format!("{}: {} → {}", area.key(), was.key(), is.key())));
    said.join(", ")
}

#[expect(clippy::too_many_arguments, reason = "an entry tells of all of them")]
async fn record<A>(
    on: &impl ConnectionTrait,
    backend: &Backend,
    caller: &Caller,
    permit: &Permit<A>,
    action: AuditAction,
    detail: &str,
    role: Uuid,
    now: Timestamp,
) -> Result<()> {
    let entry = Entry::permitted(permit, action).about(role).because(Some(detail)).from(&caller.visitor);
    entry.write(on, backend, now).await
}
