//! The number match (5.6, 5.12): four digits that only the asker sees, told by another channel than the mailbox and typed on
//! the accept page. Not stored: derived for the row, as its link is.

use super::row::step;
use crate::{
    Backend, Result, Visitor,
    audit::Entry,
    crypto::{Nonce, Purpose},
    outbox::{self, MailKind},
    password_reset,
    store::{
        self,
        entity::{mfa_reset, user},
    },
};
use domain::{
    audit::AuditAction,
    errors::{Conflict, Field, Problem},
    guards::NUMBER_TRIES,
    ids::UserId,
    mfa_reset::{EndReason, Event, State},
    person::TextProblem,
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// When this person's present password was set by a mailed link, if it was.
pub(super) fn password_mailed_at(person: &user::Model) -> Option<Timestamp> {
    let mailed = person.password_set_by.as_deref() == Some(password_reset::BY_MAILED_LINK);
    person.password_set_at.filter(|_| mailed).map(Timestamp::from_ms)
}

/// The number of a request, for its asker's eyes.
pub(super) fn of(backend: &Backend, row: &mfa_reset::Model) -> Option<Zeroizing<String>> {
    let digits = || backend.keys.digits(Purpose::MfaResetNumber, row.id, Nonce::from_slice(&row.nonce), 4);
    row.asks_number.then(digits)
}

/// What is wrong with the number that was typed, if the request asks for one. A wrong one is counted, and the last one that
/// is allowed ends the request and tells the asker: what is answered here is to be committed.
pub(super) async fn refuse_wrong(
    on: &DatabaseTransaction,
    backend: &Backend,
    row: &mfa_reset::Model,
    person: &user::Model,
    visitor: &Visitor,
    typed: &str,
    now: Timestamp,
) -> Result<Option<crate::Error>> {
    let Some(number) = of(backend, row) else { return Ok(None) };
    let problem = |problem| Ok(Some(crate::Error::field(Field::Number, problem)));
    let typed = Zeroizing::new(crate::sign_in::digits(typed));
    if typed.is_empty() {
        return problem(Problem::Text(TextProblem::Empty));
    }
    // What cannot be a number is a slip, and tells nothing about it.
    if typed.len() != number.len() || !typed.bytes().all(|byte| byte.is_ascii_digit()) {
        return problem(Problem::Text(TextProblem::Malformed));
    }
    if bool::from(typed.as_bytes().ct_eq(number.as_bytes())) {
        return Ok(None);
    }
    let sql = "UPDATE mfa_resets SET wrong_numbers = wrong_numbers + 1 \
               WHERE id = ? AND wrong_numbers = ? AND ended_at IS NULL AND accepted_at IS NULL";
    let counted = on.execute_raw(store::statement(on, sql, [row.id.into(), row.wrong_numbers.into()])).await?;
    if counted.rows_affected() != 1 {
        return Ok(Some(Conflict::ChangedMeanwhile.into()));
    }
    let left = i32::from(NUMBER_TRIES) - 1 - row.wrong_numbers;
    if let Some(left) = u8::try_from(left).ok().filter(|left| *left > 0) {
        return problem(Problem::WrongNumber { left });
    }
    let user = UserId(person.id);
    let entry = Entry::by_system(AuditAction::MfaResetCancelled).upon(user, &person.name).from(visitor);
    step(on, backend, row, Event::Cancel(EndReason::WrongNumbers), entry, now).await?;
    if let Some(asker) = row.asker_id {
        outbox::enqueue(on, backend, now, MailKind::MfaResetWrongNumbers, UserId(asker), Some(row.id)).await?;
    }
    Ok(Some(Conflict::ResetIs(State::Cancelled).into()))
}
