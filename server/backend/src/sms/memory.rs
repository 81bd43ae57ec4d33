//! A gateway for tests: it keeps what it is given, and fails or loses what it is told to.

use super::{Failure, Text};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Remembers messages. Clones share what they remember.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    texts: Vec<Text>,
    failure: Option<Failure>,
    loses: bool,
}

impl Memory {
    /// All messages so far, oldest first.
    pub fn texts(&self) -> Vec<Text> {
        self.inner().texts.clone()
    }

    /// The six digits of the newest.
    pub fn code(&self) -> String {
        let inner = self.inner();
        let said = inner.texts.last().map(|text| text.body.as_str()).unwrap_or_default();
        said.rsplit_once('#').map(|(_, code)| code.to_owned()).unwrap_or_default()
    }

    /// From now on every message fails like this; with nothing, they are taken again.
    pub fn fail(&self, failure: impl Into<Option<Failure>>) {
        self.inner().failure = failure.into();
    }

    /// From now on it says of every message that it did not arrive; or does not any more.
    pub fn lose(&self, loses: bool) {
        self.inner().loses = loses;
    }

    pub(super) async fn send(&self, text: Text) -> Result<String, Failure> {
        let mut inner = self.inner();
        if let Some(failure) = inner.failure {
            return Err(failure);
        }
        inner.texts.push(text);
        Ok(inner.texts.len().to_string())
    }

    pub(super) fn is_lost(&self, id: &str) -> bool {
        let inner = self.inner();
        inner.loses && id.parse().is_ok_and(|number: usize| number <= inner.texts.len())
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
