//! A mailer for tests: it keeps what it is given and fails when it is told to.

use super::{Failure, Message};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Remembers mails. Clones share what they remember.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    mails: Vec<Message>,
    failure: Option<Failure>,
    hangs: bool,
}

impl Memory {
    /// All mails so far, oldest first.
    pub fn mails(&self) -> Vec<Message> {
        self.inner().mails.clone()
    }

    /// From now on every mail fails like this; with nothing, they are taken again.
    pub fn fail(&self, failure: impl Into<Option<Failure>>) {
        self.inner().failure = failure.into();
    }

    /// From now on mails that are handed over are neither taken nor refused, for as long as somebody waits; or are again.
    pub fn hang(&self, hangs: bool) {
        self.inner().hangs = hangs;
    }

    pub(super) async fn send(&self, message: Message) -> Result<(), Failure> {
        if self.inner().hangs {
            std::future::pending().await
        }
        let mut inner = self.inner();
        match inner.failure {
            Some(failure) => Err(failure),
            None => {
                inner.mails.push(message);
                Ok(())
            }
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
