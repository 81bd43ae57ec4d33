//! A [`Message`] in the form in which mail travels (RFC 5322, MIME): text and HTML as alternatives.

use super::{Failure, Message};
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

/// 553, the mailbox name is not allowed (RFC 5321, 4.2.3): said by us where the mail server would have to.
pub(super) const NO_SUCH_ADDRESS: Failure = Failure::Refused { code: 553 };

/// Checks the sender that the operator set.
pub fn check_sender(from: &str) -> Result<(), SenderProblem> {
    mailbox(from).map(drop).map_err(|_| SenderProblem)
}

/// Envelope and bytes of a mail.
pub(super) fn of(message: &Message) -> Result<(Envelope, Vec<u8>), Failure> {
    let mail = lettre::Message::builder()
        .from(mailbox(&message.from)?)
        .to(Mailbox::new(Some(on_one_line(&message.to_name)), address(&message.to)?))
        .subject(on_one_line(&message.subject))
        .date(SystemTime::UNIX_EPOCH + Duration::from_millis(message.at.ms().max(0).unsigned_abs()))
        .message_id(Some(message.message_id.clone()))
        // No mailbox answers to it (RFC 3834), and Outlook's own word for the same.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"))
        .multipart(MultiPart::alternative_plain_html(message.text.clone(), message.html.clone()))
        .map_err(|_| NO_SUCH_ADDRESS)?;
    Ok((mail.envelope().clone(), mail.formatted()))
}

/// lettre keeps a line break out of a header by a panic.
fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.into())
}

fn mailbox(text: &str) -> Result<Mailbox, Failure> {
    let mailbox: Mailbox = text.trim().parse().map_err(|_| NO_SUCH_ADDRESS)?;
    Ok(Mailbox::new(mailbox.name, address(mailbox.email.as_ref())?))
}

/// The domain in the letters that every mail server understands (RFC 5891).
fn address(text: &str) -> Result<Address, Failure> {
    let (local, domain) = text.rsplit_once('@').ok_or(NO_SUCH_ADDRESS)?;
    let domain = match domain.is_ascii() {
        true => domain.to_owned(),
        false => url::Host::parse(domain).map_err(|_| NO_SUCH_ADDRESS)?.to_string(),
    };
    Address::new(local, domain).map_err(|_| NO_SUCH_ADDRESS)
}
