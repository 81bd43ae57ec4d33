//! People as rows: how one begins.

use super::{ConnectionTrait, entity::user};
use crate::{Result, fold};
use domain::{
    ids::UserId,
    person::{EmailAddress, Name},
    time::Timestamp,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

/// Somebody new, without a password. Language and time zone are taken over from the browser at the first sign-in.
pub fn new(id: Uuid, email: &EmailAddress, name: &Name, now: Timestamp) -> user::Model {
    user::Model {
        id,
        email: email.as_str().to_owned(),
        email_folded: fold::address(email),
        name: name.as_str().to_owned(),
        password_hash: None,
        password_set_at: None,
        password_set_by: None,
        epoch: 0,
        language: String::new(),
        time_zone: String::new(),
        last_scope_kind: None,
        last_scope_id: None,
        created_at: now.ms(),
        deactivated_at: None,
        mfa_grace_from: None,
        notice_email: None,
        erased_at: None,
        theme: String::new(),
    }
}

/// A person, if there is one.
pub async fn by_id(on: &impl ConnectionTrait, id: UserId) -> Result<Option<user::Model>> {
    Ok(user::Entity::find_by_id(id.0).one(on).await?)
}

/// Adds a person.
pub async fn insert(on: &impl ConnectionTrait, person: &user::Model) -> Result<()> {
    let row: user::ActiveModel = person.clone().into_active_model();
    user::Entity::insert(row.reset_all()).exec_without_returning(on).await?;
    Ok(())
}
