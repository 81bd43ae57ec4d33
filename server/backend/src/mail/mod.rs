//! Mail: how it looks and how it leaves. [`render`] turns a row of the outbox into a [`Message`]; a [`Mailer`] takes it
//! away. When it leaves, how often it is tried and what is remembered of it is the outbox's business.
//!
//! A mailer says of every mail whether it was taken, refused for good, or is to be tried again; it remembers nothing
//! itself, and no address, text or answer of a mail server is ever written to the log: mail servers like to repeat whom
//! they refuse.

pub mod folder;
mod letter;
mod memory;
mod mime;
mod plain;
pub(crate) mod render;
mod smtp;
mod words;
pub mod zone;

pub use memory::Memory;
pub use mime::{SenderProblem, check_sender};
pub use smtp::{Patience, Smtp, SmtpUrlProblem};
pub(crate) use words::Words;
pub use words::languages;

use domain::time::Timestamp;
use folder::Folder;
use std::{path::PathBuf, sync::Arc};

/// One mail, ready to leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// The sender, as the operator set it.
    pub from: String,
    /// The stored address of whom it is for.
    pub to: String,
    /// Their name.
    pub to_name: String,
    /// A line.
    pub subject: String,
    /// What is said, as plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The same at every attempt, so that a mail that was taken twice is shown once.
    pub message_id: String,
    /// When it left.
    pub at: Timestamp,
}

/// Why a mail was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    /// This mail was refused for good, at whatever step.
    #[error("the mail server refuses this mail with {code}")]
    Refused {
        /// SMTP reply code, 500 or above.
        code: u16,
    },
    /// The mail server wants it later.
    #[error("the mail server puts this mail off with {code}")]
    PutOff {
        /// SMTP reply code, 400 to 499.
        code: u16,
    },
    /// The mail server turned this server away before any mail was spoken of: a wrong password of ours, say.
    #[error("the mail server turns this server away with {code}")]
    TurnedAway {
        /// SMTP reply code.
        code: u16,
    },
    /// No connection.
    #[error("the mail server cannot be reached")]
    Unreachable,
    /// No answer in time. It may have been taken all the same.
    #[error("the mail server does not answer in time")]
    TimedOut,
    /// TLS failed, or there is none where a password would have to be sent, or where it is required.
    #[error("no encryption could be agreed with the mail server")]
    Encryption,
    /// The conversation made no sense or broke off.
    #[error("the conversation with the mail server broke off")]
    BrokenOff,
}

impl Failure {
    /// Whether there is no use in trying again.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Refused { .. })
    }

    /// The reply code, if one was given.
    pub fn code(self) -> Option<u16> {
        match self {
            Self::Refused { code } | Self::PutOff { code } | Self::TurnedAway { code } => Some(code),
            _ => None,
        }
    }
}

/// How mails leave.
#[derive(Clone)]
pub enum Mailer {
    /// Through a mail server.
    Smtp(Arc<Smtp>),
    /// Into a folder: the demo's mailbox.
    Folder(Folder),
    /// Into memory, for tests.
    Memory(Memory),
}

impl Mailer {
    /// Through the mail server at `url`; see [`Smtp`].
    pub fn smtp(url: &str) -> Result<Self, SmtpUrlProblem> {
        Ok(Self::Smtp(Arc::new(Smtp::new(url, Patience::default())?)))
    }

    /// Into a folder, which is made when it is not there.
    pub fn folder(path: impl Into<PathBuf>) -> std::io::Result<Self> {
        Folder::new(path.into()).map(Self::Folder)
    }

    /// Hands one mail over.
    pub async fn send(&self, message: Message) -> Result<(), Failure> {
        match self {
            Self::Smtp(smtp) => smtp.send(message).await,
            Self::Folder(folder) => folder.send(message).await,
            Self::Memory(memory) => memory.send(message).await,
        }
    }

    /// Whether mail could leave now, without sending any: for `postern doctor`.
    pub async fn check(&self) -> Result<(), Failure> {
        match self {
            Self::Smtp(smtp) => smtp.check().await,
            Self::Folder(_) | Self::Memory(_) => Ok(()),
        }
    }
}
