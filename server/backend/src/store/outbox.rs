//! Rows of the outbox. A row is claimed by one conditional update, so that of any number of servers one sends it; a
//! claim is a lease that runs out by itself when its holder dies.

use super::entity::{
    outbox::{ActiveModel, Column, Entity, Model},
    user,
};
use crate::{Result, outbox::MailKind};
use domain::time::Timestamp;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use std::time::Duration;
use uuid::Uuid;

/// Whom a mail of this kind about this was written to.
pub async fn recipients(on: &impl ConnectionTrait, kind: &str, subject: Uuid) -> Result<Vec<Uuid>> {
    let rows = Entity::find()
        .select_only()
        .column(Column::UserId)
        .filter(Column::Kind.eq(kind))
        .filter(Column::SubjectId.eq(subject))
        .order_by_asc(Column::Id);
    Ok(rows.into_tuple().all(on).await?)
}

/// The language in which a person is written to, and their second address; nothing when there is no such person.
pub async fn reader(on: &impl ConnectionTrait, person: Uuid) -> Result<Option<(String, Option<String>)>> {
    let columns = [user::Column::Language, user::Column::NoticeEmail];
    Ok(user::Entity::find_by_id(person).select_only().columns(columns).into_tuple().one(on).await?)
}

/// Adds a mail.
pub async fn insert(on: &impl ConnectionTrait, row: Model) -> Result<()> {
    let row = ActiveModel {
        id: Set(row.id),
        kind: Set(row.kind),
        language: Set(row.language),
        user_id: Set(row.user_id),
        subject_id: Set(row.subject_id),
        reference: Set(row.reference),
        enqueued_at: Set(row.enqueued_at),
        attempts: Set(row.attempts),
        next_attempt_at: Set(row.next_attempt_at),
        sent_at: Set(row.sent_at),
        refused_at: Set(row.refused_at),
        reply_code: Set(row.reply_code),
        copy_to: Set(row.copy_to),
    };
    row.insert(on).await?;
    Ok(())
}

/// All mails of one kind about these, oldest first.
pub async fn about(on: &impl ConnectionTrait, kind: &str, subjects: &[Uuid]) -> Result<Vec<Model>> {
    let rows = Entity::find()
        .filter(Column::SubjectId.is_in(subjects.iter().copied()))
        .filter(Column::Kind.eq(kind))
        .order_by_asc(Column::EnqueuedAt)
        .order_by_asc(Column::Id);
    Ok(rows.all(on).await?)
}

/// What many are sent at once, and nobody waits for at a screen.
const LATER: [MailKind; 2] = [MailKind::Invitation, MailKind::MfaReminder];

/// Mails that are due: those first that somebody may be waiting for, and of each those that have waited longest.
pub async fn due(on: &impl ConnectionTrait, now: Timestamp, at_most: u64) -> Result<Vec<Model>> {
    let rows = Entity::find()
        .filter(waiting())
        .filter(Column::NextAttemptAt.lte(now.ms()))
        .order_by_asc(Column::Kind.is_in(LATER.map(MailKind::key)))
        .order_by_asc(Column::NextAttemptAt)
        .order_by_asc(Column::Id)
        .limit(at_most);
    Ok(rows.all(on).await?)
}

/// Takes a mail as it was read: it counts one more attempt and is nobody else's for the length of `lease`. Nothing when
/// somebody else took it meanwhile.
pub async fn claim(on: &impl ConnectionTrait, row: &Model, now: Timestamp, lease: Duration) -> Result<Option<Model>> {
    let claimed = Model { attempts: row.attempts + 1, next_attempt_at: (now + lease).ms(), ..row.clone() };
    let update = Entity::update_many()
        .col_expr(Column::Attempts, Expr::value(claimed.attempts))
        .col_expr(Column::NextAttemptAt, Expr::value(claimed.next_attempt_at))
        .filter(held(row))
        .filter(Column::NextAttemptAt.eq(row.next_attempt_at));
    Ok((update.exec(on).await?.rows_affected == 1).then_some(claimed))
}

/// Holds on to a claimed mail for another `lease`. Says whether it still was ours.
pub async fn renew(on: &impl ConnectionTrait, row: &Model, now: Timestamp, lease: Duration) -> Result<bool> {
    let update =
        Entity::update_many().col_expr(Column::NextAttemptAt, Expr::value((now + lease).ms())).filter(held(row));
    Ok(update.exec(on).await?.rows_affected == 1)
}

/// It left. True whoever holds it by now.
pub async fn sent(on: &impl ConnectionTrait, row: &Model, now: Timestamp) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::SentAt, Expr::value(now.ms()))
        .col_expr(Column::ReplyCode, Expr::value(None::<i32>))
        .filter(Column::Id.eq(row.id))
        .filter(Column::SentAt.is_null());
    update.exec(on).await?;
    Ok(())
}

/// It never will: the mail server refused it with `code`, or there is no use in it any more.
pub async fn refused(on: &impl ConnectionTrait, row: &Model, now: Timestamp, code: Option<u16>) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::RefusedAt, Expr::value(now.ms()))
        .col_expr(Column::ReplyCode, Expr::value(code.map(i32::from)))
        .filter(held(row));
    update.exec(on).await?;
    Ok(())
}

/// It is tried again at `at`.
pub async fn put_off(on: &impl ConnectionTrait, row: &Model, at: Timestamp, code: Option<u16>) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::NextAttemptAt, Expr::value(at.ms()))
        .col_expr(Column::ReplyCode, Expr::value(code.map(i32::from)))
        .filter(held(row));
    update.exec(on).await?;
    Ok(())
}

/// Away with what neither waits nor is younger than `before`.
pub async fn remove_before(on: &impl ConnectionTrait, before: Timestamp) -> Result<()> {
    let old = Entity::delete_many().filter(Column::EnqueuedAt.lt(before.ms())).filter(waiting().not());
    old.exec(on).await?;
    Ok(())
}

/// Takes back what waits for a person, and forgets their second address in what left: they are no more.
pub async fn remove_person(on: &impl ConnectionTrait, person: Uuid) -> Result<()> {
    Entity::delete_many().filter(waiting().add(Column::UserId.eq(person))).exec(on).await?;
    let update = Entity::update_many().col_expr(Column::CopyTo, Expr::value(None::<String>));
    update.filter(Column::UserId.eq(person)).exec(on).await?;
    Ok(())
}

/// Forgets to which address a mail went.
pub async fn forget_address(on: &impl ConnectionTrait, id: Uuid) -> Result<()> {
    let update = Entity::update_many().col_expr(Column::CopyTo, Expr::value(None::<String>));
    update.filter(Column::Id.eq(id)).exec(on).await?;
    Ok(())
}

/// Neither left nor given up.
fn waiting() -> Condition {
    Condition::all().add(Column::SentAt.is_null()).add(Column::RefusedAt.is_null())
}

/// Still waiting, and not claimed since `row` was.
fn held(row: &Model) -> Condition {
    waiting().add(Column::Id.eq(row.id)).add(Column::Attempts.eq(row.attempts))
}
