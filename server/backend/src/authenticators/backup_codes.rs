//! Backup codes (4.5): ten for a person, for every kind of authenticator.
//!
//! The database has their digests; the session that made them can derive them again until its person says they are saved,
//! for ten minutes at most.

use crate::{
    Backend, Caller, Error, Result,
    audit::Entry,
    crypto::{Nonce, TokenDigest},
    epoch,
    outbox::{self, MailKind},
    principal::needs_standing,
    store::{
        self,
        entity::{recovery_code, recovery_code_set},
    },
};
use domain::{
    audit::AuditAction,
    authenticators::BackupCodes,
    ids::{SessionId, UserId},
    policy::Denied,
    sessions::Standing,
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
};
use std::time::Duration;
use uuid::Uuid;

/// Backup codes in a set.
pub const BACKUP_CODES: u8 = 10;
/// How long fresh backup codes can be looked at again.
pub const FRESH_CODES_TTL: Duration = Duration::from_secs(600);

/// How many backup codes are still good.
pub(crate) async fn backup_codes_left(on: &impl ConnectionTrait, user: UserId) -> Result<u32> {
    let left = recovery_code::Entity::find()
        .filter(recovery_code::Column::UserId.eq(user.0))
        .filter(recovery_code::Column::UsedAt.is_null())
        .count(on)
        .await?;
    Ok(u32::try_from(left).unwrap_or(u32::MAX))
}

/// Makes new backup codes, which voids the old.
///
/// # Errors
/// [`Denied::NothingToReset`] for who has no authenticator that they could back; [`Denied::StepUpNeeded`].
pub async fn make_backup_codes(backend: &Backend, caller: &Caller) -> Result<()> {
    needs_standing(caller, &[Standing::Enter])?;
    let now = backend.now();
    if !caller.step_up(now).is_fresh() {
        return Err(Denied::StepUpNeeded(caller.step_up(now)).into());
    }
    if !caller.demands.has_authenticator {
        return Err(Denied::OwnAuthenticatorNeeded.into());
    }
    let on = backend.database.begin().await?;
    store::lock_user(&on, caller.user_id).await?;
    replace_backup_codes(&on, backend, (caller.user_id, caller.epoch), caller.session_id, now).await?;
    let entry = Entry::own(caller.user_id, &caller.name, AuditAction::BackupCodesMade).from(&caller.visitor);
    entry.write_everywhere(&on, backend, now, caller.user_id).await?;
    outbox::enqueue(&on, backend, now, MailKind::BackupCodesMade, caller.user_id, None).await?;
    on.commit().await?;
    Ok(())
}

/// The backup codes made in this session, until they are acknowledged or ten minutes old.
pub async fn fresh_backup_codes(backend: &Backend, caller: &Caller) -> Result<Option<BackupCodes>> {
    needs_standing(caller, &[Standing::Enter])?;
    let set = recovery_code_set::Entity::find()
        .filter(recovery_code_set::Column::UserId.eq(caller.user_id.0))
        .filter(recovery_code_set::Column::SessionId.eq(caller.session_id.0))
        .filter(recovery_code_set::Column::Epoch.eq(caller.epoch))
        .filter(recovery_code_set::Column::KeyId.eq(backend.keys.id()))
        .filter(recovery_code_set::Column::AcknowledgedAt.is_null())
        .filter(recovery_code_set::Column::MadeAt.gt((backend.now() - FRESH_CODES_TTL).ms()))
        .one(backend.database.read())
        .await?;
    Ok(set.map(|set| BackupCodes { codes: codes(backend, set.id, Nonce::from_slice(&set.nonce)) }))
}

/// “I have saved them”: they are never shown again.
pub async fn acknowledge_backup_codes(backend: &Backend, caller: &Caller) -> Result<()> {
    needs_standing(caller, &[Standing::Enter])?;
    let on = backend.database.write();
    let sql = "UPDATE recovery_code_sets SET acknowledged_at = ? WHERE user_id = ? AND session_id = ? AND acknowledged_at IS NULL";
    let values = [backend.now().ms().into(), caller.user_id.0.into(), caller.session_id.0.into()];
    on.execute_raw(store::statement(on, sql, values)).await?;
    Ok(())
}

/// What is stored of a backup code. Keyed, and bound to its person; case, spaces and hyphens do not matter.
pub(crate) fn backup_code_digest(backend: &Backend, user: UserId, code: &str) -> TokenDigest {
    let plain: String =
        code.chars().filter(|c| c.is_ascii_alphanumeric()).take(64).map(|c| c.to_ascii_lowercase()).collect();
    backend.keys.digest("backup code", &[user.0.as_bytes(), plain.as_bytes()].concat())
}

fn codes(backend: &Backend, set: Uuid, nonce: Nonce) -> Vec<String> {
    (0..BACKUP_CODES).map(|number| backend.keys.backup_code(set, nonce, number).to_string()).collect()
}

/// Makes ten new codes, which voids the old. `session` is the one that may look at them for a while.
pub(crate) async fn replace_backup_codes(
    on: &DatabaseTransaction,
    backend: &Backend,
    (user, epoch): (UserId, i64),
    session: SessionId,
    now: Timestamp,
) -> Result<Vec<String>> {
    delete_backup_codes(on, user).await?;
    let (id, nonce) = (backend.random.uuid(now), backend.random.nonce());
    let set = recovery_code_set::ActiveModel {
        id: Set(id),
        user_id: Set(user.0),
        epoch: Set(epoch),
        session_id: Set(session.0),
        key_id: Set(backend.keys.id()),
        nonce: Set(nonce.0.to_vec()),
        made_at: Set(now.ms()),
        acknowledged_at: Set(None),
    };
    if !epoch::insert_under(on, set, user, epoch).await? {
        return Err(Error::NotSignedIn);
    }
    let codes = codes(backend, id, nonce);
    let rows = codes.iter().map(|code| recovery_code::ActiveModel {
        id: Set(backend.random.uuid(now)),
        user_id: Set(user.0),
        set_id: Set(id),
        code_digest: Set(backup_code_digest(backend, user, code).to_vec()),
        used_at: Set(None),
    });
    recovery_code::Entity::insert_many(rows).exec_without_returning(on).await?;
    Ok(codes)
}

pub(super) async fn delete_backup_codes(on: &impl ConnectionTrait, user: UserId) -> Result<()> {
    recovery_code::Entity::delete_many().filter(recovery_code::Column::UserId.eq(user.0)).exec(on).await?;
    recovery_code_set::Entity::delete_many().filter(recovery_code_set::Column::UserId.eq(user.0)).exec(on).await?;
    Ok(())
}
