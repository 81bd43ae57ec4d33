//! A second address for notices (6.4): proven before it gets anything, told of whatever becomes of the sign-in, and never
//! given what opens something.

use crate::{
    mfa_reset::{accept, asked, northwind},
    support::{Browser, Person, World, code_in},
};
use backend::{
    Error, Result, email_change,
    notice_email::{self, call_off, get, remove},
    outbox::MailKind,
    password_reset,
    store::entity::notice_email_code,
};
use domain::{
    errors::{Conflict, Field, FieldErrors, Problem},
    notice_email::NOTICE_EMAIL_CODE_TTL,
    person::EmailAddress,
    policy::Denied,
};
use std::time::Duration;

const SECOND: &str = "Two.Rooms@home.example";

async fn ask(browser: &Browser<'_>, email: &str) -> Result<()> {
    notice_email::request(&browser.backend, &browser.me().await, &EmailAddress::parse(email).unwrap()).await
}

async fn give(browser: &Browser<'_>, code: &str) -> Result<()> {
    notice_email::confirm(&browser.backend, &browser.me().await, code).await
}

/// The code that was mailed to this address.
async fn code_to(world: &World, email: &str) -> String {
    let mails = world.deliver().await;
    code_in(&mails.iter().find(|mail| mail.to == email).unwrap_or_else(|| panic!("{mails:?}")).text)
}

/// Another code than this.
fn other_than(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

async fn set(world: &World, browser: &Browser<'_>, email: &str) {
    ask(browser, email).await.unwrap();
    let code = code_to(world, email).await;
    give(browser, &code).await.unwrap();
    world.deliver().await;
}

async fn second_of(world: &World, person: &Person) -> Option<String> {
    world.row_of(person).await.notice_email
}

/// To whom mails with this subject left.
async fn told(world: &World, subject: &str) -> Vec<String> {
    let mails = world.deliver().await;
    let mut told: Vec<_> = mails.into_iter().filter(|mail| mail.subject == subject).map(|mail| mail.to).collect();
    told.sort();
    told
}

fn problem(answer: Result<()>, field: Field) -> Problem {
    match answer {
        Err(Error::Invalid(FieldErrors(errors))) => errors.into_iter().find(|(at, _)| *at == field).unwrap().1,
        other => panic!("{other:?}"),
    }
}

on_each_database!(an_address_gets_notices_once_its_code_was_typed_where_it_was_asked_for, async |world| {
    let story = northwind(world).await;
    let (marta, account) = (&story.marta, &story.account);
    let laptop = world.signed_in(marta).await;
    ask(&laptop, SECOND).await.unwrap();
    let mails = world.deliver().await;
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), (SECOND, "Your code for this address"));
    assert!(!mail.text.contains("Marta") && !mail.html.contains(&marta.email), "nothing of the person to a stranger");
    let code = code_in(&mail.text);
    let shown = get(&world.backend, &laptop.me().await).await.unwrap();
    assert_eq!((shown.email, shown.waits.unwrap().email.as_str()), (None, SECOND));

    // Another session of the same person knows of no code.
    let phone = world.signed_in(marta).await;
    assert!(get(&world.backend, &phone.me().await).await.unwrap().waits.is_none());
    assert_eq!(problem(give(&phone, &code).await, Field::Code), Problem::DeadCode);
    assert_eq!(problem(give(&laptop, &other_than(&code)).await, Field::Code), Problem::WrongCode);
    assert_eq!(second_of(world, marta).await, None);
    give(&laptop, &code).await.unwrap();
    assert_eq!(second_of(world, marta).await.as_deref(), Some(SECOND));
    assert_eq!(told(world, "Security notices go to a second address too").await, [marta.email.as_str()]);
    assert_eq!(problem(give(&laptop, &code).await, Field::Code), Problem::DeadCode);
    assert_eq!(problem(ask(&laptop, &SECOND.to_uppercase()).await, Field::Email), Problem::SameAddress);
    assert_eq!(problem(ask(&laptop, &marta.email.to_uppercase()).await, Field::Email), Problem::SameAddress);

    // The one before is told of the next, and both of the end.
    set(world, &laptop, "marta@other.example").await;
    let mails = world.mailbox.mails();
    let last = mails.iter().rev().take_while(|mail| mail.subject.starts_with("Security notices"));
    let mut last: Vec<_> = last.map(|mail| mail.to.clone()).collect();
    last.sort();
    assert_eq!(last, [SECOND.to_owned(), marta.email.clone()]);
    remove(&world.backend, &laptop.me().await).await.unwrap();
    let both = told(world, "Security notices go to one address only").await;
    assert_eq!(both, ["marta@other.example", marta.email.as_str()]);
    let again = remove(&world.backend, &laptop.me().await).await;
    assert!(matches!(again, Err(Error::Conflict(Conflict::ChangedMeanwhile))), "{again:?}");
    let log = world.log_of(account.scope).await;
    for line in ["Marta: notice_email_set → Marta", "Marta: notice_email_removed → Marta"] {
        assert!(log.iter().any(|told| told == line), "{line}: {log:?}");
    }
    assert!(!log.join(" ").contains("home.example"), "the address is nobody else's to read");
});

on_each_database!(what_becomes_of_the_sign_in_is_told_there_and_what_opens_something_is_not, async |world| {
    let story = northwind(world).await;
    let marta = &story.marta;
    let laptop = world.signed_in(marta).await;
    set(world, &laptop, SECOND).await;
    password_reset::request(&world.backend, &world.visitor(), &EmailAddress::parse(&marta.email).unwrap())
        .await
        .unwrap();
    let link = asked(world, &story).await;
    world.deliver().await;
    let there = |mails: &[backend::mail::Message]| mails.iter().filter(|mail| mail.to == SECOND).count();
    assert_eq!(there(&world.mailbox.mails()), 1, "the code, and neither of the links");
    accept(&world.backend, &link).await.unwrap();
    let mails = world.deliver().await;
    let copy = mails.iter().find(|mail| mail.to == SECOND).unwrap();
    let first = mails.iter().find(|mail| mail.to == marta.email).unwrap();
    assert_eq!(copy.subject, first.subject);
    assert!(copy.text.contains("This is a copy") && !first.text.contains("This is a copy"), "{}", copy.text);
    assert_ne!(copy.message_id, first.message_id);
    assert_eq!(second_of(world, marta).await.as_deref(), Some(SECOND), "a reset takes factors, not an address");
});

#[test]
fn no_copy_carries_a_link_that_lets_somebody_in() {
    use MailKind::*;
    for kind in [MfaResetRequest, PasswordReset, DeviceCode, EmailChangePresent, EmailChangeNew, Invitation] {
        assert!(!kind.is_notice(), "{kind:?}");
    }
}

on_each_database!(a_code_dies_with_five_tries_with_time_with_the_next_and_when_called_off, async |world| {
    let marta = northwind(world).await.marta;
    let laptop = world.signed_in(&marta).await;
    ask(&laptop, SECOND).await.unwrap();
    let code = code_to(world, SECOND).await;
    for _ in 0..5 {
        assert_eq!(problem(give(&laptop, &other_than(&code)).await, Field::Code), Problem::WrongCode);
    }
    assert_eq!(problem(give(&laptop, &code).await, Field::Code), Problem::DeadCode);

    ask(&laptop, SECOND).await.unwrap();
    let first = code_to(world, SECOND).await;
    ask(&laptop, "marta@other.example").await.unwrap();
    let second = code_to(world, "marta@other.example").await;
    assert_eq!(problem(give(&laptop, &first).await, Field::Code), Problem::WrongCode);
    let more = ask(&laptop, SECOND).await;
    assert!(matches!(more, Err(Error::Throttled { .. })), "three mails an hour: {more:?}");
    call_off(&world.backend, &laptop.me().await).await.unwrap();
    assert_eq!(problem(give(&laptop, &second).await, Field::Code), Problem::DeadCode);

    world.advance(Duration::from_secs(3601));
    let later = world.signed_in(&marta).await;
    ask(&later, SECOND).await.unwrap();
    let code = code_to(world, SECOND).await;
    world.advance(NOTICE_EMAIL_CODE_TTL);
    assert_eq!(problem(give(&later, &code).await, Field::Code), Problem::DeadCode);
    assert_eq!(second_of(world, &marta).await, None);
});

on_each_database!(a_stolen_session_alone_changes_nothing, async |world| {
    let marta = northwind(world).await.marta;
    let laptop = world.signed_in(&marta).await;
    set(world, &laptop, SECOND).await;
    world.advance(Duration::from_secs(601));
    for answer in [ask(&laptop, "thief@evil.example").await, remove(&world.backend, &laptop.me().await).await] {
        assert!(matches!(answer, Err(Error::Denied(Denied::StepUpNeeded(_)))), "{answer:?}");
    }
    assert_eq!(second_of(world, &marta).await.as_deref(), Some(SECOND));
});

on_each_database!(many_guesses_at_once_get_five_tries_and_one_code_is_used_once, async |world| {
    let marta = northwind(world).await.marta;
    let laptop = world.signed_in(&marta).await;
    ask(&laptop, SECOND).await.unwrap();
    let code = code_to(world, SECOND).await;
    let caller = laptop.me().await;
    let answers = world
        .at_once(12, |server, _| {
            let (caller, code) = (caller.clone(), code.clone());
            async move { notice_email::confirm(&server, &caller, &code).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(told(world, "Security notices go to a second address too").await, [marta.email.as_str()]);

    ask(&laptop, "marta@other.example").await.unwrap();
    let code = code_to(world, "marta@other.example").await;
    let wrong = other_than(&code);
    let answers = world
        .at_once(12, |server, _| {
            let (caller, wrong) = (caller.clone(), wrong.clone());
            async move { notice_email::confirm(&server, &caller, &wrong).await }
        })
        .await;
    let looked_at =
        answers.into_iter().map(|answer| problem(answer, Field::Code)).filter(|it| *it == Problem::WrongCode);
    assert_eq!(looked_at.count(), 5);
});

on_each_database!(the_second_address_becomes_the_first_and_is_no_second_any_more, async |world| {
    let marta = northwind(world).await.marta;
    let laptop = world.signed_in(&marta).await;
    set(world, &laptop, SECOND).await;
    let new = EmailAddress::parse(&SECOND.to_lowercase()).unwrap();
    email_change::request(&world.backend, &laptop.me().await, &new).await.unwrap();
    let links: Vec<_> =
        world.deliver().await.iter().filter_map(|mail| crate::support::link_in(mail, "email-change")).collect();
    for link in &links {
        email_change::confirm(&world.backend, &world.visitor(), link).await.unwrap();
    }
    assert_eq!((links.len(), second_of(world, &marta).await), (2, None));
    assert_eq!(told(world, "You sign in with another address now").await, [marta.email.as_str()]);
});

on_each_database!(an_address_that_nobody_proved_is_swept_and_what_proved_one_once_its_mail_has_left, async |world| {
    let story = northwind(world).await;
    let laptop = world.signed_in(&story.marta).await;
    let kept = async || {
        world.deliver().await;
        world.rows::<notice_email_code::Entity>().await.len()
    };
    ask(&laptop, SECOND).await.unwrap();
    assert_eq!(kept().await, 1);
    world.advance(NOTICE_EMAIL_CODE_TTL);
    assert_eq!(kept().await, 0);
    let laptop = world.signed_in(&story.marta).await;
    set(world, &laptop, SECOND).await;
    for (days, expected) in [(0, 1), (6, 1), (1, 0)] {
        for _ in 0..days {
            world.advance(Duration::from_secs(24 * 3600));
            // Its session is in use.
            world.execute("UPDATE sessions SET last_seen_at = ?", [world.now().ms().into()]).await;
        }
        world.advance(NOTICE_EMAIL_CODE_TTL / 2);
        assert_eq!(kept().await, expected, "{days}");
    }
});
