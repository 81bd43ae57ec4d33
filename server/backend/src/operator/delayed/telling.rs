//! What is said of a change: entries in the logs, and mails to everybody concerned.

use super::{super::refused::Result, row::scope_of};
use crate::{
    Backend, Error,
    audit::Entry,
    loosening,
    outbox::{self, MailKind},
    store::{
        self,
        entity::{membership, operator_change::Model},
    },
};
use domain::{audit::AuditAction, ids::UserId, time::Timestamp};
use sea_orm::DatabaseTransaction;
use std::collections::BTreeSet;
use uuid::Uuid;

/// All stays as it is: called off, or impossible by now.
pub(super) async fn stays(
    on: &DatabaseTransaction,
    backend: &Backend,
    row: &Model,
    by_operator: bool,
    now: Timestamp,
) -> Result<()> {
    let user = UserId(row.user_id);
    let person = store::user::by_id(on, user).await?.ok_or(Error::NotFound)?;
    let entry = |action| match by_operator {
        true => Entry::by_operator(action).upon(user, &person.name).about(row.id),
        false => Entry::by_system(action).upon(user, &person.name).about(row.id),
    };
    match scope_of(row) {
        Some(scope) => {
            entry(AuditAction::OwnerStays).within(Some(scope)).write(on, backend, now).await?;
            tell(on, backend, row, MailKind::OwnerStays, now).await
        }
        None => {
            entry(AuditAction::AddressStays).write_everywhere(on, backend, now, user).await?;
            tell(on, backend, row, MailKind::AddressStays, now).await
        }
    }
}

/// Tells everybody concerned. Of an Owner: all who are of rank 2 and above, and who is to be. Of an address: the present and
/// the new mailbox, the person's second address, and the administrators of each scope they are in.
pub(super) async fn tell(
    on: &DatabaseTransaction,
    backend: &Backend,
    row: &Model,
    kind: MailKind,
    now: Timestamp,
) -> Result<()> {
    let user = UserId(row.user_id);
    let mut told: BTreeSet<Uuid> = BTreeSet::new();
    let scopes = match scope_of(row) {
        Some(scope) => {
            told.insert(row.user_id);
            vec![scope]
        }
        None => store::active_memberships(on, user).await?.iter().map(membership::Model::scope).collect(),
    };
    for scope in scopes {
        told.extend(loosening::administrators(on, scope).await?.into_iter().map(|admin| admin.user_id));
    }
    if scope_of(row).is_none() {
        told.remove(&row.user_id);
        let second = store::user::by_id(on, user).await?.and_then(|person| person.notice_email);
        let addresses: BTreeSet<&String> =
            [&row.present_email, &row.new_email, &second].into_iter().flatten().collect();
        for address in addresses {
            outbox::enqueue_at(on, backend, now, kind, user, (Some(row.id), address)).await?;
        }
    }
    for admin in told {
        outbox::enqueue(on, backend, now, kind, UserId(admin), Some(row.id)).await?;
    }
    Ok(())
}
