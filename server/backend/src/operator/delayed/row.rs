//! The row of a change: how it begins, and the one conditional update that ends it.

use super::{super::refused::Refused, super::refused::Result, When};
use crate::{
    Backend, Error,
    store::entity::{
        operator_change::{ActiveModel, Column, Entity, Model},
        outbox as mails, user,
    },
};
use domain::{
    ids::UserId,
    person::Reason,
    scope::{Scope, ScopeKind},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
};
use uuid::Uuid;

/// The change that a mail is about.
pub(crate) async fn lookup(on: &impl ConnectionTrait, mail: &mails::Model) -> crate::Result<Option<Model>> {
    match mail.subject_id {
        Some(id) => Ok(Entity::find_by_id(id).one(on).await?),
        None => Ok(None),
    }
}

/// The scope whose Owner it is about.
pub(crate) fn scope_of(row: &Model) -> Option<Scope> {
    Some(ScopeKind::of_key(row.scope_kind.as_deref()?)?.with(row.scope_id?))
}

pub(super) fn asked(backend: &Backend, person: &user::Model, reason: &Reason, when: When, now: Timestamp) -> Model {
    Model {
        id: backend.random.uuid(now),
        user_id: person.id,
        scope_kind: None,
        scope_id: None,
        former_name: None,
        present_email: None,
        new_email: None,
        reason: reason.as_str().to_owned(),
        asked_at: now.ms(),
        due_at: if when == When::Now { now } else { now + super::NOTICE }.ms(),
        ended_at: Some(now.ms()).filter(|_| when == When::Now),
        ended_as: Some(Ended::Applied.key().to_owned()).filter(|_| when == When::Now),
    }
}

pub(super) fn due(row: &Model, when: When) -> Option<Timestamp> {
    Some(Timestamp::from_ms(row.due_at)).filter(|_| when == When::WithNotice)
}

pub(super) async fn insert(on: &DatabaseTransaction, row: &Model) -> Result<()> {
    let inserted = ActiveModel {
        id: Set(row.id),
        user_id: Set(row.user_id),
        scope_kind: Set(row.scope_kind.clone()),
        scope_id: Set(row.scope_id),
        former_name: Set(row.former_name.clone()),
        present_email: Set(row.present_email.clone()),
        new_email: Set(row.new_email.clone()),
        reason: Set(row.reason.clone()),
        asked_at: Set(row.asked_at),
        due_at: Set(row.due_at),
        ended_at: Set(row.ended_at),
        ended_as: Set(row.ended_as.clone()),
    };
    let done = Entity::insert(inserted).exec_without_returning(on).await.map_err(Error::from);
    match done {
        // Another command was faster.
        Err(error) if error.is_duplicate() => Err(Refused::Waits(Timestamp::from_ms(row.due_at))),
        done => Ok(done.map(drop)?),
    }
}

/// How a change ended.
#[derive(Clone, Copy)]
pub(super) enum Ended {
    Applied,
    CalledOff,
    Lapsed,
}

impl Ended {
    /// As stored.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::CalledOff => "called_off",
            Self::Lapsed => "lapsed",
        }
    }
}

pub(super) async fn end(on: &impl ConnectionTrait, id: Uuid, how: Ended, now: Timestamp) -> Result<bool> {
    end_where(on, Condition::all().add(Column::Id.eq(id)), how, now).await
}

/// It takes effect, once and not before its time.
pub(super) async fn end_due(on: &impl ConnectionTrait, id: Uuid, now: Timestamp) -> Result<bool> {
    let due = Condition::all().add(Column::Id.eq(id)).add(Column::DueAt.lte(now.ms()));
    end_where(on, due, Ended::Applied, now).await
}

async fn end_where(on: &impl ConnectionTrait, which: Condition, how: Ended, now: Timestamp) -> Result<bool> {
    let update =
        Entity::update_many().col_expr(Column::EndedAt, now.ms().into()).col_expr(Column::EndedAs, how.key().into());
    Ok(update.filter(which).filter(Column::EndedAt.is_null()).exec(on).await?.rows_affected == 1)
}

pub(super) fn of_scope(scope: Scope) -> Condition {
    Condition::all()
        .add(Column::ScopeKind.eq(scope.kind().key()))
        .add(Column::ScopeId.eq(scope.uuid()))
        .add(Column::EndedAt.is_null())
}

pub(super) fn of_person(user: UserId) -> Condition {
    Condition::all().add(Column::UserId.eq(user.0)).add(Column::ScopeId.is_null()).add(Column::EndedAt.is_null())
}
