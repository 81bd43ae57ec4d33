//! Who is locked out (5.8): somebody who knows the password and cannot give the second factor asks the administrators of
//! their accounts for help by [`ask`]. The person is told, and may say “This wasn't me” by [`disown`]; those who may reset MFA are
//! told by [`call_helpers`], as a rule within a second.
//!
//! Who asks learns nothing: neither who the administrators are nor how many, nor whether there are any, and not from the time
//! that the answer takes either. Nothing about the person changes; what an administrator then does is an MFA reset like any
//! other.

use crate::{
    Backend, Caller, Error, Result, Visitor,
    audit::Entry,
    crypto::{LinkToken, Purpose},
    epoch,
    outbox::{self, MailKind},
    principal, sign_in,
    store::{
        self,
        entity::{help_call, membership},
    },
    throttle::{self, Kind},
};
use domain::{
    audit::AuditAction,
    ids::{PortfolioId, UserId},
    locked_out::{CALL_TTL, CallState},
    scope::{Scope, ScopeKind},
    sessions::Standing,
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

/// How many administrators of one scope are told, those of the highest rank and latest use first.
const MOST_TOLD: usize = 10;
/// How many calls are read at a time.
const AT_A_TIME: u64 = 100;

/// Where one may be stuck: before the second factor, or before one of the only kind that is accepted.
const STUCK: [Standing; 2] = [Standing::AwaitingMfa, Standing::EnrolPhishingResistant];

/// Whether this session may ask for help.
pub fn may_ask(caller: &Caller) -> bool {
    STUCK.contains(&caller.standing())
}

/// Asks for help. What is answered and how often it may be asked is the same for everybody.
///
/// # Errors
/// [`Error::Unfinished`] unless the session stands at the second factor; [`Error::Throttled`] within an hour of the last
/// call, then four, then a day.
pub async fn ask(backend: &Backend, caller: &Caller) -> Result<()> {
    principal::needs_standing(caller, &STUCK)?;
    let (now, user) = (backend.now(), caller.user_id);
    sign_in::count_of_person(backend, caller, Kind::HelpCall, now).await?;
    let on = backend.database.begin().await?;
    let person = store::lock_user(&on, user).await?;
    let (id, nonce) = (backend.random.uuid(now), backend.random.nonce());
    let row = help_call::ActiveModel {
        id: Set(id),
        user_id: Set(user.0),
        epoch: Set(caller.epoch),
        session_id: Set(caller.session_id.0),
        device: Set(caller.visitor.device.clone()),
        place: Set(caller.visitor.place()),
        key_id: Set(backend.keys.id()),
        nonce: Set(nonce.0.to_vec()),
        token_digest: Set(backend.keys.link_token(Purpose::HelpCall, id, nonce).digest().to_vec()),
        asked_at: Set(now.ms()),
        disowned_at: Set(None),
        called_at: Set(None),
    };
    if !epoch::insert_under(&on, row, user, caller.epoch).await? {
        return Err(Error::NotSignedIn);
    }
    let entry = Entry::own(user, &person.name, AuditAction::HelpAsked).about(id).from(&caller.visitor);
    entry.write_everywhere(&on, backend, now, user).await?;
    outbox::enqueue(&on, backend, now, MailKind::HelpAsked, user, Some(id)).await?;
    on.commit().await?;
    Ok(())
}

/// What the link in the person's mail shows. Changes nothing.
///
/// # Errors
/// [`Error::NotFound`] for a link that was never made, is too old, or of another epoch: then its session is over anyway.
pub async fn peek(backend: &Backend, token: &LinkToken) -> Result<CallState> {
    let call = find(backend.database.read(), token, backend.now()).await?;
    Ok(if call.disowned_at.is_some() { CallState::Disowned } else { CallState::Open })
}

/// “This wasn't me”: the session that asked is over, and who was asked for help hears of it. The same again changes nothing.
///
/// # Errors
/// [`Error::NotFound`] for a link that was never made or is too old.
pub async fn disown(backend: &Backend, visitor: &Visitor, token: &LinkToken) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let user = UserId(find(&on, token, now).await?.user_id);
    let person = store::lock_user(&on, user).await?;
    let call = find(&on, token, now).await?;
    let sql = "UPDATE help_calls SET disowned_at = ? WHERE id = ? AND disowned_at IS NULL";
    let done = on.execute_raw(store::statement(&on, sql, [now.ms().into(), call.id.into()])).await?;
    if done.rows_affected() == 1 {
        let sql = "DELETE FROM sessions WHERE id = ? AND user_id = ?";
        on.execute_raw(store::statement(&on, sql, [call.session_id.into(), user.0.into()])).await?;
        let entry = Entry::own(user, &person.name, AuditAction::HelpDisowned).about(call.id).from(visitor);
        entry.write_everywhere(&on, backend, now, user).await?;
        for told in store::outbox::recipients(&on, MailKind::HelpWanted.key(), call.id).await? {
            outbox::enqueue(&on, backend, now, MailKind::HelpDisowned, UserId(told), Some(call.id)).await?;
        }
        // Whoever called in the person's name used up their calls.
        throttle::forget(&on, Kind::HelpCall, throttle::by_user(backend, user)).await?;
    }
    on.commit().await?;
    Ok(())
}

async fn find(on: &impl ConnectionTrait, token: &LinkToken, now: Timestamp) -> Result<help_call::Model> {
    help_call::Entity::find()
        .filter(help_call::Column::TokenDigest.eq(token.digest().to_vec()))
        .filter(help_call::Column::AskedAt.gt((now - CALL_TTL).ms()))
        .filter(Expr::cust("epoch = (SELECT epoch FROM users WHERE users.id = help_calls.user_id)"))
        .one(on)
        .await?
        .ok_or(Error::NotFound)
}

/// Tells who may help of every call that nobody was told of yet. One that was disowned meanwhile is none of theirs.
pub async fn call_helpers(backend: &Backend) -> Result<()> {
    let waiting = help_call::Entity::find()
        .filter(help_call::Column::CalledAt.is_null())
        .filter(help_call::Column::DisownedAt.is_null())
        .order_by_asc(help_call::Column::Id)
        .limit(AT_A_TIME);
    for call in waiting.all(backend.database.read()).await? {
        let now = backend.now();
        let on = backend.database.begin().await?;
        // Of any number of servers one does. Whoever disowns it at this moment waits here, and then tells whom this told.
        let sql = "UPDATE help_calls SET called_at = ? WHERE id = ? AND called_at IS NULL AND disowned_at IS NULL";
        let done = on.execute_raw(store::statement(&on, sql, [now.ms().into(), call.id.into()])).await?;
        if done.rows_affected() == 1 {
            mail_helpers(&on, backend, UserId(call.user_id), call.id, now).await?;
            on.commit().await?;
        }
    }
    Ok(())
}

/// A mail to everybody who may reset the MFA of this person, once each: in each scope of theirs who may there, and where
/// nobody else may, who may over the portfolio that it is linked to.
async fn mail_helpers(
    on: &DatabaseTransaction,
    backend: &Backend,
    user: UserId,
    call: Uuid,
    now: Timestamp,
) -> Result<()> {
    let mut told: Vec<Uuid> = Vec::new();
    for place in store::active_memberships(on, user).await? {
        let mut helpers = helpers(on, place.scope(), user).await?;
        let portfolio = place.portfolio_id.filter(|_| place.scope().kind() == ScopeKind::Account);
        if let (true, Some(portfolio)) = (helpers.is_empty(), portfolio) {
            helpers = self::helpers(on, Scope::Portfolio(PortfolioId(portfolio)), user).await?;
        }
        for helper in helpers {
            if !told.contains(&helper.user_id) {
                told.push(helper.user_id);
                outbox::enqueue(on, backend, now, MailKind::HelpWanted, UserId(helper.user_id), Some(call)).await?;
            }
        }
    }
    Ok(())
}

async fn helpers(on: &impl ConnectionTrait, scope: Scope, user: UserId) -> Result<Vec<membership::Model>> {
    let mut found = store::membership::who_resets_mfa(on, scope, user).await?;
    found.truncate(MOST_TOLD);
    Ok(found)
}

/// Removes calls that cannot be disowned any more.
pub async fn sweep(backend: &Backend, now: Timestamp) -> Result<()> {
    let on = backend.database.write();
    let sql = "DELETE FROM help_calls WHERE asked_at <= ?";
    on.execute_raw(store::statement(on, sql, [(now - CALL_TTL).ms().into()])).await?;
    Ok(())
}
