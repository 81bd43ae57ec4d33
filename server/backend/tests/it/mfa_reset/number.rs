//! The number match (5.12): who reads the mailbox has the password and the link, and still does not get in.

use super::{Northwind, ask, asked, northwind, refused_as};
use crate::support::{HOUR, MINUTE, MS, Person, World};
use backend::{
    Error, Result, Visitor,
    crypto::{LinkToken, Password},
    mfa_reset::{self, Accepted},
    outbox::MailKind,
    password_reset,
    store::entity::outbox,
};
use domain::{
    errors::{Field, Problem},
    guards::NumberReason,
    mfa_reset::{EndReason, State},
    passwords::LinkState,
    person::{EmailAddress, Reason, TextProblem},
    sessions::Standing,
    time::Timestamp,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// A password set by the link that lies in the mailbox.
async fn set_password_by_mail(world: &World, person: &mut Person, password: &str) {
    let email = EmailAddress::parse(&person.email).unwrap();
    password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    let link = world.password_link(person).await;
    password_reset::set(&world.backend, &world.visitor(), &link, Password::new(password.into())).await.unwrap();
    person.password = password.into();
}

/// Marta's password comes from her mailbox, then Chiara asks: the link, and the number that Chiara sees.
async fn asked_after_mail(world: &World, story: &mut Northwind) -> (LinkToken, String) {
    set_password_by_mail(world, &mut story.marta, "a heron stands in the moat").await;
    let chiara = world.signed_in(&story.chiara).await;
    let before =
        mfa_reset::preview(&world.backend, &chiara.me().await, story.account.scope, story.marta.id).await.unwrap();
    assert_eq!((before.demands.number, before.number), (Some(NumberReason::PasswordMailed), None));
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    let after =
        mfa_reset::preview(&world.backend, &chiara.me().await, story.account.scope, story.marta.id).await.unwrap();
    assert!(after.pending.unwrap().asks_number);
    (world.reset_link(&story.marta).await, after.number.unwrap())
}

async fn accept(world: &World, link: &LinkToken, number: &str) -> Result<Accepted> {
    mfa_reset::accept(&world.backend, &Visitor::default(), link, number).await
}

fn problem(answer: Result<Accepted>) -> Problem {
    match answer {
        Err(Error::Invalid(fields)) => fields.of(Field::Number).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn other_than(number: &str) -> String {
    format!("{:04}", (number.parse::<u16>().unwrap() + 1) % 10_000)
}

on_each_database!(a_password_from_the_mailbox_takes_a_number_that_only_the_asker_sees, async |world| {
    let mut story = northwind(world).await;
    let (link, number) = asked_after_mail(world, &mut story).await;
    assert_eq!(number.len(), 4);
    assert!(mfa_reset::peek(&world.other_server, &link).await.unwrap().asks_number);
    // Another administrator of the same place reads that there is one, and no more.
    let olga = world.signed_in(&story.olga).await;
    let seen = mfa_reset::preview(&world.backend, &olga.me().await, story.account.scope, story.marta.id).await.unwrap();
    assert!(seen.pending.unwrap().asks_number && seen.number.is_none());
    // It is in no mail, log or row.
    // Mails of one moment arrive in any order.
    let mails = world.mailbox.mails();
    let mail = mails.iter().rfind(|mail| mail.to == story.marta.email && mail.subject == "MFA reset request").unwrap();
    assert!(mail.text.contains("four digits"));
    for part in [&mail.text, &mail.html, &mail.subject] {
        assert!(!part.split(|c: char| !c.is_alphanumeric()).any(|word| word == number), "{part}");
    }

    for slip in ["", "   ", "12", "12345", "abcd", "12a4", "\u{0}\u{0}\u{0}\u{0}"] {
        let empty = slip.trim().is_empty();
        let expected = if empty { TextProblem::Empty } else { TextProblem::Malformed };
        assert_eq!(problem(accept(world, &link, slip).await), Problem::Text(expected), "{slip:?}");
    }
    assert_eq!(problem(accept(world, &link, &other_than(&number)).await), Problem::WrongNumber { left: 2 });
    assert_eq!(problem(accept(world, &link, &other_than(&number)).await), Problem::WrongNumber { left: 1 });
    // As people type what is said to them.
    let said = format!(" {} {}-{} ", &number[..1], &number[1..3], &number[3..]);
    assert_eq!(accept(world, &link, &said).await.unwrap().state, State::Done);
    assert_eq!(world.browser().sign_in(&story.marta).await, Standing::EnrolOnly);
});

on_each_database!(three_wrong_numbers_end_the_request_and_tell_the_asker, async |world| {
    let mut story = northwind(world).await;
    let (link, number) = asked_after_mail(world, &mut story).await;
    for _ in 0..2 {
        problem(accept(world, &link, &other_than(&number)).await);
    }
    assert_eq!(refused_as(accept(world, &link, &other_than(&number)).await), State::Cancelled);
    assert_eq!(refused_as(accept(world, &link, &number).await), State::Cancelled, "the right one is too late");
    assert_eq!(mfa_reset::peek(&world.backend, &link).await.unwrap().reason, Some(EndReason::WrongNumbers));
    assert_eq!(world.ends_of(&story.marta).await, ["cancelled: wrong_numbers"]);
    let told = world.mail_to(&story.chiara).await;
    assert!(told.subject.contains("wrong numbers") && told.text.contains("Marta"), "{}", told.text);
    assert_eq!(world.browser().sign_in(&story.marta).await, Standing::Enter, "the factor works as before");
});

on_each_database!(guessing_in_parallel_gets_three_tries, async |world| {
    let mut story = northwind(world).await;
    let (link, number) = asked_after_mail(world, &mut story).await;
    let wrong = other_than(&number);
    let answers = world
        .at_once(24, |server, _| {
            let (link, wrong) = (link.clone(), wrong.clone());
            async move { mfa_reset::accept(&server, &Visitor::default(), &link, &wrong).await }
        })
        .await;
    let wrongs = answers.iter().filter(|answer| matches!(answer, Err(Error::Invalid(_)))).count();
    assert_eq!(wrongs, 2, "{answers:?}");
    assert!(answers.iter().all(Result::is_err));
    let told = outbox::Entity::find().filter(outbox::Column::Kind.eq(MailKind::MfaResetWrongNumbers.key()));
    assert_eq!(told.all(world.backend.database.read()).await.unwrap().len(), 1);
    assert_eq!(world.ends_of(&story.marta).await, ["cancelled: wrong_numbers"]);
    world.deliver().await;
});

on_each_database!(the_right_number_among_wrong_ones_at_the_same_moment_ends_one_way, async |world| {
    for round in 0..4 {
        let account = world.account(&format!("Northwind {round}")).await;
        let chiara = world.user(&format!("Chiara {round}")).with_totp().admin_of(&account).await;
        let mut marta = world.user(&format!("Marta {round}")).with_totp().manager_of(&account).await;
        set_password_by_mail(world, &mut marta, "a heron stands in the moat").await;
        let desk = world.signed_in(&chiara).await;
        ask(&desk, account.scope, &marta).await.unwrap();
        let seen = mfa_reset::preview(&world.backend, &desk.me().await, account.scope, marta.id).await.unwrap();
        let (link, right) = (world.reset_link(&marta).await, seen.number.unwrap());
        let answers = world
            .at_once(12, |server, turn| {
                let number = if turn == 5 { right.clone() } else { other_than(&right) };
                let link = link.clone();
                async move { mfa_reset::accept(&server, &Visitor::default(), &link, &number).await }
            })
            .await;
        let accepted = answers.iter().filter(|answer| answer.is_ok()).count();
        let wrong = answers.iter().filter(|answer| matches!(answer, Err(Error::Invalid(_)))).count();
        let ends = world.ends_of(&marta).await;
        match accepted {
            1 => assert_eq!(ends, ["done: accepted"]),
            _ => assert_eq!((accepted, ends), (0, vec!["cancelled: wrong_numbers".to_owned()])),
        }
        assert!(wrong <= 2, "{answers:?}");
        world.deliver().await;
    }
});

on_each_database!(declining_takes_no_number, async |world| {
    let mut story = northwind(world).await;
    let (link, _) = asked_after_mail(world, &mut story).await;
    assert_eq!(mfa_reset::decline(&world.backend, &Visitor::default(), &link).await.unwrap(), State::Declined);
    world.deliver().await;
});

on_each_database!(after_three_days_the_password_is_old_enough, async |world| {
    let mut story = northwind(world).await;
    set_password_by_mail(world, &mut story.marta, "a heron stands in the moat").await;
    let set_at = Timestamp::from_ms(world.row_of(&story.marta).await.password_set_at.unwrap());
    world.advance(HOUR * 72 - MINUTE * 5);
    let chiara = world.signed_in(&story.chiara).await;
    world.advance((set_at + HOUR * 72 - MS).since(world.now()));
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    let late = world.reset_link(&story.marta).await;
    assert!(mfa_reset::peek(&world.backend, &late).await.unwrap().asks_number);
    world.advance(MS);
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    let later = world.reset_link(&story.marta).await;
    assert!(!mfa_reset::peek(&world.backend, &later).await.unwrap().asks_number);
    accept(world, &later, "").await.unwrap();
    world.deliver().await;
});

/// A link of a forgotten password, mailed now.
async fn forgot(world: &World, person: &Person) -> LinkToken {
    let email = EmailAddress::parse(&person.email).unwrap();
    password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    world.password_link(person).await
}

on_each_database!(once_the_number_was_told_the_mailbox_is_worth_no_more_elsewhere, async |world| {
    let mut story = northwind(world).await;
    let (link, number) = asked_after_mail(world, &mut story).await;
    // While it is open, accepting takes more than the mailbox: the password may come from there.
    let before = forgot(world, &story.marta).await;
    assert_eq!(password_reset::peek(&world.backend, &world.visitor(), &before).await.unwrap(), LinkState::Open);
    let mut phone = world.browser();
    phone.visitor.returning = Some(accept(world, &link, &number).await.unwrap().returning);

    let link = forgot(world, &story.marta).await;
    let mails = world.mailbox.mails();
    let said =
        |mail: &&backend::mail::Message| mail.text.replace('\n', " ").contains("the browser in which you accepted");
    assert_eq!(mails.iter().filter(said).count(), 1);
    // Who reads the mailbox elsewhere.
    let new = || Password::new("a stranger in the mailbox".into());
    assert_eq!(password_reset::peek(&world.backend, &world.visitor(), &link).await.unwrap(), LinkState::WhereAccepted);
    assert!(password_reset::set(&world.backend, &world.visitor(), &link, new()).await.is_err());
    // Who accepted, and has forgotten the password too: in by the new one, known without a mailed code, to enrol.
    assert_eq!(password_reset::peek(&world.backend, &phone.visitor, &link).await.unwrap(), LinkState::Open);
    story.marta.password = "two herons stand in the moat".into();
    let chosen = Password::new(story.marta.password.clone());
    password_reset::set(&world.backend, &phone.visitor, &link, chosen).await.unwrap();
    assert_eq!(phone.password(&story.marta).await.unwrap(), Standing::EnrolOnly);
    world.deliver().await;
});

on_each_database!(after_a_day_no_browser_is_the_one_that_accepted, async |world| {
    let mut story = northwind(world).await;
    let (link, number) = asked_after_mail(world, &mut story).await;
    let mut phone = world.browser();
    phone.visitor.returning = Some(accept(world, &link, &number).await.unwrap().returning);
    let early = forgot(world, &story.marta).await;
    world.advance(HOUR * 24);
    assert_eq!(password_reset::peek(&world.backend, &phone.visitor, &early).await.unwrap(), LinkState::Expired);
    let email = EmailAddress::parse(&story.marta.email).unwrap();
    password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    assert_eq!(world.mail_to(&story.marta).await.subject, "No new password for now");
});

on_each_database!(a_request_without_a_number_takes_none, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    assert!(!mfa_reset::peek(&world.backend, &link).await.unwrap().asks_number);
    accept(world, &link, "1234").await.unwrap();
    world.deliver().await;
});

on_each_database!(the_operator_knows_the_person_another_way, async |world| {
    let mut story = northwind(world).await;
    set_password_by_mail(world, &mut story.marta, "a heron stands in the moat").await;
    let email = EmailAddress::parse(&story.marta.email).unwrap();
    mfa_reset::request_by_operator(&world.backend, &email, &Reason::parse("Called").unwrap()).await.unwrap();
    let link = world.reset_link(&story.marta).await;
    assert!(!mfa_reset::peek(&world.backend, &link).await.unwrap().asks_number);
    accept(world, &link, "").await.unwrap();
    world.deliver().await;
});
