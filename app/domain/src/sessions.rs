//! What a browser may do, computed at each request from what was proven in it (spec 3.2) and never stored: so a
//! requirement turned on, a scope joined or a factor removed acts on open sessions at once, through every door.

use crate::{
    authenticators::FactorKind,
    ids::{AuthenticatorId, DeviceId, SessionId, SsoConnectionId},
    mfa_policy::{GraceDays, TrustDays},
    sms::MaskedNumber,
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
    /// The browser is trusted (4.7): an authenticator was given in it, at the time of this proof, by who said “Don't ask
    /// again on this device”.
    TrustedDevice,
    /// An assertion of this connection.
    Sso(SsoConnectionId),
}

impl ProofKind {
    /// Whether it is an authenticator that nobody can be talked out of.
    pub const fn is_phishing_resistant(self) -> bool {
        matches!(self, Self::Authenticator(kind) if kind.is_phishing_resistant())
    }

    /// Whether the secret came by mail: then the mail already told the person of this browser.
    pub const fn is_mailed(self) -> bool {
        matches!(self, Self::DeviceCode | Self::AcceptedReset)
    }
}

/// What the present state of the world asks of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Demands {
    /// The person has a second factor; one that exists is always asked for, required or not.
    pub has_authenticator: bool,
    /// One of them is phishing-resistant.
    pub has_phishing_resistant: bool,
    /// Some scope of the person requires a second factor.
    pub mfa_required: bool,
    /// Some scope that requires one accepts only those that are phishing-resistant.
    pub phishing_resistant: bool,
    /// None of them is anything but a code by text message.
    pub has_only_sms: bool,
    /// Some scope of the person accepts codes by text message, and every one that requires a second factor does.
    pub sms: bool,
    /// For how long every scope of the person trusts a browser.
    pub trust: TrustDays,
    /// For how long every scope that requires a second factor lets somebody who never had one go on without.
    pub grace: GraceDays,
    /// When they began to, if they did: it is granted once. Long ago for who had one.
    pub grace_from: Option<Timestamp>,
    /// When all this was so.
    pub now: Timestamp,
    /// The scope in the URL is entered only through this connection.
    pub sso_required: Option<SsoConnectionId>,
}

impl Demands {
    /// Whether an authenticator of this kind is accepted. Where only phishing-resistant ones are, or text messages are not,
    /// another serves those who have none of the others yet, to bind one.
    pub const fn accepts(self, kind: FactorKind) -> bool {
        let is_strong_enough = kind.is_phishing_resistant() || !self.phishing_resistant || !self.has_phishing_resistant;
        is_strong_enough && (!matches!(kind, FactorKind::Sms) || self.sms || self.has_only_sms)
    }

    /// For how long a browser may be trusted, if it may.
    pub fn trusted_for(self) -> Option<Duration> {
        self.trust.span().filter(|_| !self.phishing_resistant)
    }

    /// Until when somebody who should have a second factor may go on without (4.8), if they may.
    pub fn grace_until(self) -> Option<Timestamp> {
        let span = self.grace.span().filter(|_| self.mfa_required && !self.has_authenticator)?;
        Some(self.grace_from.unwrap_or(self.now) + span).filter(|until| self.now < *until)
    }

    fn is_second_factor(self, proof: &Proof) -> bool {
        match proof.kind {
            ProofKind::Authenticator(kind) => self.accepts(kind),
            ProofKind::RecoveryCode => true,
            ProofKind::TrustedDevice => self.trusted_for().is_some_and(|span| self.now < proof.at + span),
            _ => false,
        }
    }
}

/// What a session may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Give the code mailed to this new device, and nothing else.
    AwaitingDeviceCode,
    /// Give the second factor, and nothing else.
    AwaitingMfa,
    /// Bind a first authenticator, or one that is accepted, and nothing else.
    EnrolOnly,
    /// Bind a first phishing-resistant authenticator, where only those are accepted, and nothing else.
    EnrolPhishingResistant,
    /// Go through the scope's identity provider.
    NeedsSso(SsoConnectionId),
    /// Enter.
    Enter,
}

/// The one answer to “what may this session do?”. Steps come in the order of spec 3.1.
pub fn standing(proofs: &[Proof], demands: Demands) -> Standing {
    let proven = |wanted: fn(&ProofKind) -> bool| proofs.iter().any(|proof| wanted(&proof.kind));
    if demands.has_authenticator {
        if !proofs.iter().any(|proof| demands.is_second_factor(proof)) {
            return Standing::AwaitingMfa;
        }
        if demands.phishing_resistant && !proven(|kind| kind.is_phishing_resistant()) {
            return Standing::EnrolPhishingResistant;
        }
        if demands.mfa_required && demands.has_only_sms && !demands.sms {
            return Standing::EnrolOnly;
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
        match demands.grace_until() {
            Some(_) => {}
            None if demands.phishing_resistant => return Standing::EnrolPhishingResistant,
            None if demands.mfa_required => return Standing::EnrolOnly,
            None => {}
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

/// The one answer to “was identity proven recently?” (3.7). A recognised device never counts, nor does a trusted one.
pub fn step_up(proofs: &[Proof], demands: Demands, now: Timestamp) -> StepUp {
    let fresh = |wanted: &dyn Fn(ProofKind) -> bool| {
        proofs.iter().any(|proof| wanted(proof.kind) && proof.at <= now && now.since(proof.at) < STEP_UP_TTL)
    };
    if !demands.has_authenticator {
        return if fresh(&|kind| kind == ProofKind::Password) {
            StepUp::FreshByPassword
        } else {
            StepUp::NeedsPassword
        };
    }
    if fresh(&|kind| matches!(kind, ProofKind::Authenticator(kind) if demands.accepts(kind))) {
        StepUp::FreshByAuthenticator
    } else if fresh(&|kind| kind == ProofKind::RecoveryCode) {
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
    /// Until when it is trusted, if it is.
    pub trusted_until: Option<Timestamp>,
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
    /// The person's authenticators by kind, the one to ask for first in front.
    pub offered: Vec<(AuthenticatorId, FactorKind)>,
    /// To which number each of those that are text messages goes.
    pub numbers: Vec<(AuthenticatorId, MaskedNumber)>,
    /// Whether backup codes are left.
    pub has_backup_codes: bool,
    /// For how many days this browser may be trusted; nothing where it may not be, or nobody is signing in.
    pub trust: Option<TrustDays>,
}

impl MfaChallenge {
    /// Whether a method of this kind is among them.
    pub fn offers(&self, kind: FactorKind) -> bool {
        self.offered.iter().any(|(_, offered)| *offered == kind)
    }

    /// The kind that is asked for first.
    pub fn first(&self) -> Option<FactorKind> {
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

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn proofs(kinds: &[ProofKind]) -> Vec<Proof> {
        kinds.iter().map(|kind| Proof { kind: *kind, at: NOW }).collect()
    }

    const TOTP: ProofKind = ProofKind::Authenticator(FactorKind::Totp);

    fn stands(kinds: &[ProofKind], has_authenticator: bool, mfa_required: bool) -> Standing {
        standing(&proofs(kinds), Demands { has_authenticator, mfa_required, ..Demands::default() })
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
    fn text_messages_serve_where_they_are_accepted_or_to_bind_something_better() {
        let sms = ProofKind::Authenticator(FactorKind::Sms);
        let who = Demands { has_authenticator: true, has_only_sms: true, mfa_required: true, ..Demands::default() };
        let stands = |demands| standing(&proofs(&[ProofKind::Password, sms]), demands);
        assert_eq!(stands(Demands { sms: true, ..who }), Standing::Enter);
        assert_eq!(stands(who), Standing::EnrolOnly, "not accepted any more: bind another");
        assert_eq!(stands(Demands { mfa_required: false, ..who }), Standing::Enter, "nobody asks for any");
        assert_eq!(stands(Demands { has_only_sms: false, ..who }), Standing::AwaitingMfa, "give the other one");
        let strict = Demands { sms: true, phishing_resistant: true, ..who };
        assert_eq!(stands(strict), Standing::EnrolPhishingResistant);
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
        let demands = Demands { has_authenticator: true, sso_required: Some(own), ..Demands::default() };
        assert_eq!(standing(&proofs(&[ProofKind::Password, TOTP]), demands), Standing::NeedsSso(own));
        assert_eq!(standing(&proofs(&[ProofKind::Sso(other), TOTP]), demands), Standing::NeedsSso(own));
        assert_eq!(standing(&proofs(&[ProofKind::Sso(own), TOTP]), demands), Standing::Enter);
        assert_eq!(standing(&proofs(&[ProofKind::Sso(own)]), demands), Standing::AwaitingMfa);
    }

    const WITH_APP: Demands = Demands {
        has_only_sms: false,
        sms: false,
        has_authenticator: true,
        has_phishing_resistant: false,
        mfa_required: true,
        phishing_resistant: false,
        trust: TrustDays::NEVER,
        grace: GraceDays::NEVER,
        grace_from: None,
        now: NOW,
        sso_required: None,
    };
    const PASSKEY: ProofKind = ProofKind::Authenticator(FactorKind::Passkey);

    #[test]
    fn a_trusted_browser_counts_as_long_as_every_scope_trusts_it() {
        let given = [Proof { kind: ProofKind::TrustedDevice, at: NOW - DAY }];
        let trusting = |days| Demands { trust: TrustDays::try_from(days).unwrap(), ..WITH_APP };
        assert_eq!(standing(&given, trusting(7)), Standing::Enter);
        assert_eq!(standing(&given, trusting(1)), Standing::AwaitingMfa, "its days are over");
        assert_eq!(standing(&given, trusting(0)), Standing::AwaitingMfa, "turned off");
        let strict = Demands { phishing_resistant: true, ..trusting(7) };
        assert_eq!(standing(&given, strict), Standing::AwaitingMfa);
    }

    #[test]
    fn who_never_had_a_factor_goes_on_without_for_as_long_as_every_scope_lets_them() {
        let known = proofs(&[ProofKind::Password, ProofKind::KnownDevice]);
        let days = |days| GraceDays::try_from(days).unwrap();
        let without = Demands { has_authenticator: false, grace: days(7), ..WITH_APP };
        assert_eq!(standing(&known, without), Standing::Enter, "it begins");
        let began = |ago| Demands { grace_from: Some(NOW - ago), ..without };
        assert_eq!(standing(&known, began(DAY * 7 - Duration::from_millis(1))), Standing::Enter);
        assert_eq!(standing(&known, began(DAY * 7)), Standing::EnrolOnly, "it is over");
        assert_eq!(standing(&known, Demands { grace: days(3), ..began(DAY * 3) }), Standing::EnrolOnly, "shortened");
        let strict = |demands| Demands { phishing_resistant: true, ..demands };
        assert_eq!(standing(&known, strict(began(DAY))), Standing::Enter);
        assert_eq!(standing(&known, strict(began(DAY * 7))), Standing::EnrolPhishingResistant);
        assert_eq!(standing(&proofs(&[ProofKind::Password]), without), Standing::AwaitingDeviceCode);
        assert_eq!(standing(&known, Demands { has_authenticator: true, ..without }), Standing::AwaitingMfa);
    }

    #[test]
    fn a_trusted_browser_is_no_fresh_proof() {
        let just_now = [Proof { kind: ProofKind::TrustedDevice, at: NOW }];
        let demands = Demands { trust: TrustDays::try_from(30).unwrap(), ..WITH_APP };
        assert_eq!(standing(&just_now, demands), Standing::Enter);
        assert_eq!(step_up(&just_now, demands, NOW), StepUp::NeedsAuthenticator);
    }

    #[test]
    fn where_only_phishing_resistant_methods_are_accepted_another_one_serves_to_bind_the_first() {
        let app_only = Demands { phishing_resistant: true, ..WITH_APP };
        assert_eq!(standing(&proofs(&[ProofKind::Password]), app_only), Standing::AwaitingMfa);
        assert_eq!(standing(&proofs(&[TOTP]), app_only), Standing::EnrolPhishingResistant);
        assert!(step_up(&proofs(&[TOTP]), app_only, NOW).is_fresh_for_methods());
        let both = Demands { has_phishing_resistant: true, ..app_only };
        assert_eq!(standing(&proofs(&[TOTP]), both), Standing::AwaitingMfa, "the code is no longer accepted");
        assert_eq!(step_up(&proofs(&[TOTP]), both, NOW), StepUp::NeedsAuthenticator);
        assert_eq!(standing(&proofs(&[PASSKEY]), both), Standing::Enter);
        let by_code = proofs(&[ProofKind::RecoveryCode]);
        assert_eq!(standing(&by_code, both), Standing::EnrolPhishingResistant, "to bind another");
        let nothing_yet = Demands { has_authenticator: false, ..app_only };
        let known = proofs(&[ProofKind::Password, ProofKind::KnownDevice]);
        assert_eq!(standing(&known, nothing_yet), Standing::EnrolPhishingResistant);
        assert_eq!(standing(&proofs(&[ProofKind::RecoveryCode, PASSKEY]), both), Standing::Enter);
    }

    #[test]
    fn step_up_lasts_ten_minutes() {
        let at = |age| [Proof { kind: TOTP, at: NOW - Duration::from_secs(age) }];
        assert_eq!(step_up(&at(599), WITH_APP, NOW), StepUp::FreshByAuthenticator);
        assert_eq!(step_up(&at(600), WITH_APP, NOW), StepUp::NeedsAuthenticator);
    }

    #[test]
    fn a_password_steps_up_only_who_has_nothing_better() {
        let password = proofs(&[ProofKind::Password]);
        assert_eq!(step_up(&password, Demands::default(), NOW), StepUp::FreshByPassword);
        assert_eq!(step_up(&password, WITH_APP, NOW), StepUp::NeedsAuthenticator);
        assert!(!step_up(&proofs(&[ProofKind::RecoveryCode]), WITH_APP, NOW).is_fresh());
        assert!(step_up(&proofs(&[ProofKind::RecoveryCode]), WITH_APP, NOW).is_fresh_for_methods());
    }

    #[test]
    fn a_proof_from_the_future_does_not_count() {
        let later = [Proof { kind: TOTP, at: NOW + Duration::from_secs(60) }];
        assert_eq!(step_up(&later, WITH_APP, NOW), StepUp::NeedsAuthenticator);
    }
}
