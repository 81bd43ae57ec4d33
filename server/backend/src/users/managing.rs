//! One member (6.3): seen, given another role, shut out, let in again, taken out. A scope owns the membership, not the
//! person (2.8): nothing here changes anything elsewhere, and it holds with the next request, since every request looks the
//! membership up.

use super::overviews;
use crate::{
    Backend, Caller, Error, Result, Visitor,
    audit::{self, Entry},
    loosening,
    outbox::{self, MailKind},
    principal,
    store::{
        self,
        entity::membership::{Column, Entity, Model},
        reach, roles,
    },
};
use domain::{
    audit::AuditAction,
    errors::Conflict,
    ids::UserId,
    policy::{self, Denied, Permit, Principal, Target},
    roles::{NamedRole, Rank, Role, RoleKey},
    scope::Scope,
    time::Timestamp,
    users::{Membership, MembershipStatus, UserDetails},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

/// So much of what happened is on the page.
const SHOWN: u64 = 20;

/// One member, as a page.
///
/// # Errors
/// [`Error::NotFound`] for who is not within the scope's reach.
pub async fn get(backend: &Backend, caller: &Caller, scope: Scope, user: UserId) -> Result<UserDetails> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::view_users(&who, scope)?;
    let listed = Entity::find().filter(reach::listed(scope)).filter(Column::UserId.eq(user.0)).one(on).await?;
    let listed = listed.ok_or(Error::NotFound)?;
    let user_overview = overviews(on, &who, vec![listed], now).await?.pop().ok_or(Error::NotFound)?;
    let place = place(on, scope, user).await?;
    let membership = match &place {
        None => None,
        Some(place) => Some(Membership {
            role: roles::held(on, place).await?,
            rank: reach::rank(on, place).await?,
            status: place.status(),
            added_at: Timestamp::from_ms(place.created_at),
        }),
    };
    let activity = match policy::view_activity(&who, scope) {
        Ok(_permit) => audit::of_member(on, scope, user, SHOWN).await?,
        Err(_) => Vec::new(),
    };
    let roles = roles::available(on, scope).await?;
    let devices = audit::devices_of_member(on, scope, user, SHOWN).await?;
    Ok(UserDetails { scope, principal: who, user: user_overview, membership, roles, devices, activity, now })
}

/// Gives a member another role, which `seen` had when the page was read.
///
/// # Errors
/// [`Conflict::ChangedMeanwhile`] when somebody else was faster; whatever [`policy::change_role`] denies.
pub async fn change_role(
    backend: &Backend,
    caller: &Caller,
    scope: Scope,
    user: UserId,
    seen: impl Into<RoleKey>,
    role: impl Into<RoleKey>,
) -> Result<()> {
    let (seen, role) = (seen.into(), role.into());
    let now = backend.now();
    let on = backend.database.begin().await?;
    let given = roles::lock_shared(&on, scope, role).await;
    let (who, place) = begin(&on, caller, scope, user, now).await?;
    let given = given?;
    let change = RoleChange { place: &place, seen, given: &given };
    change_role_as(&on, backend, &who, &caller.visitor, change, now).await?;
    on.commit().await?;
    Ok(())
}

/// Whose role is to be which.
pub(crate) struct RoleChange<'a> {
    /// Held by [`store::lock_places_of`].
    pub(crate) place: &'a Model,
    /// Which it was when that was decided.
    pub(crate) seen: RoleKey,
    /// Held by [`roles::lock_shared`].
    pub(crate) given: &'a NamedRole,
}

/// The same in a transaction that does more. Answers whether anything changed.
pub(crate) async fn change_role_as(
    on: &impl ConnectionTrait,
    backend: &Backend,
    who: &Principal,
    visitor: &Visitor,
    RoleChange { place, seen, given }: RoleChange<'_>,
    now: Timestamp,
) -> Result<bool> {
    let permit = policy::change_role(who, place.scope(), &target(on, place).await?, given.role)?;
    if place.role_key() != seen {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    let role = given.role.key();
    if role == seen {
        return Ok(false);
    }
    let had = roles::held(on, place).await?;
    store::membership::change(on, &backend.random, place, role, MembershipStatus::Active, Some(who.user_id), now)
        .await?;
    let detail = format!("{} → {}", written(&had), written(given));
    let entry = Entry::permitted(&permit, AuditAction::RoleChanged).because(Some(&detail)).from(visitor);
    entry.write(on, backend, now).await?;
    Ok(true)
}

/// Shuts a member out, open pages included, or lets them in again with the role they had. Their sessions of before stay out.
///
/// # Errors
/// [`Conflict::ChangedMeanwhile`] when that is so already; whatever [`policy::set_membership_status`] denies.
pub async fn set_active(backend: &Backend, caller: &Caller, scope: Scope, user: UserId, active: bool) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let (who, place) = begin(&on, caller, scope, user, now).await?;
    let role = roles::held(&on, &place).await?.role;
    let permit = policy::set_membership_status(&who, scope, &target(&on, &place).await?, role)?;
    let (from, to, action) = match active {
        true => (MembershipStatus::Deactivated, MembershipStatus::Active, AuditAction::MemberReactivated),
        false => (MembershipStatus::Active, MembershipStatus::Deactivated, AuditAction::MemberDeactivated),
    };
    if place.status() != from {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    store::membership::change(&on, &backend.random, &place, place.role_key(), to, Some(who.user_id), now).await?;
    if !active {
        store::membership::sign_out(&on, &place, now).await?;
    }
    record(&on, backend, caller, &permit, action, None, now).await?;
    on.commit().await?;
    Ok(())
}

/// Ends what the member's open sessions may do here. Who signs in anew comes in again.
///
/// # Errors
/// Whatever [`policy::sign_out_member`] denies.
pub async fn sign_out(backend: &Backend, caller: &Caller, scope: Scope, user: UserId) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let (who, place) = begin(&on, caller, scope, user, now).await?;
    let permit = policy::sign_out_member(&who, scope, &target(&on, &place).await?)?;
    store::membership::sign_out(&on, &place, now).await?;
    record(&on, backend, caller, &permit, AuditAction::MemberSignedOut, None, now).await?;
    on.commit().await?;
    Ok(())
}

/// Takes a member out of the scope.
///
/// # Errors
/// [`Error::NotFound`] for who is not in it any more; whatever [`policy::remove_member`] denies.
pub async fn remove(backend: &Backend, caller: &Caller, scope: Scope, user: UserId) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let (who, place) = begin(&on, caller, scope, user, now).await?;
    let permit = policy::remove_member(&who, scope, &target(&on, &place).await?)?;
    store::membership::remove(&on, &backend.random, &place, now).await?;
    record(&on, backend, caller, &permit, AuditAction::MemberRemoved, None, now).await?;
    on.commit().await?;
    Ok(())
}

/// Makes another member the Owner. The former one is an Admin at once; everybody of rank 2 and above is told.
///
/// # Errors
/// Whatever [`policy::transfer_ownership`] denies.
pub async fn transfer_ownership(backend: &Backend, caller: &Caller, scope: Scope, user: UserId) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let (who, heir) = begin(&on, caller, scope, user, now).await?;
    // Who cannot sign in at all owns nothing that they could look after.
    if store::lock_user(&on, user).await?.deactivated_at.is_some() {
        return Err(Denied::NotActive.into());
    }
    let permit = policy::transfer_ownership(&who, scope, &target(&on, &heir).await?)?;
    let own = place(&on, scope, caller.user_id).await?.ok_or(Denied::Unseen)?;
    // A scope has one Owner at a time: the former one steps down first.
    for (place, role) in [(&own, Role::admin_of(scope.kind())), (&heir, Role::owner_of(scope.kind()))] {
        let by = Some(who.user_id).filter(|by| by.0 != place.user_id);
        store::membership::change(&on, &backend.random, place, role, MembershipStatus::Active, by, now).await?;
    }
    let entry = Entry::permitted(&permit, AuditAction::OwnershipTransferred).from(&caller.visitor);
    let entry = entry.write_and_name(&on, backend, now).await?;
    for admin in loosening::administrators(&on, scope).await? {
        outbox::enqueue(&on, backend, now, MailKind::OwnershipMoved, UserId(admin.user_id), Some(entry)).await?;
    }
    on.commit().await?;
    Ok(())
}

/// Gives the caller's own membership up.
///
/// # Errors
/// Whatever [`policy::leave`] denies.
pub async fn leave(backend: &Backend, caller: &Caller, scope: Scope) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let (who, place) = begin(&on, caller, scope, caller.user_id, now).await?;
    let permit = policy::leave(&who, scope)?;
    store::membership::remove(&on, &backend.random, &place, now).await?;
    record(&on, backend, caller, &permit, AuditAction::MemberLeft, None, now).await?;
    on.commit().await?;
    Ok(())
}

/// Who acts in a scope, for the page that asks whether they want to leave it.
pub async fn own_membership(backend: &Backend, caller: &Caller, scope: Scope) -> Result<Principal> {
    principal::enter(backend.database.read(), caller, scope, backend.now()).await
}

/// Who acts, and upon which membership. Both stay as they are until the transaction ends, so of two who act on each other
/// the later one is looked at as what the earlier one left.
async fn begin(
    on: &DatabaseTransaction,
    caller: &Caller,
    scope: Scope,
    user: UserId,
    now: Timestamp,
) -> Result<(Principal, Model)> {
    store::lock_places_of(on, &[caller.user_id, user]).await?;
    let who = principal::enter(on, caller, scope, now).await?;
    if user != caller.user_id {
        // Who may not see users does not learn who is one.
        let _permit = policy::view_users(&who, scope)?;
    }
    let place = place(on, scope, user).await?.ok_or(Denied::Unseen)?;
    Ok((who, place))
}

async fn place(on: &impl ConnectionTrait, scope: Scope, user: UserId) -> Result<Option<Model>> {
    let own = Entity::find()
        .filter(Column::UserId.eq(user.0))
        .filter(Column::ScopeKind.eq(scope.kind().key()))
        .filter(Column::ScopeId.eq(scope.uuid()));
    Ok(own.one(on).await?)
}

/// The member as policy sees them where this very membership is acted upon.
async fn target(on: &impl ConnectionTrait, place: &Model) -> Result<Target> {
    Ok(Target {
        user_id: UserId(place.user_id),
        name: place.name.clone(),
        rank: reach::rank(on, place).await?,
        owns: place.rank() == Rank::Owner,
        status: place.status(),
        factors: place.factors(),
        resets_today: 0,
    })
}

/// A role in the log: by its key, or by what it is called now.
pub(crate) fn written(role: &NamedRole) -> String {
    role.name.clone().unwrap_or_else(|| role.role.key().to_string())
}

async fn record<A>(
    on: &impl ConnectionTrait,
    backend: &Backend,
    caller: &Caller,
    permit: &Permit<A>,
    action: AuditAction,
    detail: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    Entry::permitted(permit, action).because(detail).from(&caller.visitor).write(on, backend, now).await
}
