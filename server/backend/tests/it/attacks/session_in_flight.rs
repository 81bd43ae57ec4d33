//! The attacker holds something from before: a copied session, a code that was mailed, the key of a half-done enrolment, the
//! lost phone itself. The person accepts the reset to be rid of it, and the attacker uses it at that very moment, or after.
//!
//! A session that outlives the change that should end it is CWE-613; a check made before the change and used after it CWE-362
//! (CWE-367). Here “Accept” raises the person's epoch (3.6): all that was made under the one before is void, and what is
//! written is written on condition that it has not moved.

use crate::{
    mfa_reset::{
        accept, ask, asked,
        guards::{approve, guarded, has_factor, set},
        northwind,
    },
    support::{HOUR, SoftKey, code_of},
};
use backend::{
    Error, authenticators, mfa_reset, passkeys, sessions, sign_in,
    store::entity::{authenticator, recovery_code, session},
};
use domain::{
    errors::Conflict,
    guards::Guards,
    ids::AuthenticatorId,
    mfa_reset::State,
    person::{EmailAddress, Name, Reason},
    sessions::{Standing, StepUp},
};

fn seed_of(key: &str) -> Vec<u8> {
    data_encoding::BASE32_NOPAD.decode(key.replace(' ', "").as_bytes()).unwrap()
}

on_each_database!(a_copied_session_with_a_fresh_proof_keeps_no_door_open, async |world| {
    let story = northwind(world).await;
    let laptop = world.signed_in(&story.marta).await;
    let copied = laptop.twin();
    // The thief has looked at the key for one more phone, and has a request on the way.
    let held = copied.me().await;
    assert_eq!(held.step_up(world.now()), StepUp::FreshByAuthenticator);
    let seen = seed_of(&authenticators::totp_enrolment(&world.backend, &held).await.unwrap().key);
    let own = world.rows::<authenticator::Entity>().await;
    let own = AuthenticatorId(own.iter().find(|row| row.user_id == story.marta.id.0).unwrap().id);
    let mut phone = world.browser();
    phone.accept(&asked(world, &story).await).await.unwrap();

    assert!(matches!(copied.caller().await, Err(Error::NotSignedIn)));
    // Whatever was on the way with that session comes too late.
    let (name, code) = (Name::parse("Mine").unwrap(), code_of(&seen, world.now()));
    let bound = authenticators::bind_totp(&world.backend, &held, &name, &code).await;
    assert!(matches!(bound, Err(Error::Conflict(Conflict::EnrolmentVoid))), "{bound:?}");
    assert!(matches!(authenticators::unbind(&world.backend, &held, own).await, Err(Error::NotFound)));
    let codes = authenticators::make_backup_codes(&world.backend, &held).await;
    assert!(matches!(codes, Err(Error::NotSignedIn)), "{codes:?}");
    let proven = sign_in::submit_totp(&world.backend, &held, &story.marta.code(world), false).await;
    assert!(proven.is_err(), "the lost phone proves nothing: {proven:?}");
    assert!(world.rows::<recovery_code::Entity>().await.is_empty());
    assert!(!has_factor(world, &story.marta, story.account.scope).await);

    // The key that Marta is shown now is not the one that was looked at.
    phone.password(&story.marta).await.unwrap();
    assert_ne!(phone.enrol().await.unwrap(), seen);
    assert!(matches!(copied.caller().await, Err(Error::NotSignedIn)));
    world.deliver().await;
});

on_each_database!(while_the_reset_waits_the_session_goes_on_and_then_it_ends, async |world| {
    let story = northwind(world).await;
    let chiara = world.signed_in(&story.chiara).await;
    let wait = Guards { wait: domain::guards::Hours::DAY, ..Guards::default() };
    set(&chiara, story.account.scope, wait).await.unwrap();
    let link = asked(world, &story).await;
    accept(&world.backend, &link).await.unwrap();
    world.deliver().await;
    world.advance(23 * HOUR);
    let thief = world.signed_in(&story.marta).await;
    assert_eq!(thief.me().await.standing(), Standing::Enter, "nothing is removed before its time");
    world.wait_out(HOUR).await;
    assert_eq!(world.state_of(&link).await, State::Done);
    assert!(matches!(thief.caller().await, Err(Error::NotSignedIn)));
    world.deliver().await;
});

on_each_database!(a_code_mailed_to_a_new_device_dies_with_what_it_was_mailed_for, async |world| {
    let mut story = northwind(world).await;
    let mut phone = world.browser();
    phone.accept(&asked(world, &story).await).await.unwrap();
    world.deliver().await;
    // Between two resets somebody with the password has a code mailed, and copies it from the screen.
    let mut thief = world.browser();
    assert_eq!(thief.password(&story.marta).await.unwrap(), Standing::AwaitingDeviceCode);
    let code = world.mailed_code(&story.marta).await;
    let held = thief.me().await;
    phone.password(&story.marta).await.unwrap();
    story.marta.totp_seed = Some(phone.enrol().await.unwrap());
    assert!(sign_in::submit_device_code(&world.backend, &held, &code).await.is_err());
    // And after the next reset, when a new device is asked for a code again, it is not that one.
    accept(&world.backend, &asked(world, &story).await).await.unwrap();
    assert!(sign_in::submit_device_code(&world.backend, &held, &code).await.is_err());
    world.deliver().await;
    assert_eq!(thief.password(&story.marta).await.unwrap(), Standing::AwaitingDeviceCode);
    assert!(thief.device_code(&code).await.is_err(), "made for another session");
    world.deliver().await;
});

on_each_database!(the_lost_phone_used_at_the_moment_of_accepting_opens_nothing_that_lasts, async |world| {
    for round in 0..4 {
        let account = world.account(&format!("Northwind {round}")).await;
        let chiara = world.user(&format!("Chiara {round}")).with_totp().admin_of(&account).await;
        let marta = world.user(&format!("Marta {round}")).with_totp().manager_of(&account).await;
        ask(&world.signed_in(&chiara).await, account.scope, &marta).await.unwrap();
        let link = world.reset_link(&marta).await;
        // Who found the phone knows the password too, and stands at the second factor.
        let mut thief = world.browser();
        thief.password(&marta).await.unwrap();
        let (held, code) = (thief.me().await, marta.code(world));
        let answers = world
            .at_once(9, |server, number| {
                let (link, held, code) = (link.clone(), held.clone(), code.clone());
                async move {
                    match number {
                        4 => accept(&server, &link).await.map(|()| None),
                        _ => sign_in::submit_totp(&server, &held, &code, false).await.map(|step| Some(step.session)),
                    }
                }
            })
            .await;
        assert!(answers[4].is_ok(), "{answers:?}");
        for session in answers.into_iter().flatten().flatten() {
            let visitor = backend::Visitor { session: Some(session), ..world.visitor() };
            assert!(matches!(sessions::caller(&world.backend, &visitor).await, Err(Error::NotSignedIn)));
        }
        let left = world.rows::<session::Entity>().await;
        assert!(left.iter().all(|session| session.user_id != marta.id.0), "round {round}");
        assert_eq!(thief.password(&marta).await.unwrap(), Standing::AwaitingDeviceCode);
        world.deliver().await;
    }
});

on_each_database!(a_passkey_used_at_the_moment_of_accepting_opens_nothing_that_lasts, async |world| {
    for round in 0..4 {
        let account = world.account(&format!("Northwind {round}")).await;
        let chiara = world.user(&format!("Chiara {round}")).with_totp().admin_of(&account).await;
        let marta = world.user(&format!("Marta {round}")).with_totp().manager_of(&account).await;
        let mut key = SoftKey::new(&world.backend.random).that_does_not_count();
        world.signed_in(&marta).await.bind_passkey(&mut key, true).await.unwrap();
        ask(&world.signed_in(&chiara).await, account.scope, &marta).await.unwrap();
        let link = world.reset_link(&marta).await;
        // Who has the key tries both ways in, from as many browsers, as the reset takes effect.
        let mut thief = world.browser();
        thief.password(&marta).await.unwrap();
        let held = thief.me().await;
        let mut alone = Vec::new();
        for _ in 0..8 {
            let asked = passkeys::begin_sign_in(&world.backend, &world.visitor()).await.unwrap();
            alone.push((asked.id, key.answered(&asked)));
        }
        let asked = passkeys::begin_proof(&world.backend, &held).await.unwrap();
        let second = (asked.id, key.answered(&asked));
        let answers = world
            .at_once(10, |server, number| {
                let (link, held, second, alone) = (link.clone(), held.clone(), second.clone(), alone.clone());
                async move {
                    match number {
                        5 => accept(&server, &link).await.map(|()| None),
                        0 => passkeys::prove(&server, &held, second.0, &second.1, false).await.map(Some),
                        _ => {
                            let (id, answer) = &alone[(number - 1) % alone.len()];
                            passkeys::sign_in(&server, &Default::default(), *id, answer).await.map(Some)
                        }
                    }
                }
            })
            .await;
        assert!(answers[5].is_ok(), "{answers:?}");
        let ours = answers.iter().filter_map(|answer| answer.as_ref().err());
        assert!(ours.clone().all(|error| !matches!(error, Error::Internal(_))), "{:?}", ours.collect::<Vec<_>>());
        for step in answers.into_iter().flatten().flatten() {
            let visitor = backend::Visitor { session: Some(step.session), ..world.visitor() };
            assert!(matches!(sessions::caller(&world.backend, &visitor).await, Err(Error::NotSignedIn)));
        }
        // Nor is anybody told that a key was copied, which was only removed.
        assert!(world.deliver().await.iter().all(|mail| !mail.subject.contains("copied")));
        assert_eq!(thief.password(&marta).await.unwrap(), Standing::AwaitingDeviceCode);
        world.deliver().await;
    }
});

on_each_database!(an_asker_whose_session_is_over_asks_for_nothing_more, async |world| {
    let story = guarded(world).await;
    let (scope, marta) = (story.scope(), &story.base.marta);
    // Chiara left her desk open and ends that session from her phone.
    let desk = world.signed_in(&story.base.chiara).await;
    let phone = world.signed_in(&story.base.chiara).await;
    sessions::end_others(&world.backend, &phone.me().await).await.unwrap();
    assert!(matches!(desk.caller().await, Err(Error::NotSignedIn)));
    // She loses the phone and is reset herself: what was on the way with its session comes too late.
    let held = phone.me().await;
    ask(&world.signed_in(&story.base.olga).await, scope, &story.base.chiara).await.unwrap();
    approve(&world.signed_in(&story.bruno).await, scope, &story.base.chiara).await.unwrap();
    ask(&phone, scope, &story.bruno).await.unwrap();
    accept(&world.backend, &world.reset_link(&story.base.chiara).await).await.unwrap();
    let no_reason = Reason::none();
    let asked = mfa_reset::request(&world.backend, &held, scope, marta.id, &no_reason).await;
    assert!(matches!(asked, Err(Error::NotSignedIn)), "{asked:?}");
    for answer in [
        mfa_reset::cancel(&world.backend, &held, scope, story.bruno.id).await,
        mfa_reset::approve(&world.backend, &held, scope, story.bruno.id).await,
        mfa_reset::reject(&world.backend, &held, scope, story.bruno.id).await,
        mfa_reset::resend(&world.backend, &held, scope, story.bruno.id).await,
    ] {
        assert!(matches!(answer, Err(Error::NotSignedIn)), "{answer:?}");
    }
    assert!(world.resets_of(marta).await.is_empty());
    world.deliver().await;
});

on_each_database!(a_mailed_password_that_was_on_the_way_is_not_written_after_an_accept, async |world| {
    let story = northwind(world).await;
    let email = EmailAddress::parse(&story.marta.email).unwrap();
    backend::password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    let password_link = world.password_link(&story.marta).await;
    let link = asked(world, &story).await;
    let before = world.row_of(&story.marta).await.password_hash;
    let set = world
        .at_once(8, |server, number| {
            let (link, password_link) = (link.clone(), password_link.clone());
            async move {
                match number {
                    0 => accept(&server, &link).await.is_err(),
                    _ => {
                        let new = backend::crypto::Password::new("a stranger in the mailbox".into());
                        backend::password_reset::set(&server, &Default::default(), &password_link, new).await.is_ok()
                    }
                }
            }
        })
        .await;
    assert_eq!(set, [false; 8]);
    assert_eq!(world.row_of(&story.marta).await.password_hash, before);
    world.deliver().await;
});
