//! Keys. One master key of 32 bytes comes from the operator; every other key is derived from it by HKDF-SHA-256
//! (RFC 5869) for one purpose, so that no key is used twice.
//!
//! What a person gets by mail is derived, not stored: `HMAC-SHA-256(link key, key id ‖ purpose ‖ row id ‖ nonce)`. The row
//! keeps the nonce, and for links the SHA-256 of the result from its creation, so that rotating the key breaks no link.

use super::{LinkToken, Nonce, Sealed, TokenDigest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead, KeyInit, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The operator's key of 32 bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

/// Why a master key was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MasterKeyProblem {
    /// Not base64.
    #[error("the master key is not base64")]
    NotBase64,
    /// Not 32 bytes.
    #[error("the master key has {0} bytes; it must have 32")]
    Length(usize),
}

impl MasterKey {
    /// From 32 bytes in base64, as the operator keeps it.
    pub fn parse(text: &str) -> Result<Self, MasterKeyProblem> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| MasterKeyProblem::NotBase64)?);
        bytes.as_slice().try_into().map(Self).map_err(|_| MasterKeyProblem::Length(bytes.len()))
    }

    /// A new one.
    pub fn generate(random: &super::Random) -> Self {
        Self(random.bytes())
    }

    /// In base64, for the file in which it is kept.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.0))
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// What a derived secret is for. A secret of one purpose is worthless for another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// The link of an MFA reset.
    MfaReset,
    /// The number that the asker of an MFA reset tells.
    MfaResetNumber,
    /// The link that lets a password be set.
    PasswordReset,
    /// The link of a change of address that goes to the present mailbox.
    EmailChangePresent,
    /// The one that goes to the new mailbox.
    EmailChangeNew,
    /// The code mailed to a new device.
    DeviceCode,
    /// The code mailed to a second address for notices.
    NoticeEmail,
    /// A texted code that binds a number.
    SmsBinding,
    /// A texted code that proves a number that is bound.
    SmsProof,
    /// The seed of an authenticator app that is being enrolled.
    Enrolment,
    /// A set of backup codes.
    BackupCodes,
    /// The link of an invitation.
    Invitation,
    /// The link by which a call for help is disowned.
    HelpCall,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::MfaReset => b"mfa_reset",
            Self::MfaResetNumber => b"mfa_reset_number",
            Self::PasswordReset => b"password_reset",
            Self::EmailChangePresent => b"email_change_present",
            Self::EmailChangeNew => b"email_change_new",
            Self::DeviceCode => b"device_code",
            Self::NoticeEmail => b"notice_email",
            Self::SmsBinding => b"sms_binding",
            Self::SmsProof => b"sms_proof",
            Self::Enrolment => b"enrolment",
            Self::BackupCodes => b"backup_codes",
            Self::Invitation => b"invitation",
            Self::HelpCall => b"help_call",
        }
    }
}

/// The keys in use.
#[derive(Clone)]
pub struct Keys {
    id: i32,
    links: [u8; 32],
    seals: XChaCha20Poly1305,
    digests: [u8; 32],
}

impl Keys {
    /// Derives them. `id` names the master key in every sealed value.
    pub fn derive(id: i32, master: &MasterKey) -> Self {
        let hkdf = Hkdf::<Sha256>::new(None, &master.0);
        let key = |label: &[u8]| {
            let mut key = [0; 32];
            hkdf.expand(label, &mut key).expect("32 bytes are within what HKDF gives");
            key
        };
        let seals = Zeroizing::new(key(b"postern seal v1"));
        Self {
            id,
            links: key(b"postern link v1"),
            seals: XChaCha20Poly1305::new((&*seals).into()),
            digests: key(b"postern digest v1"),
        }
    }

    /// The id of the master key, kept beside what was made with it.
    pub fn id(&self) -> i32 {
        self.id
    }

    /// 32 bytes derived for one purpose and row.
    pub(super) fn secret(&self, purpose: Purpose, row: Uuid, nonce: Nonce) -> Zeroizing<[u8; 32]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.links).expect("HMAC takes a key of any length");
        mac.update(&self.id.to_be_bytes());
        mac.update(&[purpose.label().len() as u8]);
        mac.update(purpose.label());
        mac.update(row.as_bytes());
        mac.update(&nonce.0);
        Zeroizing::new(mac.finalize().into_bytes().into())
    }

    /// The secret of the link that is mailed for `row`.
    pub fn link_token(&self, purpose: Purpose, row: Uuid, nonce: Nonce) -> LinkToken {
        LinkToken::from_bytes(*self.secret(purpose, row, nonce))
    }

    /// At most nine digits to be typed for `row`. 64 bits modulo a billion at most: the bias is below 2⁻³⁴.
    pub fn digits(&self, purpose: Purpose, row: Uuid, nonce: Nonce, count: u32) -> Zeroizing<String> {
        let secret = self.secret(purpose, row, nonce);
        let mut eight = [0; 8];
        eight.copy_from_slice(&secret[..8]);
        let number = u64::from_be_bytes(eight) % 10u64.pow(count);
        Zeroizing::new(format!("{number:0width$}", width = count as usize))
    }

    /// The seed of an authenticator app that is being enrolled: 160 bits (RFC 4226, 4 R6).
    pub fn totp_seed(&self, row: Uuid, nonce: Nonce) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.secret(Purpose::Enrolment, row, nonce)[..20].to_vec())
    }

    /// One of a set of backup codes: 80 bits in base32, in four groups of four.
    pub fn backup_code(&self, set: Uuid, nonce: Nonce, number: u8) -> Zeroizing<String> {
        let mut of_code = nonce;
        of_code.0[0] ^= number;
        let secret = self.secret(Purpose::BackupCodes, set, of_code);
        let code = data_encoding::BASE32_NOPAD.encode(&secret[..10]);
        let groups: Vec<&str> = [0, 4, 8, 12].map(|at| &code[at..at + 4]).to_vec();
        Zeroizing::new(groups.join("-").to_lowercase())
    }

    /// A keyed digest of something that could be guessed: an address, a network address, a backup code.
    pub fn digest(&self, label: &str, value: &[u8]) -> TokenDigest {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.digests).expect("HMAC takes a key of any length");
        mac.update(&[label.len() as u8]);
        mac.update(label.as_bytes());
        mac.update(value);
        TokenDigest(mac.finalize().into_bytes().into())
    }

    /// Seals `secret`, bound to the row it belongs to: moved to another row it does not open.
    pub fn seal(&self, random: &super::Random, row: Uuid, secret: &[u8]) -> Sealed {
        let nonce: [u8; 24] = random.bytes();
        let sealed = self
            .seals
            .encrypt((&nonce).into(), Payload { msg: secret, aad: row.as_bytes() })
            .expect("a secret of a few bytes can be sealed");
        Sealed { key_id: self.id, bytes: [&nonce[..], &sealed].concat() }
    }

    /// Opens what [`Self::seal`] sealed for the same row under the same key.
    pub fn open(&self, row: Uuid, sealed: &Sealed) -> Option<Zeroizing<Vec<u8>>> {
        if sealed.key_id != self.id {
            return None;
        }
        let (nonce, bytes) = sealed.bytes.split_first_chunk::<24>()?;
        self.seals.decrypt(nonce.into(), Payload { msg: bytes, aad: row.as_bytes() }).ok().map(Zeroizing::new)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.links.zeroize();
        self.digests.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Random;

    fn keys() -> Keys {
        Keys::derive(1, &MasterKey([7; 32]))
    }

    #[test]
    fn a_link_is_the_same_every_time_and_of_one_purpose_only() {
        let (row, nonce) = (Uuid::from_u128(1), Nonce([2; 16]));
        let link = keys().link_token(Purpose::MfaReset, row, nonce);
        assert_eq!(link.expose().len(), 43);
        assert_eq!(link.digest(), keys().link_token(Purpose::MfaReset, row, nonce).digest());
        assert_ne!(link.digest(), keys().link_token(Purpose::PasswordReset, row, nonce).digest());
        assert_ne!(link.digest(), keys().link_token(Purpose::MfaReset, Uuid::from_u128(2), nonce).digest());
        assert_ne!(link.digest(), keys().link_token(Purpose::MfaReset, row, Nonce([3; 16])).digest());
    }

    #[test]
    fn what_is_sealed_opens_for_its_own_row_only() {
        let (keys, random) = (keys(), Random::seeded(1));
        let sealed = keys.seal(&random, Uuid::from_u128(1), b"seed");
        assert_eq!(keys.open(Uuid::from_u128(1), &sealed).unwrap().as_slice(), b"seed");
        assert!(keys.open(Uuid::from_u128(2), &sealed).is_none());
        let other = Keys::derive(2, &MasterKey([7; 32]));
        assert!(other.open(Uuid::from_u128(1), &sealed).is_none());
        let mut cut = sealed.clone();
        cut.bytes.truncate(10);
        assert!(keys.open(Uuid::from_u128(1), &cut).is_none());
    }

    #[test]
    fn backup_codes_of_a_set_differ() {
        let codes: std::collections::HashSet<_> =
            (0..10).map(|n| keys().backup_code(Uuid::from_u128(1), Nonce([2; 16]), n).to_string()).collect();
        assert_eq!(codes.len(), 10);
        assert!(codes.iter().all(|code| code.len() == 19));
    }

    #[test]
    fn a_master_key_has_32_bytes() {
        assert_eq!(MasterKey::parse("AAAA").unwrap_err(), MasterKeyProblem::Length(3));
        assert_eq!(MasterKey::parse("not base64!").unwrap_err(), MasterKeyProblem::NotBase64);
        assert!(MasterKey::parse(&MasterKey([1; 32]).expose()).is_ok());
    }
}
