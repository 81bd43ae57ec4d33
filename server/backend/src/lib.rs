//! The use cases of Postern: one file a story, one function a verb, each reading *load · ask policy · transition · save ·
//! record · enqueue mail* from top to bottom, in one transaction.
//!
//! It knows the domain, the database, cryptography and mail. It does not know leptos, axum or a word of HTTP: whoever
//! calls turns its [`Error`] into a status and its tokens into cookies. Time, randomness, mail and the database come in
//! with [`Backend::new`].

pub mod accounts;
pub mod audit;
pub mod authenticators;
pub mod bulk_changes;
pub mod clock;
pub mod closing;
pub mod crypto;
pub mod demo;
pub mod email_change;
pub mod epoch;
pub mod erasure;
mod error;
pub mod fold;
pub mod guards;
pub mod health;
pub mod invitations;
pub mod knock;
pub mod locked_out;
pub mod loosening;
pub mod mail;
pub mod mfa_policy;
pub mod mfa_requirement;
pub mod mfa_reset;
pub mod notice_email;
pub mod operator;
pub mod outbox;
pub mod passkeys;
pub mod password_reset;
pub mod passwords;
pub mod personal;
pub mod places;
pub mod portfolios;
mod principal;
pub mod roles;
pub mod roll_out;
pub mod sessions;
pub mod settings;
pub mod sign_in;
pub mod sms;
pub mod store;
pub mod throttle;
pub mod users;
pub mod visitor;
pub mod worker;

rust_i18n::i18n!("locales", fallback = "en");

pub use clock::Clock;
pub use error::{Error, Result};
pub use sessions::Caller;
pub use settings::Settings;
pub use visitor::Visitor;

use crypto::{Keys, PasswordHasher, Random};
use domain::time::Timestamp;
use std::sync::Arc;
use store::Database;

/// Everything a use case works with. Cheap to clone; one for the process.
#[derive(Clone)]
pub struct Backend(Arc<Parts>);

/// What a [`Backend`] is made of.
#[derive(Clone)]
pub struct Parts {
    /// Where things are kept.
    pub database: Database,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub random: Random,
    /// Keys derived from the master key.
    pub keys: Keys,
    /// Argon2id, with bounded parallelism.
    pub hasher: PasswordHasher,
    /// How text messages leave, where the operator has set that up.
    pub sms: Option<sms::Gateway>,
    /// Public address, limits, names.
    pub settings: Settings,
}

impl Backend {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The same, whose text messages leave by this gateway.
    #[must_use]
    pub fn texting_by(&self, gateway: Option<sms::Gateway>) -> Self {
        Self::new(Parts { sms: gateway, ..Parts::clone(&self.0) })
    }

    /// The same, at another time: for demo data that has a past.
    pub(crate) fn at(&self, now: Timestamp) -> Self {
        Self::new(Parts { clock: Arc::new(clock::TestClock::at(now)), ..Parts::clone(&self.0) })
    }

    /// The present time.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}

impl std::ops::Deref for Backend {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
