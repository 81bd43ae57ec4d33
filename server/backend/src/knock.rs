//! Knocks: what a stranger did with an address, before it is known who they are.
//!
//! One row is written whether or not somebody has the address, and the worker sees to it, as a rule within a second. So the
//! answer takes as long for an address that is known as for one that is not (3.3), however much there is to do for a person.
//! The row, which holds the address as it was typed, goes with that.

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
    const ALL: [Self; 2] = [Self::ForgottenPassword, Self::SignInFailed];

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

/// Sees to what was noted: first to who waits for a mail, then to what is for the log, oldest first. Whoever floods a door
/// with made-up addresses delays neither: those are away at once. What cannot be seen to now stays and holds up no other.
pub async fn see_to(backend: &Backend) -> Result<()> {
    let write = backend.database.write();
    let sql = "DELETE FROM knocks WHERE kind = ? \
               AND NOT EXISTS (SELECT 1 FROM users WHERE users.email_folded = knocks.email_folded)";
    write.execute_raw(store::statement(write, sql, [Knock::ForgottenPassword.key().into()])).await?;
    for knock in Knock::ALL {
        let mut after = Uuid::nil();
        loop {
            let noted = Entity::find()
                .filter(Column::Kind.eq(knock.key()))
                .filter(Column::Id.gt(after))
                .order_by_asc(Column::Id)
                .limit(AT_A_TIME)
                .all(backend.database.read())
                .await?;
            let Some(last) = noted.last() else { break };
            after = last.id;
            for row in noted {
                if let Err(error) = see_to_one(backend, knock, row).await {
                    tracing::error!(kind = knock.key(), %error, "a knock has to wait");
                }
            }
        }
    }
    Ok(())
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
