//! The activity log: entries are written in the transaction they tell of, and never changed.
//!
//! An entry of an action that policy guards is made from its [`Permit`], so it cannot say another actor, scope or target
//! than policy looked at.

use crate::{
    Backend, Caller, Result, Visitor, loosening, mfa_reset,
    outbox::{self, MailKind},
    principal,
    store::{
        self,
        entity::{audit_entry, membership, portfolio},
    },
};
use domain::{
    audit::{ActorKind, AuditAction, AuditLine, AuditPage, AuditQuery},
    ids::{AuditEntryId, PortfolioId, UserId},
    policy::{self, Actor, Permit},
    scope::{Scope, ScopeKind},
    time::Timestamp,
    users::DeviceHere,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::{cmp::Reverse, collections::HashMap};
use uuid::Uuid;

/// Entries on a page.
const PAGE: u64 = 50;
/// The mark of an entry that somebody should look at.
const LOOK_AT_THIS: i16 = 1;
/// Characters of a search that count.
const SEARCH: usize = 100;

/// An entry about to be written.
#[derive(Clone, Debug)]
#[must_use = "an entry is to be written"]
pub struct Entry {
    action: AuditAction,
    actor: Actor,
    scope: Option<Scope>,
    via: Option<PortfolioId>,
    target: Option<(UserId, String)>,
    subject: Option<Uuid>,
    detail: Option<String>,
    place: Option<String>,
    device: Option<String>,
}

impl Entry {
    /// Of what a permit allowed.
    pub fn permitted<A>(permit: &Permit<A>, action: AuditAction) -> Self {
        let mut entry = Self::new(action, permit.actor().clone());
        entry.scope = permit.scope();
        entry.target = permit.target().map(|(id, name)| (id, name.to_owned()));
        entry
    }

    /// Of what a person did to themselves.
    pub fn own(user: UserId, name: &str, action: AuditAction) -> Self {
        let actor = Actor::User { id: user, name: name.to_owned(), role: None, via: None };
        Self { target: Some((user, name.to_owned())), ..Self::new(action, actor) }
    }

    /// Of what the operator did on the host.
    pub fn by_operator(action: AuditAction) -> Self {
        Self::new(action, Actor::Operator)
    }

    /// Of what time decided.
    pub fn by_system(action: AuditAction) -> Self {
        Self::new(action, Actor::System)
    }

    fn new(action: AuditAction, actor: Actor) -> Self {
        Self {
            action,
            actor,
            scope: None,
            via: None,
            target: None,
            subject: None,
            detail: None,
            place: None,
            device: None,
        }
    }

    /// Upon whom.
    pub fn upon(self, user: UserId, name: &str) -> Self {
        Self { target: Some((user, name.to_owned())), ..self }
    }

    /// In which scope.
    pub fn within(self, scope: Option<Scope>) -> Self {
        Self { scope, ..self }
    }

    /// Made from a portfolio, in the log of a linked account.
    pub fn through(self, portfolio: PortfolioId) -> Self {
        Self { via: Some(portfolio), ..self }
    }

    /// About which row.
    pub fn about(self, subject: Uuid) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// Why, or how.
    pub fn because(self, detail: Option<&str>) -> Self {
        Self { detail: detail.map(str::to_owned), ..self }
    }

    /// From which network address and device.
    pub fn from(self, visitor: &Visitor) -> Self {
        Self { place: visitor.place(), device: Some(visitor.device.clone()), ..self }
    }

    /// Writes it.
    pub async fn write(self, on: &impl ConnectionTrait, backend: &Backend, now: Timestamp) -> Result<()> {
        self.write_and_name(on, backend, now).await.map(drop)
    }

    /// Writes it; for a mail about it.
    pub async fn write_and_name(self, on: &impl ConnectionTrait, backend: &Backend, now: Timestamp) -> Result<Uuid> {
        let (kind, id, name, via) = match self.actor {
            Actor::User { id, name, via, .. } => (ActorKind::User, Some(id), Some(name), via),
            Actor::Operator => (ActorKind::Operator, None, None, None),
            Actor::System => (ActorKind::System, None, None, None),
        };
        let (target_id, target_name) = self.target.unzip();
        let is_watched = match id.filter(|_| self.action.is_watched()) {
            Some(actor) => mfa_reset::is_freshly_reset(on, actor, now).await?,
            None => false,
        };
        let entry = backend.random.uuid(now);
        let row = audit_entry::ActiveModel {
            id: Set(entry),
            scope_kind: Set(self.scope.map(|scope| scope.kind().key().to_owned())),
            scope_id: Set(self.scope.map(Scope::uuid)),
            at: Set(now.ms()),
            actor_kind: Set(kind.key().to_owned()),
            actor_id: Set(id.map(|id| id.0)),
            actor_name: Set(name),
            via_portfolio_id: Set(self.via.or(via).map(|PortfolioId(id)| id)),
            action: Set(self.action.key().to_owned()),
            target_id: Set(target_id.map(|id| id.0)),
            target_name: Set(target_name),
            subject_id: Set(self.subject),
            detail: Set(self.detail),
            place: Set(self.place),
            device: Set(self.device),
            marks: Set(i16::from(is_watched) * LOOK_AT_THIS),
        };
        audit_entry::Entity::insert(row).exec_without_returning(on).await?;
        if let (Some(actor), Some(scope), true) = (id, self.scope, is_watched) {
            alert(on, backend, actor, scope, entry, now).await?;
        }
        Ok(entry)
    }

    /// Writes it in its scope and, where that is a portfolio that `is_floor` of its accounts, as made from it in each of them.
    pub async fn write_below(
        self,
        on: &impl ConnectionTrait,
        backend: &Backend,
        now: Timestamp,
        is_floor: bool,
    ) -> Result<()> {
        if let Some(Scope::Portfolio(portfolio)) = self.scope.filter(|_| is_floor) {
            for account in store::reach::accounts_of(on, portfolio).await? {
                self.clone().within(Some(account)).through(portfolio).write(on, backend, now).await?;
            }
        }
        self.write(on, backend, now).await
    }

    /// In the scope of this place, its person by the name that they have there (2.8).
    pub fn as_known_in(mut self, place: &membership::Model) -> Self {
        let person = UserId(place.user_id);
        if let Some((_, name)) = self.target.as_mut().filter(|(id, _)| *id == person) {
            name.clone_from(&place.name);
        }
        if let Actor::User { id, name, .. } = &mut self.actor
            && *id == person
        {
            name.clone_from(&place.name);
        }
        self.within(Some(place.scope()))
    }

    /// Writes it once for each scope in which the person is an active member, or for who is in none, in their own list.
    pub async fn write_everywhere(
        self,
        on: &impl ConnectionTrait,
        backend: &Backend,
        now: Timestamp,
        user: UserId,
    ) -> Result<()> {
        let written = self.clone().write_in_each(on, backend, now, user).await?;
        if written == 0 { self.write(on, backend, now).await } else { Ok(()) }
    }

    /// Writes it once for each scope in which the person is an active member; in how many that was.
    async fn write_in_each(
        self,
        on: &impl ConnectionTrait,
        backend: &Backend,
        now: Timestamp,
        user: UserId,
    ) -> Result<usize> {
        let places = store::active_memberships(on, user).await?;
        for place in &places {
            let mut entry = self.clone().as_known_in(place);
            // Where a person was is a scope's business only as far as this scope was used (2.8); that somebody else tries to
            // get in, perhaps here, is everybody's.
            if !matches!(
                self.action,
                AuditAction::SignInFailed | AuditAction::SecondFactorFailed | AuditAction::HelpAsked
            ) {
                (entry.place, entry.device) = (None, None);
            }
            entry.write(on, backend, now).await?;
        }
        Ok(places.len())
    }
}

/// Tells the security contact what somebody did whose own second factors were just reset (5.10); where that is the contact,
/// everybody else of rank 2 and above.
async fn alert(
    on: &impl ConnectionTrait,
    backend: &Backend,
    actor: UserId,
    scope: Scope,
    entry: Uuid,
    now: Timestamp,
) -> Result<()> {
    let contact = mfa_reset::security_contact(on, scope).await?.filter(|contact| contact.user_id != actor.0);
    let told = match contact {
        Some(contact) => vec![contact],
        None => loosening::administrators(on, scope).await?,
    };
    for place in told.iter().filter(|place| place.user_id != actor.0) {
        outbox::enqueue(on, backend, now, MailKind::Watched, UserId(place.user_id), Some(entry)).await?;
    }
    Ok(())
}

/// One page of a scope's log, latest first.
pub async fn list(backend: &Backend, caller: &Caller, scope: Scope, query: &AuditQuery) -> Result<AuditPage> {
    let on = backend.database.read();
    let now = backend.now();
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::view_activity(&who, scope)?;
    let mut find = audit_entry::Entity::find()
        .filter(audit_entry::Column::ScopeKind.eq(scope.kind().key()))
        .filter(audit_entry::Column::ScopeId.eq(scope.uuid()))
        .limit(PAGE + 1);
    if let Some(action) = query.action {
        find = find.filter(audit_entry::Column::Action.eq(action.key()));
    }
    find = match (query.after, query.before) {
        (Some(after), _) => find.filter(audit_entry::Column::Id.lt(after.0)).order_by_desc(audit_entry::Column::Id),
        (None, Some(before)) => find.filter(audit_entry::Column::Id.gt(before.0)).order_by_asc(audit_entry::Column::Id),
        (None, None) => find.order_by_desc(audit_entry::Column::Id),
    };
    let sought: String = query.q.trim().chars().filter(|c| !c.is_control()).take(SEARCH).collect();
    if !sought.is_empty() {
        find = find.filter(
            Condition::any()
                .add(store::contains_in_any_case(audit_entry::Column::ActorName, &sought))
                .add(store::contains_in_any_case(audit_entry::Column::TargetName, &sought)),
        );
    }
    let mut rows = find.all(on).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let backwards = query.after.is_none() && query.before.is_some();
    if backwards {
        rows.reverse();
    }
    let (has_before, has_after) = if backwards { (more, true) } else { (query.after.is_some(), more) };
    let before = rows.first().filter(|_| has_before).map(|row| AuditEntryId(row.id));
    let after = rows.last().filter(|_| has_after).map(|row| AuditEntryId(row.id));
    let portfolios = portfolio_names(on, &rows).await?;
    Ok(AuditPage { lines: rows.into_iter().filter_map(|row| line(row, &portfolios)).collect(), before, after, now })
}

/// The latest of what a member did in a scope and what was done to them there.
pub(crate) async fn of_member(
    on: &impl ConnectionTrait,
    scope: Scope,
    user: UserId,
    most: u64,
) -> Result<Vec<AuditLine>> {
    // Each side by an index of its own.
    let side = |is_so| {
        audit_entry::Entity::find()
            .filter(audit_entry::Column::ScopeKind.eq(scope.kind().key()))
            .filter(audit_entry::Column::ScopeId.eq(scope.uuid()))
            .filter(is_so)
            .order_by_desc(audit_entry::Column::Id)
            .limit(most)
    };
    let mut rows = side(audit_entry::Column::TargetId.eq(user.0)).all(on).await?;
    rows.extend(side(audit_entry::Column::ActorId.eq(user.0)).all(on).await?);
    rows.sort_by_key(|row| Reverse(row.id));
    rows.dedup_by_key(|row| row.id);
    rows.truncate(most as usize);
    let portfolios = portfolio_names(on, &rows).await?;
    Ok(rows.into_iter().filter_map(|row| line(row, &portfolios)).collect())
}

/// The browsers in which a member came into a scope, latest first: out of this scope's own entries and of nothing else (2.8).
pub(crate) async fn devices_of_member(
    on: &impl ConnectionTrait,
    scope: Scope,
    user: UserId,
    most: u64,
) -> Result<Vec<DeviceHere>> {
    #[derive(FromQueryResult)]
    struct Row {
        device: Option<String>,
        place: Option<String>,
        first_at: i64,
        last_at: i64,
    }
    let rows = audit_entry::Entity::find()
        .select_only()
        .columns([audit_entry::Column::Device, audit_entry::Column::Place])
        .column_as(audit_entry::Column::At.min(), "first_at")
        .column_as(audit_entry::Column::At.max(), "last_at")
        .filter(audit_entry::Column::ScopeKind.eq(scope.kind().key()))
        .filter(audit_entry::Column::ScopeId.eq(scope.uuid()))
        .filter(audit_entry::Column::ActorId.eq(user.0))
        .filter(audit_entry::Column::Action.eq(AuditAction::SignedIn.key()))
        .group_by(audit_entry::Column::Device)
        .group_by(audit_entry::Column::Place)
        .order_by_desc(audit_entry::Column::At.max())
        .limit(most)
        .into_model::<Row>()
        .all(on)
        .await?;
    let device = |row: Row| DeviceHere {
        device: row.device.unwrap_or_default(),
        place: row.place.unwrap_or_default(),
        first_at: Timestamp::from_ms(row.first_at),
        last_at: Timestamp::from_ms(row.last_at),
    };
    Ok(rows.into_iter().map(device).collect())
}

async fn portfolio_names(on: &impl ConnectionTrait, rows: &[audit_entry::Model]) -> Result<HashMap<Uuid, String>> {
    let ids: Vec<Uuid> = rows.iter().filter_map(|row| row.via_portfolio_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = portfolio::Entity::find().filter(portfolio::Column::Id.is_in(ids)).all(on).await?;
    Ok(found.into_iter().map(|portfolio| (portfolio.id, portfolio.name)).collect())
}

/// An action of a later version that wrote to the same database is left out rather than misread.
fn line(row: audit_entry::Model, portfolios: &HashMap<Uuid, String>) -> Option<AuditLine> {
    Some(AuditLine {
        id: AuditEntryId(row.id),
        at: Timestamp::from_ms(row.at),
        actor_kind: ActorKind::of_key(&row.actor_kind)?,
        actor: row.actor_name,
        via: row.via_portfolio_id.and_then(|id| portfolios.get(&id).cloned()),
        action: AuditAction::of_key(&row.action)?,
        target: row.target_name,
        detail: row.detail,
        place: row.place,
        device: row.device,
        is_marked: row.marks & 1 != 0,
    })
}

/// The accounts whose logs tell of what this entry is about, as made from the portfolio.
pub(crate) async fn logs_of(on: &impl ConnectionTrait, entry: &Entry, portfolio: PortfolioId) -> Result<Vec<Scope>> {
    let Some(subject) = entry.subject else { return Ok(Vec::new()) };
    let ids: Vec<Uuid> = audit_entry::Entity::find()
        .select_only()
        .column(audit_entry::Column::ScopeId)
        .distinct()
        .filter(audit_entry::Column::SubjectId.eq(subject))
        .filter(audit_entry::Column::ViaPortfolioId.eq(portfolio.0))
        .filter(audit_entry::Column::ScopeKind.eq(ScopeKind::Account.key()))
        .into_tuple()
        .all(on)
        .await?;
    Ok(ids.into_iter().map(|id| ScopeKind::Account.with(id)).collect())
}

/// Records that somebody's sign-ins fail: in their scopes as one entry for ten minutes, in their own list each time.
pub(crate) async fn failed(
    on: &impl ConnectionTrait,
    backend: &Backend,
    action: AuditAction,
    visitor: &Visitor,
    user: Option<(UserId, &str)>,
    now: Timestamp,
) -> Result<()> {
    let mut entry = Entry::by_system(action).from(visitor);
    if let Some((id, name)) = user {
        entry = entry.upon(id, name);
    }
    entry.clone().write(on, backend, now).await?;
    let Some((id, _)) = user else { return Ok(()) };
    let recent = audit_entry::Entity::find()
        .filter(audit_entry::Column::TargetId.eq(id.0))
        .filter(audit_entry::Column::Action.eq(action.key()))
        .filter(audit_entry::Column::ScopeId.is_not_null())
        .filter(audit_entry::Column::At.gt((now - std::time::Duration::from_secs(600)).ms()))
        .one(on)
        .await?;
    if recent.is_none() {
        entry.write_in_each(on, backend, now, id).await?;
    }
    Ok(())
}
