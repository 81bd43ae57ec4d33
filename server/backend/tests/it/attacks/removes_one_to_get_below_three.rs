//! The attacker is an Admin of an account with three administrators. From three on, a second one has to approve the reset of
//! an administrator, so one of the three is removed, or shut out, and with two left the attacker asks alone.
//!
//! Making the quorum smaller until it is met is CWE-841: the step is not skipped, its condition is taken away. Here the number
//! of administrators is remembered for seven days (5.6): approval is asked for all the same, and where nobody is left who could
//! give it the request expires.

use super::{changes_nothing, state_for};
use crate::{
    mfa_reset::{
        accept, ask, denied,
        guards::{Guarded, approve, guarded, has_factor, preview, unmailed_link},
        refused_as,
    },
    support::{Browser, HOUR, MINUTE, MS, World},
};
use backend::mfa_reset;
use domain::{
    guards::{ApprovalReason, MEMORY},
    mfa_reset::State,
    policy::Denied,
    users::MembershipStatus,
};

/// What the attacker meets once Bruno is gone, who is at this browser.
async fn nobody_is_left_to_approve(world: &World, story: &Guarded, of_bruno: &Browser<'_>) {
    let (scope, olga) = (story.scope(), &story.base.olga);
    let chiara = world.signed_in(&story.base.chiara).await;
    let seen = preview(&chiara, scope, olga).await.demands;
    let told = (seen.approval, seen.somebody_can_approve);
    assert_eq!(told, (Some(ApprovalReason::Administrator), false), "and the attacker is told so before");
    ask(&chiara, scope, olga).await.unwrap();
    assert_eq!(state_for(world, olga).await, State::AwaitingApproval);
    let decided = changes_nothing(world, approve(of_bruno, scope, olga)).await;
    assert_eq!(denied(decided), Denied::Unseen, "who is out has no say");
    assert_eq!(denied(approve(&chiara, scope, olga).await), Denied::OwnRequest);
    let of_olga = world.signed_in(olga).await;
    assert_eq!(denied(approve(&of_olga, scope, olga).await), Denied::Oneself);
    world.deliver().await;
    world.advance(12 * HOUR);
    let link = unmailed_link(world, olga).await;
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Expired);
    assert!(has_factor(world, olga, scope).await);
    world.deliver().await;
    assert_eq!(world.ends_of(olga).await, ["expired: time_up"]);
}

on_each_database!(with_the_third_removed_approval_is_asked_for_and_nobody_can_give_it, async |world| {
    let story = guarded(world).await;
    let of_bruno = world.signed_in(&story.bruno).await;
    world.remove(&story.bruno, story.scope()).await;
    nobody_is_left_to_approve(world, &story, &of_bruno).await;
});

on_each_database!(with_the_third_shut_out_it_is_the_same, async |world| {
    let story = guarded(world).await;
    let of_bruno = world.signed_in(&story.bruno).await;
    world.set_status(&story.bruno, story.scope(), MembershipStatus::Deactivated).await;
    nobody_is_left_to_approve(world, &story, &of_bruno).await;
});

on_each_database!(the_number_is_remembered_for_seven_days_and_then_the_owner_has_a_day, async |world| {
    let story = guarded(world).await;
    let (scope, olga) = (story.scope(), &story.base.olga);
    let removed = world.now();
    world.remove(&story.bruno, scope).await;
    world.clock.set(removed + MEMORY - 2 * MINUTE);
    let chiara = world.signed_in(&story.base.chiara).await;
    world.clock.set(removed + MEMORY - MS);
    ask(&chiara, scope, olga).await.unwrap();
    assert_eq!(state_for(world, olga).await, State::AwaitingApproval);
    world.advance(MS);
    // From now on there are two, as everybody knows by now; nobody can approve, so the Owner has a day to call it off.
    ask(&chiara, scope, olga).await.unwrap();
    let link = world.reset_link(olga).await;
    accept(&world.backend, &link).await.unwrap();
    assert_eq!(world.state_of(&link).await, State::Waiting);
    assert!(world.subjects_to(olga).await.len() > 1, "and is told");
    let of_olga = world.signed_in(olga).await;
    let mine = mfa_reset::of_mine(&world.backend, &of_olga.me().await).await.unwrap().unwrap();
    mfa_reset::decline_mine(&world.backend, &of_olga.me().await, mine.id).await.unwrap();
    world.wait_out(24 * HOUR).await;
    assert!(has_factor(world, olga, scope).await);
    world.deliver().await;
});

on_each_database!(removing_the_approver_while_the_request_waits_opens_nothing, async |world| {
    let story = guarded(world).await;
    let scope = story.scope();
    let chiara = world.signed_in(&story.base.chiara).await;
    let of_olga = world.signed_in(&story.base.olga).await;
    ask(&chiara, scope, &story.bruno).await.unwrap();
    world.set_status(&story.base.olga, scope, MembershipStatus::Deactivated).await;
    mfa_reset::finish_due(&world.backend).await.unwrap();
    mfa_reset::end_groundless(&world.backend).await.unwrap();
    assert_eq!(state_for(world, &story.bruno).await, State::AwaitingApproval);
    let resent = mfa_reset::resend(&world.backend, &chiara.me().await, scope, story.bruno.id).await;
    assert!(resent.is_err(), "there is no mail to send again");
    // Asked anew, now that there are two, it is the same.
    ask(&chiara, scope, &story.bruno).await.unwrap();
    assert_eq!(state_for(world, &story.bruno).await, State::AwaitingApproval);
    assert_eq!(denied(approve(&of_olga, scope, &story.bruno).await), Denied::Unseen);
    world.deliver().await;
});
