//! Text messages: how they leave (4.3). Which code is sent when, and what it serves for, is [`crate::authenticators`]'s.
//!
//! A [`Gateway`] says of every message whether it was taken; no number, text or answer of a gateway is ever written to the
//! log. Each message is sent once, while its person waits: who presses again gets another code.

mod folder;
mod memory;
pub mod numbers;
mod twilio;

pub use memory::Memory;
pub use twilio::{GatewayUrlProblem, Patience, Twilio};

use crate::mail::folder::Folder;
use domain::time::Timestamp;
use std::{io, path::PathBuf, sync::Arc};

/// One message, ready to leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// The number (E.164).
    pub to: String,
    /// What is said.
    pub body: String,
    /// When.
    pub at: Timestamp,
}

/// Why a message was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    /// Not to this number: it takes none, or the gateway sends none there.
    #[error("the gateway sends nothing to this number ({code})")]
    Number {
        /// The gateway's own code.
        code: u32,
    },
    /// The gateway refused it, or turned this server away.
    #[error("the gateway answers with {status}")]
    Refused {
        /// HTTP status.
        status: u16,
    },
    /// No connection, or no answer in time. It may have been taken all the same.
    #[error("the gateway cannot be reached, or does not answer in time")]
    Unreachable,
}

/// How text messages leave.
#[derive(Clone)]
pub enum Gateway {
    /// By the HTTP interface that Twilio made and others speak too.
    Twilio(Arc<Twilio>),
    /// Into the folder of the demo's mailbox.
    Folder(Folder),
    /// Into memory, for tests.
    Memory(Memory),
}

impl Gateway {
    /// By the gateway at `url`, from the number or service `from`; see [`Twilio`].
    pub fn twilio(url: &str, from: &str, patience: Patience) -> Result<Self, GatewayUrlProblem> {
        Ok(Self::Twilio(Arc::new(Twilio::new(url, from, patience)?)))
    }

    /// Into a folder, which is made when it is not there.
    pub fn folder(path: impl Into<PathBuf>) -> io::Result<Self> {
        Folder::new(path.into()).map(Self::Folder)
    }

    /// Hands one message over. Answers by what the gateway knows it, where it says so.
    pub async fn send(&self, text: Text) -> Result<Option<String>, Failure> {
        match self {
            Self::Twilio(twilio) => Arc::clone(twilio).send(text).await.map(Some),
            Self::Folder(folder) => folder::send(folder, text).await.map(|()| None),
            Self::Memory(memory) => memory.send(text).await.map(Some),
        }
    }

    /// Whether the gateway knows by now that this message did not arrive. Nothing is known of one that it does not answer
    /// for.
    pub async fn is_lost(&self, id: &str) -> bool {
        match self {
            Self::Twilio(twilio) => Arc::clone(twilio).is_lost(id.to_owned()).await,
            Self::Folder(_) => false,
            Self::Memory(memory) => memory.is_lost(id),
        }
    }

    /// Whether messages could leave now, without sending any: for `postern doctor`.
    pub async fn check(&self) -> Result<(), Failure> {
        match self {
            Self::Twilio(twilio) => Arc::clone(twilio).check().await,
            Self::Folder(_) | Self::Memory(_) => Ok(()),
        }
    }
}
