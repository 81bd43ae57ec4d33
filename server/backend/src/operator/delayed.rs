//! Another Owner, or another address for somebody, named by the operator (12.5): whoever talks an operator into one of these
//! has taken a door over. So everybody concerned is told by mail at once, and it takes effect [`NOTICE`] later, unless the
//! operator says otherwise; until then the operator can call it off.
//!
//! Time alone changes nothing: [`apply_due`] does it, by a conditional update, and looks again whether it still can be.

mod due;
mod row;
mod telling;

pub(crate) use due::{apply_due, forget, lapse_in};
pub(crate) use row::{lookup, scope_of};

use super::{find, people, refused::Refused, refused::Result};
use crate::{
    Backend, Error,
    audit::Entry,
    fold,
    outbox::MailKind,
    store::{
        self,
        entity::operator_change::{Column, Entity, Model},
    },
};
use domain::{
    audit::AuditAction,
    errors::Conflict,
    ids::UserId,
    person::{EmailAddress, Reason},
    scope::Scope,
    time::Timestamp,
};
use due::{change_address, exists, hold_owner_and_heir, make_owner};
use row::{Ended, asked, end, insert, of_person, of_scope};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder};
use std::time::Duration;
use telling::{stays, tell};

/// How long after it was asked for it takes effect.
pub const NOTICE: Duration = Duration::from_secs(72 * 3600);
/// How many are read at a time.
const AT_A_TIME: u64 = 100;
/// How often it is begun anew because the Owner became another one in that moment.
const TRIES: usize = 5;

/// What waits to take effect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// What will be.
    pub change: Change,
    /// When.
    pub due_at: Timestamp,
}

/// What the operator changes with notice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// The Owner of a scope, by the address.
    Owner {
        /// Where.
        scope: Scope,
        /// Who is to be.
        email: String,
    },
    /// The address that somebody signs in with.
    Address {
        /// The present one.
        from: String,
        /// The one to come.
        to: String,
    },
}

impl Waiting {
    /// The scope whose Owner it is about.
    pub fn scope(&self) -> Option<Scope> {
        match &self.change {
            Change::Owner { scope, .. } => Some(*scope),
            Change::Address { .. } => None,
        }
    }
}

/// How it is taken: with notice, or at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// [`NOTICE`] later.
    WithNotice,
    /// Now. What waits of the kind is called off.
    Now,
}

/// Everything that waits, the next first.
pub async fn pending(backend: &Backend) -> Result<Vec<Waiting>> {
    waiting(backend.database.read()).await
}

pub(super) async fn waiting(on: &impl ConnectionTrait) -> Result<Vec<Waiting>> {
    let rows = Entity::find().filter(Column::EndedAt.is_null()).order_by_asc(Column::DueAt).all(on).await?;
    let mut waiting = Vec::new();
    for row in rows {
        let change = match scope_of(&row) {
            Some(scope) => {
                let person = store::user::by_id(on, UserId(row.user_id)).await?;
                Change::Owner { scope, email: person.map(|person| person.email).unwrap_or_default() }
            }
            None => {
                Change::Address { from: row.present_email.unwrap_or_default(), to: row.new_email.unwrap_or_default() }
            }
        };
        waiting.push(Waiting { change, due_at: Timestamp::from_ms(row.due_at) });
    }
    Ok(waiting)
}

/// Makes somebody with a sign-in the Owner; who is not a member becomes one. The present Owner is an Admin from then on.
/// Answers when that will be, or nothing where it is so now.
///
/// # Errors
/// [`Refused::NoSuchPerson`], [`Refused::NoSuchAccount`], [`Refused::NoSuchPortfolio`], [`Refused::Closed`];
/// [`Refused::Deactivated`]; [`Refused::OwnerAlready`]; [`Refused::Waits`].
pub async fn set_owner(
    backend: &Backend,
    scope: Scope,
    email: &EmailAddress,
    reason: &Reason,
    when: When,
) -> Result<Option<Timestamp>> {
    for _ in 1..TRIES {
        match try_set_owner(backend, scope, email, reason, when).await {
            Err(Refused::Backend(Error::Conflict(Conflict::ChangedMeanwhile))) => {}
            done => return done,
        }
    }
    try_set_owner(backend, scope, email, reason, when).await
}

async fn try_set_owner(
    backend: &Backend,
    scope: Scope,
    email: &EmailAddress,
    reason: &Reason,
    when: When,
) -> Result<Option<Timestamp>> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let found = find(&on, email).await?.ok_or(Refused::NoSuchPerson)?;
    exists(&on, scope).await?;
    let (owner, person) = hold_owner_and_heir(&on, scope, UserId(found.id)).await?;
    if person.deactivated_at.is_some() {
        return Err(Refused::Deactivated);
    }
    if owner.user_id == person.id {
        return Err(Refused::OwnerAlready);
    }
    make_room(&on, backend, of_scope(scope), when, now).await?;
    let row = Model {
        scope_kind: Some(scope.kind().key().to_owned()),
        scope_id: Some(scope.uuid()),
        former_name: Some(owner.name.clone()),
        ..asked(backend, &person, reason, when, now)
    };
    insert(&on, &row).await?;
    match when {
        When::Now => make_owner(&on, backend, scope, &owner, &person, &row, now).await?,
        When::WithNotice => {
            let entry = Entry::by_operator(AuditAction::OwnerToBeSet).upon(UserId(person.id), &person.name);
            entry.within(Some(scope)).about(row.id).because(reason.given()).write(&on, backend, now).await?;
            tell(&on, backend, &row, MailKind::OwnerToBeSet, now).await?;
        }
    }
    on.commit().await?;
    Ok(row::due(&row, when))
}

/// Gives somebody another address to sign in with: for who has lost the mailbox of the one they have. What they hold is void
/// from then on; password and second factors stay as they are. Answers when that will be, or nothing where it is so now.
///
/// # Errors
/// [`Refused::NoSuchPerson`]; [`Refused::SameAddress`]; [`Refused::AddressTaken`]; [`Refused::Waits`].
pub async fn set_email(
    backend: &Backend,
    present: &EmailAddress,
    new: &EmailAddress,
    reason: &Reason,
    when: When,
) -> Result<Option<Timestamp>> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let person = people::locked(&on, present).await?;
    let user = UserId(person.id);
    if fold::address(new) == person.email_folded {
        return Err(Refused::SameAddress);
    }
    if find(&on, new).await?.is_some() {
        return Err(Refused::AddressTaken);
    }
    make_room(&on, backend, of_person(user), when, now).await?;
    let row = Model {
        present_email: Some(person.email.clone()),
        new_email: Some(new.as_str().to_owned()),
        ..asked(backend, &person, reason, when, now)
    };
    insert(&on, &row).await?;
    match when {
        When::Now => change_address(&on, backend, &person, new, &row, now).await?,
        When::WithNotice => {
            let entry = Entry::by_operator(AuditAction::AddressToBeSet).upon(user, &person.name).about(row.id);
            entry.because(reason.given()).write_everywhere(&on, backend, now, user).await?;
            tell(&on, backend, &row, MailKind::AddressToBeSet, now).await?;
        }
    }
    on.commit().await?;
    Ok(row::due(&row, when))
}

/// Calls off that somebody is to be the Owner.
///
/// # Errors
/// [`Refused::NothingWaits`], also when it took effect a moment ago.
pub async fn call_off_owner(backend: &Backend, scope: Scope) -> Result<()> {
    call_off(backend, of_scope(scope)).await
}

/// Calls off that somebody is to have another address.
///
/// # Errors
/// [`Refused::NoSuchPerson`]; [`Refused::NothingWaits`], also when it took effect a moment ago.
pub async fn call_off_email(backend: &Backend, present: &EmailAddress) -> Result<()> {
    let person = find(backend.database.read(), present).await?.ok_or(Refused::NoSuchPerson)?;
    call_off(backend, of_person(UserId(person.id))).await
}

async fn call_off(backend: &Backend, which: Condition) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let row = Entity::find().filter(which).one(&on).await?.ok_or(Refused::NothingWaits)?;
    if !end(&on, row.id, Ended::CalledOff, now).await? {
        return Err(Refused::NothingWaits);
    }
    stays(&on, backend, &row, true, now).await?;
    on.commit().await?;
    Ok(())
}

/// Of a kind one waits at a time. What is done at once calls it off.
async fn make_room(
    on: &DatabaseTransaction,
    backend: &Backend,
    which: Condition,
    when: When,
    now: Timestamp,
) -> Result<()> {
    let Some(before) = Entity::find().filter(which).one(on).await? else { return Ok(()) };
    if when == When::WithNotice {
        return Err(Refused::Waits(Timestamp::from_ms(before.due_at)));
    }
    if end(on, before.id, Ended::CalledOff, now).await? {
        stays(on, backend, &before, true, now).await?;
    }
    Ok(())
}
