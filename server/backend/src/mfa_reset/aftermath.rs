//! What a reset still means once it is over: the browser that accepted is recognised once, and a mailbox gives no password
//! back before a second factor is bound again (5.5, 5.12).

use super::row::life;
use crate::{
    Result, Visitor, sessions,
    store::{self, entity::mfa_reset},
};
use domain::{
    ids::UserId,
    mfa_reset::{PasswordLink, RETURN_TTL, State},
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

/// What an MFA reset makes of a person's link of a forgotten password now (5.12).
pub(crate) struct Withheld {
    /// Where the reset stands.
    pub(crate) state: State,
    /// The browser in which the link is good all the same.
    except: Option<Vec<u8>>,
}

impl Withheld {
    /// Whether there is a browser in which the link is good.
    pub(crate) fn is_good_where_accepted(&self) -> bool {
        self.except.is_some()
    }

    /// Whether it is this one.
    pub(crate) fn is_good_for(&self, visitor: &Visitor) -> bool {
        let digest = visitor.returning.as_ref().map(|token| token.digest().to_vec());
        digest.is_some() && digest == self.except
    }
}

/// The reset because of which a forgotten password is not set by any mailed link now, if there is one: the strictest, and of
/// those the latest.
pub(crate) async fn password_link_withheld(
    on: &impl ConnectionTrait,
    user: UserId,
    now: Timestamp,
) -> Result<Option<Withheld>> {
    let rows = mfa_reset::Entity::find()
        .filter(mfa_reset::Column::UserId.eq(user.0))
        .filter(mfa_reset::Column::EnrolledAt.is_null())
        .order_by_asc(mfa_reset::Column::Id)
        .all(on)
        .await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let must_enrol = sessions::demands(on, user, now).await?.mfa_required;
    let link = |row: &mfa_reset::Model| life(row).password_link(row.asks_number, false, must_enrol, now);
    let strictest = rows.into_iter().max_by_key(link).filter(|row| link(row) != PasswordLink::Good);
    Ok(strictest.map(|row| {
        let in_time = life(&row).end.is_none_or(|end| now < end.at + RETURN_TTL);
        let except = in_time && link(&row) == PasswordLink::WhereAccepted;
        Withheld { state: life(&row).state(now), except: row.return_digest.filter(|_| except) }
    }))
}

/// The browser that accepted stays recognised when it sets a password, which moves the epoch on.
pub(crate) async fn keep_return(on: &impl ConnectionTrait, visitor: &Visitor, user: UserId, epoch: i64) -> Result<()> {
    let Some(token) = &visitor.returning else { return Ok(()) };
    let sql = "UPDATE mfa_resets SET return_epoch = ? WHERE return_digest = ? AND user_id = ? AND return_epoch = ?";
    let values = [epoch.into(), token.digest().to_vec().into(), user.0.into(), (epoch - 1).into()];
    on.execute_raw(store::statement(on, sql, values)).await?;
    Ok(())
}

/// A second factor was bound where there was none: that is the end of every reset before it.
pub(crate) async fn enrolled(on: &impl ConnectionTrait, user: UserId, now: Timestamp) -> Result<()> {
    let sql =
        "UPDATE mfa_resets SET enrolled_at = ? WHERE user_id = ? AND ended_at IS NOT NULL AND enrolled_at IS NULL";
    on.execute_raw(store::statement(on, sql, [now.ms().into(), user.0.into()])).await?;
    Ok(())
}
