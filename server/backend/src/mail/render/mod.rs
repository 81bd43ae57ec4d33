//! What each mail says, worked out when it leaves from the rows it is about: so a retry and “Resend” carry the same link,
//! and what is void by then is not mailed.
//!
//! Links are the public address of the settings and a secret derived on the spot. Nothing of a request is in a mail but
//! what a row kept of it: device and place.

mod authenticators;
mod closing;
mod email_change;
mod erasure;
mod guards;
mod invitations;
mod locked_out;
mod mfa_reset;
mod notice_email;
mod operator;
mod password_reset;
mod portfolios;
mod sign_in;

use super::{
    Message,
    letter::{Fact, Letter, Section},
    plain::plain,
    words::Words,
    zone,
};
use crate::{
    Backend, Error, Result,
    crypto::LinkToken,
    outbox::MailKind,
    store::{
        entity::{outbox, user},
        mail as rows,
    },
};
use domain::{email_change::Mailbox, time::Timestamp};
use uuid::Uuid;

/// The mail of a row of the outbox, or nothing when there is no use in it any more.
pub(crate) async fn render(backend: &Backend, row: &outbox::Model) -> Result<Option<Message>> {
    let on = backend.database.read();
    let (Some(kind), Some(person)) = (MailKind::of_key(&row.kind), rows::person(on, row.user_id).await?) else {
        return Ok(None);
    };
    // Who deleted their sign-in reads that, and nothing after it.
    if person.erased_at.is_some() && kind != MailKind::SignInDeleted {
        return Ok(None);
    }
    let to = match (&row.copy_to, kind) {
        (Some(address), MailKind::SignInDeleted) => Recipient::address(address.clone()),
        (Some(address), MailKind::AddressToBeSet | MailKind::AddressStays)
            if operator::is_new_mailbox(on, row).await? =>
        {
            Recipient::address(address.clone())
        }
        (Some(second), _) => Recipient { email: second.clone(), ..Recipient::person(person) },
        (None, MailKind::Invitation) => Recipient::address(rows::invited(on, row.subject_id).await?),
        (None, MailKind::NoticeEmailCode) => Recipient::address(notice_email::address(on, row.subject_id).await?),
        (None, MailKind::EmailChangeNew) => Recipient::address(email_change::mailbox(on, row, Mailbox::New).await?),
        (None, MailKind::EmailChanged) => {
            Recipient { email: email_change::mailbox(on, row, Mailbox::Present).await?, ..Recipient::person(person) }
        }
        (None, _) => Recipient::person(person),
    };
    let words = Words::of(&row.language);
    let pen = Pen { backend, words, to, row, now: backend.now() };
    let letter = match kind {
        MailKind::MfaResetRequest => pen.mfa_reset_request().await?,
        MailKind::MfaResetDone => pen.mfa_reset_done().await?,
        MailKind::MfaResetDoneAsker => pen.mfa_reset_done_asker().await?,
        MailKind::MfaResetDoneContact => pen.mfa_reset_done_contact().await?,
        MailKind::MfaResetDeclinedAsker => pen.mfa_reset_declined(false).await?,
        MailKind::MfaResetDeclinedContact => pen.mfa_reset_declined(true).await?,
        MailKind::MfaResetWrongNumbers => pen.mfa_reset_wrong_numbers().await?,
        MailKind::MfaResetApprovalWanted => pen.mfa_reset_approval_wanted().await?,
        MailKind::MfaResetApproved | MailKind::MfaResetRejected => pen.mfa_reset_decided(kind.key()).await?,
        MailKind::MfaResetWaiting => pen.mfa_reset_waiting().await?,
        MailKind::MfaResetAccepted => pen.mfa_reset_accepted().await?,
        MailKind::MfaResetElsewhere => pen.mfa_reset_elsewhere().await?,
        MailKind::MfaResetStopped => pen.mfa_reset_stopped().await?,
        MailKind::Loosening => pen.loosening().await?,
        MailKind::OwnershipMoved => pen.ownership_moved().await?,
        MailKind::OwnerToBeSet | MailKind::OwnerSet | MailKind::OwnerStays => pen.owner_by_operator(kind.key()).await?,
        MailKind::AddressToBeSet | MailKind::AddressSet | MailKind::AddressStays => {
            pen.address_by_operator(kind.key()).await?
        }
        MailKind::ScopeClosed => pen.scope_closed().await?,
        MailKind::SignInDeleted => Some(pen.sign_in_deleted()),
        MailKind::Watched => pen.watched().await?,
        MailKind::LinkAsked => pen.link_asked().await?,
        MailKind::LinkDeclined => pen.link_declined().await?,
        MailKind::AccountLinked => pen.account_linked().await?,
        MailKind::AccountUnlinked => pen.account_unlinked().await?,
        MailKind::LinkToConfirm => pen.link_to_confirm().await?,
        MailKind::Invitation => pen.invitation().await?,
        MailKind::DeviceCode => pen.device_code().await?,
        MailKind::NewDevice => Some(pen.new_device("new_device").await?),
        MailKind::NewCountry => Some(pen.new_device("new_country").await?),
        MailKind::MfaReminder => pen.mfa_reminder().await?,
        MailKind::PasswordReset => pen.password_reset().await?,
        MailKind::PasswordChanged => Some(pen.password_changed()),
        MailKind::EmailChangePresent => pen.email_change(Mailbox::Present).await?,
        MailKind::EmailChangeNew => pen.email_change(Mailbox::New).await?,
        MailKind::EmailChanged => pen.email_changed().await?,
        MailKind::NoticeEmailCode => pen.notice_email_code().await?,
        MailKind::NoticeEmailSet => Some(pen.notice_email_set().await?),
        MailKind::NoticeEmailRemoved => Some(pen.notice_email_removed()),
        MailKind::AuthenticatorBound => Some(pen.authenticator("bound").await?),
        MailKind::AuthenticatorUnbound => Some(pen.authenticator("unbound").await?),
        MailKind::PasskeyCopied => Some(pen.passkey_copied().await?),
        MailKind::BackupCodesMade => Some(pen.backup_codes_made()),
        MailKind::BackupCodeUsed => Some(pen.backup_code_used().await?),
        MailKind::HelpAsked => pen.help_asked().await?,
        MailKind::HelpWanted => pen.help_wanted().await?,
        MailKind::HelpDisowned => pen.help_disowned().await?,
        MailKind::PasswordKnown => Some(pen.password_known()),
    };
    letter.map(|letter| pen.message(letter)).transpose()
}

/// Whom a letter is to.
struct Recipient {
    id: Uuid,
    epoch: i64,
    email: String,
    name: String,
    time_zone: String,
}

impl Recipient {
    fn person(person: user::Model) -> Self {
        let user::Model { id, epoch, email, name, time_zone, .. } = person;
        Self { id, epoch, email, name, time_zone }
    }

    /// An address of which nothing else is known.
    fn address(email: String) -> Self {
        Self { id: Uuid::nil(), epoch: 0, email, name: String::new(), time_zone: String::new() }
    }
}

/// What every letter is written with.
struct Pen<'a> {
    backend: &'a Backend,
    words: Words,
    to: Recipient,
    row: &'a outbox::Model,
    now: Timestamp,
}

impl Pen<'_> {
    fn letter(&self, subject: String) -> Letter {
        let reference = &self.row.reference;
        let readable = reference.split_at_checked(5).map_or(reference.clone(), |(one, two)| format!("{one}-{two}"));
        let mut footer = vec![
            self.say("mail.reference", &[("reference", &readable)]),
            self.say("mail.sender", &[("address", &self.to.email), ("host", &self.host())]),
        ];
        let is_copy = MailKind::of_key(&self.row.kind).is_some_and(MailKind::is_notice);
        footer.extend(self.row.copy_to.as_ref().filter(|_| is_copy).map(|_| self.say("mail.copy", &[])));
        footer.extend(self.backend.settings.support_url.as_ref().map(|url| self.say("mail.support", &[("link", url)])));
        Letter {
            language: self.words.language().into(),
            subject,
            greeting: match self.to.name.as_str() {
                "" => self.say("mail.greeting_nobody", &[]),
                name => self.say("mail.greeting", &[("name", &plain(name))]),
            },
            lead: Vec::new(),
            code: None,
            facts: Vec::new(),
            action: None,
            sections: Vec::new(),
            footer,
        }
    }

    fn message(&self, letter: Letter) -> Result<Message> {
        Ok(Message {
            from: self.backend.settings.mail_from.clone(),
            to: self.to.email.clone(),
            to_name: plain(&self.to.name),
            text: letter.text(),
            html: letter.html().map_err(Error::internal)?,
            subject: letter.subject,
            message_id: format!("<{}@{}>", self.row.reference.to_lowercase(), self.host()),
            at: self.now,
        })
    }

    fn fraud(&self) -> Section {
        Section {
            heading: self.say("mail.fraud.heading", &[]),
            text: self.say("mail.fraud.text", &[("base", &self.backend.settings.public_url)]),
            link: None,
        }
    }

    fn wasnt_you(&self) -> Section {
        Section {
            heading: self.say("mail.wasnt_you.heading", &[]),
            text: self.say("mail.wasnt_you.change_password", &[]),
            link: Some(self.page("forgot-password")),
        }
    }

    fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.words.say(key, values)
    }

    fn fact(&self, label: &str, value: String) -> Fact {
        Fact { label: self.say(label, &[]), value }
    }

    /// A time, in the reader's zone.
    fn at(&self, label: &str, ms: i64) -> Fact {
        let time = zone::zoned(Timestamp::from_ms(ms), &self.to.time_zone);
        self.fact(label, self.words.time(&time))
    }

    /// A link that carries a secret.
    fn link(&self, page: &str, token: &LinkToken) -> String {
        self.page(&format!("{page}/{}", token.expose()))
    }

    /// The address of a page. It says the mail's language, so that the mail and the page behind it are one story. English goes
    /// without saying, since an address may be typed by hand: a browser of another language then speaks its own.
    fn page(&self, path: &str) -> String {
        self.page_with(path, &[])
    }

    /// The same, with a query.
    fn page_with(&self, path: &str, query: &[(&str, &str)]) -> String {
        let mut said = url::form_urlencoded::Serializer::new(String::new());
        said.extend_pairs(query);
        said.extend_pairs(Some(("lang", self.words.language())).filter(|(_, language)| *language != "en"));
        let said = said.finish();
        let mark = if said.is_empty() { "" } else { "?" };
        format!("{}/{path}{mark}{said}", self.backend.settings.public_url)
    }

    /// The host of the public address.
    fn host(&self) -> String {
        let url = url::Url::parse(&self.backend.settings.public_url).ok();
        url.as_ref().and_then(|url| url.host_str()).unwrap_or("localhost").into()
    }
}
