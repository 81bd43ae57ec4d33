//! The attacker has the password and guesses the second factor. Of twenty misses the person is told (3.5), so the twentieth is
//! made where it might be counted and not told of: at a door behind which nothing waits, with a code that is dead already, by
//! a copy of a key, or together with others.
//!
//! Logging that leaves out the failures that matter is CWE-778. Here every answer that is no proof ends in one function, and
//! that the person was told is written down by one conditional update: they are told of the twentieth or any later one, and once.

use super::changes_nothing;
use crate::{
    sms::{ACCEPTED, bound, so, submit},
    support::{Account, Browser, MINUTE, Person, SoftKey, World},
};
use backend::{Error, Result, authenticators, settings::ThrottleLimits, sign_in};
use domain::{
    errors::{Conflict, Field, Problem},
    sessions::Standing,
};

/// An account that accepts text messages.
async fn northwind(world: &World) -> Account {
    let account = world.account("Northwind").await;
    so(world, account.scope, ACCEPTED).await;
    account
}

/// A browser of the attacker's, who knows the password.
async fn thief<'w>(world: &'w World, of: &Person) -> Browser<'w> {
    let mut thief = world.browser();
    thief.password(of).await.unwrap();
    thief
}

/// So many wrong codes of the app, each when the time is over that the one before costs.
async fn guess(world: &World, thief: &mut Browser<'_>, count: usize) {
    for _ in 0..count {
        assert_eq!(problem(thief.code("000000").await), Problem::WrongCode);
        world.advance(15 * MINUTE);
    }
}

fn problem(answer: Result<Standing>) -> Problem {
    match answer {
        Err(Error::Invalid(wrong)) => wrong.of(Field::Code).or(wrong.of(Field::Passkey)).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// How often somebody was told that their password is known.
async fn told(world: &World) -> usize {
    world.mails().await.iter().filter(|mail| mail.starts_with("password_known to ")).count()
}

on_each_database!(at_the_door_of_text_messages_where_the_person_has_no_number, async |world| {
    let account = northwind(world).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut thief = thief(world, &marta).await;
    guess(world, &mut thief, 19).await;
    let caller = thief.me().await;
    let nowhere =
        changes_nothing(world, authenticators::submit_sms_code(&world.backend, &caller, "000000", false)).await;
    assert!(matches!(nowhere, Err(Error::Conflict(Conflict::OutOfOrder))), "{nowhere:?}");
    assert_eq!(told(world).await, 0);
    guess(world, &mut thief, 1).await;
    assert_eq!(told(world).await, 1);
    guess(world, &mut thief, 3).await;
    assert_eq!(told(world).await, 1, "once");
    // Marta gets in, and it begins anew.
    world.signed_in(&marta).await;
    guess(world, &mut thief, 19).await;
    assert_eq!(told(world).await, 1);
    guess(world, &mut thief, 1).await;
    assert_eq!(told(world).await, 2);
    world.deliver().await;
});

on_each_database!(with_codes_that_were_never_texted, async |world| {
    let account = northwind(world).await;
    let bruno = world.user("Bruno").analyst_of(&account).await;
    bound(world, &mut world.signed_in(&bruno).await).await;
    let mut thief = thief(world, &bruno).await;
    for miss in 1..=21 {
        assert_eq!(problem(submit(&mut thief, "000000", false).await), Problem::DeadCode);
        assert_eq!(told(world).await, usize::from(miss >= 20), "after {miss}");
        world.advance(15 * MINUTE);
    }
    let log = world.log_of(account.scope).await;
    assert!(log.iter().any(|line| line.contains("second_factor_failed → Bruno")), "{log:?}");
    world.deliver().await;
});

on_each_database!(with_a_mailed_code_that_is_dead, async |world| {
    let account = world.account("Freehold").free().await;
    let bruno = world.user("Bruno").manager_of(&account).await;
    let mut thief = thief(world, &bruno).await;
    for miss in 1..=21 {
        let expected = if miss > 5 { Problem::DeadCode } else { Problem::WrongCode };
        assert_eq!(problem(thief.device_code("000000").await), expected, "{miss}");
        assert_eq!(told(world).await, usize::from(miss >= 20), "after {miss}");
        // Half an hour is all that a code has.
        world.advance(if miss < 5 { MINUTE / 60 } else { 15 * MINUTE });
    }
    world.deliver().await;
});

on_each_database!(by_a_copy_of_the_key, async |world| {
    let account = world.account("Northwind").await;
    let ann = world.user("Ann").manager_of(&account).await;
    let mut laptop = world.signed_in(&ann).await;
    let mut key = SoftKey::new(&world.backend.random);
    laptop.bind_passkey(&mut key, false).await.unwrap();
    let mut copy = key.clone();
    for _ in 0..30 {
        laptop.passkey(&mut key).await.unwrap();
    }
    let mut thief = thief(world, &ann).await;
    for miss in 1..=21 {
        assert_eq!(problem(thief.passkey(&mut copy).await), Problem::PasskeyCopied);
        assert_eq!(told(world).await, usize::from(miss >= 20), "after {miss}");
        world.advance(15 * MINUTE);
    }
    world.deliver().await;
});

on_each_database!(among_forty_at_the_same_moment, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let caller = thief(world, &marta).await.me().await;
    // As if waiting did not hold anybody up.
    let limits = ThrottleLimits { free_misses: 1_000, network_misses: 1_000, ..ThrottleLimits::default() };
    let servers = [
        world.server_set_up(7, |settings| settings.throttle = limits.clone()).await,
        world.server_set_up(8, |settings| settings.throttle = limits.clone()).await,
    ];
    let answers = world
        .at_once(40, |_, number| {
            let (server, caller) = (servers[number % 2].clone(), caller.clone());
            async move { sign_in::submit_totp(&server, &caller, "000000", false).await.map(|step| step.standing) }
        })
        .await;
    assert!(answers.into_iter().all(|answer| problem(answer) == Problem::WrongCode));
    assert_eq!(told(world).await, 1);
    world.deliver().await;
});
