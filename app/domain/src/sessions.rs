//! What a browser may do, computed at each request from what was proven in it (spec 3.2) and never stored: so a
//! requirement turned on, a scope joined or a factor removed acts on open sessions at once, through every door.

use crate::{
    authenticators::FactorKind,
    ids::{AuthenticatorId, DeviceId, SessionId, SsoConnectionId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a proof counts as fresh for a sensitive action (3.7).
pub const STEP_UP_TTL: Duration = Duration::from_secs(10 * 60);

/// One thing that was proven in a session, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proof {
    /// What.
    pub kind: ProofKind,
    /// When.
    pub at: Timestamp,
}

/// What can be proven.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProofKind {
    /// The password.
    Password,
    /// The code mailed to a new device.
    DeviceCode,
    /// The browser signed in before as this person and was recognised.
    KnownDevice,
    /// The browser accepted this person's MFA reset within a day and used that once (5.5).
    AcceptedReset,
    /// An authenticator, of this kind.
    Authenticator(FactorKind),
    /// A backup code.
    RecoveryCode,
    /// An assertion of this connection.
    Sso(SsoConnectionId),
}

impl ProofKind {
    /// Whether the secret came by mail: then the mail already told the person of this browser.
    pub const fn is_mailed(self) -> bool {
        matches!(self, Self::DeviceCode | Self::AcceptedReset)
    }
}

/// What the present state of the world asks of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Demands {
    /// The person has a second factor; one that exists is always asked for, required or not.
    pub has_authenticator: bool,
    /// Some scope of the person requires a second factor.
    pub mfa_required: bool,
    /// The scope in the URL is entered only through this connection.
    pub sso_required: Option<SsoConnectionId>,
}

/// What a session may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Give the code mailed to this new device, and nothing else.
    AwaitingDeviceCode,
    /// Give the second factor, and nothing else.
    AwaitingMfa,
    /// Bind a first authenticator, and nothing else.
    EnrolOnly,
    /// Go through the scope's identity provider.
    NeedsSso(SsoConnectionId),
    /// Enter.
    Enter,
}

/// The one answer to “what may this session do?”. Steps come in the order of spec 3.1.
pub fn standing(proofs: &[Proof], demands: Demands) -> Standing {
    let proven = |wanted: fn(&ProofKind) -> bool| proofs.iter().any(|proof| wanted(&proof.kind));
    if demands.has_authenticator {
        if !proven(|kind| matches!(kind, ProofKind::Authenticator(_) | ProofKind::RecoveryCode)) {
            return Standing::AwaitingMfa;
        }
    } else {
        let device = |kind: &ProofKind| {
            matches!(
                kind,
                ProofKind::DeviceCode | ProofKind::KnownDevice | ProofKind::AcceptedReset | ProofKind::Sso(_)
            )
        };
        if !proven(device) {
            return Standing::AwaitingDeviceCode;
        }
        if demands.mfa_required {
            return Standing::EnrolOnly;
        }
    }
    match demands.sso_required {
        Some(connection) if !proofs.iter().any(|proof| proof.kind == ProofKind::Sso(connection)) => {
            Standing::NeedsSso(connection)
        }
        _ => Standing::Enter,
    }
}

/// Whether identity was proven recently enough for a sensitive action, and if not, how it is proven again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepUp {
    /// Recently enough, with an authenticator.
    FreshByAuthenticator,
    /// Recently enough, with the password, by a person who has no authenticator.
    FreshByPassword,
    /// Recently enough, with a backup code: serves only to remove lost methods and bind a new one.
    FreshByRecoveryCode,
    /// A code of the authenticator is asked for.
    NeedsAuthenticator,
    /// The password is asked for, because there is no authenticator.
    NeedsPassword,
}

impl StepUp {
    /// Whether it serves for sensitive actions in general.
    pub const fn is_fresh(self) -> bool {
        matches!(self, Self::FreshByAuthenticator | Self::FreshByPassword)
    }

    /// Whether it serves for one's own methods, where a backup code does too.
    pub const fn is_fresh_for_methods(self) -> bool {
        self.is_fresh() || matches!(self, Self::FreshByRecoveryCode)
    }

    /// Whether an own authenticator was what proved it: needed to reset another's.
    pub const fn has_authenticator(self) -> bool {
        !matches!(self, Self::FreshByPassword | Self::NeedsPassword)
    }
}

/// The one answer to “was identity proven recently?” (3.7). A recognised device never counts.
pub fn step_up(proofs: &[Proof], has_authenticator: bool, now: Timestamp) -> StepUp {
    let fresh = |wanted: fn(&ProofKind) -> bool| {
        proofs.iter().any(|proof| wanted(&proof.kind) && proof.at <= now && now.since(proof.at) < STEP_UP_TTL)
    };
    if !has_authenticator {
        return if fresh(|kind| matches!(kind, ProofKind::Password)) {
            StepUp::FreshByPassword
        } else {
            StepUp::NeedsPassword
        };
    }
    if fresh(|kind| matches!(kind, ProofKind::Authenticator(_))) {
        StepUp::FreshByAuthenticator
    } else if fresh(|kind| matches!(kind, ProofKind::RecoveryCode)) {
        StepUp::FreshByRecoveryCode
    } else {
        StepUp::NeedsAuthenticator
    }
}

/// One of the person's own sessions, for that person to see.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SessionOverview {
    /// Which one.
    pub id: SessionId,
    /// Browser and system in words.
    pub device: String,
    /// The network address it was last seen from.
    pub place: String,
    /// When it began.
    pub established_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub is_present: bool,
}

/// A browser that is recognised, for its person to see.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceOverview {
    /// Which one.
    pub id: DeviceId,
    /// Browser and system in words.
    pub device: String,
    /// The network address it was last seen from.
    pub place: String,
    /// When it last signed in.
    pub last_used_at: Timestamp,
    /// Whether it is the one that asks.
    pub is_present: bool,
}

/// Where one is signed in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MySessions {
    /// Open sessions, the present one first.
    pub sessions: Vec<SessionOverview>,
    /// Recognised browsers, latest first.
    pub devices: Vec<DeviceOverview>,
    /// The server's time.
    pub now: Timestamp,
}

/// What the challenge page offers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MfaChallenge {
    /// The person's authenticators by kind, strongest first.
    pub offered: Vec<(AuthenticatorId, FactorKind)>,
    /// Whether backup codes are left.
    pub has_backup_codes: bool,
}

impl MfaChallenge {
    /// Whether a method of this kind is among them.
    pub fn offers(&self, kind: FactorKind) -> bool {
        self.offered.iter().any(|(_, offered)| *offered == kind)
    }

    /// The kind that is asked for first.
    pub fn strongest(&self) -> Option<FactorKind> {
        self.offered.first().map(|(_, kind)| *kind)
    }
}

/// What the new-device page shows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceChallenge {
    /// Where the code went.
    pub email: String,
    /// When a new code can be asked for.
    pub resend_at: Timestamp,
    /// Until when the code is good.
    pub expires_at: Timestamp,
    /// The server's time.
    pub now: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_ms(1_000_000_000);

    fn proofs(kinds: &[ProofKind]) -> Vec<Proof> {
        kinds.iter().map(|kind| Proof { kind: *kind, at: NOW }).collect()
    }

    const TOTP: ProofKind = ProofKind::Authenticator(FactorKind::Totp);

    fn stands(kinds: &[ProofKind], has_authenticator: bool, mfa_required: bool) -> Standing {
        standing(&proofs(kinds), Demands { has_authenticator, mfa_required, sso_required: None })
    }

    #[test]
    fn the_steps_come_in_order() {
        use ProofKind::*;
        assert_eq!(stands(&[Password], false, false), Standing::AwaitingDeviceCode);
        assert_eq!(stands(&[Password, DeviceCode], false, false), Standing::Enter);
        assert_eq!(stands(&[Password, KnownDevice], false, true), Standing::EnrolOnly);
        assert_eq!(stands(&[Password, AcceptedReset], false, true), Standing::EnrolOnly);
        assert_eq!(stands(&[Password], true, false), Standing::AwaitingMfa);
        assert_eq!(stands(&[Password, TOTP], true, true), Standing::Enter);
        assert_eq!(stands(&[Password, RecoveryCode], true, true), Standing::Enter);
    }

    #[test]
    fn a_known_device_never_stands_in_for_a_factor() {
        use ProofKind::*;
        assert_eq!(stands(&[Password, KnownDevice, DeviceCode, AcceptedReset], true, false), Standing::AwaitingMfa);
    }

    #[test]
    fn a_factor_bound_elsewhere_meanwhile_is_asked_for_here() {
        use ProofKind::*;
        assert_eq!(stands(&[Password, DeviceCode], true, false), Standing::AwaitingMfa);
    }

    #[test]
    fn a_connection_opens_its_own_scope_only() {
        let (own, other) = (SsoConnectionId(uuid::Uuid::from_u128(1)), SsoConnectionId(uuid::Uuid::from_u128(2)));
        let demands = Demands { has_authenticator: true, mfa_required: false, sso_required: Some(own) };
        assert_eq!(standing(&proofs(&[ProofKind::Password, TOTP]), demands), Standing::NeedsSso(own));
        assert_eq!(standing(&proofs(&[ProofKind::Sso(other), TOTP]), demands), Standing::NeedsSso(own));
        assert_eq!(standing(&proofs(&[ProofKind::Sso(own), TOTP]), demands), Standing::Enter);
        assert_eq!(standing(&proofs(&[ProofKind::Sso(own)]), demands), Standing::AwaitingMfa);
    }

    #[test]
    fn step_up_lasts_ten_minutes() {
        let at = |age| [Proof { kind: TOTP, at: NOW - Duration::from_secs(age) }];
        assert_eq!(step_up(&at(599), true, NOW), StepUp::FreshByAuthenticator);
        assert_eq!(step_up(&at(600), true, NOW), StepUp::NeedsAuthenticator);
    }

    #[test]
    fn a_password_steps_up_only_who_has_nothing_better() {
        let password = proofs(&[ProofKind::Password]);
        assert_eq!(step_up(&password, false, NOW), StepUp::FreshByPassword);
        assert_eq!(step_up(&password, true, NOW), StepUp::NeedsAuthenticator);
        assert!(!step_up(&proofs(&[ProofKind::RecoveryCode]), true, NOW).is_fresh());
        assert!(step_up(&proofs(&[ProofKind::RecoveryCode]), true, NOW).is_fresh_for_methods());
    }

    #[test]
    fn a_proof_from_the_future_does_not_count() {
        let later = [Proof { kind: TOTP, at: NOW + Duration::from_secs(60) }];
        assert_eq!(step_up(&later, true, NOW), StepUp::NeedsAuthenticator);
    }
}
