//! A clock that was wrong and is put right, an hour forward or back (4.2, 3.5): nothing is accepted twice, nobody gets more
//! guesses than they have, and nobody waits for the time in which it was wrong.

use crate::{
    sign_in::problem,
    sms::{ACCEPTED, bound, method_of, so, submit, text_to},
    support::{HOUR, MINUTE, Person, SoftKey, World},
};
use backend::{
    Backend, Error, Parts, Result, authenticators, clock::TestClock, crypto::Password, passkeys, sign_in,
    store::entity::authenticator,
};
use domain::{
    errors::{Field, Problem},
    mfa_policy::{MfaPolicy, TrustDays},
    person::EmailAddress,
    policy::Denied,
    sessions::{Standing, StepUp},
    time::Timestamp,
};
use std::{sync::Arc, time::Duration};

const WRONG: &str = "not the right one";

async fn marta(world: &World) -> Person {
    let account = world.account("Northwind").await;
    world.user("Marta").with_totp().manager_of(&account).await
}

fn wait<T: std::fmt::Debug>(answer: Result<T>) -> Option<Duration> {
    match answer {
        Err(Error::Throttled { retry_after }) => Some(retry_after),
        Err(Error::Invalid(_)) => None,
        other => panic!("{other:?}"),
    }
}

on_each_database!(a_code_of_the_app_is_accepted_once_whatever_the_clock_is_set_to, async |world| {
    let marta = marta(world).await;
    let (at, used) = (world.now(), marta.code(world));
    let mut laptop = world.browser();
    laptop.password(&marta).await.unwrap();
    laptop.code(&used).await.unwrap();
    let last_step = async || world.rows::<authenticator::Entity>().await[0].last_step;
    let accepted = last_step().await;

    world.set_back(HOUR);
    let mut phone = world.browser();
    assert_eq!(phone.password(&marta).await.unwrap(), Standing::AwaitingMfa);
    for code in [used.clone(), marta.code(world)] {
        assert_eq!(problem(phone.code(&code).await, Field::Code), Problem::WrongCode, "none before the last");
    }
    assert_eq!(last_step().await, accepted);
    // A session of then goes on, and what was proven in it is no proof of now.
    assert_eq!(laptop.me().await.standing(), Standing::Enter);
    assert_eq!(laptop.me().await.step_up(world.now()), StepUp::NeedsAuthenticator);

    world.clock.set(at);
    assert_eq!(problem(phone.code(&used).await, Field::Code), Problem::WrongCode, "nor that one again");
    world.advance(HOUR);
    let behind = marta.code_at(at + MINUTE);
    assert_eq!(problem(phone.code(&behind).await, Field::Code), Problem::WrongCode, "an hour off");
    assert_eq!(phone.code(&marta.code(world)).await.unwrap(), Standing::Enter);
});

on_each_database!(nobody_waits_for_a_time_that_was_wrong, async |world| {
    let marta = marta(world).await;
    for _ in 0..5 {
        assert_eq!(wait(world.browser().type_in(&marta.email, WRONG).await), None);
    }
    assert_eq!(wait(world.browser().type_in(&marta.email, WRONG).await), Some(Duration::from_secs(30)));
    world.set_back(HOUR);
    // One guess, and then the wait that its misses cost.
    let email = EmailAddress::parse(&marta.email).unwrap();
    let answers = world
        .at_once(20, |server, number| {
            let (email, password, visitor) = (email.clone(), Password::new(format!("guess {number}")), world.visitor());
            async move { sign_in::sign_in(&server, &visitor, &email, password).await.map(drop) }
        })
        .await;
    let waits: Vec<_> = answers.into_iter().map(wait).collect();
    assert_eq!(waits.iter().filter(|wait| wait.is_none()).count(), 1, "{waits:?}");
    assert!(waits.iter().flatten().all(|wait| *wait == MINUTE), "{waits:?}");
    world.advance(MINUTE);
    assert_eq!(world.browser().password(&marta).await.unwrap(), Standing::AwaitingMfa);
    // Forward: it is over sooner, as any time is.
    for _ in 0..5 {
        assert_eq!(wait(world.browser().type_in(&marta.email, WRONG).await), None);
    }
    world.advance(HOUR);
    assert_eq!(world.browser().password(&marta).await.unwrap(), Standing::AwaitingMfa);
});

on_each_database!(a_server_whose_clock_is_a_little_behind_gives_no_guess_of_its_own, async |world| {
    let marta = marta(world).await;
    let email = EmailAddress::parse(&marta.email).unwrap();
    let guess = async |server: &Backend| {
        sign_in::sign_in(server, &world.visitor(), &email, Password::new(WRONG.into())).await.map(drop)
    };
    for miss in 1..=15 {
        assert_eq!(wait(guess(&world.backend).await), None, "{miss}");
        let behind = Arc::new(TestClock::at(world.now() - Duration::from_secs(2)));
        let behind = Backend::new(Parts { clock: behind, ..Parts::clone(&world.other_server) });
        if miss >= 5 {
            assert!(wait(guess(&behind).await).is_some(), "{miss}");
            world.advance(15 * MINUTE);
        }
    }
});

on_each_database!(a_texted_code_and_a_challenge_are_answered_once_and_not_after_their_time, async |world| {
    let account = world.account("Northwind").await;
    so(world, account.scope, ACCEPTED).await;
    let bruno = world.user("Bruno").analyst_of(&account).await;
    let mut phone = world.signed_in(&bruno).await;
    bound(world, &mut phone).await;
    let mut key = SoftKey::new(&world.backend.random);
    phone.bind_passkey(&mut key, false).await.unwrap();
    let id = method_of(world, &bruno).await;
    let refused = |answer: Result<Standing>, field| {
        assert!(matches!(&answer, Err(Error::Invalid(wrong)) if wrong.of(field).is_some()), "{answer:?}");
    };

    // Forward: both are too old, and are good again as soon as the clock is right.
    let mut laptop = world.browser();
    laptop.password(&bruno).await.unwrap();
    world.advance(MINUTE);
    text_to(&laptop, id).await.unwrap();
    let (at, code) = (world.now(), world.phones.code());
    let asked = passkeys::begin_proof(&world.backend, &laptop.me().await).await.unwrap();
    world.advance(HOUR);
    refused(submit(&mut laptop, &code, false).await, Field::Code);
    refused(laptop.answer(&asked, &key.answered(&asked)).await, Field::Passkey);
    world.clock.set(at);
    assert_eq!(submit(&mut laptop, &code, false).await.unwrap(), Standing::Enter);
    refused(submit(&mut laptop, &code, false).await, Field::Code);

    // Back: both are good, once, and the next text message does not wait for the hour.
    let mut tablet = world.browser();
    tablet.password(&bruno).await.unwrap();
    world.advance(MINUTE);
    text_to(&tablet, id).await.unwrap();
    let asked = passkeys::begin_proof(&world.backend, &tablet.me().await).await.unwrap();
    let answer = key.answered(&asked);
    world.set_back(HOUR);
    text_to(&tablet, id).await.unwrap();
    assert!(matches!(text_to(&tablet, id).await, Err(Error::Throttled { retry_after }) if retry_after == MINUTE));
    assert_eq!(submit(&mut tablet, &world.phones.code(), false).await.unwrap(), Standing::Enter);
    assert_eq!(tablet.answer(&asked, &answer).await.unwrap(), Standing::Enter);
    refused(tablet.answer(&asked, &answer).await, Field::Passkey);
    world.advance(HOUR);
    world.deliver().await;
});

on_each_database!(a_browser_is_trusted_by_the_clock_and_never_proves_anything_lately, async |world| {
    let account = world.account("Northwind").await;
    let trust = TrustDays::try_from(7).unwrap();
    so(world, account.scope, MfaPolicy { trust, ..ACCEPTED }).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut laptop = world.browser();
    laptop.password(&marta).await.unwrap();
    laptop.code_and_trust(&marta.code(world)).await.unwrap();
    let began: Timestamp = world.now();
    for (at, standing) in [
        (began - HOUR, Standing::Enter),
        (began + 7 * 24 * HOUR - HOUR, Standing::Enter),
        (began + 7 * 24 * HOUR, Standing::AwaitingMfa),
        // Set back before its end, it is trusted again until then: it is the clock that says when that is.
        (began + 7 * 24 * HOUR - HOUR, Standing::Enter),
    ] {
        world.clock.set(at);
        laptop.visitor.session = None;
        assert_eq!(laptop.password(&marta).await.unwrap(), standing, "{at:?}");
        if standing == Standing::Enter {
            let denied = authenticators::make_backup_codes(&world.backend, &laptop.me().await).await;
            assert!(matches!(denied, Err(Error::Denied(Denied::StepUpNeeded(_)))), "{denied:?}");
        }
    }
});
