//! A [`Message`] in the form in which mail travels (RFC 5322, MIME): text and HTML as alternatives.

use super::Message;
use lettre::{
    address::{Address, Envelope},
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use std::time::{Duration, SystemTime};

/// `POSTERN_MAIL_FROM` is not an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the sender of mails must be an address, alone or as `Name <address>`")]
pub struct SenderProblem;

/// An address that no mail can be sent to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unsendable;

/// Checks the sender that the operator set.
pub fn check_sender(from: &str) -> Result<(), SenderProblem> {
    mailbox(from).map(drop).map_err(|Unsendable| SenderProblem)
}

/// Envelope and bytes of a mail.
pub(super) fn of(message: &Message) -> Result<(Envelope, Vec<u8>), Unsendable> {
    let mail = lettre::Message::builder()
        .from(mailbox(&message.from)?)
        .to(Mailbox::new(Some(message.to_name.clone()), address(&message.to)?))
        .subject(message.subject.clone())
        .date(SystemTime::UNIX_EPOCH + Duration::from_millis(message.at.ms().max(0).unsigned_abs()))
        .message_id(Some(message.message_id.clone()))
        // No mailbox answers to it (RFC 3834), and Outlook's own word for the same.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"))
        .multipart(MultiPart::alternative_plain_html(message.text.clone(), message.html.clone()))
        .map_err(|_| Unsendable)?;
    Ok((mail.envelope().clone(), mail.formatted()))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.into())
}

fn mailbox(text: &str) -> Result<Mailbox, Unsendable> {
    let mailbox: Mailbox = text.trim().parse().map_err(|_| Unsendable)?;
    Ok(Mailbox::new(mailbox.name, address(mailbox.email.as_ref())?))
}

/// The domain in the letters that every mail server understands (RFC 5891).
fn address(text: &str) -> Result<Address, Unsendable> {
    let (local, domain) = text.rsplit_once('@').ok_or(Unsendable)?;
    let domain = match domain.is_ascii() {
        true => domain.to_owned(),
        false => url::Host::parse(domain).map_err(|_| Unsendable)?.to_string(),
    };
    Address::new(local, domain).map_err(|_| Unsendable)
}
