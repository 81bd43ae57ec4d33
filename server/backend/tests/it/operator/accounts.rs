//! Accounts: listed, on another plan, closed.

use super::because;
use crate::{
    mfa_reset::{accept, ask, northwind, refused_as},
    support::{HOUR, World},
};
use backend::{
    Error, accounts, guards, invitations, mfa_requirement, mfa_reset,
    operator::{self, NOTICE, PlanSet, Refused, When},
    store::entity::{account, invitation, loosening},
    users,
};
use domain::{
    accounts::Plan,
    ids::AccountId,
    mfa_reset::{EndReason, State},
    person::EmailAddress,
    policy::Denied,
    roles::Role,
    users::MembershipStatus,
};
use std::time::Duration;
use uuid::Uuid;

async fn row(world: &World, id: AccountId) -> account::Model {
    world.rows::<account::Entity>().await.into_iter().find(|row| row.id == id.0).unwrap()
}

on_each_database!(a_paid_plan_turns_the_requirement_on_and_calls_off_that_it_is_turned_off, async |world| {
    let account = world.account("Freehold").free().await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let owner = world.signed_in(&olga).await;
    mfa_requirement::set(&world.backend, &owner.me().await, account.scope, true).await.unwrap();
    mfa_requirement::set(&world.backend, &owner.me().await, account.scope, false).await.unwrap();
    let set = operator::set_plan(&world.backend, account.id(), Plan::Paid).await.unwrap();
    assert_eq!(set, PlanSet { was: Plan::Free, requires_mfa: false, portfolio: None });
    world.advance(Duration::from_secs(25 * 3600));
    world.deliver().await;
    assert!(row(world, account.id()).await.require_mfa, "what was to be turned off stays on");

    // Off again it stays on: to turn it off is the account's own to ask.
    let set = operator::set_plan(&world.backend, account.id(), Plan::Free).await.unwrap();
    assert_eq!((set.was, set.requires_mfa), (Plan::Paid, false));
    assert_eq!(
        (row(world, account.id()).await.plan.as_str(), row(world, account.id()).await.require_mfa),
        ("free", true)
    );
    world.execute("UPDATE accounts SET require_mfa = FALSE", []).await;
    let set = operator::set_plan(&world.backend, account.id(), Plan::Paid).await.unwrap();
    assert!(set.requires_mfa && row(world, account.id()).await.require_mfa);
    // The same once more is nothing to tell of.
    operator::set_plan(&world.backend, account.id(), Plan::Paid).await.unwrap();
    let log = world.log_of(account.scope).await;
    let told = |line: &str| log.iter().filter(|told| *told == line).count();
    assert_eq!(told("operator: plan_changed (free → paid)"), 2, "{log:?}");
    assert_eq!(told("operator: plan_changed (paid → free)"), 1, "{log:?}");
    assert_eq!((told("operator: loosening_cancelled"), told("operator: mfa_required")), (1, 1), "{log:?}");
});

on_each_database!(a_free_account_stays_in_its_portfolio, async |world| {
    let portfolio = world.portfolio("Meridian Group").await;
    let kwame = world.user("Kwame").with_totp().portfolio_owner_of(&portfolio).await;
    let account = world.account("Lumen Studio").linked_to(&portfolio).await;
    let marta = world.user("Marta").with_totp().owner_of(&account).await;
    let set = operator::set_plan(&world.backend, account.id(), Plan::Free).await.unwrap();
    assert_eq!(set.portfolio.as_deref(), Some("Meridian Group"));
    let desk = world.signed_in(&kwame).await;
    let listed = users::list(&world.backend, &desk.me().await, portfolio.scope, &Default::default()).await.unwrap();
    assert!(listed.rows.iter().any(|row| row.user_id == marta.id), "nobody's reach changes by a plan");
    let nowhere = operator::set_plan(&world.backend, AccountId(Uuid::from_u128(5)), Plan::Free).await;
    assert!(matches!(nowhere, Err(Refused::NoSuchAccount(_))));
});

on_each_database!(the_list_says_who_owns_what_and_what_waits, async |world| {
    let story = northwind(world).await;
    world.advance(HOUR);
    let other = world.account("Contoso").free().await;
    let olga = EmailAddress::parse(&story.olga.email).unwrap();
    let heir = EmailAddress::parse(&story.marta.email).unwrap();
    operator::set_owner(&world.backend, story.account.scope, &heir, &because(), When::WithNotice).await.unwrap();
    let list = operator::list(&world.backend).await.unwrap();
    let names: Vec<_> = list.iter().map(|one| (one.name.as_str(), one.plan, one.people)).collect();
    assert_eq!(names, [("Northwind", Plan::Paid, 3), ("Contoso", Plan::Free, 0)]);
    assert_eq!((list[0].owner.as_deref(), list[1].owner.as_deref()), (Some(olga.as_str()), None));
    assert_eq!(list[0].waiting.as_ref().map(|waits| waits.due_at), Some(world.now() + NOTICE));
    assert!(list[1].waiting.is_none() && list[1].id == other.id());
    world.deliver().await;
});

on_each_database!(nobody_enters_a_closed_account_and_what_was_under_way_there_ends, async |world| {
    let story = northwind(world).await;
    let (scope, id) = (story.account.scope, story.account.id());
    let elsewhere = world.account("Contoso").free().await;
    world.join(&story.marta, &elsewhere, Role::Support).await;
    let (owner, chiara, marta) =
        (world.signed_in(&story.olga).await, world.signed_in(&story.chiara).await, world.signed_in(&story.marta).await);
    accounts::console(&world.backend, &marta.me().await, scope).await.unwrap();
    ask(&chiara, scope, &story.marta).await.unwrap();
    let link = world.reset_link(&story.marta).await;
    let guest = EmailAddress::parse("guest@new.example").unwrap();
    invitations::invite(&world.backend, &owner.me().await, scope, &guest, "en", Role::Support).await.unwrap();
    let invited = world.deliver().await;
    let invited = crate::support::link_in(invited.iter().find(|mail| mail.to == guest.as_str()).unwrap(), "invitation");
    let closing = operator::closing(&world.backend, id).await.unwrap();
    assert_eq!((closing.name.as_str(), closing.people, closing.invitations, closing.resets), ("Northwind", 3, 1, 1));

    operator::close(&world.backend, id, &because()).await.unwrap();
    for browser in [&owner, &chiara, &marta] {
        let answer = accounts::console(&world.backend, &browser.me().await, scope).await;
        assert!(matches!(answer, Err(Error::Denied(Denied::Unseen))), "open pages included: {answer:?}");
    }
    // Their sign-ins are what they were; who was there last is elsewhere now, or nowhere.
    assert_eq!(accounts::home(&world.backend, &marta.me().await).await.unwrap(), Some(elsewhere.scope));
    assert_eq!(accounts::home(&world.backend, &owner.me().await).await.unwrap(), None);
    let peeked = mfa_reset::peek(&world.backend, &link).await.unwrap();
    assert_eq!((peeked.state, peeked.reason), (State::Cancelled, Some(EndReason::ScopeClosed)));
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Cancelled);
    let invited = invitations::peek(&world.backend, &invited.unwrap()).await.unwrap();
    assert_eq!(invited.state, domain::invitations::InvitationState::Cancelled);
    // Who was there stays to be read of, and nobody counts.
    assert_eq!(world.place_of(&story.marta, scope).await.status(), MembershipStatus::Deactivated);
    let sql = "SELECT members + with_mfa FROM headcounts WHERE scope_id = ?";
    assert_eq!(world.number(sql, [id.0.into()]).await, 0);
    let log = world.log_of(scope).await;
    assert!(log.contains(&"operator: account_closed (as agreed on the phone)".to_owned()), "{log:?}");
    assert!(log.contains(&"operator: mfa_reset_cancelled → Marta (scope_closed)".to_owned()), "{log:?}");
    let told: Vec<_> = world.deliver().await.into_iter().map(|mail| (mail.to, mail.subject)).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|(to, subject)| *to != story.marta.email && subject == "Northwind is closed"));

    // And it stays closed.
    assert!(matches!(operator::close(&world.backend, id, &because()).await, Err(Refused::Closed)));
    assert!(matches!(operator::set_plan(&world.backend, id, Plan::Free).await, Err(Refused::Closed)));
    let heir = EmailAddress::parse(&story.marta.email).unwrap();
    let answer = operator::set_owner(&world.backend, scope, &heir, &because(), When::Now).await;
    assert!(matches!(answer, Err(Refused::Closed)), "{answer:?}");
    let made = EmailAddress::parse("dora@postern.example").unwrap();
    let name = domain::person::Name::parse("Dora").unwrap();
    let answer = operator::create_user(&world.backend, &made, &name, Some((id, Role::Admin))).await;
    assert!(matches!(answer, Err(Error::Invalid(_))), "{answer:?}");
    let list = operator::list(&world.backend).await.unwrap();
    assert!(list.iter().all(|one| one.closed_at.is_some() == (one.id == id)));
});

on_each_database!(a_closed_account_leaves_its_portfolio_and_nothing_waits_in_it, async |world| {
    let portfolio = world.portfolio("Meridian Group").await;
    let kwame = world.user("Kwame").with_totp().portfolio_owner_of(&portfolio).await;
    let account = world.account("Lumen Studio").linked_to(&portfolio).await;
    let marta = world.user("Marta").with_totp().owner_of(&account).await;
    let (desk, owner) = (world.signed_in(&kwame).await, world.signed_in(&marta).await);
    let laxer =
        domain::guards::Guards { approver: domain::guards::ApproverFor::Nobody, ..domain::guards::Guards::default() };
    guards::set(&world.backend, &owner.me().await, account.scope, laxer).await.unwrap();
    let heir = EmailAddress::parse(&kwame.email).unwrap();
    operator::set_owner(&world.backend, account.scope, &heir, &because(), When::WithNotice).await.unwrap();
    world.deliver().await;
    operator::close(&world.backend, account.id(), &because()).await.unwrap();
    let listed = users::list(&world.backend, &desk.me().await, portfolio.scope, &Default::default()).await.unwrap();
    assert_eq!(listed.rows.iter().map(|row| row.user_id).collect::<Vec<_>>(), [kwame.id]);
    assert!(world.rows::<loosening::Entity>().await.iter().all(|row| row.ended_at.is_some()));
    assert!(operator::pending(&world.backend).await.unwrap().is_empty());
    let log = world.log_of(portfolio.scope).await;
    assert_eq!(log, ["operator: account_closed (Lumen Studio)"]);
    world.advance(NOTICE + HOUR);
    world.deliver().await;
    assert_eq!(world.place_of(&marta, account.scope).await.role_key(), Role::Owner.key());
});

on_each_database!(who_comes_in_while_an_account_is_closed_is_out_again_or_never_in, async |world| {
    for round in 0..4 {
        let account = world.account(&format!("Northwind {round}")).await;
        let olga = world.user(&format!("Olga {round}")).with_totp().owner_of(&account).await;
        let guest = world.user(&format!("Guest {round}")).with_totp().await;
        let owner = world.signed_in(&olga).await;
        let email = EmailAddress::parse(&guest.email).unwrap();
        invitations::invite(&world.backend, &owner.me().await, account.scope, &email, "en", Role::Admin).await.unwrap();
        let link = world.link_to(&guest, "invitation").await;
        let id = account.id();
        world
            .at_once(4, |server, number| {
                let link = link.clone();
                async move {
                    match number {
                        0 => drop(operator::close(&server, id, &because()).await),
                        1 => drop(operator::closing(&server, id).await),
                        _ => {
                            let password = backend::crypto::Password::new(String::new());
                            let visitor = backend::Visitor::default();
                            drop(invitations::accept(&server, &visitor, &link, "", password).await);
                        }
                    }
                }
            })
            .await;
        assert!(row(world, id).await.closed_at.is_some());
        let sql = "SELECT COUNT(*) FROM memberships WHERE scope_id = ? AND status = 'active'";
        assert_eq!(world.number(sql, [id.0.into()]).await, 0);
        let sql = "SELECT members FROM headcounts WHERE scope_id = ?";
        assert_eq!(world.number(sql, [id.0.into()]).await, 0);
        assert!(world.rows::<invitation::Entity>().await.iter().all(|row| row.decided_at.is_some()));
    }
    assert_eq!(world.out_of_step().await, 0);
    world.deliver().await;
});
