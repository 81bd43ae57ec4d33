//! The roll-out of MFA (4.9): how many have which method, who has none and since when, and a mail to remind them.
//!
//! The list is read from an index that is in the order of the page, and coverage from counters, so that the page costs the
//! same whatever the size of the scope.

use crate::{
    Backend, Caller, Result,
    audit::Entry,
    outbox::{self, MailKind},
    principal,
    store::{
        self,
        entity::{headcount, membership, user},
        reach,
        roles::Held,
    },
};
use domain::{
    audit::AuditAction,
    authenticators::{FactorKind, FactorKinds},
    ids::UserId,
    policy,
    roles::NamedRole,
    roll_out::{Coverage, REMIND_EVERY, REMINDED_AT_ONCE, RollOut, RollOutQuery, WithoutMfa},
    scope::Scope,
    time::Timestamp,
    users::MembershipStatus,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};
use std::collections::HashMap;
use uuid::Uuid;

/// People on a page.
pub const PAGE: u64 = 25;
/// People that an export reads at a time.
pub const EXPORTED_AT_A_TIME: u64 = 200;

/// The page that the query means.
pub async fn get(backend: &Backend, caller: &Caller, scope: Scope, query: &RollOutQuery) -> Result<RollOut> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let (_security, _users) = (policy::view_security(&who, scope)?, policy::view_users(&who, scope)?);
    let (places, before, after) = page(on, scope, query).await?;
    let addresses = addresses(on, places.iter().map(|place| place.user_id)).await?;
    let held = Held::in_places(on, &places).await?;
    Ok(RollOut {
        required: store::scope_facts(on, scope).await?.mfa_rules().required,
        coverage: coverage(on, scope).await?,
        without: places
            .into_iter()
            .map(|place| WithoutMfa {
                user_id: UserId(place.user_id),
                email: addresses.get(&place.user_id).cloned().unwrap_or_default(),
                role: held.in_place(&place),
                since: Timestamp::from_ms(place.mfa_since),
                last_used_at: time(place.last_used_at),
                reminded_at: place.reminded_at.and_then(time),
                name: place.name,
            })
            .collect(),
        principal: who,
        scope,
        before,
        after,
        now,
    })
}

/// Reminds one who is without, or all of them, [`REMINDED_AT_ONCE`] at a time and who is longest without first. Says how
/// many mails that made: none to who was reminded within [`REMIND_EVERY`].
///
/// # Errors
/// Whatever [`policy::remind_of_mfa`] denies. Somebody who is not here, or not without, is nobody to remind: no error, and
/// nothing told.
pub async fn remind(backend: &Backend, caller: &Caller, scope: Scope, user: Option<UserId>) -> Result<u64> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let permit = policy::remind_of_mfa(&who, scope)?;
    let mut due = without(scope)
        .filter(membership::Column::UserId.ne(who.user_id.0))
        .filter(is_due(now))
        .order_by_asc(membership::Column::MfaSince)
        .limit(REMINDED_AT_ONCE);
    if let Some(user) = user {
        due = due.filter(membership::Column::UserId.eq(user.0));
    }
    let mut reminded = 0;
    for place in due.all(on).await? {
        // One person, one transaction: nobody waits for a list, and of two who press at once one finds the place due.
        let on = backend.database.begin().await?;
        let claimed = membership::Entity::update_many()
            .col_expr(membership::Column::RemindedAt, now.ms().into())
            .filter(membership::Column::Id.eq(place.id))
            .filter(is_without())
            .filter(is_due(now));
        if claimed.exec(&on).await?.rows_affected == 1 {
            let target = UserId(place.user_id);
            outbox::enqueue(&on, backend, now, MailKind::MfaReminder, target, Some(place.id)).await?;
            let entry = Entry::permitted(&permit, AuditAction::MfaReminded).upon(target, &place.name);
            entry.from(&caller.visitor).write(&on, backend, now).await?;
            on.commit().await?;
            reminded += 1;
        }
    }
    Ok(reminded)
}

/// A member, as the exported file tells of them.
#[derive(Debug)]
pub struct ExportedMember {
    /// Name in this scope.
    pub name: String,
    /// Address.
    pub email: String,
    /// Role.
    pub role: NamedRole,
    /// Kinds of second factor, strongest first.
    pub factors: FactorKinds,
    /// Since when they have one here, or none.
    pub since: Timestamp,
    /// Last use of this scope.
    pub last_used_at: Option<Timestamp>,
    /// When they were last reminded.
    pub reminded_at: Option<Timestamp>,
}

/// Where an export goes on.
#[derive(Clone, Debug)]
pub struct ExportCursor(String, Uuid);

/// Some active members by name, [`EXPORTED_AT_A_TIME`] at most, and where to go on, until there are no more. Who may is asked
/// each time, so that an export ends with the right to it; the first is recorded.
///
/// # Errors
/// Whatever [`policy::export_roll_out`] denies.
pub async fn export(
    backend: &Backend,
    caller: &Caller,
    scope: Scope,
    from: Option<&ExportCursor>,
) -> Result<(Vec<ExportedMember>, Option<ExportCursor>)> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let permit = policy::export_roll_out(&who, scope)?;
    if from.is_none() {
        let entry = Entry::permitted(&permit, AuditAction::RollOutExported).from(&caller.visitor);
        entry.write(backend.database.write(), backend, now).await?;
    }
    let key = Expr::tuple([Expr::col(membership::Column::NameFolded), Expr::col(membership::Column::Id)]);
    let later = from.map(|ExportCursor(name, id)| key.gt(Expr::tuple([Expr::val(name.clone()), Expr::val(*id)])));
    let places = membership::Entity::find()
        .filter(reach::listed(scope))
        .filter(membership::Column::Status.eq(MembershipStatus::Active.key()))
        .filter(Condition::all().add_option(later))
        .order_by_asc(membership::Column::NameFolded)
        .order_by_asc(membership::Column::Id)
        .limit(EXPORTED_AT_A_TIME)
        .all(on)
        .await?;
    let last = places.last().filter(|_| places.len() as u64 == EXPORTED_AT_A_TIME);
    let next = last.map(|place| ExportCursor(place.name_folded.clone(), place.id));
    let addresses = addresses(on, places.iter().map(|place| place.user_id)).await?;
    let held = Held::in_places(on, &places).await?;
    let members = places.into_iter().map(|place| ExportedMember {
        email: addresses.get(&place.user_id).cloned().unwrap_or_default(),
        role: held.in_place(&place),
        factors: place.factors(),
        since: Timestamp::from_ms(place.mfa_since),
        last_used_at: time(place.last_used_at),
        reminded_at: place.reminded_at.and_then(time),
        name: place.name,
    });
    Ok((members.collect(), next))
}

/// Zero is never.
fn time(ms: i64) -> Option<Timestamp> {
    (ms > 0).then(|| Timestamp::from_ms(ms))
}

/// Active members who have no second factor.
fn without(scope: Scope) -> Select<membership::Entity> {
    membership::Entity::find().filter(reach::listed(scope)).filter(is_without())
}

fn is_without() -> Condition {
    Condition::all()
        .add(membership::Column::Status.eq(MembershipStatus::Active.key()))
        .add(membership::Column::FactorKinds.eq(0))
}

/// [`domain::roll_out::may_remind`], where the rows are.
fn is_due(now: Timestamp) -> Condition {
    let column = membership::Column::RemindedAt;
    Condition::any().add(column.is_null()).add(column.lte((now - REMIND_EVERY).ms()))
}

/// The rows of a page, with the cursors of its neighbours.
async fn page(
    on: &impl ConnectionTrait,
    scope: Scope,
    query: &RollOutQuery,
) -> Result<(Vec<membership::Model>, Option<String>, Option<String>)> {
    let after = query.after.as_deref().and_then(parse);
    let before = query.before.as_deref().and_then(parse).filter(|_| after.is_none());
    let backwards = before.is_some();
    let order = if backwards { Order::Desc } else { Order::Asc };
    let key = Expr::tuple([Expr::col(membership::Column::MfaSince), Expr::col(membership::Column::Id)]);
    let beyond = after.or(before).map(|(since, id)| {
        let at = Expr::tuple([Expr::val(since), Expr::val(id)]);
        if backwards { key.lt(at) } else { key.gt(at) }
    });
    let mut rows = without(scope)
        .filter(Condition::all().add_option(beyond))
        .order_by(membership::Column::MfaSince, order.clone())
        .order_by(membership::Column::Id, order)
        .limit(PAGE + 1)
        .all(on)
        .await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    if backwards {
        rows.reverse();
    }
    let (has_before, has_after) = if backwards { (more, true) } else { (after.is_some(), more) };
    let cursor = |row: &membership::Model| format!("{}~{}", row.mfa_since, row.id);
    let before = rows.first().filter(|_| has_before).map(cursor);
    let after = rows.last().filter(|_| has_after).map(cursor);
    Ok((rows, before, after))
}

/// A place in the order of the page. Not a secret and not believed: it is only compared with rows of the scope.
fn parse(cursor: &str) -> Option<(i64, Uuid)> {
    let (since, id) = cursor.split_once('~')?;
    Some((since.parse().ok()?, Uuid::parse_str(id).ok()?))
}

/// How many of a scope's active members, of a portfolio within all of its reach, have what: as counted when it changed.
pub(crate) async fn coverage(on: &impl ConnectionTrait, scope: Scope) -> Result<Coverage> {
    let row = headcount::Entity::find_by_id((scope.kind().key().to_owned(), scope.uuid())).one(on).await?;
    let Some(row) = row else { return Ok(Coverage::default()) };
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    let strongest = FactorKind::ALL.map(|kind| match kind {
        FactorKind::Sms => count(row.by_sms),
        FactorKind::Totp => count(row.by_totp),
        FactorKind::Passkey => count(row.by_passkey),
    });
    Ok(Coverage { strongest, without: count(row.members - row.with_mfa) })
}

async fn addresses(on: &impl ConnectionTrait, people: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, String>> {
    let found = user::Entity::find().filter(user::Column::Id.is_in(people)).all(on).await?;
    Ok(found.into_iter().map(|person| (person.id, person.email)).collect())
}
