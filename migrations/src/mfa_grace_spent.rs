//! Who bound a second factor and took it away again, before it was written down with the person, has had the time to set one
//! up: the activity log knows.

use sea_orm_migration::prelude::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261128_000022_mfa_grace_spent"
    }
}

const SPEND: &str = "UPDATE users SET mfa_grace_from = 0 WHERE mfa_grace_from IS NULL \
                     AND id IN (SELECT target_id FROM audit_entries WHERE action = 'authenticator_bound')";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(SPEND).await?;
        Ok(())
    }

    /// What is spent stays so.
    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
