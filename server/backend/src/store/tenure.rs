//! Who was an administrator of which scope, from when until when, and by whom: what the guards of an MFA reset remember when
//! somebody was demoted or removed a moment before. Kept by [`super::membership`], wherever a membership changes; a test
//! compares both.

use super::{
    ConnectionTrait,
    entity::{
        membership,
        tenure::{Column, Entity, Model},
    },
    roles, statement,
};
use crate::Result;
use domain::{
    guards::Tenure,
    ids::UserId,
    policy,
    roles::Rank,
    scope::{Scope, ScopeKind},
    time::Timestamp,
    users::MembershipStatus,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

/// All there ever were in a scope, in the order they began.
pub async fn of_scope(on: &impl ConnectionTrait, scope: Scope) -> Result<Vec<Tenure>> {
    let found =
        Entity::find().filter(in_scope(scope)).order_by_asc(Column::Since).order_by_asc(Column::Id).all(on).await?;
    Ok(found.iter().map(read).collect())
}

/// How many can ask for the MFA resets of others in a scope now, and how many of rank 2 or more came last before `idle`.
pub async fn strength(on: &impl ConnectionTrait, scope: Scope, idle: Timestamp) -> Result<(u64, u64)> {
    let sql = "SELECT COUNT(CASE WHEN t.resets_mfa THEN 1 END), \
               COUNT(CASE WHEN t.role_rank >= ? AND m.last_used_at < ? AND m.created_at < ? THEN 1 END) \
               FROM tenures t JOIN memberships m ON m.user_id = t.user_id AND m.scope_kind = t.scope_kind \
               AND m.scope_id = t.scope_id WHERE t.until IS NULL AND t.scope_kind = ? AND t.scope_id = ? AND m.status = ?";
    let (kind, id) = (scope.kind().key().into(), scope.uuid().into());
    let active = MembershipStatus::Active.key().into();
    let values = [(Rank::Admin as i16).into(), idle.ms().into(), idle.ms().into(), kind, id, active];
    let Some(row) = on.query_one_raw(statement(on, sql, values)).await? else { return Ok((0, 0)) };
    let count = |at: usize| Ok::<_, sea_orm::DbErr>(u64::try_from(row.try_get_by_index::<i64>(at)?).unwrap_or(0));
    Ok((count(0)?, count(1)?))
}

/// Everywhere somebody is an administrator or was one within [`domain::guards::MEMORY`], whatever became of their membership.
pub async fn scopes_of(on: &impl ConnectionTrait, user: UserId, now: Timestamp) -> Result<Vec<Scope>> {
    let found = Entity::find().filter(Column::UserId.eq(user.0)).order_by_asc(Column::Since).all(on).await?;
    let mut scopes = Vec::new();
    for row in found {
        let tenure = read(&row);
        let Some(kind) = ScopeKind::of_key(&row.scope_kind) else { continue };
        let scope = kind.with(row.scope_id);
        if tenure.rank >= Rank::Admin && tenure.is_remembered(now) && !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Ok(scopes)
}

/// Of those who hold or held something in a scope, who was invited there, and by whom.
pub async fn invited(on: &impl ConnectionTrait, scope: Scope, tenures: &[Tenure]) -> Result<Vec<(UserId, UserId)>> {
    let people = tenures.iter().map(|tenure| tenure.user_id.0);
    let found = membership::Entity::find()
        .filter(membership::Column::ScopeKind.eq(scope.kind().key()))
        .filter(membership::Column::ScopeId.eq(scope.uuid()))
        .filter(membership::Column::UserId.is_in(people))
        .all(on)
        .await?;
    Ok(found.iter().filter_map(|place| Some((UserId(place.user_id), UserId(place.invited_by?)))).collect())
}

/// Writes down what a membership has become: ends the tenure that lasts when it is another now, and begins the next with the
/// given id.
pub async fn follow(
    on: &impl ConnectionTrait,
    id: Uuid,
    place: &membership::Model,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<()> {
    let of_place = in_scope(place.scope()).add(Column::UserId.eq(place.user_id)).add(Column::Until.is_null());
    let lasting = Entity::find().filter(of_place).one(on).await?;
    let role = roles::held(on, place).await?.role;
    let (rank, resets_mfa) = (role.rank(), policy::resets_mfa(role));
    let stands = place.status() == MembershipStatus::Active && (rank > Rank::Member || resets_mfa);
    if let Some(lasting) = &lasting {
        if stands && (lasting.role_rank, lasting.resets_mfa) == (rank as i16, resets_mfa) {
            return Ok(());
        }
        let sql = "UPDATE tenures SET until = ? WHERE id = ?";
        on.execute_raw(statement(on, sql, [now.ms().into(), lasting.id.into()])).await?;
    }
    if stands {
        let row = Model {
            id,
            user_id: place.user_id,
            scope_kind: place.scope_kind.clone(),
            scope_id: place.scope_id,
            role_rank: rank as i16,
            resets_mfa,
            since: now.ms(),
            until: None,
            given_by: by.map(|by| by.0),
        };
        Entity::insert(row.into_active_model()).exec_without_returning(on).await?;
    }
    Ok(())
}

fn in_scope(scope: Scope) -> Condition {
    Condition::all().add(Column::ScopeKind.eq(scope.kind().key())).add(Column::ScopeId.eq(scope.uuid()))
}

fn read(row: &Model) -> Tenure {
    let rank = [Rank::Owner, Rank::Admin].into_iter().find(|rank| *rank as i16 == row.role_rank);
    Tenure {
        user_id: UserId(row.user_id),
        rank: rank.unwrap_or_default(),
        resets_mfa: row.resets_mfa,
        since: Timestamp::from_ms(row.since),
        until: row.until.map(Timestamp::from_ms),
        given_by: row.given_by.map(UserId),
    }
}
