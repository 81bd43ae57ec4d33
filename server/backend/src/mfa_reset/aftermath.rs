//! What a reset still means once it is over: the browser that accepted is recognised once, and a mailbox gives no password
//! back before a second factor is bound again (5.5, 5.12).

use super::row::life;
use crate::{
    Result, Visitor, sessions,
    store::{self, entity::mfa_reset},
};
use domain::{
    ids::UserId,
    mfa_reset::{RETURN_TTL, State},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// Uses up the visitor's cookie of an accepted reset: once, within a day, under the epoch that accepting made.
pub(crate) async fn use_return(
    on: &impl ConnectionTrait,
    visitor: &Visitor,
    user: UserId,
    epoch: i64,
    now: Timestamp,
) -> Result<bool> {
    let Some(token) = &visitor.returning else { return Ok(false) };
    let sql = "UPDATE mfa_resets SET returned_at = ? WHERE return_digest = ? AND user_id = ? AND return_epoch = ? \
               AND returned_at IS NULL AND ended_at > ?";
    let values =
        [now.ms().into(), token.digest().to_vec().into(), user.0.into(), epoch.into(), (now - RETURN_TTL).ms().into()];
    Ok(on.execute_raw(store::statement(on, sql, values)).await?.rows_affected() == 1)
}

/// The reset because of which a forgotten password is not set by a mailed link now, by its state, if there is one (5.12). One
/// that asks for a number is not accepted by a mailbox alone.
pub(crate) async fn withholds_password_link(
    on: &impl ConnectionTrait,
    user: UserId,
    now: Timestamp,
) -> Result<Option<State>> {
    let rows = mfa_reset::Entity::find()
        .filter(mfa_reset::Column::UserId.eq(user.0))
        .filter(mfa_reset::Column::EnrolledAt.is_null())
        .filter(mfa_reset::Column::AsksNumber.eq(false))
        .order_by_asc(mfa_reset::Column::Id)
        .all(on)
        .await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let must_enrol = sessions::demands(on, user).await?.mfa_required;
    let mut lives = rows.iter().map(life).filter(|life| life.withholds_password_link(None, must_enrol, now));
    Ok(lives.next_back().map(|life| life.state(now)))
}

/// A second factor was bound where there was none: that is the end of every reset before it.
pub(crate) async fn enrolled(on: &impl ConnectionTrait, user: UserId, now: Timestamp) -> Result<()> {
    let sql =
        "UPDATE mfa_resets SET enrolled_at = ? WHERE user_id = ? AND ended_at IS NOT NULL AND enrolled_at IS NULL";
    on.execute_raw(store::statement(on, sql, [now.ms().into(), user.0.into()])).await?;
    Ok(())
}
