//! Invitations (6.2): a scope asks an address in, and who reads there accepts or declines.
//!
//! Nothing here tells whether an address has a sign-in elsewhere: an invitation knows the address alone, is mailed the same
//! to everybody, and shows the same until it is accepted. Whose address it is, is looked up by [`accept`], on the word of
//! the link. It dies with the right of who had it sent last, so nobody lets somebody in after having been shut out.

mod answering;
mod row;

pub use answering::{accept, decline, peek};
pub(crate) use row::{end_all, mailed, member, pending_in, sweep};

use crate::{
    Backend, Caller, Error, Result, Visitor,
    audit::Entry,
    crypto::Purpose,
    fold,
    outbox::{self, MailKind},
    principal,
    store::{
        self,
        entity::invitation::{Column, Entity, Model},
        roles::{self, Held},
    },
};
use domain::{
    audit::AuditAction,
    errors::{Conflict, Field, Problem},
    ids::InvitationId,
    invitations::{INVITATION_TTL, InvitationState, Invitations, PendingInvitation},
    mfa_reset::Delivery,
    person::EmailAddress,
    policy::{self, Principal},
    roles::{Role, RoleKey},
    scope::Scope,
    time::Timestamp,
    users::MembershipStatus,
};
use row::{decide, of_scope, record, role, role_key, state};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::time::Duration;
use uuid::Uuid;

/// How many pending invitations are shown.
const SHOWN: u64 = 100;
/// How many mails one invitation may send within [`MAILS_SPAN`].
const MAILS: u64 = 3;
/// See [`MAILS`].
const MAILS_SPAN: Duration = Duration::from_secs(600);
/// How many within [`INVITATION_TTL`], so that nobody is worn down.
const MAILS_A_DAY: u64 = 8;

/// What is pending, for who may see users.
pub async fn list(backend: &Backend, caller: &Caller, scope: Scope) -> Result<Invitations> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::view_users(&who, scope)?;
    let rows = Entity::find()
        .filter(pending_in(scope))
        .order_by_desc(Column::SentAt)
        .order_by_asc(Column::Id)
        .limit(SHOWN + 1)
        .all(on)
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let deliveries = outbox::delivery(on, MailKind::Invitation, &ids).await?;
    let has_more = rows.len() as u64 > SHOWN;
    let held = Held::by(on, rows.iter().map(role_key)).await?;
    let pending = |row: Model| PendingInvitation {
        id: InvitationId(row.id),
        state: state(&row, now),
        role: held.of(role_key(&row), scope.kind()),
        sent_at: Timestamp::from_ms(row.sent_at),
        expires_at: Timestamp::from_ms(row.expires_at),
        delivery: deliveries.get(&row.id).copied().unwrap_or(Delivery::Queued),
        invited_by: row.invited_by_name,
        email: row.email,
    };
    Ok(Invitations {
        scope,
        principal: who,
        language: caller.language.clone(),
        roles: roles::available(on, scope).await?,
        pending: rows.into_iter().take(SHOWN as usize).map(pending).collect(),
        has_more,
        now,
    })
}

/// Invites an address. What is answered, and how long that takes, does not depend on whether it has a sign-in.
///
/// # Errors
/// [`Problem::AlreadyMember`], [`Problem::DeactivatedMember`] or [`Problem::AlreadyInvited`] as far as this scope goes;
/// whatever [`policy::invite`] denies.
pub async fn invite(
    backend: &Backend,
    caller: &Caller,
    scope: Scope,
    email: &EmailAddress,
    language: &str,
    role: impl Into<RoleKey>,
) -> Result<InvitationId> {
    let role = role.into();
    let now = backend.now();
    let on = backend.database.begin().await?;
    let given = roles::lock_shared(&on, scope, role).await;
    let who = principal::enter(&on, caller, scope, now).await?;
    let _seen = policy::view_users(&who, scope)?;
    let asked = Asked { scope, email, language, role: given?.role };
    let id = invite_as(&on, backend, &who, &caller.visitor, asked, now).await?;
    on.commit().await?;
    Ok(id)
}

/// Whom to ask in, where, and as what.
pub(crate) struct Asked<'a> {
    pub(crate) scope: Scope,
    pub(crate) email: &'a EmailAddress,
    /// Of the mail.
    pub(crate) language: &'a str,
    /// Held by [`roles::lock_shared`].
    pub(crate) role: Role,
}

/// The same in a transaction that does more.
pub(crate) async fn invite_as(
    on: &DatabaseTransaction,
    backend: &Backend,
    who: &Principal,
    visitor: &Visitor,
    Asked { scope, email, language, role }: Asked<'_>,
    now: Timestamp,
) -> Result<InvitationId> {
    let permit = policy::invite(who, scope, role)?;
    store::lock_scope(on, scope).await?;
    let folded = fold::address(email);
    let refused = |problem| Err(Error::field(Field::Email, problem));
    match member(on, scope, &folded).await?.map(|place| place.status()) {
        Some(MembershipStatus::Deactivated) => return refused(Problem::DeactivatedMember),
        Some(MembershipStatus::Active | MembershipStatus::Invited) => return refused(Problem::AlreadyMember),
        None => {}
    }
    if let Some(before) = Entity::find().filter(pending_in(scope).add(Column::EmailFolded.eq(&folded))).one(on).await? {
        if state(&before, now) == InvitationState::Open {
            return refused(Problem::AlreadyInvited);
        }
        decide(on, &before, InvitationState::Expired, now).await?;
    }
    let (id, nonce) = (backend.random.uuid(now), backend.random.nonce());
    let row = Model {
        id,
        scope_kind: scope.kind().key().to_owned(),
        scope_id: scope.uuid(),
        email: email.as_str().to_owned(),
        email_folded: folded,
        language: language.to_owned(),
        role: role.key().to_string(),
        invited_by_id: who.user_id.0,
        invited_by_name: who.name.clone(),
        sent_by_id: who.user_id.0,
        key_id: backend.keys.id(),
        nonce: nonce.0.to_vec(),
        token_digest: backend.keys.link_token(Purpose::Invitation, id, nonce).digest().to_vec(),
        invited_at: now.ms(),
        sent_at: now.ms(),
        expires_at: (now + INVITATION_TTL).ms(),
        decided_at: None,
        decided_as: None,
    };
    Entity::insert(row.clone().into_active_model()).exec_without_returning(on).await?;
    let entry = Entry::permitted(&permit, AuditAction::UserInvited).from(visitor);
    record(on, backend, entry, &row, now).await?;
    outbox::enqueue_to_address(on, backend, now, MailKind::Invitation, who.user_id, id, language).await?;
    Ok(InvitationId(id))
}

/// Sends it again, the same link, for another 24 hours. Who does so answers for it as if they invited.
///
/// # Errors
/// [`Conflict::InvitationIs`] when it was decided; [`Error::Throttled`] after three mails in ten minutes; whatever
/// [`policy::invite`] denies.
pub async fn resend(backend: &Backend, caller: &Caller, scope: Scope, id: InvitationId) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    store::lock_scope(&on, scope).await?;
    let row = of_scope(&on, scope, id).await?;
    let permit = policy::invite(&who, scope, role(&on, &row).await?.role)?;
    if outbox::enqueued_since(&on, MailKind::Invitation, row.id, now - MAILS_SPAN).await? >= MAILS {
        return Err(Error::Throttled { retry_after: MAILS_SPAN });
    }
    if outbox::enqueued_since(&on, MailKind::Invitation, row.id, now - INVITATION_TTL).await? >= MAILS_A_DAY {
        return Err(Error::Throttled { retry_after: INVITATION_TTL });
    }
    let sql = "UPDATE invitations SET sent_at = ?, expires_at = ?, sent_by_id = ? WHERE id = ? AND decided_at IS NULL";
    let values = [now.ms().into(), (now + INVITATION_TTL).ms().into(), who.user_id.0.into(), row.id.into()];
    if on.execute_raw(store::statement(&on, sql, values)).await?.rows_affected() != 1 {
        return Err(Conflict::InvitationIs(state(&row, now)).into());
    }
    let entry = Entry::permitted(&permit, AuditAction::InvitationResent).from(&caller.visitor);
    record(&on, backend, entry, &row, now).await?;
    outbox::enqueue_to_address(&on, backend, now, MailKind::Invitation, who.user_id, row.id, &row.language).await?;
    on.commit().await?;
    Ok(())
}

/// Calls it off: the link does nothing any more.
///
/// # Errors
/// [`Conflict::InvitationIs`] when it was decided; whatever [`policy::cancel_invitation`] denies.
pub async fn cancel(backend: &Backend, caller: &Caller, scope: Scope, id: InvitationId) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let permit = policy::cancel_invitation(&who, scope)?;
    let row = of_scope(&on, scope, id).await?;
    if !decide(&on, &row, InvitationState::Cancelled, now).await? {
        return Err(Conflict::InvitationIs(state(&row, now)).into());
    }
    let entry = Entry::permitted(&permit, AuditAction::InvitationCancelled).from(&caller.visitor);
    record(&on, backend, entry, &row, now).await?;
    on.commit().await?;
    Ok(())
}
