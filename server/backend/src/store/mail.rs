//! What mails tell, as rows: read when a mail leaves, outside any transaction.

use super::entity::{
    account, audit_entry, authenticator, device_code, email_change, help_call, invitation, known_device, membership,
    mfa_reset, notice_email_code, password_reset, recovery_code, session, user,
};
use crate::Result;
use domain::{ids::PortfolioId, scope::Scope};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, PrimaryKeyTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

/// A row by its id.
async fn lookup<E>(on: &impl ConnectionTrait, id: Uuid) -> Result<Option<E::Model>>
where
    E: EntityTrait,
    E::PrimaryKey: PrimaryKeyTrait<ValueType = Uuid>,
{
    Ok(E::find_by_id(id).one(on).await?)
}

/// A person.
pub async fn person(on: &impl ConnectionTrait, id: Uuid) -> Result<Option<user::Model>> {
    lookup::<user::Entity>(on, id).await
}

/// An MFA reset.
pub async fn mfa_reset(on: &impl ConnectionTrait, id: Uuid) -> Result<Option<mfa_reset::Model>> {
    lookup::<mfa_reset::Entity>(on, id).await
}

/// A link that lets a password be set.
pub async fn password_reset(on: &impl ConnectionTrait, id: Uuid) -> Result<Option<password_reset::Model>> {
    lookup::<password_reset::Entity>(on, id).await
}

/// An account.
pub async fn account(on: &impl ConnectionTrait, id: Uuid) -> Result<Option<account::Model>> {
    lookup::<account::Entity>(on, id).await
}

/// A change of address.
pub async fn email_change(on: &impl ConnectionTrait, id: Uuid) -> Result<Option<email_change::Model>> {
    lookup::<email_change::Entity>(on, id).await
}

/// A code for a second address.
pub async fn notice_email_code(on: &impl ConnectionTrait, id: Uuid) -> Result<Option<notice_email_code::Model>> {
    lookup::<notice_email_code::Entity>(on, id).await
}

/// A call for help.
pub async fn help_call(on: &impl ConnectionTrait, id: Uuid) -> Result<Option<help_call::Model>> {
    lookup::<help_call::Entity>(on, id).await
}

/// The address that an invitation goes to, or nothing that a mail could be sent to.
pub async fn invited(on: &impl ConnectionTrait, id: Option<Uuid>) -> Result<String> {
    let Some(id) = id else { return Ok(String::new()) };
    Ok(lookup::<invitation::Entity>(on, id).await?.map(|row| row.email).unwrap_or_default())
}

/// An entry of the activity log.
pub async fn audit_entry(on: &impl ConnectionTrait, id: Uuid) -> Result<Option<audit_entry::Model>> {
    lookup::<audit_entry::Entity>(on, id).await
}

/// A second factor that is still bound.
pub async fn authenticator(on: &impl ConnectionTrait, id: Uuid) -> Result<Option<authenticator::Model>> {
    lookup::<authenticator::Entity>(on, id).await
}

/// A person's place in a scope.
pub async fn membership(on: &impl ConnectionTrait, id: Uuid) -> Result<Option<membership::Model>> {
    lookup::<membership::Entity>(on, id).await
}

/// A browser that is still recognised.
pub async fn known_device(on: &impl ConnectionTrait, id: Uuid) -> Result<Option<known_device::Model>> {
    lookup::<known_device::Entity>(on, id).await
}

/// A code for a new device, with the session that it is for.
pub async fn device_code(on: &impl ConnectionTrait, id: Uuid) -> Result<Option<(device_code::Model, session::Model)>> {
    let Some(code) = lookup::<device_code::Entity>(on, id).await? else { return Ok(None) };
    let session = lookup::<session::Entity>(on, code.session_id).await?;
    Ok(session.map(|session| (code, session)))
}

/// The backup codes that a person had left at a time.
pub async fn backup_codes_left(on: &impl ConnectionTrait, person: Uuid, at: i64) -> Result<u64> {
    let unused =
        Condition::any().add(recovery_code::Column::UsedAt.is_null()).add(recovery_code::Column::UsedAt.gt(at));
    let codes = recovery_code::Entity::find().filter(recovery_code::Column::UserId.eq(person)).filter(unused);
    Ok(codes.count(on).await?)
}

/// A portfolio and the accounts that are linked to it.
pub async fn reach(on: &impl ConnectionTrait, portfolio: PortfolioId) -> Result<Vec<Scope>> {
    let linked = account::Entity::find()
        .filter(account::Column::PortfolioId.eq(portfolio.0))
        .select_only()
        .column(account::Column::Id);
    let linked: Vec<Uuid> = linked.into_tuple().all(on).await?;
    let accounts = linked.into_iter().map(|id| Scope::Account(domain::ids::AccountId(id)));
    Ok(std::iter::once(Scope::Portfolio(portfolio)).chain(accounts).collect())
}
