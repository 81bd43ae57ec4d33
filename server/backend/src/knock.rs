//! Knocks: what a stranger did with an address, before it is known who they are.
//!
//! One row is written whether or not somebody has the address, and the worker sees to it, as a rule within a second. So the
//! answer takes as long for an address that is known as for one that is not (3.3), however much there is to do for a person.
//! The row, which holds the address, goes with that.

use crate::{
    Backend, Result, Visitor, audit, password_reset,
    store::{
        self,
        entity::{
            knock::{ActiveModel, Column, Entity, Model},
            user,
        },
    },
};
use domain::{audit::AuditAction, ids::UserId, time::Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// How many are read at a time.
const AT_A_TIME: u64 = 100;

/// What was done with the address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Knock {
    /// A mailed link was asked for.
    ForgottenPassword,
    /// A sign-in was refused.
    SignInFailed,
}

impl Knock {
    const fn key(self) -> &'static str {
        match self {
            Self::ForgottenPassword => "forgotten_password",
            Self::SignInFailed => "sign_in_failed",
        }
    }
}

/// Notes it.
pub(crate) async fn note(backend: &Backend, knock: Knock, visitor: &Visitor, folded: &str) -> Result<()> {
    let now = backend.now();
    let row = ActiveModel {
        id: Set(backend.random.uuid(now)),
        kind: Set(knock.key().into()),
        email_folded: Set(folded.into()),
        place: Set(visitor.place()),
        device: Set(visitor.device.clone()),
        at: Set(now.ms()),
    };
    Entity::insert(row).exec_without_returning(backend.database.write()).await?;
    Ok(())
}

/// Sees to what was noted: to all who wait for a mail, then to as much of what is for the log as is read at a time. Whoever
/// floods a door with made-up addresses delays no mail: those are away at once. What cannot be seen to now stays and holds
/// up no other. Answers whether there is more to see to.
pub async fn see_to(backend: &Backend) -> Result<bool> {
    if Entity::find().limit(1).one(backend.database.read()).await?.is_none() {
        return Ok(false);
    }
    let write = backend.database.write();
    let sql = "DELETE FROM knocks WHERE kind = ? \
               AND NOT EXISTS (SELECT 1 FROM users WHERE users.email_folded = knocks.email_folded)";
    write.execute_raw(store::statement(write, sql, [Knock::ForgottenPassword.key().into()])).await?;
    let mut after = Some(Uuid::nil());
    while let Some(last) = after {
        after = see_to_page(backend, Knock::ForgottenPassword, last).await?;
    }
    Ok(see_to_page(backend, Knock::SignInFailed, Uuid::nil()).await?.is_some())
}

/// Sees to what is read at a time of one kind, after this one. Answers the last of them, if there may be more and none failed.
async fn see_to_page(backend: &Backend, knock: Knock, after: Uuid) -> Result<Option<Uuid>> {
    let noted = Entity::find()
        .filter(Column::Kind.eq(knock.key()))
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(AT_A_TIME)
        .all(backend.database.read())
        .await?;
    let mut next = noted.last().map(|last| last.id).filter(|_| noted.len() as u64 == AT_A_TIME);
    for row in noted {
        if let Err(error) = see_to_one(backend, knock, row).await {
            tracing::error!(kind = knock.key(), %error, "a knock has to wait");
            next = None;
        }
    }
    Ok(next)
}

async fn see_to_one(backend: &Backend, knock: Knock, row: Model) -> Result<()> {
    let on = backend.database.begin().await?;
    // Of any number of servers one takes it away.
    if Entity::delete_by_id(row.id).exec(&on).await?.rows_affected != 1 {
        return Ok(());
    }
    let at = Timestamp::from_ms(row.at);
    let person = user::Entity::find().filter(user::Column::EmailFolded.eq(&row.email_folded)).one(&on).await?;
    let address = row.place.as_deref().and_then(|place| place.parse().ok());
    let visitor = Visitor { address, device: row.device, ..Visitor::default() };
    match knock {
        Knock::ForgottenPassword => {
            if let Some(person) = person.filter(|person| person.deactivated_at.is_none()) {
                password_reset::answer(&on, backend, &person, at).await?;
            }
        }
        Knock::SignInFailed => {
            let known = person.as_ref().map(|person| (UserId(person.id), person.name.as_str()));
            audit::failed(&on, backend, AuditAction::SignInFailed, &visitor, known, at).await?;
        }
    }
    on.commit().await?;
    Ok(())
}
