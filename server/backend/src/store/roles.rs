//! Custom roles as rows, and what a membership's key stands for. Whoever holds only built-in roles costs no statement.
//!
//! What a role allows is looked up whenever somebody acts, and kept nowhere: an edit holds with the next request (2.2). Who
//! gives a role to somebody holds it by [`lock_shared`], who edits one by [`lock`], so that nobody is given what is being
//! done away with; both before any membership is locked, and memberships before people.

use super::{
    ConnectionTrait,
    entity::{
        membership,
        role::{Column, Entity, Model},
    },
};
use crate::{Error, Result};
use domain::{
    errors::{Field, Problem},
    ids::RoleId,
    roles::{Area, CustomRole, Level, NamedRole, Permissions, Role, RoleKey},
    scope::{Scope, ScopeKind},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::LockType};
use std::collections::HashMap;
use uuid::Uuid;

impl Model {
    /// As policy and pages see it.
    pub fn named(&self) -> NamedRole {
        NamedRole { role: self.role(), name: Some(self.name.clone()) }
    }

    /// As policy sees it.
    pub fn role(&self) -> Role {
        let kind = ScopeKind::of_key(&self.scope_kind).unwrap_or(ScopeKind::Account);
        Role::Custom(CustomRole { id: RoleId(self.id), kind, permissions: self.permissions() })
    }

    /// What it allows. A level of a later version is read as none.
    fn permissions(&self) -> Permissions {
        let levels = Area::ALL.map(|area| {
            let stored = usize::try_from(*column(&mut self.clone(), area)).ok();
            let level =
                stored.and_then(|stored| Level::ALL.get(stored)).copied().filter(|it| area.levels().contains(it));
            (area, level.unwrap_or(Level::None))
        });
        Permissions::of(&levels.into_iter().collect()).unwrap_or(Permissions::NONE)
    }

    /// The same role, allowing this.
    #[must_use]
    pub fn allowing(mut self, permissions: &Permissions) -> Self {
        for (area, level) in permissions.levels() {
            *column(&mut self, area) = level as i16;
        }
        self
    }
}

/// Where an area's level is kept.
fn column(row: &mut Model, area: Area) -> &mut i16 {
    match area {
        Area::UserManagement => &mut row.user_management,
        Area::AccountSettings => &mut row.account_settings,
        Area::SecuritySettings => &mut row.security_settings,
        Area::MfaReset => &mut row.mfa_reset,
        Area::ActivityLog => &mut row.activity_log,
        Area::ApiKeysIntegrations => &mut row.api_keys_integrations,
        Area::Billing => &mut row.billing,
        Area::Content => &mut row.content,
        Area::ProfilesListsSegments => &mut row.profiles_lists_segments,
        Area::DataPlatform => &mut row.data_platform,
    }
}

/// The key as stored. One that a later version wrote is read as the least of its kind.
pub fn key_of(stored: &str, kind: ScopeKind) -> RoleKey {
    let least = match kind {
        ScopeKind::Account => Role::Support,
        ScopeKind::Portfolio => Role::PortfolioAnalyst,
    };
    stored.parse().unwrap_or(least.key())
}

/// The custom roles that some people have, looked up at once.
#[derive(Debug, Default)]
pub struct Held(HashMap<Uuid, Model>);

impl Held {
    /// Those of these keys.
    pub async fn by(on: &impl ConnectionTrait, keys: impl IntoIterator<Item = RoleKey>) -> Result<Self> {
        let mut ids: Vec<Uuid> = keys.into_iter().filter_map(RoleKey::as_custom).map(|id| id.0).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let found = Entity::find().filter(Column::Id.is_in(ids)).all(on).await?;
        Ok(Self(found.into_iter().map(|row| (row.id, row)).collect()))
    }

    /// Those of these places.
    pub async fn in_places(on: &impl ConnectionTrait, places: &[membership::Model]) -> Result<Self> {
        Self::by(on, places.iter().map(membership::Model::role_key)).await
    }

    /// What a key stands for. One that is not there allows nothing.
    pub fn of(&self, key: RoleKey, kind: ScopeKind) -> NamedRole {
        if let Some(role) = key.as_built_in() {
            return role.into();
        }
        let id = key.as_custom().unwrap_or(RoleId(Uuid::nil()));
        let gone = Role::Custom(CustomRole { id, kind, permissions: Permissions::NONE });
        self.0.get(&id.0).map_or_else(|| gone.into(), Model::named)
    }

    /// As what somebody is in a place.
    pub fn in_place(&self, place: &membership::Model) -> NamedRole {
        self.of(place.role_key(), place.scope().kind())
    }
}

/// As what somebody is in a place.
pub async fn held(on: &impl ConnectionTrait, place: &membership::Model) -> Result<NamedRole> {
    named(on, place.role_key(), place.scope().kind()).await
}

/// What a stored key stands for.
pub async fn named(on: &impl ConnectionTrait, key: RoleKey, kind: ScopeKind) -> Result<NamedRole> {
    Ok(Held::by(on, [key]).await?.of(key, kind))
}

/// The custom roles of a scope by name.
pub async fn of_scope(on: &impl ConnectionTrait, scope: Scope) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(live(scope)).order_by_asc(Column::NameFolded).all(on).await?)
}

/// The custom roles of several scopes, by name.
pub async fn of_scopes(on: &impl ConnectionTrait, scopes: &[Scope]) -> Result<HashMap<Scope, Vec<NamedRole>>> {
    let found = Entity::find()
        .filter(Column::ScopeId.is_in(scopes.iter().map(|scope| scope.uuid())))
        .filter(Column::DeletedAt.is_null())
        .order_by_asc(Column::NameFolded);
    let mut roles: HashMap<Scope, Vec<NamedRole>> = HashMap::new();
    for row in found.all(on).await? {
        let kind = ScopeKind::of_key(&row.scope_kind).unwrap_or(ScopeKind::Account);
        roles.entry(kind.with(row.scope_id)).or_default().push(row.named());
    }
    Ok(roles)
}

/// Every role that somebody in a scope can have: the custom ones by name, then the built-in ones, highest first.
pub async fn available(on: &impl ConnectionTrait, scope: Scope) -> Result<Vec<NamedRole>> {
    let custom = of_scope(on, scope).await?;
    let built_in = Role::of_kind(scope.kind()).map(NamedRole::from);
    Ok(custom.iter().map(Model::named).chain(built_in).collect())
}

/// The keys of those roles of a scope that are so, as stored.
pub async fn keys_where(on: &impl ConnectionTrait, scope: Scope, is_so: fn(Role) -> bool) -> Result<Vec<String>> {
    let roles = available(on, scope).await?;
    Ok(roles.iter().filter(|named| is_so(named.role)).map(|named| named.role.key().to_string()).collect())
}

/// A custom role of a scope.
pub async fn lookup(on: &impl ConnectionTrait, scope: Scope, id: RoleId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id.0).filter(live(scope)).one(on).await?)
}

/// The same for who changes it: nobody else does, and nobody is given it, until the transaction ends.
pub async fn lock(on: &impl ConnectionTrait, scope: Scope, id: RoleId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id.0).filter(live(scope)).lock(LockType::NoKeyUpdate).one(on).await?)
}

/// What a key that was sent stands for in this scope. Nobody changes a custom role until the transaction ends.
///
/// # Errors
/// [`Problem::Unknown`] for one that is not there, or another scope's.
pub async fn lock_shared(on: &impl ConnectionTrait, scope: Scope, key: RoleKey) -> Result<NamedRole> {
    let found = match (key.as_built_in(), key.as_custom()) {
        (Some(role), _) => Some(role.into()),
        (None, Some(id)) => {
            let row = Entity::find_by_id(id.0).filter(live(scope)).lock_shared().one(on).await?;
            row.as_ref().map(Model::named)
        }
        (None, None) => None,
    };
    found.ok_or(Error::field(Field::Role, Problem::Unknown))
}

/// Not done away with.
fn live(scope: Scope) -> Condition {
    Condition::all()
        .add(Column::ScopeKind.eq(scope.kind().key()))
        .add(Column::ScopeId.eq(scope.uuid()))
        .add(Column::DeletedAt.is_null())
}
