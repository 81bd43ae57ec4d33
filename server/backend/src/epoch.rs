//! The epoch: a person's counter under which everything is made that can be held.
//!
//! Sessions, recognised browsers, mailed codes and links all carry the epoch they were made under and are void when it
//! differs. They come into being only by [`insert_under`], whose statement requires it unchanged; so a sign-in that was
//! checked before an MFA reset and written after it leaves nothing behind. They end together by [`raise`], the one
//! routine that moves it on.

use crate::{Backend, Error, Result, mfa_reset, store};
use domain::{
    ids::{SessionId, UserId},
    time::Timestamp,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, DatabaseTransaction, EntityName, EntityTrait, IdenStatic, Iterable,
};

/// The tables whose rows a person can hold. A test compares this list with every table that has an `epoch`.
pub const HELD: [&str; 10] = [
    "sessions",
    "known_devices",
    "device_codes",
    "notice_email_codes",
    "sms_codes",
    "passkey_ceremonies",
    "password_resets",
    "email_changes",
    "recovery_code_sets",
    "help_calls",
];

/// Inserts a row that can be held, unless the person's epoch is no longer `epoch` or the person is shut out. Answers
/// whether it was inserted.
pub(crate) async fn insert_under<A: ActiveModelTrait>(
    on: &impl ConnectionTrait,
    row: A,
    user: UserId,
    epoch: i64,
) -> Result<bool> {
    let mut columns = Vec::new();
    let mut values = Vec::new();
    for column in <A::Entity as EntityTrait>::Column::iter() {
        if let ActiveValue::Set(value) | ActiveValue::Unchanged(value) = row.get(column) {
            columns.push(column.as_str().to_owned());
            values.push(value);
        }
    }
    let marks = vec!["?"; columns.len()].join(", ");
    let table = <A::Entity as Default>::default().table_name().to_owned();
    let columns = columns.join(", ");
    let sql = format!(
        "INSERT INTO {table} ({columns}) SELECT {marks} FROM users WHERE id = ? AND epoch = ? AND deactivated_at IS NULL"
    );
    values.extend([user.0.into(), epoch.into()]);
    let done = on.execute_raw(store::statement(on, &sql, values)).await?;
    Ok(done.rows_affected() == 1)
}

/// Moves the person's epoch on from `epoch`: every session, recognised browser, code and mailed link is void, and live
/// MFA resets end. Only `keep`, a session of theirs, is taken along. Answers with the new epoch.
///
/// # Errors
/// [`Error::NotSignedIn`] when it is not `epoch` any more: whoever asked holds something that is void.
pub(crate) async fn raise(
    on: &DatabaseTransaction,
    backend: &Backend,
    now: Timestamp,
    user: UserId,
    epoch: i64,
    keep: Option<SessionId>,
) -> Result<i64> {
    let raised = epoch + 1;
    let sql = "UPDATE users SET epoch = ? WHERE id = ? AND epoch = ?";
    let done = on.execute_raw(store::statement(on, sql, [raised.into(), user.0.into(), epoch.into()])).await?;
    if done.rows_affected() != 1 {
        return Err(Error::NotSignedIn);
    }
    if let Some(session) = keep {
        let sql = "UPDATE sessions SET epoch = ? WHERE id = ? AND user_id = ?";
        on.execute_raw(store::statement(on, sql, [raised.into(), session.0.into(), user.0.into()])).await?;
    }
    for table in HELD {
        // Links keep their rows, so that their pages can say what became of them; backup codes are a factor's, not a session's.
        if matches!(table, "password_resets" | "email_changes" | "recovery_code_sets" | "help_calls") {
            continue;
        }
        let sql = format!("DELETE FROM {table} WHERE user_id = ? AND epoch < ?");
        on.execute_raw(store::statement(on, &sql, [user.0.into(), raised.into()])).await?;
    }
    mfa_reset::end_elsewhere(on, backend, now, user).await?;
    Ok(raised)
}
