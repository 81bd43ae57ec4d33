//! What a scope accepts as a second factor (4.4), and how long it trusts a browser (4.7).

use crate::{
    mfa_reset::{asked, northwind},
    support::{Browser, HOUR, MINUTE, MS, Person, SoftKey, World},
};
use backend::{
    Error, Result, authenticators, loosening, mfa_policy, password_reset, sessions, sign_in, store,
    store::entity::{authenticator, session},
};
use domain::{
    authenticators::FactorKind,
    errors::Conflict,
    ids::AuthenticatorId,
    loosening::{LOOSENING, Loosened},
    mfa_policy::{MfaPolicy, TrustDays},
    policy::Denied,
    roles::{Area, Level, Role},
    scope::Scope,
    sessions::{DeviceOverview, Standing, StepUp},
};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn trusting(days: u8) -> MfaPolicy {
    MfaPolicy { trust: TrustDays::try_from(days).unwrap(), ..MfaPolicy::default() }
}

fn only_phishing_resistant() -> MfaPolicy {
    MfaPolicy { phishing_resistant: true, ..MfaPolicy::default() }
}

/// As if it had been so for long.
async fn so(world: &World, scope: Scope, policy: MfaPolicy) {
    store::set_mfa_policy(world.backend.database.write(), scope, policy).await.unwrap();
}

async fn set(browser: &Browser<'_>, scope: Scope, policy: MfaPolicy) -> Result<()> {
    mfa_policy::set(&browser.backend, &browser.me().await, scope, policy).await
}

async fn get(browser: &Browser<'_>, scope: Scope) -> domain::mfa_policy::MfaPolicySettings {
    mfa_policy::get(&browser.backend, &browser.me().await, scope).await.unwrap()
}

fn denied<T: std::fmt::Debug>(answer: Result<T>) -> Denied {
    match answer {
        Err(Error::Denied(denied)) => denied,
        other => panic!("{other:?}"),
    }
}

/// A browser in which this person said “Don't ask again”.
async fn trusted<'w>(world: &'w World, person: &Person) -> Browser<'w> {
    world.advance(MINUTE);
    let mut browser = world.browser();
    assert_eq!(browser.password(person).await.unwrap(), Standing::AwaitingMfa);
    assert_eq!(browser.code_and_trust(&person.code(world)).await.unwrap(), Standing::Enter);
    world.deliver().await;
    browser
}

async fn device(browser: &Browser<'_>) -> DeviceOverview {
    let mine = sessions::mine(&browser.backend, &browser.me().await).await.unwrap();
    mine.devices.into_iter().find(|device| device.is_present).unwrap()
}

async fn offered(browser: &Browser<'_>) -> (Vec<FactorKind>, Option<u8>) {
    let challenge = sign_in::challenge(&browser.backend, &browser.me().await).await.unwrap();
    (challenge.offered.iter().map(|(_, kind)| *kind).collect(), challenge.trust.map(TrustDays::get))
}

async fn marta(world: &World, policy: MfaPolicy) -> (crate::support::Account, Person) {
    let account = world.account("Northwind").await;
    so(world, account.scope, policy).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    (account, marta)
}

// ── a trusted browser ─────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_trusted_browser_is_not_asked_again_until_its_days_are_over, async |world| {
    let (_, marta) = marta(world, trusting(7)).await;
    let mut laptop = trusted(world, &marta).await;
    let given = world.now();
    assert_eq!(device(&laptop).await.trusted_until, Some(given + 7 * DAY));
    world.advance(DAY);
    assert_eq!(laptop.password(&marta).await.unwrap(), Standing::Enter);
    // It stands in for the second step and for nothing else.
    assert_eq!(laptop.me().await.step_up(world.now()), StepUp::NeedsAuthenticator);
    let codes = authenticators::make_backup_codes(&world.backend, &laptop.me().await).await;
    assert!(matches!(denied(codes), Denied::StepUpNeeded(_)));
    // Nobody else's browser is trusted by it.
    assert_eq!(world.browser().password(&marta).await.unwrap(), Standing::AwaitingMfa);
    world.clock.set(given + 7 * DAY - MS);
    assert_eq!(laptop.password(&marta).await.unwrap(), Standing::Enter);
    world.advance(MS);
    assert_eq!(laptop.me().await.standing(), Standing::AwaitingMfa, "a session that entered by it is asked too");
    assert_eq!(laptop.password(&marta).await.unwrap(), Standing::AwaitingMfa);
    assert_eq!(laptop.code(&marta.code(world)).await.unwrap(), Standing::Enter);
    assert_eq!(device(&laptop).await.trusted_until, None, "it is not trusted by itself again");
});

on_each_database!(the_strictest_of_all_places_counts_and_acts_at_once, async |world| {
    let (account, marta) = marta(world, trusting(30)).await;
    let other = world.account("Contoso").await;
    so(world, other.scope, trusting(7)).await;
    let mut laptop = trusted(world, &marta).await;
    assert_eq!(laptop.password(&marta).await.unwrap(), Standing::Enter);
    world.join(&marta, &other, Role::Support).await;
    assert_eq!(device(&laptop).await.trusted_until, Some(world.now() + 7 * DAY));
    world.advance(8 * DAY);
    assert_eq!(laptop.password(&marta).await.unwrap(), Standing::AwaitingMfa);
    world.remove(&marta, other.scope).await;
    assert_eq!(laptop.me().await.standing(), Standing::Enter);
    // Turned off where she still is: asked at the next request, in whatever session.
    so(world, account.scope, trusting(0)).await;
    assert_eq!(laptop.me().await.standing(), Standing::AwaitingMfa);
    assert_eq!(offered(&laptop).await.1, None);
    assert_eq!(laptop.code_and_trust(&marta.code(world)).await.unwrap(), Standing::Enter, "ticked all the same");
    assert_eq!(device(&laptop).await.trusted_until, None);
    so(world, account.scope, trusting(30)).await;
    world.advance(MINUTE);
    assert_eq!(offered(&laptop).await.1, None, "this is step-up");
    laptop.code_and_trust(&marta.code(world)).await.unwrap();
    assert_eq!(device(&laptop).await.trusted_until.map(|until| until < world.now() + 29 * DAY), Some(true));
});

on_each_database!(it_holds_as_long_as_was_said_whatever_is_loosened_later, async |world| {
    let (account, marta) = marta(world, trusting(7)).await;
    let mut laptop = trusted(world, &marta).await;
    let given = world.now();
    so(world, account.scope, trusting(30)).await;
    assert_eq!(device(&laptop).await.trusted_until, Some(given + 7 * DAY));
    world.advance(DAY);
    assert_eq!(laptop.password(&marta).await.unwrap(), Standing::Enter);
    world.clock.set(given + 7 * DAY - MS);
    assert_eq!(laptop.password(&marta).await.unwrap(), Standing::Enter);
    world.advance(MS);
    assert_eq!(laptop.me().await.standing(), Standing::AwaitingMfa);
    assert_eq!(laptop.password(&marta).await.unwrap(), Standing::AwaitingMfa);
});

on_each_database!(whoever_signs_in_while_it_ends_is_asked, async |world| {
    let (_, marta) = marta(world, trusting(30)).await;
    for forget in [false, true] {
        let laptop = trusted(world, &marta).await;
        let owner = trusted(world, &marta).await.me().await;
        let (id, thief) = (device(&laptop).await.id, laptop.visitor.clone());
        let email = domain::person::EmailAddress::parse(&marta.email).unwrap();
        let tokens = world
            .at_once(6, |server, number| {
                let (owner, thief, email) = (owner.clone(), thief.clone(), email.clone());
                let password = backend::crypto::Password::new(marta.password.clone());
                async move {
                    match (number, forget) {
                        (3, false) => sessions::distrust_device(&server, &owner, id).await.map(|()| None).unwrap(),
                        (3, true) => sessions::forget_device(&server, &owner, id).await.map(|()| None).unwrap(),
                        _ => Some(sign_in::sign_in(&server, &thief, &email, password).await.unwrap().session),
                    }
                }
            })
            .await;
        for session in tokens.into_iter().flatten() {
            let mut browser = world.browser();
            browser.visitor.session = Some(session);
            assert_eq!(browser.me().await.standing(), Standing::AwaitingMfa);
        }
    }
    world.deliver().await;
});

on_each_database!(who_is_nowhere_trusts_nothing, async |world| {
    let (account, marta) = marta(world, trusting(30)).await;
    let mut laptop = trusted(world, &marta).await;
    world.remove(&marta, account.scope).await;
    assert_eq!(laptop.password(&marta).await.unwrap(), Standing::AwaitingMfa);
});

on_each_database!(asked_again_or_forgotten_it_is_trusted_no_more, async |world| {
    let (_, marta) = marta(world, trusting(30)).await;
    for forget in [false, true] {
        let mut laptop = trusted(world, &marta).await;
        assert_eq!(laptop.password(&marta).await.unwrap(), Standing::Enter);
        let other = trusted(world, &marta).await;
        let id = device(&laptop).await.id;
        let caller = other.me().await;
        match forget {
            true => sessions::forget_device(&world.backend, &caller, id).await.unwrap(),
            false => sessions::distrust_device(&world.backend, &caller, id).await.unwrap(),
        }
        assert_eq!(laptop.me().await.standing(), Standing::AwaitingMfa, "the session it opened is asked");
        assert_eq!(laptop.password(&marta).await.unwrap(), Standing::AwaitingMfa);
        assert_eq!(other.me().await.standing(), Standing::Enter);
        assert!(device(&other).await.trusted_until.is_some(), "the other one is as it was");
    }
});

on_each_database!(another_persons_browser_is_not_theirs_to_distrust, async |world| {
    let (account, marta) = marta(world, trusting(30)).await;
    let bruno = world.user("Bruno").with_totp().analyst_of(&account).await;
    let laptop = trusted(world, &marta).await;
    let id = device(&laptop).await.id;
    let thief = world.signed_in(&bruno).await;
    let answer = sessions::distrust_device(&world.backend, &thief.me().await, id).await;
    assert!(matches!(answer, Err(Error::NotFound)), "{answer:?}");
    assert!(device(&laptop).await.trusted_until.is_some());
    // Nor does it open anything for another: the cookie is the person's.
    let mut thief = world.browser();
    thief.visitor.known_device = laptop.visitor.known_device.clone();
    assert_eq!(thief.password(&bruno).await.unwrap(), Standing::AwaitingMfa);
});

on_each_database!(a_copy_of_the_cookie_from_before_is_not_trusted_with_it, async |world| {
    let (_, marta) = marta(world, trusting(30)).await;
    let mut laptop = world.signed_in(&marta).await;
    let mut thief = world.browser();
    thief.visitor.known_device = laptop.visitor.known_device.clone();
    world.advance(MINUTE);
    laptop.password(&marta).await.unwrap();
    laptop.code_and_trust(&marta.code(world)).await.unwrap();
    assert_eq!(laptop.password(&marta).await.unwrap(), Standing::Enter);
    assert_eq!(thief.password(&marta).await.unwrap(), Standing::AwaitingMfa);
    assert_eq!(sessions::mine(&world.backend, &laptop.me().await).await.unwrap().devices.len(), 1);
    world.deliver().await;
});

on_each_database!(a_new_password_a_removed_factor_and_a_reset_end_it, async |world| {
    let story = northwind(world).await;
    so(world, story.account.scope, trusting(30)).await;
    let marta = &story.marta;
    let set_again = async || {
        let email = domain::person::EmailAddress::parse(&marta.email).unwrap();
        password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
        let link = world.password_link(marta).await;
        let password = backend::crypto::Password::new(marta.password.clone());
        password_reset::set(&world.backend, &world.visitor(), &link, password).await.unwrap();
        world.deliver().await;
    };
    let mut laptop = trusted(world, marta).await;
    set_again().await;
    assert_eq!(laptop.password(marta).await.unwrap(), Standing::AwaitingMfa, "a new password");

    let mut laptop = trusted(world, marta).await;
    let mut desk = world.signed_in(marta).await;
    let mut key = SoftKey::new(&world.backend.random);
    desk.bind_passkey(&mut key, false).await.unwrap();
    assert_eq!(laptop.password(marta).await.unwrap(), Standing::Enter, "one more takes nothing away");
    let bound = world.rows::<authenticator::Entity>().await;
    let passkey = bound.iter().find(|row| row.kind == FactorKind::Passkey.key()).unwrap();
    let removed = authenticators::unbind(&world.backend, &desk.me().await, AuthenticatorId(passkey.id)).await;
    desk.take(removed.unwrap());
    assert_eq!(laptop.password(marta).await.unwrap(), Standing::AwaitingMfa, "a removed factor");

    let mut laptop = trusted(world, marta).await;
    world.advance(4 * DAY);
    let link = asked(world, &story).await;
    let mut phone = world.browser();
    phone.accept(&link).await.unwrap();
    assert_eq!(laptop.password(marta).await.unwrap(), Standing::AwaitingDeviceCode, "a reset: not even recognised");
    assert_eq!(phone.password(marta).await.unwrap(), Standing::EnrolOnly);
    world.deliver().await;
});

on_each_database!(trusted_by_a_passkey_it_is_trusted_too, async |world| {
    let (_, marta) = marta(world, trusting(14)).await;
    let mut key = SoftKey::new(&world.backend.random);
    world.signed_in(&marta).await.bind_passkey(&mut key, false).await.unwrap();
    let mut phone = world.browser();
    phone.password(&marta).await.unwrap();
    assert_eq!(offered(&phone).await, (vec![FactorKind::Passkey, FactorKind::Totp], Some(14)));
    let asked = backend::passkeys::begin_proof(&world.backend, &phone.me().await).await.unwrap();
    let caller = phone.me().await;
    let step = backend::passkeys::prove(&world.backend, &caller, asked.id, &key.answered(&asked), true).await;
    phone.take(step.unwrap());
    assert_eq!(phone.password(&marta).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

// ── only phishing-resistant methods ───────────────────────────────────────────────────────────────────────────────

on_each_database!(who_has_an_app_alone_adds_a_passkey_with_it_and_the_code_is_then_refused, async |world| {
    let (account, marta) = marta(world, MfaPolicy { phishing_resistant: true, ..trusting(30) }).await;
    let mut laptop = world.browser();
    world.advance(MINUTE);
    laptop.password(&marta).await.unwrap();
    assert_eq!(offered(&laptop).await, (vec![FactorKind::Totp], None), "no browser is trusted here");
    assert_eq!(laptop.code(&marta.code(world)).await.unwrap(), Standing::EnrolPhishingResistant);
    let shut = backend::users::list(&world.backend, &laptop.me().await, account.scope, &Default::default()).await;
    assert!(matches!(shut, Err(Error::Unfinished(Standing::EnrolPhishingResistant))), "{shut:?}");
    let app = laptop.enrol().await;
    assert!(matches!(app, Err(Error::Unfinished(Standing::EnrolPhishingResistant))), "{app:?}");
    assert!(!backend::passkeys::enrolment(&world.backend, &laptop.me().await).unwrap().or_app);
    // The proof grows old while she looks for her key: the code serves once more.
    world.advance(11 * MINUTE);
    assert!(matches!(denied(laptop.begin_binding(false).await), Denied::StepUpNeeded(_)));
    laptop.code(&marta.code(world)).await.unwrap();
    let mut key = SoftKey::new(&world.backend.random);
    assert_eq!(laptop.bind_passkey(&mut key, false).await.unwrap(), Standing::Enter);

    world.advance(MINUTE);
    let mut phone = world.browser();
    phone.password(&marta).await.unwrap();
    assert_eq!(offered(&phone).await.0, [FactorKind::Passkey]);
    let code = phone.code(&marta.code(world)).await;
    assert!(matches!(code, Err(Error::Conflict(Conflict::OutOfOrder))), "{code:?}");
    assert_eq!(phone.passkey(&mut key).await.unwrap(), Standing::Enter);
    world.advance(11 * MINUTE);
    let code = phone.code(&marta.code(world)).await;
    assert!(matches!(code, Err(Error::Conflict(Conflict::OutOfOrder))), "nor is it step-up: {code:?}");
    phone.passkey(&mut key).await.unwrap();
    let bound = world.rows::<authenticator::Entity>().await;
    let passkey = bound.iter().find(|row| row.kind == FactorKind::Passkey.key()).unwrap();
    let last = authenticators::unbind(&world.backend, &phone.me().await, AuthenticatorId(passkey.id)).await;
    assert!(matches!(last, Err(Error::Conflict(Conflict::LastPhishingResistant))), "{last:?}");
    world.deliver().await;
});

on_each_database!(turned_on_it_acts_on_open_sessions, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let mut key = SoftKey::new(&world.backend.random);
    let mut chiara = world.signed_in(&story.chiara).await;
    let alone = set(&chiara, scope, only_phishing_resistant()).await;
    assert!(matches!(alone, Err(Error::Conflict(Conflict::NeedsPasskeyFirst))), "{alone:?}");
    chiara.bind_passkey(&mut key, false).await.unwrap();
    // One that is bound may be lost: who turns it on proves that theirs works.
    let by_code = world.signed_in(&story.chiara).await;
    let bound_only = set(&by_code, scope, only_phishing_resistant()).await;
    assert!(matches!(bound_only, Err(Error::Conflict(Conflict::NeedsPasskeyFirst))), "{bound_only:?}");
    let marta = world.signed_in(&story.marta).await;
    set(&chiara, scope, only_phishing_resistant()).await.unwrap();
    assert_eq!(chiara.me().await.standing(), Standing::Enter);
    assert_eq!(marta.me().await.standing(), Standing::EnrolPhishingResistant);
    world.deliver().await;
});

on_each_database!(after_a_reset_a_passkey_is_what_is_set_up, async |world| {
    let story = northwind(world).await;
    so(world, story.account.scope, only_phishing_resistant()).await;
    let mut key = SoftKey::new(&world.backend.random);
    let mut chiara = world.browser();
    world.advance(MINUTE);
    chiara.sign_in(&story.chiara).await;
    chiara.bind_passkey(&mut key, false).await.unwrap();
    crate::mfa_reset::ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    let link = world.reset_link(&story.marta).await;
    let mut phone = world.browser();
    phone.accept(&link).await.unwrap();
    assert_eq!(phone.password(&story.marta).await.unwrap(), Standing::EnrolPhishingResistant);
    assert!(matches!(phone.enrol().await, Err(Error::Unfinished(_))));
    // There is no factor to give, and a proof that grew old is given anew by the password.
    let challenge = sign_in::challenge(&world.backend, &phone.me().await).await;
    assert!(matches!(challenge, Err(Error::Unfinished(Standing::EnrolPhishingResistant))), "{challenge:?}");
    world.advance(11 * MINUTE);
    assert!(matches!(denied(phone.begin_binding(true).await), Denied::StepUpNeeded(StepUp::NeedsPassword)));
    phone.password_again(&story.marta.password).await.unwrap();
    let mut own = SoftKey::new(&world.backend.random);
    assert_eq!(phone.bind_passkey(&mut own, true).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(a_backup_code_serves_to_bind_another_passkey_and_for_nothing_else, async |world| {
    let (_, marta) = marta(world, trusting(0)).await;
    let mut laptop = world.signed_in(&marta).await;
    let mut lost = SoftKey::new(&world.backend.random);
    laptop.bind_passkey(&mut lost, false).await.unwrap();
    let codes = laptop.make_backup_codes().await;
    so(world, laptop.scope.unwrap(), only_phishing_resistant()).await;
    let mut phone = world.browser();
    phone.password(&marta).await.unwrap();
    assert_eq!(phone.backup_code(&codes[0]).await.unwrap(), Standing::EnrolPhishingResistant);
    let shut = backend::users::list(&world.backend, &phone.me().await, phone.scope.unwrap(), &Default::default()).await;
    assert!(matches!(shut, Err(Error::Unfinished(Standing::EnrolPhishingResistant))), "{shut:?}");
    let caller = phone.me().await;
    let change = backend::passwords::change(&world.backend, &caller, backend::crypto::Password::new("x".into())).await;
    assert!(matches!(change, Err(Error::Unfinished(_))), "{change:?}");
    // Whose codes are used up, and whose key is nowhere, can ask for help still.
    assert!(backend::locked_out::may_ask(&caller));
    let mut new = SoftKey::new(&world.backend.random);
    assert_eq!(phone.bind_passkey(&mut new, false).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(where_no_second_factor_is_required_it_asks_nothing, async |world| {
    let account = world.account("Freehold").free().await;
    so(world, account.scope, only_phishing_resistant()).await;
    let bruno = world.user("Bruno").analyst_of(&account).await;
    assert_eq!(world.signed_in(&bruno).await.me().await.standing(), Standing::Enter);
    let ann = world.user("Ann").with_totp().analyst_of(&account).await;
    assert_eq!(world.signed_in(&ann).await.me().await.standing(), Standing::Enter);
});

// ── the setting ───────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(stricter_holds_at_once_and_looser_a_day_later_unless_called_off, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let chiara = world.signed_in(&story.chiara).await;
    set(&chiara, scope, trusting(14)).await.unwrap();
    let seen = get(&chiara, scope).await;
    assert_eq!((seen.own.policy, seen.own.required), (trusting(0), true));
    let loosening = seen.loosening.unwrap();
    assert_eq!((loosening.to, loosening.due_at), (Loosened::MfaPolicy(trusting(14)), world.now() + LOOSENING));
    let told: Vec<String> = world.mails().await.into_iter().filter(|mail| mail.starts_with("loosening")).collect();
    assert_eq!(told, ["loosening to Chiara", "loosening to Olga"]);
    let olga = world.signed_in(&story.olga).await;
    loosening::cancel(&world.backend, &olga.me().await, scope, loosening.id).await.unwrap();
    world.deliver().await;
    world.advance(25 * HOUR);
    world.deliver().await;
    let chiara = world.signed_in(&story.chiara).await;
    assert_eq!(get(&chiara, scope).await.own.policy, trusting(0));

    set(&chiara, scope, trusting(30)).await.unwrap();
    world.advance(LOOSENING);
    world.deliver().await;
    let chiara = world.signed_in(&story.chiara).await;
    assert_eq!((get(&chiara, scope).await.own.policy, get(&chiara, scope).await.loosening), (trusting(30), None));
    set(&chiara, scope, trusting(7)).await.unwrap();
    assert_eq!((get(&chiara, scope).await.own.policy, get(&chiara, scope).await.loosening), (trusting(7), None));
    let log = [
        "Chiara: mfa_policy_loosening",
        "Olga: loosening_cancelled",
        "Chiara: mfa_policy_loosening",
        "system: mfa_policy_loosened",
        "Chiara: mfa_policy_tightened",
    ];
    assert_eq!(world.log_of(scope).await, log);
});

on_each_database!(what_was_asked_for_does_not_outlive_the_right_of_who_asked, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let chiara = world.signed_in(&story.chiara).await;
    set(&chiara, scope, trusting(30)).await.unwrap();
    world.set_role(&story.chiara, scope, Role::Analyst).await;
    world.advance(LOOSENING);
    world.deliver().await;
    let olga = world.signed_in(&story.olga).await;
    assert_eq!(get(&olga, scope).await.own.policy, trusting(0));
});

on_each_database!(setting_takes_the_permission_and_a_fresh_proof, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let marta = world.signed_in(&story.marta).await;
    let lacks = Denied::RoleLacks { area: Area::SecuritySettings, level: Level::Edit };
    assert_eq!(denied(set(&marta, scope, trusting(30)).await), lacks);
    let chiara = world.signed_in(&story.chiara).await;
    world.advance(11 * MINUTE);
    assert!(matches!(denied(set(&chiara, scope, trusting(30)).await), Denied::StepUpNeeded(_)));
    let other = world.account("Contoso").await;
    let carlo = world.signed_in(&world.user("Carlo").with_totp().owner_of(&other).await).await;
    assert_eq!(denied(set(&carlo, scope, trusting(30)).await), Denied::Unseen);
    assert_eq!(denied(mfa_policy::get(&world.backend, &carlo.me().await, scope).await), Denied::Unseen);
    assert!(world.log_of(scope).await.is_empty());
});

on_each_database!(a_portfolio_sets_it_for_its_own_people, async |world| {
    let portfolio = world.portfolio("Group").await;
    so(world, portfolio.scope, trusting(7)).await;
    let pia = world.user("Pia").with_totp().with_role(Role::PortfolioAnalyst, portfolio.scope).await;
    let mut laptop = trusted(world, &pia).await;
    assert_eq!(laptop.password(&pia).await.unwrap(), Standing::Enter);
    let account = world.account("Northwind").linked_to(&portfolio).await;
    world.join(&pia, &account, Role::Support).await;
    assert_eq!(laptop.me().await.standing(), Standing::AwaitingMfa);
});

// ── who tries it at once ──────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_browser_trusted_while_the_epoch_moves_on_is_not_trusted, async |world| {
    let (_, marta) = marta(world, trusting(30)).await;
    world.advance(MINUTE);
    let mut thief = world.browser();
    thief.password(&marta).await.unwrap();
    let held = thief.me().await;
    let email = domain::person::EmailAddress::parse(&marta.email).unwrap();
    password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    let link = world.password_link(&marta).await;
    let code = marta.code(world);
    let answers = world
        .at_once(6, |server, number| {
            let (held, code, link, visitor) = (held.clone(), code.clone(), link.clone(), world.visitor());
            let new = backend::crypto::Password::new("seven loaves before dawn".into());
            async move {
                match number {
                    0 => password_reset::set(&server, &visitor, &link, new).await.is_ok(),
                    _ => sign_in::submit_totp(&server, &held, &code, true).await.is_ok(),
                }
            }
        })
        .await;
    assert!(answers[0], "the password is set whatever the others do");
    assert!(answers[1..].iter().filter(|done| **done).count() <= 1);
    assert_eq!(world.rows::<session::Entity>().await.len(), 0);
    assert_eq!(world.number("SELECT COUNT(*) FROM known_devices WHERE trusted_at IS NOT NULL", []).await, 0);
    world.deliver().await;
});
