//! The attacker has an Admin's session and finds the guards in the way, so the guards are taken down first: under Security,
//! in one click, and the reset is asked for a minute later.
//!
//! Switching a protection off with the session that it protects from is CWE-841. The advisory of an identity provider of August
//! 2023 tells of captured administrators who took the second factor out of sign-in policies. Here what is looser holds a day
//! later (5.6): every Owner and Admin is told at once and can call it off, and a request keeps the guards under which it was
//! made.

use super::{accept_with, changes_nothing, number_of, state_for};
use crate::{
    mfa_reset::{
        accept, ask, denied,
        guards::{approve, guarded, has_factor, hours, preview, set},
        northwind,
    },
    support::{Browser, HOUR, MINUTE, MS, World},
};
use backend::{guards, loosening, mfa_requirement, store};
use domain::{
    guards::{ApproverFor, Guards, Hours},
    loosening::LOOSENING,
    mfa_reset::State,
    policy::Denied,
    scope::Scope,
    sessions::Standing,
};

/// No guard at all.
const NONE: Guards =
    Guards { approver: ApproverFor::Nobody, wait: Hours::NONE, owner_wait: Hours::NONE, number: false };

async fn in_force(reader: &Browser<'_>, scope: Scope) -> Guards {
    guards::get(&reader.backend, &reader.me().await, scope).await.unwrap().guards
}

/// The guards of a scope as if they had always been so.
async fn always(world: &World, scope: Scope, guards: Guards) {
    store::set_guards(world.backend.database.write(), scope, guards).await.unwrap();
}

on_each_database!(the_old_guards_hold_for_a_day_and_everybody_is_told_at_once, async |world| {
    let story = guarded(world).await;
    let scope = story.scope();
    let chiara = world.signed_in(&story.base.chiara).await;
    set(&chiara, scope, NONE).await.unwrap();
    world.deliver().await;
    let told = world.mails().await.into_iter().filter(|mail| mail.starts_with("loosening"));
    assert_eq!(told.collect::<Vec<_>>(), ["loosening to Bruno", "loosening to Chiara", "loosening to Olga"]);
    // The reset a moment later meets what was there before.
    assert_eq!(in_force(&chiara, scope).await, Guards::default());
    ask(&chiara, scope, &story.bruno).await.unwrap();
    assert_eq!(state_for(world, &story.bruno).await, State::AwaitingApproval);
    // Bruno calls it off, without a fresh proof, at any time of that day; and a day later all is as it was.
    let bruno = world.signed_in(&story.bruno).await;
    world.advance(11 * HOUR);
    let seen = guards::get(&world.backend, &bruno.me().await, scope).await.unwrap().loosening.unwrap();
    assert_eq!(seen.asked_by, "Chiara");
    loosening::cancel(&world.backend, &bruno.me().await, scope, seen.id).await.unwrap();
    world.advance(24 * HOUR);
    world.deliver().await;
    let chiara = world.signed_in(&story.base.chiara).await;
    assert_eq!(in_force(&chiara, scope).await, Guards::default());
    ask(&chiara, scope, &story.bruno).await.unwrap();
    assert_eq!(state_for(world, &story.bruno).await, State::AwaitingApproval);
    world.deliver().await;
});

on_each_database!(asking_again_and_again_does_not_hasten_it, async |world| {
    let story = guarded(world).await;
    let scope = story.scope();
    set(&world.signed_in(&story.base.chiara).await, scope, NONE).await.unwrap();
    for _ in 0..3 {
        world.advance(LOOSENING - HOUR);
        world.deliver().await;
        let chiara = world.signed_in(&story.base.chiara).await;
        assert_eq!(in_force(&chiara, scope).await, Guards::default());
        // A little of it first is no shorter way: each begins the day anew.
        set(&chiara, scope, Guards { owner_wait: Hours::NONE, ..Guards::default() }).await.unwrap();
        set(&chiara, scope, NONE).await.unwrap();
    }
    world.advance(LOOSENING - MINUTE);
    world.deliver().await;
    let chiara = world.signed_in(&story.base.chiara).await;
    ask(&chiara, scope, &story.bruno).await.unwrap();
    assert_eq!(state_for(world, &story.bruno).await, State::AwaitingApproval);
    world.deliver().await;
});

on_each_database!(a_request_made_before_the_guards_fall_keeps_all_of_them, async |world| {
    let story = guarded(world).await;
    let (scope, bruno) = (story.scope(), &story.bruno);
    always(world, scope, Guards { wait: hours(48), number: true, ..Guards::default() }).await;
    let asked_at = world.now();
    set(&world.signed_in(&story.base.chiara).await, scope, NONE).await.unwrap();
    world.deliver().await;
    world.clock.set(asked_at + LOOSENING - 2 * MINUTE);
    let (chiara, olga) = (world.signed_in(&story.base.chiara).await, world.signed_in(&story.base.olga).await);
    ask(&chiara, scope, bruno).await.unwrap();
    world.clock.set(asked_at + LOOSENING + MINUTE);
    world.deliver().await;
    assert_eq!(in_force(&chiara, scope).await, NONE, "nobody called it off");
    // Approval, number and waiting time are still asked of the request that was made under them.
    assert_eq!(state_for(world, bruno).await, State::AwaitingApproval);
    approve(&olga, scope, bruno).await.unwrap();
    let link = world.reset_link(bruno).await;
    assert!(changes_nothing(world, accept(&world.backend, &link)).await.is_err(), "without the number");
    accept_with(world, &link, &number_of(&chiara, scope, bruno).await).await.unwrap();
    assert_eq!(world.state_of(&link).await, State::Waiting);
    world.wait_out(48 * HOUR - MS).await;
    assert!(has_factor(world, bruno, scope).await);
    world.wait_out(MS).await;
    assert!(!has_factor(world, bruno, scope).await);
    world.deliver().await;
});

on_each_database!(a_guard_that_is_put_up_while_a_request_is_open_holds_for_it, async |world| {
    let story = northwind(world).await;
    let (scope, marta) = (story.account.scope, &story.marta);
    let chiara = world.signed_in(&story.chiara).await;
    ask(&chiara, scope, marta).await.unwrap();
    // Olga sees it, and makes everything wait.
    let olga = world.signed_in(&story.olga).await;
    set(&olga, scope, Guards { wait: hours(72), ..Guards::default() }).await.unwrap();
    let link = world.reset_link(marta).await;
    accept(&world.backend, &link).await.unwrap();
    assert_eq!(world.state_of(&link).await, State::Waiting);
    world.wait_out(72 * HOUR - MS).await;
    assert!(has_factor(world, marta, scope).await);
    world.deliver().await;
});

on_each_database!(who_may_not_set_the_guards_takes_none_down, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let marta = world.signed_in(&story.marta).await;
    let refused = denied(changes_nothing(world, set(&marta, scope, NONE)).await);
    assert!(matches!(refused, Denied::RoleLacks { .. }), "{refused:?}");
    // A session left open is not enough: the proof has to be fresh.
    let chiara = world.signed_in(&story.chiara).await;
    world.advance(10 * MINUTE);
    let refused = denied(changes_nothing(world, set(&chiara, scope, NONE)).await);
    assert!(matches!(refused, Denied::StepUpNeeded(_)), "{refused:?}");
    assert_eq!(preview(&chiara, scope, &story.olga).await.demands.wait, 24 * HOUR);
});

on_each_database!(turning_the_requirement_off_is_no_way_round_either, async |world| {
    let account = world.account("Freehold").free().requiring_mfa().await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let desk = world.signed_in(&chiara).await;
    mfa_requirement::set(&world.backend, &desk.me().await, account.scope, false).await.unwrap();
    assert!(mfa_requirement::get(&world.backend, &desk.me().await, account.scope).await.unwrap().required);
    world.advance(LOOSENING);
    world.deliver().await;
    let desk = world.signed_in(&chiara).await;
    assert!(!mfa_requirement::get(&world.backend, &desk.me().await, account.scope).await.unwrap().required);
    // A factor that exists is asked for, required or not.
    assert_eq!(world.browser().password(&marta).await.unwrap(), Standing::AwaitingMfa);
});

on_each_database!(what_a_removed_administrator_wanted_loosened_stays, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let loose = Guards { owner_wait: Hours::NONE, ..Guards::default() };
    set(&world.signed_in(&story.chiara).await, scope, loose).await.unwrap();
    world.deliver().await;
    world.remove(&story.chiara, scope).await;
    world.advance(25 * HOUR);
    world.deliver().await;
    let olga = world.signed_in(&story.olga).await;
    let seen = backend::guards::get(&world.backend, &olga.me().await, scope).await.unwrap();
    assert_eq!(seen.guards, Guards::default());
});
