//! Everybody at the same moment, on two servers: what must happen once happens once.

use super::{accept, ask, asked, northwind};
use crate::support::{MINUTE, World, how_it_ended};
use backend::{
    Error, Result, Visitor,
    crypto::{Argon2Cost, Password, PasswordHasher},
    mfa_reset, sessions,
    sign_in::{self, SignedIn},
    store::entity::throttle,
};
use domain::{
    errors::Conflict,
    mfa_reset::State,
    person::{EmailAddress, Reason},
    policy::Denied,
    sessions::Standing,
};
use sea_orm::EntityTrait;
use std::time::Duration;

on_each_database!(a_hundred_parallel_accepts_yield_one_acceptance_and_one_set_of_notices, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    let before = world.row_of(&story.marta).await.epoch;
    let answers = world
        .at_once(100, |server, _| {
            let link = link.clone();
            async move { mfa_reset::accept(&server, &Visitor::default(), &link, "").await }
        })
        .await;
    let accepted = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(accepted, 1);
    for answer in answers.iter().filter(|answer| answer.is_err()) {
        assert!(matches!(answer, Err(Error::Conflict(Conflict::ResetIs(State::Done)))), "{answer:?}");
    }
    assert_eq!(world.row_of(&story.marta).await.epoch, before + 1);
    assert_eq!(
        world.mails().await,
        [
            "mfa_reset_done to Marta",
            "mfa_reset_done_asker to Chiara",
            "mfa_reset_done_contact to Olga",
            "mfa_reset_request to Marta"
        ]
    );
    let log = ["Chiara: mfa_reset_requested → Marta", "Marta: mfa_reset_done → Marta"];
    assert_eq!(world.log_of(story.account.scope).await, log);
    world.deliver().await;
});

/// What the parties want at the same moment, how the request ended that their link is of, and all that followed it.
async fn all_at_once(world: &World, round: u32) -> (Vec<Result<State>>, String, Vec<String>) {
    let account = world.account(&format!("Northwind {round}")).await;
    let olga = world.user(&format!("Olga {round}")).with_totp().owner_of(&account).await;
    let chiara = world.user(&format!("Chiara {round}")).with_totp().admin_of(&account).await;
    let marta = world.user(&format!("Marta {round}")).with_totp().manager_of(&account).await;
    let (olga, chiara) = (world.signed_in(&olga).await, world.signed_in(&chiara).await);
    ask(&chiara, account.scope, &marta).await.unwrap();
    let link = world.reset_link(&marta).await;
    let first = world.resets_of(&marta).await[0].id;
    let (olga, chiara, scope, target) = (olga.me().await, chiara.me().await, account.scope, marta.id);
    let answers = world
        .at_once(8, |server, number| {
            let (link, olga, chiara) = (link.clone(), olga.clone(), chiara.clone());
            async move {
                match number / 2 {
                    0 => {
                        mfa_reset::accept(&server, &Visitor::default(), &link, "").await.map(|accepted| accepted.state)
                    }
                    1 => mfa_reset::decline(&server, &Visitor::default(), &link).await,
                    2 => mfa_reset::cancel(&server, &olga, scope, target).await.map(|()| State::Cancelled),
                    _ => {
                        let asked = mfa_reset::request(&server, &chiara, scope, target, &Reason::none()).await;
                        asked.map(|_| State::Superseded)
                    }
                }
            }
        })
        .await;
    // All were asked for at one moment of the world's clock: only the id tells which was first.
    let (first, later): (Vec<_>, Vec<_>) = world.resets_of(&marta).await.into_iter().partition(|row| row.id == first);
    (answers, how_it_ended(&first[0]), later.iter().map(how_it_ended).collect())
}

on_each_database!(of_accept_decline_cancel_and_supersede_one_wins, async |world| {
    let mut winners = std::collections::BTreeMap::new();
    for round in 0..8 {
        let (answers, first, later) = all_at_once(world, round).await;
        for answer in &answers {
            let fine = match answer {
                Ok(_) => true,
                Err(Error::Conflict(Conflict::ResetIs(_) | Conflict::NoOpenReset)) => true,
                Err(Error::Denied(Denied::NothingToReset)) => true,
                Err(_) => false,
            };
            assert!(fine, "{answer:?}");
        }
        let first = first.split(':').next().unwrap().to_owned();
        let claims =
            |state: State| answers.iter().filter(|answer| matches!(answer, Ok(said) if *said == state)).count();
        // Who says “done” or “declined” to the person says the truth about the one row that their link is of.
        assert_eq!(claims(State::Done), usize::from(first == "done"), "{answers:?} {first} {later:?}");
        assert_eq!(claims(State::Declined), usize::from(first == "declined"), "{answers:?} {first} {later:?}");
        assert!(later.iter().filter(|end| *end == "live").count() <= 1, "{later:?}");
        assert_ne!(first, "live", "{answers:?} {later:?}");
        *winners.entry(first).or_insert(0) += 1;
        world.deliver().await;
    }
});

on_each_database!(of_many_parallel_requests_one_is_live_and_five_are_made, async |world| {
    let story = northwind(world).await;
    let (olga, chiara) = (world.signed_in(&story.olga).await, world.signed_in(&story.chiara).await);
    let (olga, chiara, scope, target) = (olga.me().await, chiara.me().await, story.account.scope, story.marta.id);
    let answers = world
        .at_once(16, |server, number| {
            let asker = if number % 3 == 0 { olga.clone() } else { chiara.clone() };
            async move { mfa_reset::request(&server, &asker, scope, target, &Reason::none()).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 5, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.is_err()) {
        assert!(matches!(answer, Err(Error::Denied(Denied::DailyLimit))), "{answer:?}");
    }
    let ends = world.ends_of(&story.marta).await;
    assert_eq!(ends.iter().filter(|end| *end == "live").count(), 1, "{ends:?}");
    assert_eq!(ends.iter().filter(|end| *end == "superseded: newer").count(), 4, "{ends:?}");
    world.deliver().await;
});

on_each_database!(two_who_asked_for_each_other_accept_at_the_same_moment, async |world| {
    for round in 0..6 {
        let account = world.account(&format!("Northwind {round}")).await;
        let ann = world.user(&format!("Ann {round}")).with_totp().owner_of(&account).await;
        let bea = world.user(&format!("Bea {round}")).with_totp().admin_of(&account).await;
        let (of_ann, of_bea) = (world.signed_in(&ann).await, world.signed_in(&bea).await);
        ask(&of_ann, account.scope, &bea).await.unwrap();
        ask(&of_bea, account.scope, &ann).await.unwrap();
        let links = [world.reset_link(&ann).await, world.reset_link(&bea).await];
        let askers = [(of_ann.me().await, bea.id), (of_bea.me().await, ann.id)];
        let answers = world
            .at_once(8, |server, number| {
                let (link, (asker, target)) = (links[number / 2 % 2].clone(), askers[number % 2].clone());
                let scope = account.scope;
                async move {
                    match number / 4 {
                        0 => accept(&server, &link).await,
                        _ => mfa_reset::request(&server, &asker, scope, target, &Reason::none()).await.map(drop),
                    }
                }
            })
            .await;
        for answer in answers {
            assert!(!matches!(answer, Err(Error::Internal(_))), "{answer:?}");
        }
        world.deliver().await;
        world.advance(MINUTE);
    }
});

on_each_database!(many_who_share_their_accounts_accept_at_the_same_moment, async |world| {
    let (first, second) = (world.account("Northwind").await, world.account("Contoso").await);
    let chiara = world.user("Chiara").with_totp().admin_of(&first).admin_of(&second).await;
    let browser = world.signed_in(&chiara).await;
    let mut links = Vec::new();
    for number in 0..10 {
        let person = world.user(&format!("Person {number}")).with_totp();
        // Half of them in one order, half in the other.
        let person = match number % 2 {
            0 => person.analyst_of(&first).analyst_of(&second).await,
            _ => person.analyst_of(&second).analyst_of(&first).await,
        };
        let scope = if number % 3 == 0 { first.scope } else { second.scope };
        ask(&browser, scope, &person).await.unwrap();
        links.push(world.reset_link(&person).await);
    }
    let answers = world
        .at_once(10, |server, number| {
            let link = links[number].clone();
            async move { accept(&server, &link).await }
        })
        .await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    for scope in [first.scope, second.scope] {
        let sql = "SELECT with_mfa FROM headcounts WHERE scope_id = ?";
        assert_eq!(world.number(sql, [scope.uuid().into()]).await, 1, "only Chiara is left");
    }
    world.deliver().await;
});

on_each_database!(a_sign_in_checked_before_an_accept_and_written_after_it_is_void, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    world.execute("DELETE FROM throttles", []).await;
    // One slot for hashing, and in it something that takes its time: so the sign-in has read the person, and its hash
    // has to wait.
    let hasher = PasswordHasher::new(Argon2Cost { memory_kib: 64, passes: 1 }, 1, world.backend.random.clone());
    let server = world.server_with(7, hasher.clone()).await;
    let slow = PasswordHasher::new(Argon2Cost { memory_kib: 1024, passes: 400 }, 1, world.backend.random.clone());
    let stored = slow.hash(&Password::new("slow".into())).await;
    let busy = tokio::spawn(async move { hasher.verify(&Password::new("slow".into()), Some(&stored)).await });
    tokio::task::yield_now().await;
    let (email, password) = (EmailAddress::parse(&story.marta.email).unwrap(), story.marta.password.clone());
    let visitor = world.visitor();
    let signing_in = {
        let (server, visitor) = (server.clone(), visitor.clone());
        tokio::spawn(async move { sign_in::sign_in(&server, &visitor, &email, Password::new(password)).await })
    };
    // Both tries are counted after the person was read and before the hash is computed.
    while throttle::Entity::find().all(world.backend.database.read()).await.unwrap().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    accept(&world.other_server, &link).await.unwrap();
    assert!(!signing_in.is_finished() && !busy.is_finished(), "the accept came between");
    let answer = signing_in.await.unwrap();
    assert!(busy.await.unwrap());
    assert!(matches!(answer, Err(Error::NotSignedIn)), "{answer:?}");
    let left = world.number("SELECT COUNT(*) FROM sessions WHERE user_id = ?", [story.marta.id.0.into()]).await;
    assert_eq!(left, 0);
    server.database.clone().close().await.unwrap();
    world.deliver().await;
});

on_each_database!(no_sign_in_around_an_accept_is_worth_more_than_one_after_it, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    let email = EmailAddress::parse(&story.marta.email).unwrap();
    let password = story.marta.password.clone();
    let answers = world
        .at_once(13, |server, number| {
            let (link, email, password) = (link.clone(), email.clone(), password.clone());
            async move {
                if number == 6 {
                    accept(&server, &link).await.unwrap();
                    return None;
                }
                let visitor = Visitor { address: Some([198, 51, 100, number as u8].into()), ..Visitor::default() };
                sign_in::sign_in(&server, &visitor, &email, Password::new(password)).await.ok()
            }
        })
        .await;
    for SignedIn { session, .. } in answers.into_iter().flatten() {
        let visitor = Visitor { session: Some(session), ..Visitor::default() };
        match sessions::caller(&world.backend, &visitor).await {
            Ok(caller) => assert_eq!(caller.standing(), Standing::AwaitingDeviceCode, "signed in after the accept"),
            Err(error) => assert!(matches!(error, Error::NotSignedIn), "signed in before the accept: {error:?}"),
        }
    }
    world.deliver().await;
});
