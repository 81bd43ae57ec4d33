//! What a session may do (3.2), of every list of proofs under every demand that there is: not chosen cases, but all of them.

use domain::{
    authenticators::{FactorKind, FactorKinds},
    mfa_policy::{GraceDays, TrustDays},
    sessions::{Demands, Proof, ProofKind, STEP_UP_TTL, Standing, standing, step_up},
    time::Timestamp,
};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_ms(1_795_334_400_000);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Whatever can be proven. That a browser is trusted is as old as is said.
const PROOFS: [ProofKind; 9] = [
    ProofKind::Password,
    ProofKind::DeviceCode,
    ProofKind::KnownDevice,
    ProofKind::AcceptedReset,
    ProofKind::Authenticator(FactorKind::Sms),
    ProofKind::Authenticator(FactorKind::Totp),
    ProofKind::Authenticator(FactorKind::Passkey),
    ProofKind::RecoveryCode,
    ProofKind::TrustedDevice,
];

/// One of the lists, with the trust this old.
fn proofs(bits: u16, age: Duration) -> Vec<Proof> {
    let chosen = PROOFS.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0);
    chosen
        .map(|(_, kind)| Proof { kind: *kind, at: if *kind == ProofKind::TrustedDevice { NOW - age } else { NOW } })
        .collect()
}

/// Everything that may be asked of who has these kinds.
fn demands(kinds: FactorKinds) -> Vec<Demands> {
    let mut all = Vec::new();
    for bits in 0..1 << 5_u8 {
        let is = |at: u8| bits & (1 << at) != 0;
        for grace_from in [None, Some(NOW - DAY), Some(NOW - DAY * 7)] {
            all.push(Demands {
                has_authenticator: !kinds.is_empty(),
                has_phishing_resistant: kinds.has_phishing_resistant(),
                has_only_sms: kinds.iter().eq([FactorKind::Sms]),
                mfa_required: is(0) || is(1),
                phishing_resistant: is(1),
                sms: is(2),
                trust: TrustDays::try_from(if is(3) { 7 } else { 0 }).unwrap_or(TrustDays::NEVER),
                grace: GraceDays::try_from(if is(4) { 7 } else { 0 }).unwrap_or(GraceDays::NEVER),
                grace_from,
                now: NOW,
                sso_required: None,
            });
        }
    }
    all
}

/// Calls with each of them.
fn each(mut call: impl FnMut(FactorKinds, Demands, &[Proof])) {
    for kinds in (0..8).map(FactorKinds::from_bits) {
        for demands in demands(kinds) {
            for bits in 0..1 << PROOFS.len() {
                for age in [DAY, DAY * 7] {
                    call(kinds, demands, &proofs(bits, age));
                }
            }
        }
    }
}

fn has(proofs: &[Proof], wanted: impl Fn(ProofKind) -> bool) -> bool {
    proofs.iter().any(|proof| wanted(proof.kind))
}

/// The further in, the more. Binding one of the only kind that is accepted and binding any are as far.
const fn how_far(standing: Standing) -> u8 {
    match standing {
        Standing::AwaitingDeviceCode | Standing::AwaitingMfa => 0,
        Standing::EnrolOnly | Standing::EnrolPhishingResistant => 1,
        Standing::NeedsSso(_) => 2,
        Standing::Enter => 3,
    }
}

#[test]
fn who_has_a_method_enters_by_one_that_is_accepted_a_backup_code_or_trust_and_by_nothing_else() {
    each(|kinds, demands, proofs| {
        if kinds.is_empty() {
            return;
        }
        let trusted = demands.trust != TrustDays::NEVER
            && !demands.phishing_resistant
            && proofs.iter().any(|proof| proof.kind == ProofKind::TrustedDevice && NOW - DAY * 7 < proof.at);
        let factor = has(proofs, |kind| matches!(kind, ProofKind::Authenticator(kind) if demands.accepts(kind)));
        let proven = factor || trusted || has(proofs, |kind| kind == ProofKind::RecoveryCode);
        let stands = standing(proofs, demands);
        assert_eq!(stands != Standing::AwaitingMfa, proven, "{demands:?} {proofs:?}");
        assert_ne!(stands, Standing::AwaitingDeviceCode);
        if stands == Standing::Enter && demands.phishing_resistant {
            assert!(has(proofs, ProofKind::is_phishing_resistant), "{demands:?} {proofs:?}");
        }
        if demands.mfa_required && !demands.sms && kinds.iter().eq([FactorKind::Sms]) {
            assert_ne!(stands, Standing::Enter, "{demands:?} {proofs:?}");
        }
    });
}

#[test]
fn who_has_none_enters_by_a_known_browser_a_mailed_secret_and_in_time() {
    each(|kinds, demands, proofs| {
        if !kinds.is_empty() {
            return;
        }
        use ProofKind::{AcceptedReset, DeviceCode, KnownDevice};
        let known = has(proofs, |kind| matches!(kind, DeviceCode | KnownDevice | AcceptedReset));
        let in_time = demands.grace != GraceDays::NEVER && demands.grace_from != Some(NOW - DAY * 7);
        let expected = match (known, demands.mfa_required && !in_time, demands.phishing_resistant) {
            (false, ..) => Standing::AwaitingDeviceCode,
            (true, false, _) => Standing::Enter,
            (true, true, false) => Standing::EnrolOnly,
            (true, true, true) => Standing::EnrolPhishingResistant,
        };
        assert_eq!(standing(proofs, demands), expected, "{demands:?} {proofs:?}");
    });
}

#[test]
fn whoever_proves_more_is_no_further_out() {
    each(|_, demands, proofs| {
        let stands = how_far(standing(proofs, demands));
        for without in 0..proofs.len() {
            let mut fewer = proofs.to_vec();
            fewer.remove(without);
            assert!(how_far(standing(&fewer, demands)) <= stands, "{demands:?} {proofs:?}");
        }
    });
}

#[test]
fn a_password_a_mailbox_or_a_browser_never_stands_in_for_a_method() {
    each(|kinds, demands, proofs| {
        let mut less = proofs.to_vec();
        less.retain(|proof| {
            !matches!(proof.kind, ProofKind::Password)
                && !proof.kind.is_mailed()
                && proof.kind != ProofKind::KnownDevice
        });
        if !kinds.is_empty() {
            assert_eq!(standing(&less, demands), standing(proofs, demands), "{demands:?} {proofs:?}");
        }
    });
}

#[test]
fn of_the_methods_that_somebody_has_one_always_serves() {
    for kinds in (1..8).map(FactorKinds::from_bits) {
        for demands in demands(kinds) {
            assert!(kinds.iter().any(|kind| demands.accepts(kind)), "{kinds:?} {demands:?}");
            assert!(demands.accepts(FactorKind::Passkey));
            if demands.phishing_resistant && kinds.has_phishing_resistant() {
                assert!(!demands.accepts(FactorKind::Totp) && !demands.accepts(FactorKind::Sms), "{demands:?}");
            }
        }
    }
}

#[test]
fn nothing_but_what_is_given_here_and_now_steps_up() {
    each(|kinds, demands, proofs| {
        let given = |kind| match kind {
            ProofKind::Authenticator(kind) => !kinds.is_empty() && demands.accepts(kind),
            ProofKind::Password => kinds.is_empty(),
            _ => false,
        };
        assert_eq!(step_up(proofs, demands, NOW).is_fresh(), has(proofs, given), "{demands:?} {proofs:?}");
        assert!(!step_up(proofs, demands, NOW + STEP_UP_TTL).is_fresh_for_methods(), "{demands:?} {proofs:?}");
    });
}
