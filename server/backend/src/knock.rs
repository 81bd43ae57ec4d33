//! Knocks: what a stranger did with an address, before it is known who they are.
//!
//! One row is written whether or not somebody has the address, and the worker sees to it within a second. So the answer
//! takes as long for an address that is known as for one that is not (3.3), however much there is to do for a person.

use crate::{
    Backend, Result, Visitor, audit, password_reset,
    store::entity::{
        knock::{ActiveModel, Column, Entity, Model},
        user,
    },
};
use domain::{audit::AuditAction, ids::UserId, time::Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// How many are seen to at a time.
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

/// Sees to what was noted, oldest first, each in its own transaction. What cannot be seen to now stays.
pub async fn see_to(backend: &Backend) -> Result<()> {
    let noted = Entity::find().order_by_asc(Column::Id).limit(AT_A_TIME).all(backend.database.read()).await?;
    for row in noted {
        let kind = row.kind.clone();
        if let Err(error) = see_to_one(backend, row).await {
            tracing::error!(kind, %error, "a knock has to wait");
        }
    }
    Ok(())
}

async fn see_to_one(backend: &Backend, row: Model) -> Result<()> {
    let on = backend.database.begin().await?;
    // Of any number of servers one takes it away.
    if Entity::delete_by_id(row.id).exec(&on).await?.rows_affected != 1 {
        return Ok(());
    }
    let at = Timestamp::from_ms(row.at);
    let person = user::Entity::find().filter(user::Column::EmailFolded.eq(&row.email_folded)).one(&on).await?;
    let address = row.place.as_deref().and_then(|place| place.parse().ok());
    let visitor = Visitor { address, device: row.device, ..Visitor::default() };
    match (Knock::ALL.into_iter().find(|knock| knock.key() == row.kind), person) {
        (Some(Knock::ForgottenPassword), Some(person)) if person.deactivated_at.is_none() => {
            password_reset::answer(&on, backend, &person, at).await?;
        }
        (Some(Knock::SignInFailed), person) => {
            let known = person.as_ref().map(|person| (UserId(person.id), person.name.as_str()));
            audit::failed(&on, backend, AuditAction::SignInFailed, &visitor, known, at).await?;
        }
        _ => {}
    }
    on.commit().await?;
    Ok(())
}
