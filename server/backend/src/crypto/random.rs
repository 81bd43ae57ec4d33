//! Randomness, as an argument: the operating system's for the process, a seeded one for tests.

use super::Nonce;
use domain::time::Timestamp;
use rand::{CryptoRng, Rng, SeedableRng, rngs::StdRng};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// A source of cryptographic randomness, shared by all use cases.
#[derive(Clone)]
pub struct Random(Arc<Mutex<dyn CryptoRng + Send>>);

impl Random {
    /// Seeded by the operating system.
    ///
    /// # Panics
    /// When the operating system has no randomness to give, which leaves nothing that could go on.
    pub fn from_system() -> Self {
        Self(Arc::new(Mutex::new(StdRng::try_from_rng(&mut rand::rngs::SysRng).expect("the system's randomness"))))
    }

    /// The same sequence every time, for tests and demo data.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// The nonce of a derived secret.
    pub fn nonce(&self) -> Nonce {
        Nonce(self.bytes())
    }

    /// A new UUIDv7 (RFC 9562, 5.7) of the time `now`.
    pub fn uuid(&self, now: Timestamp) -> Uuid {
        let ms = u64::try_from(now.ms()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(ms, &self.bytes()).into_uuid()
    }
}
