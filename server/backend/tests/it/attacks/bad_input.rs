//! The attacker, or somebody who has misunderstood, sends what does not belong there: numbers that are none or too late, from
//! the wrong person, and approvals by everybody who may not give one.
//!
//! Improper input and missing checks of who sends it are CWE-20 and CWE-863. Here each gets an answer of a closed list, says
//! only what its reader may know, and changes nothing.

use super::{accept_with, changes_nothing, invite, number_of, other_than, problem, state_for};
use crate::{
    mfa_reset::{
        ask, denied,
        guards::{approve, guarded, has_factor, reject, set},
        northwind, refused_as,
    },
    support::{Browser, HOUR, MINUTE, MS, Person, World},
};
use backend::{Error, Result, mfa_reset};
use domain::{
    errors::Problem,
    guards::Guards,
    mfa_reset::State,
    person::TextProblem,
    policy::Denied,
    roles::{Area, Level, Role},
    sessions::{Standing, StepUp},
    users::MembershipStatus,
};

// ── numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_number_that_is_none_is_named_so_and_costs_nothing, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let chiara = world.signed_in(&story.chiara).await;
    set(&chiara, scope, Guards { number: true, ..Guards::default() }).await.unwrap();
    ask(&chiara, scope, &story.marta).await.unwrap();
    let (link, number) = (world.reset_link(&story.marta).await, number_of(&chiara, scope, &story.marta).await);
    let long = "9".repeat(100_000);
    for (typed, expected) in [
        ("", TextProblem::Empty),
        ("\u{a0}\u{2003}", TextProblem::Empty),
        ("123", TextProblem::Malformed),
        ("12345", TextProblem::Malformed),
        ("12.4", TextProblem::Malformed),
        ("١٢٣٤", TextProblem::Malformed),
        ("\u{0}123", TextProblem::Malformed),
        ("; --", TextProblem::Malformed),
        (&long, TextProblem::Malformed),
    ] {
        let answer = changes_nothing(world, accept_with(world, &link, typed)).await;
        let shown: String = typed.chars().take(8).collect();
        assert_eq!(problem(answer), Problem::Text(expected), "{shown:?}");
    }
    // A wrong one is counted, and that is all that it changes.
    let wrong = ["mfa_resets.wrong_numbers"];
    let before = world.dump().await.without(&wrong);
    assert_eq!(problem(accept_with(world, &link, &other_than(&number, 1)).await), Problem::WrongNumber { left: 2 });
    assert!(world.dump().await.without(&wrong) == before);
    // Late by a millisecond it is as if it had not been typed, right or wrong.
    let expires = domain::time::Timestamp::from_ms(world.resets_of(&story.marta).await[0].expires_at);
    world.clock.set(expires);
    for typed in [number.clone(), other_than(&number, 2), String::new()] {
        assert_eq!(refused_as(changes_nothing(world, accept_with(world, &link, &typed)).await), State::Expired);
    }
    world.clock.set(expires - MS);
    accept_with(world, &link, &number).await.unwrap();
    world.deliver().await;
});

on_each_database!(a_number_typed_by_somebody_else_is_worth_what_it_says_and_no_more, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let chiara = world.signed_in(&story.chiara).await;
    set(&chiara, scope, Guards { number: true, ..Guards::default() }).await.unwrap();
    ask(&chiara, scope, &story.marta).await.unwrap();
    let (link, number) = (world.reset_link(&story.marta).await, number_of(&chiara, scope, &story.marta).await);
    // The Owner, the asker and the person, each signed in: nobody's session stands in for the number.
    let mut left = 3;
    for person in [&story.olga, &story.marta] {
        let browser = world.signed_in(person).await;
        left -= 1;
        let typed = other_than(&number, left.into());
        let answer = mfa_reset::accept(&world.backend, &browser.visitor, &link, &typed).await;
        assert_eq!(problem(answer), Problem::WrongNumber { left }, "{}", person.name);
        let answer = mfa_reset::accept(&world.backend, &browser.visitor, &link, "").await;
        assert_eq!(problem(answer), Problem::Text(TextProblem::Empty));
    }
    let answer = mfa_reset::accept(&world.backend, &chiara.visitor, &link, &other_than(&number, 3)).await;
    assert_eq!(refused_as(answer), State::Cancelled);
    // Another request's number does not fit this one's link, and the Owner is not shown it.
    ask(&chiara, scope, &story.marta).await.unwrap();
    let olga = world.signed_in(&story.olga).await;
    assert_eq!(crate::mfa_reset::guards::preview(&olga, scope, &story.marta).await.number, None);
    assert!(has_factor(world, &story.marta, scope).await);
    world.deliver().await;
});

// ── approvals ─────────────────────────────────────────────────────────────────────────────────────────────────────

/// What somebody is told who approves, and who rejects; both change nothing.
async fn decides(world: &World, browser: &Browser<'_>, scope: domain::scope::Scope, target: &Person) -> [Denied; 2] {
    let approved = denied(changes_nothing(world, approve(browser, scope, target)).await);
    let rejected = denied(changes_nothing(world, reject(browser, scope, target)).await);
    [approved, rejected]
}

on_each_database!(whoever_may_not_approve_is_told_why_and_changes_nothing, async |world| {
    let story = guarded(world).await;
    let (scope, bruno) = (story.scope(), &story.bruno);
    let dora = world.user("Dora").with_totp().admin_of(&story.base.account).await;
    let other = world.account("Contoso").await;
    let carlo = world.user("Carlo").with_totp().owner_of(&other).await;
    let bare = world.user("Basil").with_totp().await;
    world.advance(8 * 24 * HOUR);
    let chiara = world.signed_in(&story.base.chiara).await;
    ask(&chiara, scope, bruno).await.unwrap();
    world.deliver().await;
    let lacks = Denied::RoleLacks { area: Area::MfaReset, level: Level::Edit };

    assert_eq!(decides(world, &chiara, scope, bruno).await, [Denied::OwnRequest; 2], "who asked");
    let of_bruno = world.signed_in(bruno).await;
    assert_eq!(decides(world, &of_bruno, scope, bruno).await, [Denied::Oneself; 2], "whose factors they are");
    let marta = world.signed_in(&story.base.marta).await;
    assert_eq!(decides(world, &marta, scope, bruno).await, [lacks; 2], "a Manager");
    let of_carlo = world.signed_in(&carlo).await;
    assert_eq!(decides(world, &of_carlo, scope, bruno).await, [Denied::Unseen; 2], "the Owner of another account");
    let of_basil = world.signed_in(&bare).await;
    assert_eq!(decides(world, &of_basil, scope, bruno).await, [Denied::Unseen; 2], "somebody who belongs nowhere");

    let of_dora = world.signed_in(&dora).await;
    world.set_role(&dora, scope, Role::Manager).await;
    assert_eq!(decides(world, &of_dora, scope, bruno).await, [lacks; 2], "who was demoted");
    world.set_status(&dora, scope, MembershipStatus::Deactivated).await;
    assert_eq!(decides(world, &of_dora, scope, bruno).await, [Denied::Unseen; 2], "who was shut out");
    invite(world, &story.base.olga, &bare, scope, Role::Admin).await;
    assert_eq!(decides(world, &of_basil, scope, bruno).await, [Denied::Unseen; 2], "who was invited and is not in");
    assert_eq!(state_for(world, bruno).await, State::AwaitingApproval);
    world.deliver().await;
});

on_each_database!(who_may_reject_but_not_approve_is_told_what_is_missing, async |world| {
    let story = guarded(world).await;
    let (scope, bruno) = (story.scope(), &story.bruno);
    ask(&world.signed_in(&story.base.chiara).await, scope, bruno).await.unwrap();
    world.deliver().await;
    let says = async |browser: &Browser<'_>| denied(changes_nothing(world, approve(browser, scope, bruno)).await);
    let marta = world.signed_in(&story.base.marta).await;
    world.set_role_by(Some(&story.base.chiara), &story.base.marta, scope, Role::Admin).await;
    assert_eq!(says(&marta).await, Denied::MadeByAsker);
    world.set_role(&story.base.marta, scope, Role::Manager).await;
    let nina = world.user("Nina").with_totp().admin_of(&story.base.account).await;
    assert_eq!(says(&world.signed_in(&nina).await).await, Denied::NotSeasoned);
    // The Owner, by a saved code instead of a factor, and with a proof that has grown old.
    let mut olga = world.signed_in(&story.base.olga).await;
    let codes = olga.make_backup_codes().await;
    let mut elsewhere = world.browser();
    elsewhere.password(&story.base.olga).await.unwrap();
    assert_eq!(elsewhere.backup_code(&codes[0]).await.unwrap(), Standing::Enter);
    assert_eq!(says(&elsewhere).await, Denied::StepUpNeeded(StepUp::FreshByRecoveryCode));
    world.advance(10 * MINUTE);
    assert_eq!(says(&olga).await, Denied::StepUpNeeded(StepUp::NeedsAuthenticator));
    // Nobody approves half way through the sign-in.
    let mut half_way = world.browser();
    half_way.password(&story.base.olga).await.unwrap();
    let decided = changes_nothing(world, approve(&half_way, scope, bruno)).await;
    assert!(matches!(decided, Err(Error::Unfinished(Standing::AwaitingMfa))), "{decided:?}");
    assert_eq!(state_for(world, bruno).await, State::AwaitingApproval);
    world.deliver().await;
});

on_each_database!(there_is_nothing_to_approve_where_nothing_waits, async |world| {
    let story = guarded(world).await;
    let (scope, olga) = (story.scope(), world.signed_in(&story.base.olga).await);
    let nothing = |answer: Result<()>| assert!(matches!(answer, Err(Error::Conflict(_))), "{answer:?}");
    // Of a person for whom nobody ever asked, and of one whose request needs no approval.
    nothing(changes_nothing(world, approve(&olga, scope, &story.base.marta)).await);
    ask(&olga, scope, &story.base.marta).await.unwrap();
    let chiara = world.signed_in(&story.base.chiara).await;
    assert_eq!(refused_as(changes_nothing(world, approve(&chiara, scope, &story.base.marta)).await), State::Open);
    // A request for one person is not approved under the name of another.
    ask(&chiara, scope, &story.bruno).await.unwrap();
    let olga = world.signed_in(&story.base.olga).await;
    nothing(changes_nothing(world, approve(&olga, scope, &story.base.chiara)).await);
    assert_eq!(state_for(world, &story.bruno).await, State::AwaitingApproval);
    world.deliver().await;
});
