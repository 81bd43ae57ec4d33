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
    left_hanging: usize,
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

    /// How many mails were handed over and left hanging so far.
    pub fn left_hanging(&self) -> usize {
        self.inner().left_hanging
    }

    pub(super) async fn send(&self, message: Message) -> Result<(), Failure> {
        if self.hangs_now() {
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

    fn hangs_now(&self) -> bool {
        let mut inner = self.inner();
        inner.left_hanging += usize::from(inner.hangs);
        inner.hangs
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
