//! Passwords: Argon2id (RFC 9106) with OWASP's parameters, off the async threads and a bounded number at a time, so that
//! a crowd at the door costs waiting and not memory.

use super::Random;
use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::phc::{Output, ParamsString, Salt},
};
use std::sync::{Arc, LazyLock};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A password as it was typed. Never printed, never serialised.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Password(String);

impl Password {
    /// Takes what was typed, as it is: nothing is trimmed or folded.
    pub fn new(typed: String) -> Self {
        Self(typed)
    }

    /// The text, for the rules of [`domain::passwords`].
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Parameters of Argon2id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Argon2Cost {
    /// KiB of memory.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
}

impl Argon2Cost {
    /// OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
    pub const OWASP: Self = Self { memory_kib: 19 * 1024, passes: 2 };

    fn argon2(self) -> Argon2<'static> {
        let params = Params::new(self.memory_kib, self.passes, 1, Some(32)).expect("parameters within Argon2's bounds");
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// Hashes and verifies, a bounded number at a time.
#[derive(Clone)]
pub struct PasswordHasher {
    cost: Argon2Cost,
    random: Random,
    slots: Arc<Semaphore>,
    dummy: Arc<str>,
}

impl PasswordHasher {
    /// `parallel` hashes at a time; each takes `cost.memory_kib` while it runs.
    pub fn new(cost: Argon2Cost, parallel: usize, random: Random) -> Self {
        // Of nobody's password: what is compared with need not be anybody's hash.
        let dummy = phc(cost, random.bytes(), &random.bytes()).into();
        Self { cost, random, slots: Arc::new(Semaphore::new(parallel.max(1))), dummy }
    }

    /// Hashes a new password, as a PHC string with salt and parameters.
    pub async fn hash(&self, password: &Password) -> String {
        let (cost, salt, password) = (self.cost, self.random.bytes(), password.clone());
        self.run(move || {
            let mut output = [0; 32];
            digest(&cost.argon2(), &password, &salt, &mut output).expect("within Argon2's bounds");
            phc(cost, salt, &output)
        })
        .await
    }

    /// Whether `password` is the one of `stored`. Nothing stored takes as long and is never right, so that the answer
    /// takes the same time for people who do not exist.
    pub async fn verify(&self, password: &Password, stored: Option<&str>) -> bool {
        let (hash, exists) = (stored.unwrap_or(&self.dummy).to_owned(), stored.is_some());
        let password = password.clone();
        let matches = self.run(move || matches(&password, &hash).unwrap_or(false));
        matches.await && exists
    }

    /// Whether `stored` was made with other parameters than today's and is to be renewed at the next sign-in.
    pub fn is_outdated(&self, stored: &str) -> bool {
        let wanted = ParamsString::try_from(self.cost.argon2().params()).ok();
        PasswordHash::new(stored).map_or(true, |hash| Some(&hash.params) != wanted.as_ref())
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let _slot = self.slots.acquire().await.expect("the hashing slots are never closed");
        tokio::task::spawn_blocking(work).await.expect("hashing does not panic")
    }
}

/// Blocks in one piece above what glibc ever keeps of what was given back (32 MiB): what a hash took is the system's again
/// when it is done, instead of staying with the thread that made it. Untouched, the rest of the piece costs nothing.
const GIVEN_BACK: usize = (33 << 20) / Block::SIZE;

/// Fills `output` with the digest of a password.
fn digest(argon2: &Argon2<'_>, password: &Password, salt: &[u8], output: &mut [u8]) -> argon2::Result<()> {
    let count = argon2.params().block_count();
    let mut memory = Vec::new();
    memory.try_reserve_exact(count.max(GIVEN_BACK)).expect("memory for one hash; this request fails, not the server");
    memory.resize(count, Block::new());
    argon2.hash_password_into_with_memory(password.0.as_bytes(), salt, output, &mut memory)
}

/// Whether `stored`, a PHC string of whatever parameters, is of this password; nothing when it cannot be read.
fn matches(password: &Password, stored: &str) -> Option<bool> {
    let hash = PasswordHash::new(stored).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Some(Version::default()), |version| Version::try_from(version).ok())?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(&hash).ok()?);
    let (salt, wanted) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
    let mut output = vec![0; wanted.len()];
    digest(&argon2, password, salt.as_ref(), &mut output).ok()?;
    Some(output.as_slice().ct_eq(wanted.as_bytes()).into())
}

/// A hash with salt and parameters, as a PHC string.
fn phc(cost: Argon2Cost, salt: [u8; 16], output: &[u8; 32]) -> String {
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(cost.argon2().params()).expect("parameters have a text form"),
        salt: Some(Salt::new(&salt).expect("16 bytes are a salt")),
        hash: Some(Output::new(output).expect("32 bytes are an output")),
    };
    hash.to_string()
}

/// Whether `lower`, in lower case, is among the common passwords of twelve characters and more that ship with Postern.
pub fn is_common(lower: &str) -> bool {
    static COMMON: LazyLock<std::collections::HashSet<&'static str>> =
        LazyLock::new(|| include_str!("common_passwords.txt").lines().filter(|line| !line.is_empty()).collect());
    COMMON.contains(lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(memory_kib: u32) -> PasswordHasher {
        PasswordHasher::new(Argon2Cost { memory_kib, passes: 1 }, 2, Random::seeded(1))
    }

    #[tokio::test]
    async fn the_right_password_and_no_other_is_right() {
        let (hasher, right) = (hasher(64), Password::new("correct horse battery".into()));
        let stored = hasher.hash(&right).await;
        assert!(hasher.verify(&right, Some(&stored)).await);
        assert!(!hasher.verify(&Password::new("correct horse batterY".into()), Some(&stored)).await);
        assert!(!hasher.verify(&right, None).await);
    }

    #[tokio::test]
    async fn what_is_stored_but_cannot_be_read_is_never_right() {
        let password = Password::new("correct horse battery".into());
        let stored = hasher(64).hash(&password).await;
        for broken in
            ["", "plain", &stored[..40], &stored.replace("argon2id", "argon2x"), &stored.replace("m=64", "m=1")]
        {
            assert!(!hasher(64).verify(&password, Some(broken)).await, "{broken}");
        }
        // The parameters are those it was made with.
        assert!(hasher(128).verify(&password, Some(&stored)).await);
    }

    #[tokio::test]
    async fn a_hash_of_older_parameters_is_outdated() {
        let stored = hasher(64).hash(&Password::new("x".into())).await;
        assert!(!hasher(64).is_outdated(&stored));
        assert!(hasher(128).is_outdated(&stored));
    }
}
