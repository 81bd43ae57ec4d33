//! The outbox: a mail is a row, written in the transaction that it tells of, so that no mail leaves for what did not
//! commit and none is lost that should. What it says is worked out when it leaves, from the rows it is about.

mod post;

pub(crate) use post::{Post, deliver_due};

use crate::{
    Backend, Error, Result,
    crypto::Random,
    store::{self, ConnectionTrait, entity::outbox::Model},
};
use data_encoding::{Encoding, Specification};
use domain::{ids::UserId, mfa_reset::Delivery, time::Timestamp};
use std::{collections::HashMap, sync::LazyLock, time::Duration};
use uuid::Uuid;

/// How long it stays known that a mail was sent.
const KEPT: Duration = Duration::from_secs(90 * 24 * 3600);

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
    /// To who may approve: a second administrator is needed. About: the reset.
    MfaResetApprovalWanted = "mfa_reset_approval_wanted",
    /// To the asker: a second administrator agreed. About: the reset.
    MfaResetApproved = "mfa_reset_approved",
    /// To the asker: a second administrator did not. About: the reset.
    MfaResetRejected = "mfa_reset_rejected",
    /// To the target: it was accepted and waits, with the link that calls it off. About: the reset.
    MfaResetWaiting = "mfa_reset_waiting",
    /// To the asker: it was accepted and takes effect later. About: the reset.
    MfaResetAccepted = "mfa_reset_accepted",
    /// To an administrator of a scope outside the asker's reach: it was accepted, waits, and can be called off. About: the
    /// reset; never says who asked, or where.
    MfaResetElsewhere = "mfa_reset_elsewhere",
    /// To target and asker: what waited was called off. About: the reset.
    MfaResetStopped = "mfa_reset_stopped",
    /// To the asker: the target said “This wasn't me”. About: the reset.
    MfaResetDeclinedAsker = "mfa_reset_declined_asker",
    /// To the asker: wrong numbers were typed, so the request ended. About: the reset.
    MfaResetWrongNumbers = "mfa_reset_wrong_numbers",
    /// To the security contact: the target said “This wasn't me”. About: the reset.
    MfaResetDeclinedContact = "mfa_reset_declined_contact",
    /// To the security contact: somebody whose own second factors were just reset did what is watched. About: the entry of the
    /// activity log.
    Watched = "watched",
    /// To an Owner or Admin: the scope has another Owner. About: the entry of the activity log.
    OwnershipMoved = "ownership_moved",
    /// To Owners and Admins, and to who is to be the Owner: the operator named another, for later. About: the change.
    OwnerToBeSet = "owner_to_be_set",
    /// To the same: it is so now.
    OwnerSet = "owner_set",
    /// To the same: it was called off, or has become impossible.
    OwnerStays = "owner_stays",
    /// To the present, the new and the second address of a person, and to the administrators of their scopes: the operator
    /// named another address, for later. About: the change.
    AddressToBeSet = "address_to_be_set",
    /// To the same: it is so now.
    AddressSet = "address_set",
    /// To the same: it was called off, or has become impossible.
    AddressStays = "address_stays",
    /// To an Owner or Admin: the account or portfolio was closed. About: the entry of the activity log.
    ScopeClosed = "account_closed",
    /// To the addresses of who was a person here: the sign-in is deleted.
    SignInDeleted = "sign_in_deleted",
    /// To an account's Owner: a portfolio asks it to join. About: the request.
    LinkAsked = "link_asked",
    /// To the Portfolio Owner who asked: the account's Owner did not agree. About: the request.
    LinkDeclined = "link_declined",
    /// To an Owner or Admin of account or portfolio: they are linked. About: the entry of that one's activity log.
    AccountLinked = "account_linked",
    /// To the same: they are linked no more. About: the entry of that one's activity log.
    AccountUnlinked = "account_unlinked",
    /// To an account's Owner: the link is to be confirmed, or it ends. About: the account.
    LinkToConfirm = "link_to_confirm",
    /// To an address: an invitation to a scope, with the link. About: the invitation.
    Invitation = "invitation",
    /// To an Owner or Admin: a guard or the MFA requirement is to be loosened, and can be called off. About: the loosening.
    Loosening = "loosening",
    /// To the person: six digits for a new device, with device and place that asked. About: the device code.
    DeviceCode = "device_code",
    /// To the person: a browser that was not seen before signed in. About: the known device.
    NewDevice = "new_device",
    /// To the person: a browser of theirs signed in from a country in which it was not seen before.
    NewCountry = "new_country",
    /// To a member without a second factor: an administrator asks for one. About: the membership.
    MfaReminder = "mfa_reminder",
    /// To the person: a link that lets a password be set, forgotten or first. About: the password reset.
    PasswordReset = "password_reset",
    /// To the person: the password was changed.
    PasswordChanged = "password_changed",
    /// To the present mailbox: somebody asked for another address, with its link. About: the change.
    EmailChangePresent = "email_change_present",
    /// To the new mailbox: the same, with its own. About: the change.
    EmailChangeNew = "email_change_new",
    /// To the former mailbox: the address is another now. About: the change.
    EmailChanged = "email_changed",
    /// To an address that is to be a second one for notices: six digits. About: the code.
    NoticeEmailCode = "notice_email_code",
    /// To the person: there is a second address for notices, or another. About: the code that proved it.
    NoticeEmailSet = "notice_email_set",
    /// To the person: there is none any more.
    NoticeEmailRemoved = "notice_email_removed",
    /// To the person: an authenticator was bound.
    AuthenticatorBound = "authenticator_bound",
    /// To the person: an authenticator was removed.
    AuthenticatorUnbound = "authenticator_unbound",
    /// To the person: a passkey's counter did not grow, so it may have been copied. About: the passkey.
    PasskeyCopied = "passkey_copied",
    /// To the person: new backup codes were made.
    BackupCodesMade = "backup_codes_made",
    /// To the person: a backup code was used, and how many are left.
    BackupCodeUsed = "backup_code_used",
    /// To the person: somebody, probably they, asked the administrators for help. About: the call.
    HelpAsked = "help_asked",
    /// To an administrator: a member is locked out and asks for help. About: the call.
    HelpWanted = "help_wanted",
    /// To the same: the member said that it was not them. About: the call.
    HelpDisowned = "help_disowned",
    /// To the person: somebody knows the password but not the second factor.
    PasswordKnown = "password_known",
}

impl MailKind {
    /// Whether it tells a person what became of their own sign-in. A copy goes to their second address (6.4): whoever reads one
    /// mailbox does not keep it from them. No link in it gives anything to who holds it.
    pub const fn is_notice(self) -> bool {
        matches!(
            self,
            Self::MfaResetWaiting
                | Self::MfaResetDone
                | Self::NewDevice
                | Self::NewCountry
                | Self::PasswordChanged
                | Self::EmailChanged
                | Self::NoticeEmailSet
                | Self::NoticeEmailRemoved
                | Self::AuthenticatorBound
                | Self::AuthenticatorUnbound
                | Self::PasskeyCopied
                | Self::BackupCodesMade
                | Self::BackupCodeUsed
                | Self::HelpAsked
                | Self::PasswordKnown
        )
    }
}

/// Puts a mail to `user` into the outbox; it leaves after the transaction commits. To send a mail again is to put in
/// another of the same kind about the same. A copy of a notice goes to the person's second address, if there is one.
pub async fn enqueue(
    on: &impl ConnectionTrait,
    backend: &Backend,
    now: Timestamp,
    kind: MailKind,
    user: UserId,
    subject: Option<Uuid>,
) -> Result<()> {
    let (language, second) =
        store::outbox::reader(on, user.0).await?.ok_or_else(|| Error::internal("a mail to nobody"))?;
    let mail = Mail { kind, user, subject, language, copy_to: None };
    if let Some(second) = second.filter(|_| kind.is_notice()) {
        put_in(on, backend, now, Mail { copy_to: Some(second), language: mail.language.clone(), ..mail }).await?;
    }
    put_in(on, backend, now, mail).await
}

/// Puts a mail into the outbox that goes to an address, not to a person: whose it is, what it is about knows. `sender` is
/// who has it sent.
pub async fn enqueue_to_address(
    on: &impl ConnectionTrait,
    backend: &Backend,
    now: Timestamp,
    kind: MailKind,
    sender: UserId,
    subject: Uuid,
    language: &str,
) -> Result<()> {
    let mail = Mail { kind, user: sender, subject: Some(subject), language: language.to_owned(), copy_to: None };
    put_in(on, backend, now, mail).await
}

/// Puts a mail into the outbox that is about `user` and goes to `address`, in the person's language.
pub(crate) async fn enqueue_at(
    on: &impl ConnectionTrait,
    backend: &Backend,
    now: Timestamp,
    kind: MailKind,
    user: UserId,
    (subject, address): (Option<Uuid>, &str),
) -> Result<()> {
    let (language, _) = store::outbox::reader(on, user.0).await?.ok_or_else(|| Error::internal("a mail to nobody"))?;
    put_in(on, backend, now, Mail { kind, user, subject, language, copy_to: Some(address.to_owned()) }).await
}

struct Mail {
    kind: MailKind,
    user: UserId,
    subject: Option<Uuid>,
    language: String,
    copy_to: Option<String>,
}

async fn put_in(on: &impl ConnectionTrait, backend: &Backend, now: Timestamp, mail: Mail) -> Result<()> {
    let Mail { kind, user, subject, language, copy_to } = mail;
    let row = Model {
        id: backend.random.uuid(now),
        kind: kind.key().into(),
        language,
        user_id: user.0,
        subject_id: subject,
        reference: reference(&backend.random),
        enqueued_at: now.ms(),
        attempts: 0,
        next_attempt_at: now.ms(),
        sent_at: None,
        refused_at: None,
        reply_code: None,
        copy_to,
    };
    store::outbox::insert(on, row).await
}

/// How far the latest mail of `kind` about each of `subjects` got. Of a mail that was dropped because there was no use
/// in it any more, code 0 is said.
pub async fn delivery(on: &impl ConnectionTrait, kind: MailKind, subjects: &[Uuid]) -> Result<HashMap<Uuid, Delivery>> {
    if subjects.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = store::outbox::about(on, kind.key(), subjects).await?;
    Ok(rows.iter().filter_map(|row| Some((row.subject_id?, delivery_of(row)))).collect())
}

/// How many mails of `kind` about `subject` were put in after `since`.
pub async fn enqueued_since(on: &impl ConnectionTrait, kind: MailKind, subject: Uuid, since: Timestamp) -> Result<u64> {
    let rows = store::outbox::about(on, kind.key(), &[subject]).await?;
    Ok(rows.iter().filter(|row| row.enqueued_at > since.ms()).count() as u64)
}

/// Removes what left, or was given up, long ago.
pub(crate) async fn sweep(backend: &Backend, now: Timestamp) -> Result<()> {
    store::outbox::remove_before(backend.database.write(), now - KEPT).await
}

/// A mail that waits because the mail server turned this server away (a wrong password of ours, say) is shown as
/// refused too: it leaves by itself once the operator has seen to it, but until then somebody has to know.
fn delivery_of(row: &Model) -> Delivery {
    let code = row.reply_code.and_then(|code| u16::try_from(code).ok()).unwrap_or(0);
    match row {
        Model { sent_at: Some(_), .. } => Delivery::Sent,
        Model { refused_at: Some(_), .. } => Delivery::Refused { code },
        _ if code >= 500 => Delivery::Refused { code },
        _ => Delivery::Queued,
    }
}

/// Ten characters of Crockford's base32, 50 bits: short enough to type, without letters that look like digits.
fn reference(random: &Random) -> String {
    static CROCKFORD: LazyLock<Encoding> = LazyLock::new(|| {
        let mut specification = Specification::new();
        specification.symbols.push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
        specification.encoding().expect("32 different symbols are an encoding")
    });
    let mut reference = CROCKFORD.encode(&random.bytes::<10>());
    reference.truncate(10);
    reference
}
