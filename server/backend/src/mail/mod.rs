//! Mail: how it looks and how it leaves. [`render`] turns a row of the outbox into a [`Message`]; a [`Mailer`] takes it
//! away. When it leaves, how often it is tried and what is remembered of it is the outbox's business.
//!
//! A mailer says of every mail whether it was taken, refused for good, or is to be tried again; it remembers nothing
//! itself, and it never writes an address or a text to the log.

mod memory;
pub mod zone;

pub use memory::Memory;

use domain::time::Timestamp;

/// One mail, ready to leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
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
    /// Printed in the mail and part of its `Message-ID`.
    pub reference: String,
    /// When it left.
    pub at: Timestamp,
}

/// Why a mail was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// For good: the mail server's reply code, 500 or above.
    Refused {
        /// SMTP reply code, e.g. 550.
        code: u16,
    },
    /// For now. The reply code, if the mail server was reached and gave one.
    Later {
        /// SMTP reply code, e.g. 451.
        code: Option<u16>,
    },
}

/// How mails leave.
#[derive(Clone)]
pub enum Mailer {
    /// Into memory, for tests.
    Memory(Memory),
}

impl Mailer {
    /// Hands one mail over.
    pub async fn send(&self, message: Message) -> Result<(), Failure> {
        match self {
            Self::Memory(memory) => memory.send(message),
        }
    }
}
