//! How often may be tried (3.5): counted before the secret is looked at, in the database, for all servers together.

use crate::{
    sign_in::problem,
    support::{HOUR, MINUTE, MS, Person, World},
};
use backend::{
    Backend, Error, Parts, Result, Visitor,
    crypto::Password,
    password_reset, sign_in,
    store::entity::{throttle, user},
    worker,
};
use domain::{
    errors::{Field, Problem},
    person::EmailAddress,
    sessions::Standing,
};
use std::{net::IpAddr, time::Duration};

const WRONG: &str = "not the right one";

async fn marta(world: &World) -> Person {
    let account = world.account("Northwind").await;
    world.user("Marta").with_totp().manager_of(&account).await
}

/// Somebody in a free account, without a second factor.
async fn bruno(world: &World) -> Person {
    let account = world.account("Freehold").free().await;
    world.user("Bruno").manager_of(&account).await
}

/// How long to wait, when that is the answer.
fn wait<T: std::fmt::Debug>(answer: Result<T>) -> Option<Duration> {
    match answer {
        Err(Error::Throttled { retry_after }) => Some(retry_after),
        Err(Error::Invalid(_)) => None,
        other => panic!("{other:?}"),
    }
}

/// Many answers to guesses: how many secrets were looked at.
fn looked_at<T: std::fmt::Debug>(answers: Vec<Result<T>>) -> usize {
    answers.into_iter().filter(|answer| !matches!(answer, Err(Error::Throttled { .. }))).count()
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

// ── the rule ──────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(five_misses_are_free_then_thirty_seconds_doubling_to_fifteen_minutes, async |world| {
    let marta = marta(world).await;
    for email in [marta.email.as_str(), "nobody@postern.example"] {
        for _ in 0..5 {
            assert_eq!(wait(world.browser().type_in(email, WRONG).await), None, "{email}");
        }
        for expected in [30, 60, 120, 240, 480, 900, 900, 900] {
            assert_eq!(wait(world.browser().type_in(email, WRONG).await), Some(seconds(expected)), "{email}");
            // The right one is not looked at either, and asking makes it no worse.
            world.advance(seconds(expected) - MS);
            let right = world.browser().type_in(email, &marta.password).await;
            assert!(wait(right).is_some(), "{email} after {expected} s");
            world.advance(MS);
            assert_eq!(wait(world.browser().type_in(email, WRONG).await), None, "{email}");
        }
    }
});

on_each_database!(success_forgets_and_so_does_a_day, async |world| {
    let marta = marta(world).await;
    for round in 0..3 {
        for _ in 0..4 {
            assert_eq!(wait(world.browser().type_in(&marta.email, WRONG).await), None, "{round}");
        }
        world.browser().password(&marta).await.unwrap();
    }
    for _ in 0..5 {
        assert_eq!(wait(world.browser().type_in(&marta.email, WRONG).await), None);
    }
    world.advance(24 * HOUR);
    for _ in 0..5 {
        assert_eq!(wait(world.browser().type_in(&marta.email, WRONG).await), None);
    }
    assert_eq!(wait(world.browser().type_in(&marta.email, WRONG).await), Some(seconds(30)));
});

on_each_database!(every_spelling_of_an_address_has_one_counter, async |world| {
    let marta = marta(world).await;
    for typed in ["marta@postern.example", "MARTA@postern.example", "Marta@Postern.Example", "ｍarta@postern.example"]
    {
        assert_eq!(wait(world.browser().type_in(typed, WRONG).await), None);
    }
    world.browser().type_in(&marta.email, WRONG).await.unwrap_err();
    assert!(wait(world.browser().type_in("mARTA@postern.example", WRONG).await).is_some());
});

on_each_database!(a_table_of_misses_names_nobody, async |world| {
    let marta = marta(world).await;
    world.browser().type_in(&marta.email, WRONG).await.unwrap_err();
    let dump = world.dump().await;
    let named: Vec<_> = dump.find("marta@").into_iter().filter(|place| place.starts_with("throttles")).collect();
    assert!(named.is_empty() && !world.rows::<throttle::Entity>().await.is_empty());
    let bytes = dump.find_bytes(&[192, 0, 2, 7]);
    assert!(!bytes.iter().any(|place| place.starts_with("throttles")), "nor where they are");
});

// ── in parallel ───────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(parallel_guesses_of_a_password_are_five, async |world| {
    let marta = marta(world).await;
    for email in [marta.email.as_str(), "nobody@postern.example"] {
        let email = EmailAddress::parse(email).unwrap();
        let answers = world
            .at_once(60, |server, number| {
                let (email, password) = (email.clone(), Password::new(format!("guess number {number}")));
                // Each from a place of its own.
                let visitor = Visitor { address: Some([198, 51, 100, number as u8].into()), ..Visitor::default() };
                async move { sign_in::sign_in(&server, &visitor, &email, password).await }
            })
            .await;
        assert_eq!(looked_at(answers), 5, "{email}");
    }
});

on_each_database!(parallel_guesses_of_a_factor_are_five, async |world| {
    let marta = marta(world).await;
    let mut callers = Vec::new();
    for number in 0..4u8 {
        let mut browser = world.browser().at([198, 51, 100, number]);
        browser.password(&marta).await.unwrap();
        callers.push(browser.me().await);
    }
    let right = marta.code(world);
    let answers = world
        .at_once(40, |server, number| {
            let (caller, code) = (callers[number % 4].clone(), format!("{:06}", number));
            async move {
                // A backup code is the same kind of secret.
                match number % 3 {
                    0 => sign_in::submit_backup_code(&server, &caller, &format!("aaaa-bbbb-cccc-{number:04}")).await,
                    _ => sign_in::submit_totp(&server, &caller, &code, false).await,
                }
            }
        })
        .await;
    assert_eq!(looked_at(answers), 5);
    assert!(matches!(
        sign_in::submit_totp(&world.backend, &callers[0], &right, false).await,
        Err(Error::Throttled { retry_after }) if retry_after == seconds(30)
    ));
});

on_each_database!(parallel_guesses_of_a_device_code_are_five, async |world| {
    let bruno = bruno(world).await;
    let mut browser = world.browser();
    browser.password(&bruno).await.unwrap();
    let caller = browser.me().await;
    let right = world.mailed_code(&bruno).await;
    let answers = world
        .at_once(40, |server, number| {
            let (caller, code) = (caller.clone(), format!("{:06}", number));
            async move { sign_in::submit_device_code(&server, &caller, &code).await }
        })
        .await;
    let wrong = answers
        .into_iter()
        .filter(|answer| matches!(answer, Err(Error::Invalid(fields)) if fields.of(Field::Code) == Some(Problem::WrongCode)))
        .count();
    assert_eq!(wrong, 5);
    assert!(browser.device_code(&right).await.is_err());
});

on_each_database!(many_sessions_give_no_more_guesses_of_device_codes, async |world| {
    // Whoever knows the password makes as many sessions as they like; each has a code of its own.
    let bruno = bruno(world).await;
    let mut looked_at = 0;
    for number in 0..4u8 {
        let mut browser = world.browser().at([198, 51, 100, number]);
        browser.password(&bruno).await.unwrap();
        for guess in 0..5 {
            match browser.device_code(&format!("{guess:06}")).await {
                Err(Error::Throttled { .. }) => {}
                answer => {
                    assert_eq!(problem(answer, Field::Code), Problem::WrongCode);
                    looked_at += 1;
                }
            }
        }
    }
    assert_eq!(looked_at, 5);
    // Who has the code is let in when the time is over.
    world.advance(15 * MINUTE);
    world.deliver().await;
    let mut browser = world.browser();
    assert_eq!(browser.sign_in(&bruno).await, Standing::Enter);
});

// ── a recognised device ───────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_strangers_misses_do_not_delay_a_recognised_device, async |world| {
    let bruno = bruno(world).await;
    let mut laptop = world.signed_in(&bruno).await;
    for _ in 0..5 {
        assert!(world.browser().type_in(&bruno.email, WRONG).await.is_err());
    }
    assert!(wait(world.browser().password(&bruno).await).is_some());
    assert_eq!(laptop.password(&bruno).await.unwrap(), Standing::Enter);
    // It has a counter, too.
    for _ in 0..5 {
        assert_eq!(wait(laptop.type_in(&bruno.email, WRONG).await), None);
    }
    assert_eq!(wait(laptop.type_in(&bruno.email, WRONG).await), Some(seconds(30)));
    world.advance(seconds(30));
    // And success there forgives the stranger nothing.
    assert_eq!(laptop.password(&bruno).await.unwrap(), Standing::Enter);
    for _ in 0..2 {
        assert!(world.browser().type_in(&bruno.email, WRONG).await.is_err());
    }
    assert!(wait(world.browser().password(&bruno).await).is_some());
});

on_each_database!(a_strangers_factor_misses_do_not_delay_a_recognised_device, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.signed_in(&marta).await;
    let mut thief = world.browser();
    thief.password(&marta).await.unwrap();
    for _ in 0..5 {
        assert_eq!(problem(thief.code("000000").await, Field::Code), Problem::WrongCode);
    }
    assert!(wait(thief.code("000000").await).is_some());
    world.advance(seconds(29));
    laptop.password(&marta).await.unwrap();
    assert_eq!(laptop.code(&marta.code_at(world.now() + seconds(1))).await.unwrap(), Standing::Enter);
});

on_each_database!(another_persons_device_cookie_is_no_recognised_device, async |world| {
    let (marta, bruno) = (marta(world).await, bruno(world).await);
    let of_bruno = world.signed_in(&bruno).await;
    for _ in 0..5 {
        assert!(world.browser().type_in(&marta.email, WRONG).await.is_err());
    }
    let mut borrowed = of_bruno.twin();
    assert!(wait(borrowed.password(&marta).await).is_some());
});

// ── by network ────────────────────────────────────────────────────────────────────────────────────────────────────

/// A miss for somebody new each time, so that only the network counts.
async fn miss_from(world: &World, address: &str, number: u32) -> Option<Duration> {
    let address: IpAddr = address.parse().unwrap();
    wait(world.browser().at(address).type_in(&format!("nobody{number}@postern.example"), WRONG).await)
}

on_each_database!(a_network_has_a_hundred_misses_in_ten_minutes_then_one_a_second, async |world| {
    for number in 0..100 {
        assert_eq!(miss_from(world, "203.0.113.9", number).await, None, "{number}");
    }
    assert_eq!(miss_from(world, "203.0.113.9", 100).await, Some(seconds(1)));
    // The same by its IPv6 form; not the neighbour.
    assert_eq!(miss_from(world, "::ffff:203.0.113.9", 101).await, Some(seconds(1)));
    assert_eq!(miss_from(world, "203.0.113.10", 102).await, None);
    world.advance(seconds(1));
    assert_eq!(miss_from(world, "203.0.113.9", 103).await, None);
    assert_eq!(miss_from(world, "203.0.113.9", 104).await, Some(seconds(1)));
    world.advance(10 * MINUTE);
    assert_eq!(miss_from(world, "203.0.113.9", 105).await, None);
    assert_eq!(miss_from(world, "203.0.113.9", 106).await, None);
});

on_each_database!(misses_spread_over_a_day_do_not_slow_a_network, async |world| {
    // An office in which somebody mistypes every nine minutes.
    for number in 0..120 {
        assert_eq!(miss_from(world, "203.0.113.9", number).await, None, "{number}");
        world.advance(9 * MINUTE);
    }
    assert_eq!(miss_from(world, "203.0.113.9", 200).await, None);
    assert_eq!(miss_from(world, "203.0.113.9", 201).await, None);
});

on_each_database!(one_customers_ipv6_addresses_are_one_network, async |world| {
    for number in 0..100 {
        let address = format!("2001:db8:1:2:{number:x}::1");
        assert_eq!(miss_from(world, &address, number).await, None);
    }
    assert_eq!(miss_from(world, "2001:db8:1:2:ffff::9", 100).await, Some(seconds(1)));
    assert_eq!(miss_from(world, "2001:db8:1:3::1", 101).await, None);
});

on_each_database!(successes_do_not_count_against_a_network, async |world| {
    let marta = marta(world).await;
    for _ in 0..110 {
        world.browser().password(&marta).await.unwrap();
    }
    let code = marta.code(world);
    let mut browser = world.browser();
    browser.password(&marta).await.unwrap();
    browser.code(&code).await.unwrap();
    let misses: i32 = world.rows::<throttle::Entity>().await.iter().map(|row| row.misses).sum();
    assert_eq!(misses, 0);
});

// ── factors ───────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(after_twenty_factor_misses_the_person_is_told_once_that_the_password_is_known, async |world| {
    let marta = marta(world).await;
    for miss in 1..=22 {
        let mut thief = world.browser();
        thief.password(&marta).await.unwrap();
        assert_eq!(problem(thief.code("000000").await, Field::Code), Problem::WrongCode, "{miss}");
        let told = world.mails().await.len();
        assert_eq!(told, usize::from(miss >= 20), "after {miss}");
        world.advance(15 * MINUTE);
    }
    assert_eq!(world.mails().await, ["password_known to Marta"]);
    world.deliver().await;
});

on_each_database!(a_right_code_forgets_the_wrong_ones, async |world| {
    let marta = marta(world).await;
    for _ in 0..3 {
        let mut browser = world.browser();
        browser.password(&marta).await.unwrap();
        for _ in 0..4 {
            assert_eq!(problem(browser.code("000000").await, Field::Code), Problem::WrongCode);
        }
        world.advance(seconds(30));
        browser.code(&marta.code(world)).await.unwrap();
    }
});

on_each_database!(step_up_is_counted_like_a_sign_in, async |world| {
    let bruno = bruno(world).await;
    let mut stolen = world.signed_in(&bruno).await;
    stolen.visitor.known_device = None;
    for _ in 0..5 {
        assert_eq!(problem(stolen.password_again(WRONG).await, Field::Password), Problem::SignInRefused);
    }
    assert_eq!(wait(stolen.password_again(&bruno.password).await), Some(seconds(30)));
    // A stolen session gives no second set of guesses beside the front door's.
    assert!(wait(world.browser().type_in(&bruno.email, WRONG).await).is_some());
    assert_eq!(world.rows::<user::Entity>().await.len(), 1);
});

on_each_database!(parallel_guesses_of_the_password_in_a_stolen_session_are_five, async |world| {
    let bruno = bruno(world).await;
    let mut stolen = world.signed_in(&bruno).await;
    stolen.visitor.known_device = None;
    let (caller, email) = (stolen.me().await, EmailAddress::parse(&bruno.email).unwrap());
    let answers = world
        .at_once(60, |server, number| {
            let (mut caller, email) = (caller.clone(), email.clone());
            caller.visitor.address = Some([198, 51, 100, number as u8].into());
            let password = Password::new(format!("guess number {number}"));
            async move {
                // The front door is no second one.
                match number % 3 {
                    0 => sign_in::sign_in(&server, &caller.visitor, &email, password).await.map(drop),
                    _ => sign_in::submit_password(&server, &caller, password).await.map(drop),
                }
            }
        })
        .await;
    assert!(answers.iter().all(Result::is_err));
    assert_eq!(looked_at(answers), 5);
    assert_eq!(wait(stolen.password_again(&bruno.password).await), Some(seconds(30)));
    world.see_to_knocks().await;
});

on_each_database!(a_limit_of_one_is_one, async |world| {
    let mut parts = Parts::clone(&world.backend);
    parts.settings.throttle.reset_mails_an_hour = 1;
    // Whoever sweeps forgets sooner than that, and leaves what is in force.
    parts.settings.throttle.forget_after = 15 * MINUTE;
    let strict = Backend::new(parts);
    let email = EmailAddress::parse("nobody@postern.example").unwrap();
    let ask = async |strict: &Backend| password_reset::request(strict, &Visitor::default(), &email).await;
    ask(&strict).await.unwrap();
    assert!(matches!(ask(&strict).await, Err(Error::Throttled { .. })));
    world.advance(HOUR - MINUTE);
    worker::run_due(&strict, &world.mailer).await.unwrap();
    assert!(matches!(ask(&strict).await, Err(Error::Throttled { .. })));
    world.advance(MINUTE);
    ask(&strict).await.unwrap();
});

on_each_database!(the_operator_sees_how_many_wait, async |world| {
    use backend::throttle::{Kind, overall};
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let seen = async || overall(&world.backend, world.now()).await.unwrap();
    assert!(seen().await.iter().all(|kind| (kind.counted, kind.waiting, kind.until) == (0, 0, None)));
    let mut stranger = world.browser();
    for email in [&marta.email, "nobody@postern.example"] {
        for _ in 0..if email == marta.email { 6 } else { 2 } {
            stranger.type_in(email, "a wrong guess of hers").await.unwrap_err();
        }
    }
    let passwords = seen().await.into_iter().find(|kind| kind.kind == Kind::Password).unwrap();
    assert_eq!((passwords.counted, passwords.waiting, passwords.misses), (2, 1, 5));
    assert_eq!(passwords.until, Some(world.now() + Duration::from_secs(30)));
    world.advance(MINUTE);
    let passwords = seen().await.into_iter().find(|kind| kind.kind == Kind::Password).unwrap();
    assert_eq!((passwords.counted, passwords.waiting, passwords.until), (2, 0, None));
    let networks = seen().await.into_iter().find(|kind| kind.kind == Kind::Network).unwrap();
    assert_eq!((networks.counted, networks.misses), (1, 8));
    world.see_to_knocks().await;
    world.deliver().await;
});

on_each_database!(the_operator_sees_what_makes_somebody_wait_and_ends_it, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let email = EmailAddress::parse(&marta.email).unwrap();
    let of_marta = async || backend::throttle::of_person(&world.backend, &email, world.now()).await.unwrap();
    let mut stranger = world.browser();
    for _ in 0..5 {
        assert!(stranger.type_in(&marta.email, "a wrong guess of hers").await.is_err());
    }
    assert!(matches!(stranger.password(&marta).await, Err(Error::Throttled { .. })));
    let tally = backend::throttle::Tally {
        kind: backend::throttle::Kind::Password,
        misses: 5,
        until: Some(world.now() + Duration::from_secs(30)),
    };
    assert_eq!(of_marta().await, [tally]);
    assert_eq!(backend::operator::clear_throttle(&world.backend, &email).await.unwrap(), 1);
    assert!(of_marta().await.is_empty());
    assert_eq!(stranger.password(&marta).await.unwrap(), Standing::AwaitingMfa);
    for _ in 0..3 {
        assert!(stranger.code("000000").await.is_err());
    }
    assert_eq!(
        of_marta().await.iter().map(|tally| (tally.kind, tally.misses)).collect::<Vec<_>>(),
        [(backend::throttle::Kind::Factor, 3)]
    );
    // A guess of the operator's clears nothing, and says so.
    let nobody = EmailAddress::parse("nobody@northwind.example").unwrap();
    assert!(matches!(backend::operator::clear_throttle(&world.backend, &nobody).await, Err(Error::Invalid(_))));
    world.deliver().await;
});
