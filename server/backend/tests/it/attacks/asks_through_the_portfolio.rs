//! The attacker is Portfolio Admin. A linked account has guards that an Admin there would meet; so the reset is asked for not
//! in the account but through the portfolio, which has two administrators and has set nothing.
//!
//! A second door to the same act with a weaker lock is CWE-288. Here a request meets the strictest guards of every scope it
//! reaches, each counted with its own administrators and its own memory (5.6), and who approves is of the reach or of the
//! account that asks for it.

use super::{accept_with, changes_nothing, number_of, state_for};
use crate::{
    mfa_reset::{
        accept, ask, denied,
        guards::{approve, has_factor, hours, preview},
    },
    support::{Account, HOUR, MS, Person, Portfolio, World},
};
use backend::store;
use domain::{
    guards::{ApprovalReason, ApproverFor, Guards, NumberReason},
    mfa_reset::State,
    policy::Denied,
    roles::Role,
    scope::Scope,
    users::MembershipStatus,
};

/// A portfolio of two administrators with an account of three.
struct Meridian {
    portfolio: Portfolio,
    northwind: Account,
    /// Portfolio Owner.
    kwame: Person,
    /// Portfolio Admin, the attacker.
    leilani: Person,
    /// Owner of Northwind; Chiara and Bruno are its Admins, Marta its Manager.
    olga: Person,
    chiara: Person,
    bruno: Person,
    marta: Person,
}

async fn meridian(world: &World) -> Meridian {
    let portfolio = world.portfolio("Meridian Group").await;
    let northwind = world.account("Northwind").linked_to(&portfolio).await;
    let kwame = world.user("Kwame").with_totp().portfolio_owner_of(&portfolio).await;
    let leilani = world.user("Leilani").with_totp().portfolio_admin_of(&portfolio).await;
    let olga = world.user("Olga").with_totp().owner_of(&northwind).await;
    let chiara = world.user("Chiara").with_totp().admin_of(&northwind).await;
    let bruno = world.user("Bruno").with_totp().admin_of(&northwind).await;
    let marta = world.user("Marta").with_totp().manager_of(&northwind).await;
    world.advance(8 * 24 * HOUR);
    Meridian { portfolio, northwind, kwame, leilani, olga, chiara, bruno, marta }
}

async fn set_guards(world: &World, scope: Scope, guards: Guards) {
    store::set_guards(world.backend.database.write(), scope, guards).await.unwrap();
}

on_each_database!(the_account_with_three_administrators_asks_for_approval_of_its_own, async |world| {
    let story = meridian(world).await;
    let scope = story.portfolio.scope;
    // The portfolio itself would ask for nothing, and is told so by its own settings.
    set_guards(world, scope, Guards { approver: ApproverFor::Nobody, ..Guards::default() }).await;
    let leilani = world.signed_in(&story.leilani).await;
    for target in [&story.olga, &story.bruno] {
        let seen = preview(&leilani, scope, target).await.demands;
        assert_eq!((seen.approval, seen.somebody_can_approve), (Some(ApprovalReason::Administrator), true));
        ask(&leilani, scope, target).await.unwrap();
        assert_eq!(state_for(world, target).await, State::AwaitingApproval, "{}", target.name);
    }
    // By herself she gets no further: neither here nor as somebody of the account, which she is not.
    assert_eq!(denied(approve(&leilani, scope, &story.bruno).await), Denied::OwnRequest);
    assert_eq!(denied(approve(&leilani, story.northwind.scope, &story.bruno).await), Denied::Unseen);
    // The account's own administrators are called, and decide in their own place.
    world.deliver().await;
    let called = world.mails().await;
    for name in ["Olga", "Chiara", "Kwame"] {
        assert!(called.contains(&format!("mfa_reset_approval_wanted to {name}")), "{called:?}");
    }
    approve(&world.signed_in(&story.chiara).await, story.northwind.scope, &story.bruno).await.unwrap();
    assert_eq!(state_for(world, &story.bruno).await, State::Open);
    approve(&world.signed_in(&story.kwame).await, scope, &story.olga).await.unwrap();
    assert_eq!(state_for(world, &story.olga).await, State::Open);
    world.deliver().await;
});

on_each_database!(number_and_waiting_time_of_the_account_come_along, async |world| {
    let story = meridian(world).await;
    let (scope, marta) = (story.portfolio.scope, &story.marta);
    let strict = Guards { wait: hours(48), number: true, ..Guards::default() };
    set_guards(world, story.northwind.scope, strict).await;
    let leilani = world.signed_in(&story.leilani).await;
    let seen = preview(&leilani, scope, marta).await.demands;
    assert_eq!((seen.wait, seen.number), (48 * HOUR, Some(NumberReason::Set)));
    ask(&leilani, scope, marta).await.unwrap();
    let link = world.reset_link(marta).await;
    assert!(changes_nothing(world, accept(&world.backend, &link)).await.is_err(), "without the number");
    accept_with(world, &link, &number_of(&leilani, scope, marta).await).await.unwrap();
    world.wait_out(48 * HOUR - MS).await;
    assert!(has_factor(world, marta, story.northwind.scope).await);
    world.wait_out(MS).await;
    assert!(!has_factor(world, marta, story.northwind.scope).await);
    world.deliver().await;
});

on_each_database!(of_several_accounts_each_guard_is_that_of_the_strictest, async |world| {
    let story = meridian(world).await;
    let (scope, marta) = (story.portfolio.scope, &story.marta);
    let lumen = world.account("Lumen Studio").linked_to(&story.portfolio).await;
    world.join(marta, &lumen, Role::Support).await;
    set_guards(world, story.northwind.scope, Guards { wait: hours(4), ..Guards::default() }).await;
    set_guards(world, lumen.scope, Guards { approver: ApproverFor::Everybody, ..Guards::default() }).await;
    set_guards(world, scope, Guards { number: true, ..Guards::default() }).await;
    let leilani = world.signed_in(&story.leilani).await;
    let seen = preview(&leilani, scope, marta).await.demands;
    assert_eq!(seen.approval, Some(ApprovalReason::Everybody));
    assert_eq!((seen.wait, seen.number), (4 * HOUR, Some(NumberReason::Set)));
    ask(&leilani, scope, marta).await.unwrap();
    assert_eq!(state_for(world, marta).await, State::AwaitingApproval);
    // Northwind asks for no approval, so its administrators have no say in this one.
    let chiara = world.signed_in(&story.chiara).await;
    let decided = changes_nothing(world, approve(&chiara, story.northwind.scope, marta)).await;
    assert!(decided.is_err(), "{decided:?}");
    approve(&world.signed_in(&story.kwame).await, scope, marta).await.unwrap();
    world.deliver().await;
});

on_each_database!(an_accomplice_in_the_account_makes_the_target_no_smaller, async |world| {
    let story = meridian(world).await;
    let scope = story.portfolio.scope;
    // Chiara, in the account, demotes Bruno; Leilani asks for the Manager that he is now.
    world.set_role_by(Some(&story.chiara), &story.bruno, story.northwind.scope, Role::Manager).await;
    let leilani = world.signed_in(&story.leilani).await;
    ask(&leilani, scope, &story.bruno).await.unwrap();
    assert_eq!(state_for(world, &story.bruno).await, State::AwaitingApproval);
    // Nor does it help to thin out those who are asked.
    world.remove(&story.olga, story.northwind.scope).await;
    ask(&leilani, scope, &story.bruno).await.unwrap();
    assert_eq!(state_for(world, &story.bruno).await, State::AwaitingApproval);
    world.deliver().await;
});

on_each_database!(an_owner_whom_nobody_of_the_reach_can_approve_has_a_day, async |world| {
    let portfolio = world.portfolio("Meridian Group").await;
    let northwind = world.account("Northwind").linked_to(&portfolio).await;
    let leilani = world.user("Leilani").with_totp().portfolio_admin_of(&portfolio).await;
    let olga = world.user("Olga").with_totp().owner_of(&northwind).await;
    let desk = world.signed_in(&leilani).await;
    assert_eq!(preview(&desk, portfolio.scope, &olga).await.demands.wait, 24 * HOUR);
    ask(&desk, portfolio.scope, &olga).await.unwrap();
    let link = world.reset_link(&olga).await;
    accept(&world.backend, &link).await.unwrap();
    assert_eq!(world.state_of(&link).await, State::Waiting);
    world.wait_out(24 * HOUR - MS).await;
    assert!(has_factor(world, &olga, northwind.scope).await);
    world.deliver().await;
});

on_each_database!(shutting_the_person_out_of_the_account_first_hides_no_guard, async |world| {
    let portfolio = world.portfolio("Meridian Group").await;
    let northwind = world.account("Northwind").linked_to(&portfolio).await;
    let lumen = world.account("Lumen").linked_to(&portfolio).await;
    let leilani = world.user("Leilani").with_totp().portfolio_admin_of(&portfolio).admin_of(&northwind).await;
    world.user("Olga").with_totp().owner_of(&northwind).await;
    let bruno = world.user("Bruno").with_totp().admin_of(&northwind).await;
    world.join(&bruno, &lumen, Role::Support).await;
    world.advance(8 * 24 * HOUR);
    world.set_status(&bruno, northwind.scope, MembershipStatus::Deactivated).await;
    ask(&world.signed_in(&leilani).await, portfolio.scope, &bruno).await.unwrap();
    world.deliver().await;
    assert_eq!(state_for(world, &bruno).await, State::AwaitingApproval);
});
