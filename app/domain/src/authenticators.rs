//! Second factors as far as anyone may see them: kinds, names, times. Seeds and codes live in the backend alone.

use crate::{
    ids::{AuthenticatorId, CeremonyId},
    sms::MaskedNumber,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// A kind of authenticator, weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// A code by text message.
    Sms,
    /// An authenticator app (RFC 6238).
    Totp,
    /// A passkey or security key (WebAuthn).
    Passkey,
}

impl FactorKind {
    /// Every kind, weakest first.
    pub const ALL: [Self; 3] = [Self::Sms, Self::Totp, Self::Passkey];

    /// As stored.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Totp => "totp",
            Self::Passkey => "passkey",
        }
    }

    /// The kind with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// Whether nobody can be talked out of it: its proof is made for one address and no other (NIST SP 800-63B-4 §3.2.5).
    pub const fn is_phishing_resistant(self) -> bool {
        matches!(self, Self::Passkey)
    }

    /// By what methods are put in order, the first to be asked for the greatest: phishing-resistant ones before all (4.4), then
    /// what their owner prefers, then by strength.
    pub const fn precedence(self, is_default: bool) -> (bool, bool, Self) {
        (self.is_phishing_resistant(), is_default, self)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The kinds of method that a person has bound; nothing about any one of them.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FactorKinds(u8);

impl FactorKinds {
    /// No second factor at all.
    pub const NONE: Self = Self(0);

    /// From the stored bits; unknown bits are dropped.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 0b111)
    }

    /// The bits to store.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a phishing-resistant one is among them.
    pub fn has_phishing_resistant(self) -> bool {
        self.iter().any(FactorKind::is_phishing_resistant)
    }

    /// Every set that this kind is in.
    pub fn all_with(kind: FactorKind) -> impl Iterator<Item = Self> {
        (0..1 << FactorKind::ALL.len()).filter(move |bits| bits & kind.bit() != 0).map(Self)
    }

    /// The kinds, strongest first.
    pub fn iter(self) -> impl Iterator<Item = FactorKind> {
        FactorKind::ALL.into_iter().rev().filter(move |kind| self.0 & kind.bit() != 0)
    }
}

impl FromIterator<FactorKind> for FactorKinds {
    fn from_iter<I: IntoIterator<Item = FactorKind>>(kinds: I) -> Self {
        Self(kinds.into_iter().fold(0, |bits, kind| bits | kind.bit()))
    }
}

/// What the page shows on which a passkey is bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PasskeyEnrolment {
    /// Whether an authenticator app would do as well.
    pub or_app: bool,
    /// Whether nothing else is open before one is bound.
    pub must: bool,
}

/// One authenticator, for its own owner to see.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuthenticatorOverview {
    /// Which one.
    pub id: AuthenticatorId,
    /// Of which kind.
    pub kind: FactorKind,
    /// What its owner calls it.
    pub name: String,
    /// When it was bound.
    pub bound_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// Whether it signs in without the password: a passkey whose owner chose so.
    pub signs_in: bool,
    /// Whether it is asked for before others of its strength, as its owner chose.
    pub is_default: bool,
    /// Where its codes go, of text messages.
    pub number: Option<MaskedNumber>,
}

/// Settings > Security of one person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MyMethods {
    /// The bound authenticators, strongest first.
    pub authenticators: Vec<AuthenticatorOverview>,
    /// Backup codes that are still good.
    pub backup_codes_left: u32,
    /// Whether a scope of this person requires a second factor, so that the last method cannot be removed.
    pub required: bool,
    /// Whether only phishing-resistant methods are accepted, so that the last of them cannot be removed.
    pub phishing_resistant: bool,
    /// Whether codes by text message can be added.
    pub offers_sms: bool,
    /// Whether identity must be proven again before anything here is changed, and how.
    pub step_up: crate::sessions::StepUp,
    /// The server's time, to which times here are relative.
    pub now: Timestamp,
}

/// A half-done enrolment of an authenticator app: what the person needs to bind it, shown to that person once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TotpEnrolment {
    /// The seed in base32, in groups of four.
    pub key: String,
    /// `otpauth://totp/…`, for a tap on the phone itself.
    pub uri: String,
    /// The QR code of `uri`, as the path data of an SVG of `qr_size` × `qr_size` modules, quiet zone included.
    pub qr_path: String,
    /// Modules on a side, quiet zone included.
    pub qr_size: u16,
    /// Whether nothing else is open before one is bound.
    pub must: bool,
    /// Whether some place of the person accepts only passkeys and security keys: an app does not open that one.
    pub only_passkeys: bool,
    /// Whether codes by text message would do as well.
    pub or_sms: bool,
}

/// A challenge for a passkey (WebAuthn): what the browser is asked to do, answered once and soon.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PasskeyCeremony {
    /// Which one.
    pub id: CeremonyId,
    /// The options for `navigator.credentials`, as JSON in which bytes are base64url (WebAuthn §5.1.8, §5.1.9).
    pub options: String,
    /// The only origin under which an authenticator answers.
    pub origin: String,
}

/// Freshly made backup codes, shown once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BackupCodes {
    /// Ten codes, as they are to be typed.
    pub codes: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_come_strongest_first() {
        let kinds: FactorKinds = [FactorKind::Sms, FactorKind::Passkey].into_iter().collect();
        assert_eq!(kinds.iter().collect::<Vec<_>>(), [FactorKind::Passkey, FactorKind::Sms]);
        assert_eq!(FactorKinds::from_bits(kinds.bits()), kinds);
    }

    #[test]
    fn a_kind_is_in_every_set_that_has_it_and_in_no_other() {
        for kind in FactorKind::ALL {
            let with: Vec<_> = FactorKinds::all_with(kind).collect();
            let all = (0..8).map(FactorKinds::from_bits);
            assert_eq!(with, all.filter(|kinds| kinds.iter().any(|one| one == kind)).collect::<Vec<_>>());
        }
    }
}
