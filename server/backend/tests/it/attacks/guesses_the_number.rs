//! The attacker has the mailbox, and with it the link; what is missing are the four digits that only the asker sees. Ten
//! thousand of them are few, so they are guessed: many at once, on every server, and with the counter set back in between.
//!
//! Guessing without a limit is CWE-307, and a limit that parallel requests slip through CWE-362. Here a wrong number is
//! counted by one conditional update of the request's own row, whoever types it and wherever: three end the request (5.6), and
//! what follows is another request with another number.

use super::{accept_with, changes_nothing, number_of, other_than, problem};
use crate::{
    mfa_reset::{
        Northwind, ask, denied,
        guards::{set, unmailed_link},
        northwind, refused_as,
    },
    support::{Browser, HOUR, Person, World},
};
use backend::{
    Error, Visitor,
    crypto::{LinkToken, Nonce, Purpose},
    mfa_reset,
};
use domain::{
    errors::{Conflict, Problem},
    guards::{ApproverFor, Guards},
    mfa_reset::State,
    person::TextProblem,
    policy::Denied,
    scope::Scope,
};

/// Every request takes a number here; Chiara is at her desk.
async fn numbered(world: &World) -> (Northwind, Browser<'_>) {
    let story = northwind(world).await;
    let chiara = world.signed_in(&story.chiara).await;
    set(&chiara, story.account.scope, Guards { number: true, ..Guards::default() }).await.unwrap();
    (story, chiara)
}

/// A fresh request: its link, which the attacker reads, and its number, which Chiara sees.
async fn asked(world: &World, chiara: &Browser<'_>, scope: Scope, marta: &Person) -> (LinkToken, String) {
    ask(chiara, scope, marta).await.unwrap();
    (world.reset_link(marta).await, number_of(chiara, scope, marta).await)
}

on_each_database!(of_a_hundred_guesses_at_the_same_moment_three_are_looked_at, async |world| {
    let (story, chiara) = numbered(world).await;
    let (link, number) = asked(world, &chiara, story.account.scope, &story.marta).await;
    let answers = world
        .at_once(100, |server, guess| {
            let (link, typed) = (link.clone(), other_than(&number, guess as u16 + 1));
            // Each from another place, as of many machines.
            let visitor = Visitor { address: Some([203, 0, 113, guess as u8].into()), ..Visitor::default() };
            async move { mfa_reset::accept(&server, &visitor, &link, &typed).await }
        })
        .await;
    let told =
        |wanted: &dyn Fn(&Error) -> bool| answers.iter().filter(|answer| answer.as_ref().is_err_and(wanted)).count();
    assert_eq!(told(&|error| matches!(error, Error::Invalid(_))), 2, "{answers:?}");
    let over = told(&|error| matches!(error, Error::Conflict(Conflict::ResetIs(State::Cancelled))));
    let meanwhile = told(&|error| matches!(error, Error::Conflict(Conflict::ChangedMeanwhile)));
    assert_eq!(over + meanwhile, 98, "{answers:?}");
    assert_eq!(world.resets_of(&story.marta).await[0].wrong_numbers, 3);
    assert_eq!(world.ends_of(&story.marta).await, ["cancelled: wrong_numbers"]);
    // The right one is too late, on either server.
    assert_eq!(refused_as(accept_with(world, &link, &number).await), State::Cancelled);
    let again = mfa_reset::accept(&world.other_server, &world.visitor(), &link, &number).await;
    assert_eq!(refused_as(again), State::Cancelled);
    let mails = world.mails().await;
    assert_eq!(mails.iter().filter(|mail| *mail == "mfa_reset_wrong_numbers to Chiara").count(), 1, "told once");
    world.deliver().await;
});

on_each_database!(sending_the_mail_again_gives_no_further_guess, async |world| {
    let (story, chiara) = numbered(world).await;
    let (scope, marta) = (story.account.scope, &story.marta);
    let (link, number) = asked(world, &chiara, scope, marta).await;
    assert_eq!(problem(accept_with(world, &link, &other_than(&number, 1)).await), Problem::WrongNumber { left: 2 });
    // “The mail has not come, could you send it again?”
    mfa_reset::resend(&world.backend, &chiara.me().await, scope, marta.id).await.unwrap();
    let resent = world.reset_link(marta).await;
    assert_eq!(resent.expose(), link.expose(), "it is the same request");
    assert_eq!(number_of(&chiara, scope, marta).await, number);
    assert_eq!(problem(accept_with(world, &resent, &other_than(&number, 2)).await), Problem::WrongNumber { left: 1 });
    mfa_reset::resend(&world.backend, &chiara.me().await, scope, marta.id).await.unwrap();
    assert_eq!(refused_as(accept_with(world, &resent, &other_than(&number, 3)).await), State::Cancelled);
    world.deliver().await;
});

on_each_database!(a_new_request_is_a_new_number_and_there_are_five_a_day, async |world| {
    let (story, chiara) = numbered(world).await;
    let (scope, marta) = (story.account.scope, &story.marta);
    let (mut numbers, mut links): (Vec<String>, Vec<LinkToken>) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let (link, number) = asked(world, &chiara, scope, marta).await;
        assert!(!numbers.contains(&number), "{numbers:?} {number}");
        // What was learned of the one before does not help: neither its number here, nor this number there.
        if let (Some(before), Some(old)) = (links.last(), numbers.last()) {
            assert_eq!(refused_as(accept_with(world, before, old).await), State::Superseded);
            assert_eq!(refused_as(accept_with(world, before, &number).await), State::Superseded);
            assert_eq!(problem(accept_with(world, &link, old).await), Problem::WrongNumber { left: 2 });
        }
        numbers.push(number);
        links.push(link);
    }
    // Talked into it five times, Chiara cannot be talked into a sixth: fifteen guesses a day, of ten thousand.
    assert_eq!(denied(ask(&chiara, scope, marta).await), Denied::DailyLimit);
    assert!(world.ends_of(marta).await[..4].iter().all(|end| end == "superseded: newer"));
    world.deliver().await;
});

on_each_database!(a_slip_is_no_guess_and_tells_nothing, async |world| {
    let (story, chiara) = numbered(world).await;
    let (link, number) = asked(world, &chiara, story.account.scope, &story.marta).await;
    let (first, last) = number.split_at(2);
    // Part of it, more than it, and it in digits of another script.
    let long = format!("{number}0");
    let wide: String = number.chars().map(|digit| char::from_u32(digit as u32 + 0xFEE0).unwrap()).collect();
    for slip in [first, last, &number[..3], &long, &wide, "+123", "1e3.", "0x1F", "%%%%", "' OR"] {
        let answer = changes_nothing(world, accept_with(world, &link, slip)).await;
        assert_eq!(problem(answer), Problem::Text(TextProblem::Malformed), "{slip:?}");
    }
    for empty in ["", "  ", "\t\n", " - - "] {
        let answer = changes_nothing(world, accept_with(world, &link, empty)).await;
        assert_eq!(problem(answer), Problem::Text(TextProblem::Empty), "{empty:?}");
    }
    // All three guesses are still there, and so is the person's right one.
    assert_eq!(problem(accept_with(world, &link, &other_than(&number, 1)).await), Problem::WrongNumber { left: 2 });
    accept_with(world, &link, &number).await.unwrap();
    world.deliver().await;
});

on_each_database!(before_it_is_open_and_after_it_is_over_no_guess_is_looked_at, async |world| {
    let (story, chiara) = numbered(world).await;
    let (scope, marta) = (story.account.scope, &story.marta);
    let strict = Guards { number: true, approver: ApproverFor::Everybody, ..Guards::default() };
    set(&chiara, scope, strict).await.unwrap();
    ask(&chiara, scope, marta).await.unwrap();
    let link = unmailed_link(world, marta).await;
    let right = world.resets_of(marta).await.remove(0);
    let nonce = Nonce::from_slice(&right.nonce);
    let right = world.backend.keys.digits(Purpose::MfaResetNumber, right.id, nonce, 4).to_string();
    for (late, state) in [(0, State::AwaitingApproval), (12, State::Expired)] {
        world.advance(HOUR * late);
        for typed in [right.as_str(), &other_than(&right, 1), ""] {
            let answer = changes_nothing(world, accept_with(world, &link, typed)).await;
            assert_eq!(refused_as(answer), state, "right or wrong, it is the same answer");
        }
    }
    world.deliver().await;
});
