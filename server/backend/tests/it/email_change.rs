//! Changing the address one signs in with (6.4): nothing without both mailboxes, and nothing that was held outlives it.

use crate::{
    mfa_reset::{asked, northwind},
    support::{Browser, HOUR, MS, Person, World, link_in},
};
use backend::{
    Error, Result,
    crypto::{LinkToken, Password},
    email_change::{self, call_off, confirm, decline, peek},
    invitations, password_reset, passwords, sign_in, store, users,
};
use domain::{
    email_change::{EMAIL_CHANGE_TTL, EmailChangeState, Mailbox, OUTCOME_TTL},
    errors::{Conflict, Field, FieldErrors, Problem},
    person::{EmailAddress, Name},
    policy::Denied,
    roles::Role,
    sessions::Standing,
    users::UserQuery,
};
use std::collections::BTreeMap;

const NEW: &str = "Marta.Neu@new.example";

async fn ask(browser: &Browser<'_>, email: &str) -> Result<()> {
    email_change::request(&browser.backend, &browser.me().await, &EmailAddress::parse(email).unwrap()).await
}

/// The links that are mailed, by address. Mails of one moment leave in any order.
async fn links(world: &World) -> BTreeMap<String, LinkToken> {
    let mails = world.deliver().await;
    mails.iter().filter_map(|mail| Some((mail.to.clone(), link_in(mail, "email-change")?))).collect()
}

/// Asks, and takes the two links out of the mailboxes.
async fn both(world: &World, browser: &Browser<'_>, to: &str) -> (LinkToken, LinkToken) {
    let present = browser.me().await.email;
    ask(browser, to).await.unwrap();
    let mut links = links(world).await;
    let taken = (links.remove(&present).unwrap(), links.remove(to).unwrap());
    assert!(links.is_empty(), "{links:?}");
    taken
}

async fn state(world: &World, link: &LinkToken) -> EmailChangeState {
    peek(&world.backend, link).await.unwrap().state
}

fn conflict<T: std::fmt::Debug>(answer: Result<T>) -> Conflict {
    match answer {
        Err(Error::Conflict(conflict)) => conflict,
        other => panic!("{other:?}"),
    }
}

async fn marta(world: &World) -> Person {
    let account = world.account("Northwind").await;
    world.user("Marta").with_totp().manager_of(&account).await
}

on_each_database!(the_address_changes_once_both_mailboxes_said_yes_in_any_order, async |world| {
    let story = northwind(world).await;
    for (number, first_new) in [(0, false), (1, true)] {
        let person = if number == 0 { &story.marta } else { &story.chiara };
        let to = format!("Anew{number}@new.example");
        let laptop = world.signed_in(person).await;
        let (present, new) = both(world, &laptop, &to).await;
        let (one, other) = if first_new { (&new, &present) } else { (&present, &new) };
        confirm(&world.backend, &world.visitor(), one).await.unwrap();
        assert_eq!(
            (state(world, one).await, state(world, other).await),
            (EmailChangeState::Confirmed, EmailChangeState::Open)
        );
        assert_eq!(world.row_of(person).await.email, person.email, "one is not enough");
        let waits = email_change::pending(&world.backend, &laptop.me().await).await.unwrap().unwrap();
        assert_eq!((waits.present_confirmed, waits.new_confirmed), (!first_new, first_new));
        confirm(&world.backend, &world.visitor(), other).await.unwrap();
        assert_eq!(state(world, one).await, EmailChangeState::Done);
        let row = world.row_of(person).await;
        assert_eq!((row.email.as_str(), row.email_folded), (to.as_str(), to.to_lowercase()));
        let told = world.deliver().await;
        assert_eq!(told.iter().map(|mail| &mail.to).collect::<Vec<_>>(), [&person.email], "the former mailbox is told");

        assert!(laptop.caller().await.is_err(), "everything that was held is void");
        let mut phone = world.browser();
        assert!(phone.password(person).await.is_err(), "the former address opens nothing");
        assert_eq!(phone.type_in(&to, &person.password).await.unwrap(), Standing::AwaitingMfa);
    }
    let olga = world.signed_in(&story.olga).await;
    let query = UserQuery { q: "anew0@new".into(), ..UserQuery::default() };
    let found = users::list(&world.backend, &olga.me().await, story.account.scope, &query).await.unwrap();
    assert_eq!(found.rows.iter().map(|row| row.user_id).collect::<Vec<_>>(), [story.marta.id], "found by it");
    let log = world.log_of(story.account.scope).await;
    for line in ["Marta: email_change_asked → Marta", &format!("Marta: email_changed → Marta ({})", story.marta.email)]
    {
        assert!(log.iter().any(|told| told == line), "{line}: {log:?}");
    }
});

on_each_database!(either_mailbox_says_no_and_all_stays, async |world| {
    let marta = marta(world).await;
    let laptop = world.signed_in(&marta).await;
    for who in [Mailbox::Present, Mailbox::New] {
        let (present, new) = both(world, &laptop, NEW).await;
        let (no, yes) = if who == Mailbox::Present { (&present, &new) } else { (&new, &present) };
        confirm(&world.backend, &world.visitor(), yes).await.unwrap();
        decline(&world.backend, no).await.unwrap();
        assert_eq!(state(world, yes).await, EmailChangeState::Declined);
        assert_eq!(conflict(confirm(&world.backend, &world.visitor(), no).await), Conflict::LinkVoid);
        assert_eq!(conflict(decline(&world.backend, yes).await), Conflict::LinkVoid);
        assert_eq!(world.row_of(&marta).await.email, marta.email);
        assert!(email_change::pending(&world.backend, &laptop.me().await).await.unwrap().is_none());
    }
    let scope = world.rows::<store::entity::membership::Entity>().await.remove(0).scope();
    let told = world.log_of(scope).await;
    assert_eq!(told.iter().filter(|line| line.ends_with("email_change_declined → Marta")).count(), 2, "{told:?}");
});

on_each_database!(a_link_is_good_for_its_own_mailbox_and_for_a_day, async |world| {
    let marta = marta(world).await;
    let laptop = world.signed_in(&marta).await;
    let (present, new) = both(world, &laptop, NEW).await;
    let asked_at = world.now();
    assert_eq!(peek(&world.backend, &present).await.unwrap().mailbox, Mailbox::Present);
    assert_eq!(peek(&world.backend, &new).await.unwrap().mailbox, Mailbox::New);
    let zone = async |link| peek(&world.backend, link).await.unwrap().expires_at.zone;
    assert_eq!((zone(&present).await.as_str(), zone(&new).await.as_str()), ("Rome", "UTC"), "nothing to strangers");
    // Twice by one mailbox is not by both.
    confirm(&world.backend, &world.visitor(), &new).await.unwrap();
    assert_eq!(conflict(confirm(&world.backend, &world.visitor(), &new).await), Conflict::LinkVoid);
    world.clock.set(asked_at + EMAIL_CHANGE_TTL - MS);
    assert_eq!(state(world, &present).await, EmailChangeState::Open);
    world.advance(MS);
    assert_eq!(state(world, &present).await, EmailChangeState::Expired);
    assert_eq!(conflict(confirm(&world.backend, &world.visitor(), &present).await), Conflict::LinkVoid);
    assert_eq!(conflict(decline(&world.backend, &present).await), Conflict::LinkVoid);
    assert_eq!(state(world, &present).await, EmailChangeState::Expired, "it stays what it is");
    assert_eq!(world.row_of(&marta).await.email, marta.email);
    world.clock.set(asked_at + EMAIL_CHANGE_TTL + OUTCOME_TTL);
    world.deliver().await;
    assert!(matches!(peek(&world.backend, &present).await, Err(Error::NotFound)));
});

on_each_database!(another_one_calling_it_off_and_a_raised_epoch_end_it, async |world| {
    let story = northwind(world).await;
    let laptop = world.signed_in(&story.marta).await;
    let (first, _) = both(world, &laptop, NEW).await;
    let (second, new) = both(world, &laptop, NEW).await;
    assert_eq!(state(world, &first).await, EmailChangeState::Cancelled);
    let pending = email_change::pending(&world.backend, &laptop.me().await).await.unwrap().unwrap();
    let chiara = world.signed_in(&story.chiara).await;
    let foreign = call_off(&world.backend, &chiara.me().await, pending.id).await;
    assert_eq!(conflict(foreign), Conflict::NothingToCallOff, "nobody else's");
    call_off(&world.backend, &laptop.me().await, pending.id).await.unwrap();
    assert_eq!(state(world, &second).await, EmailChangeState::Cancelled);

    world.advance(HOUR);
    let laptop = world.signed_in(&story.marta).await;
    let (present, _) = both(world, &laptop, NEW).await;
    confirm(&world.backend, &world.visitor(), &new).await.unwrap_err();
    let link = asked(world, &story).await;
    crate::mfa_reset::accept(&world.backend, &link).await.unwrap();
    assert_eq!(state(world, &present).await, EmailChangeState::Cancelled, "an MFA reset ends it");
    assert_eq!(conflict(confirm(&world.backend, &world.visitor(), &present).await), Conflict::LinkVoid);
    world.deliver().await;
});

on_each_database!(a_mail_of_what_ended_does_not_leave, async |world| {
    let marta = marta(world).await;
    let laptop = world.signed_in(&marta).await;
    ask(&laptop, NEW).await.unwrap();
    let pending = email_change::pending(&world.backend, &laptop.me().await).await.unwrap().unwrap();
    call_off(&world.backend, &laptop.me().await, pending.id).await.unwrap();
    assert!(world.deliver().await.is_empty());
});

on_each_database!(who_has_the_address_is_not_said_and_nobody_loses_it, async |world| {
    let marta = marta(world).await;
    let bruno = world.user("Bruno").await;
    let laptop = world.signed_in(&marta).await;
    ask(&laptop, &bruno.email).await.unwrap();
    let mails = links(world).await;
    assert_eq!(mails.keys().collect::<Vec<_>>(), [&marta.email], "nobody writes to Bruno");
    let waits = email_change::pending(&world.backend, &laptop.me().await).await.unwrap();
    assert!(waits.is_some(), "who asks sees what they would see of any address");

    // Taken between the asking and the second yes.
    let (present, new) = both(world, &laptop, NEW).await;
    confirm(&world.backend, &world.visitor(), &present).await.unwrap();
    let anna = world.user("Anna").at(&NEW.to_lowercase()).await;
    confirm(&world.backend, &world.visitor(), &new).await.unwrap();
    assert_eq!(state(world, &new).await, EmailChangeState::Taken);
    assert_eq!((world.row_of(&marta).await.email, world.row_of(&anna).await.email), (marta.email.clone(), anna.email));
    assert!(laptop.caller().await.is_ok(), "nothing became of it");
});

on_each_database!(of_two_who_want_one_address_one_gets_it, async |world| {
    let story = northwind(world).await;
    let mut last = Vec::new();
    for person in [&story.marta, &story.chiara] {
        let laptop = world.signed_in(person).await;
        let (present, new) = both(world, &laptop, NEW).await;
        confirm(&world.backend, &world.visitor(), &present).await.unwrap();
        last.push(new);
    }
    let visitor = world.visitor();
    let answers = world
        .at_once(2, |backend, number| {
            let (link, visitor) = (last[number].clone(), visitor.clone());
            async move { confirm(&backend, &visitor, &link).await }
        })
        .await;
    let rows = [world.row_of(&story.marta).await, world.row_of(&story.chiara).await];
    assert_eq!(rows.iter().filter(|row| row.email == NEW).count(), 1, "{answers:?}");
    for answer in answers {
        assert!(matches!(answer, Ok(()) | Err(Error::Conflict(Conflict::ChangedMeanwhile))), "{answer:?}");
    }
    world.deliver().await;
});

on_each_database!(of_all_who_press_at_once_it_changes_once, async |world| {
    let marta = marta(world).await;
    let laptop = world.signed_in(&marta).await;
    let (present, new) = both(world, &laptop, NEW).await;
    let visitor = world.visitor();
    let answers = world
        .at_once(16, |backend, number| {
            let link = if number % 2 == 0 { present.clone() } else { new.clone() };
            let visitor = visitor.clone();
            async move { confirm(&backend, &visitor, &link).await.is_ok() }
        })
        .await;
    assert_eq!(answers.iter().filter(|done| **done).count(), 2, "one of each");
    assert_eq!(world.row_of(&marta).await.email, NEW);
    assert_eq!(world.deliver().await.len(), 1);
});

on_each_database!(asking_takes_a_fresh_proof_another_address_and_patience, async |world| {
    let marta = marta(world).await;
    let laptop = world.signed_in(&marta).await;
    let same = ask(&laptop, &marta.email.to_uppercase()).await;
    assert!(
        matches!(&same, Err(Error::Invalid(FieldErrors(wrong))) if wrong[..] == [(Field::Email, Problem::SameAddress)]),
        "{same:?}"
    );
    for _ in 0..3 {
        ask(&laptop, NEW).await.unwrap();
    }
    assert!(matches!(ask(&laptop, "third@new.example").await, Err(Error::Throttled { .. })));
    world.deliver().await;
    world.advance(HOUR);
    assert!(matches!(ask(&laptop, NEW).await, Err(Error::Denied(Denied::StepUpNeeded(_)))));
    // A stranger's mailbox is not filled by many either.
    for name in ["Una", "Duo", "Tre"] {
        let person = world.user(name).with_totp().await;
        ask(&world.signed_in(&person).await, "victim@new.example").await.unwrap();
    }
    let person = world.user("Quattro").with_totp().await;
    let answer = ask(&world.signed_in(&person).await, "victim@new.example").await;
    assert!(matches!(answer, Err(Error::Throttled { .. })), "{answer:?}");
    world.deliver().await;
});

on_each_database!(who_is_still_on_the_way_in_asks_for_nothing, async |world| {
    let account = world.account("Northwind").await;
    let bruno = world.user("Bruno").analyst_of(&account).await;
    let mut phone = world.browser();
    assert_eq!(phone.sign_in(&bruno).await, Standing::EnrolOnly);
    assert!(matches!(ask(&phone, NEW).await, Err(Error::Unfinished(Standing::EnrolOnly))));
});

on_each_database!(a_password_changed_in_between_and_being_shut_out_end_it, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.signed_in(&marta).await;
    let (present, new) = both(world, &laptop, NEW).await;
    confirm(&world.backend, &world.visitor(), &present).await.unwrap();
    let password = Password::new("seven loaves before dawn".into());
    let step = passwords::change(&world.backend, &laptop.me().await, password).await.unwrap();
    laptop.take(step);
    assert_eq!(state(world, &new).await, EmailChangeState::Cancelled);
    assert_eq!(conflict(confirm(&world.backend, &world.visitor(), &new).await), Conflict::LinkVoid);
    world.deliver().await;

    let (present, new) = both(world, &laptop, NEW).await;
    confirm(&world.backend, &world.visitor(), &present).await.unwrap();
    world.shut_out(&marta).await;
    assert_eq!(conflict(confirm(&world.backend, &world.visitor(), &new).await), Conflict::LinkVoid);
    assert_eq!(world.row_of(&marta).await.email, marta.email);
});

on_each_database!(a_yes_and_a_no_at_once_are_one_of_them, async |world| {
    let marta = marta(world).await;
    for round in 0..4 {
        let laptop = match round {
            0 => world.signed_in(&marta).await,
            _ => {
                world.advance(HOUR);
                world.signed_in(&marta).await
            }
        };
        let (present, new) = both(world, &laptop, &format!("Round{round}@new.example")).await;
        confirm(&world.backend, &world.visitor(), &present).await.unwrap();
        let visitor = world.visitor();
        let answers = world
            .at_once(2, |backend, number| {
                let (present, new, visitor) = (present.clone(), new.clone(), visitor.clone());
                async move {
                    match number {
                        0 => confirm(&backend, &visitor, &new).await,
                        _ => decline(&backend, &present).await,
                    }
                }
            })
            .await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        let changed = world.row_of(&marta).await.email != marta.email;
        assert_eq!(changed, answers[0].is_ok(), "{answers:?}");
        world.deliver().await;
        if changed {
            break;
        }
    }
});

on_each_database!(it_waits_for_nobody_who_is_signing_in, async |world| {
    let marta = marta(world).await;
    let laptop = world.signed_in(&marta).await;
    let (present, new) = both(world, &laptop, NEW).await;
    confirm(&world.backend, &world.visitor(), &present).await.unwrap();
    let visitor = world.visitor();
    let answers = world
        .at_once(12, |backend, number| {
            let (new, visitor) = (new.clone(), visitor.clone());
            let (email, password) = (marta.email.clone(), marta.password.clone());
            async move {
                match number {
                    0 => confirm(&backend, &visitor, &new).await,
                    _ => {
                        let email = EmailAddress::parse(&email).unwrap();
                        let password = Password::new(password);
                        sign_in::sign_in(&backend, &visitor, &email, password).await.map(drop)
                    }
                }
            }
        })
        .await;
    assert!(answers[0].is_ok(), "{answers:?}");
    let broken = answers.iter().find(|answer| matches!(answer, Err(Error::Internal(_))));
    assert!(broken.is_none(), "{broken:?}");
    world.deliver().await;
});

on_each_database!(what_strangers_ask_for_does_not_hold_it_up, async |world| {
    let marta = marta(world).await;
    let laptop = world.signed_in(&marta).await;
    let email = EmailAddress::parse(&marta.email).unwrap();
    for _ in 0..3 {
        password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    }
    let fourth = password_reset::request(&world.backend, &world.visitor(), &email).await;
    assert!(matches!(fourth, Err(Error::Throttled { .. })));
    ask(&laptop, NEW).await.unwrap();
    // Nor the other way round.
    for _ in 0..2 {
        ask(&laptop, NEW).await.unwrap();
    }
    let bruno = world.user("Bruno").with_totp().await;
    for address in ["Some@new.example", "More@new.example", "Most@new.example"] {
        ask(&world.signed_in(&bruno).await, address).await.unwrap();
    }
    password_reset::request(&world.backend, &world.visitor(), &EmailAddress::parse(&bruno.email).unwrap())
        .await
        .unwrap();
    world.deliver().await;
});

on_each_database!(who_joins_in_that_moment_is_found_by_the_new_one, async |world| {
    let marta = marta(world).await;
    let other = world.account("Contoso").await;
    let before = world.row_of(&marta).await;
    let laptop = world.signed_in(&marta).await;
    let (present, new) = both(world, &laptop, NEW).await;
    for link in [&present, &new] {
        confirm(&world.backend, &world.visitor(), link).await.unwrap();
    }
    // As an invitation does that read the person a moment before.
    let id = world.backend.random.uuid(world.now());
    let place = store::membership::new(id, &before, other.scope, Role::Support, world.now());
    let on = world.backend.database.begin().await.unwrap();
    store::membership::insert(&on, place).await.unwrap();
    on.commit().await.unwrap();
    let owner = world.user("Olga").with_totp().owner_of(&other).await;
    let owner = world.signed_in(&owner).await;
    let query = UserQuery { q: "marta.neu@new".into(), ..UserQuery::default() };
    let found = users::list(&world.backend, &owner.me().await, other.scope, &query).await.unwrap();
    assert_eq!(found.rows.len(), 1);
    world.deliver().await;
});

on_each_database!(an_address_that_two_come_to_at_once_is_one_persons, async |world| {
    let story = northwind(world).await;
    let laptop = world.signed_in(&story.marta).await;
    let (present, new) = both(world, &laptop, NEW).await;
    confirm(&world.backend, &world.visitor(), &present).await.unwrap();
    let owner = world.signed_in(&story.olga).await;
    let email = EmailAddress::parse(NEW).unwrap();
    invitations::invite(&world.backend, &owner.me().await, story.account.scope, &email, "en", Role::Support)
        .await
        .unwrap();
    let mail = world.deliver().await.into_iter().find_map(|mail| link_in(&mail, "invitation")).unwrap();
    let visitor = world.visitor();
    let answers = world
        .at_once(2, |backend, number| {
            let (new, invitation, visitor) = (new.clone(), mail.clone(), visitor.clone());
            async move {
                match number {
                    0 => confirm(&backend, &visitor, &new).await,
                    _ => {
                        let password = Password::new("seven loaves before dawn".into());
                        let name = Name::parse("Una Nova").unwrap();
                        invitations::accept(&backend, &visitor, &invitation, name.as_str(), password).await
                    }
                }
            }
        })
        .await;
    let broken = answers.iter().find(|answer| matches!(answer, Err(Error::Internal(_))));
    assert!(broken.is_none(), "{answers:?}");
    let rows = world.rows::<store::entity::user::Entity>().await;
    assert_eq!(rows.iter().filter(|row| row.email_folded == NEW.to_lowercase()).count(), 1, "{answers:?}");
    world.deliver().await;
});
