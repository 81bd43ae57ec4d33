//! One member (6.3): seen as far as the scope goes, given another role, shut out, let in again, taken out.

use crate::support::{Account, Browser, Person, World};
use backend::{Error, Result, mfa_reset, users};
use domain::{
    errors::Conflict,
    policy::Denied,
    roles::{Rank, Role},
    scope::Scope,
    users::{DeviceHere, MembershipStatus, UserDetails, UserQuery},
};

async fn see(browser: &Browser<'_>, scope: Scope, person: &Person) -> Result<UserDetails> {
    users::get(&browser.backend, &browser.me().await, scope, person.id).await
}

async fn change(browser: &Browser<'_>, scope: Scope, person: &Person, seen: Role, role: Role) -> Result<()> {
    users::change_role(&browser.backend, &browser.me().await, scope, person.id, seen, role).await
}

async fn set_active(browser: &Browser<'_>, scope: Scope, person: &Person, active: bool) -> Result<()> {
    users::set_active(&browser.backend, &browser.me().await, scope, person.id, active).await
}

async fn remove(browser: &Browser<'_>, scope: Scope, person: &Person) -> Result<()> {
    users::remove(&browser.backend, &browser.me().await, scope, person.id).await
}

async fn sees_users(browser: &Browser<'_>, scope: Scope) -> Result<()> {
    users::list(&browser.backend, &browser.me().await, scope, &UserQuery::default()).await.map(drop)
}

fn denied<T: std::fmt::Debug>(answer: Result<T>) -> Denied {
    match answer {
        Err(Error::Denied(denied)) => denied,
        other => panic!("{other:?}"),
    }
}

struct Story<'w> {
    account: Account,
    olga: Person,
    chiara: Person,
    marta: Person,
    owner: Browser<'w>,
    admin: Browser<'w>,
}

async fn northwind(world: &World) -> Story<'_> {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let (owner, admin) = (world.signed_in(&olga).await, world.signed_in(&chiara).await);
    Story { account, olga, chiara, marta, owner, admin }
}

on_each_database!(another_role_holds_with_the_next_request_of_an_open_session, async |world| {
    let Story { account, marta, admin, .. } = northwind(world).await;
    let open = world.signed_in(&marta).await;
    sees_users(&open, account.scope).await.unwrap();
    change(&admin, account.scope, &marta, Role::Manager, Role::Support).await.unwrap();
    assert!(matches!(denied(sees_users(&open, account.scope).await), Denied::RoleLacks { .. }));
    change(&admin, account.scope, &marta, Role::Support, Role::Manager).await.unwrap();
    sees_users(&open, account.scope).await.unwrap();
    let log = world.log_of(account.scope).await;
    assert_eq!(log.iter().filter(|line| line.starts_with("Chiara: role_changed → Marta")).count(), 2, "{log:?}");
    assert_eq!(world.out_of_step().await, 0);
});

on_each_database!(who_is_signed_out_of_a_scope_signs_in_again_to_enter_and_is_not_touched_elsewhere, async |world| {
    let Story { account, olga, marta, admin, owner, .. } = northwind(world).await;
    let elsewhere = world.account("Fabrikam").await;
    world.join(&marta, &elsewhere, Role::Manager).await;
    let open = world.signed_in(&marta).await;
    users::sign_out(&admin.backend, &admin.me().await, account.scope, marta.id).await.unwrap();
    assert_eq!(denied(sees_users(&open, account.scope).await), Denied::SignedOutHere);
    sees_users(&open, elsewhere.scope).await.unwrap();
    world.advance(std::time::Duration::from_secs(60));
    sees_users(&world.signed_in(&marta).await, account.scope).await.unwrap();
    assert_eq!(denied(sees_users(&open, account.scope).await), Denied::SignedOutHere);
    let upwards = users::sign_out(&admin.backend, &admin.me().await, account.scope, olga.id).await;
    assert_eq!(denied(upwards), Denied::Outranked);
    assert!(world.log_of(account.scope).await.iter().any(|line| line.starts_with("Chiara: member_signed_out → Marta")));
    // Who was shut out and is let in again does not come back with what was open before.
    let open = world.signed_in(&marta).await;
    set_active(&owner, account.scope, &marta, false).await.unwrap();
    set_active(&owner, account.scope, &marta, true).await.unwrap();
    assert_eq!(denied(sees_users(&open, account.scope).await), Denied::SignedOutHere);
});

on_each_database!(a_page_that_is_out_of_date_changes_nothing, async |world| {
    let Story { account, marta, admin, owner, .. } = northwind(world).await;
    change(&owner, account.scope, &marta, Role::Manager, Role::Analyst).await.unwrap();
    let before = world.dump().await;
    let late = change(&admin, account.scope, &marta, Role::Manager, Role::Support).await;
    assert!(matches!(late, Err(Error::Conflict(Conflict::ChangedMeanwhile))), "{late:?}");
    let twice = set_active(&admin, account.scope, &marta, true).await;
    assert!(matches!(twice, Err(Error::Conflict(Conflict::ChangedMeanwhile))), "{twice:?}");
    assert_eq!(world.dump().await, before);
});

on_each_database!(nobody_acts_upwards_on_themselves_or_gives_more_than_they_hold, async |world| {
    let Story { account, olga, chiara, marta, owner, admin } = northwind(world).await;
    let scope = account.scope;
    assert_eq!(denied(change(&admin, scope, &olga, Role::Owner, Role::Support).await), Denied::Outranked);
    assert_eq!(denied(set_active(&admin, scope, &olga, false).await), Denied::Outranked);
    assert_eq!(denied(remove(&admin, scope, &olga).await), Denied::Outranked);
    assert_eq!(denied(remove(&owner, scope, &olga).await), Denied::OwnMembership);
    assert_eq!(denied(change(&admin, scope, &chiara, Role::Admin, Role::Support).await), Denied::OwnMembership);
    assert_eq!(denied(change(&admin, scope, &marta, Role::Manager, Role::Owner).await), Denied::GrantsMore);
    assert_eq!(denied(change(&admin, scope, &marta, Role::Manager, Role::PortfolioAdmin).await), Denied::GrantsMore);
    let manager = world.signed_in(&marta).await;
    assert!(matches!(denied(remove(&manager, scope, &chiara).await), Denied::RoleLacks { .. }));
    assert!(matches!(denied(set_active(&manager, scope, &chiara, false).await), Denied::RoleLacks { .. }));
});

on_each_database!(who_stands_higher_by_the_portfolio_is_not_acted_upon_in_its_accounts, async |world| {
    let portfolio = world.portfolio("Meridian Group").await;
    let account = world.account("Northwind").linked_to(&portfolio).await;
    let scope = account.scope;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let priya = world.user("Priya").with_totp().portfolio_owner_of(&portfolio).manager_of(&account).await;
    let leilani = world.user("Leilani").with_totp().portfolio_admin_of(&portfolio).manager_of(&account).await;
    let (owner, admin) = (world.signed_in(&olga).await, world.signed_in(&chiara).await);
    assert_eq!(denied(change(&admin, scope, &priya, Role::Manager, Role::Support).await), Denied::Outranked);
    assert_eq!(denied(set_active(&admin, scope, &priya, false).await), Denied::Outranked);
    assert_eq!(denied(remove(&admin, scope, &priya).await), Denied::Outranked);
    let out = users::sign_out(&world.backend, &admin.me().await, scope, priya.id).await;
    assert_eq!(denied(out), Denied::Outranked);
    // The list and the page show it so.
    let seen = see(&admin, scope, &priya).await.unwrap();
    assert_eq!(seen.target().unwrap().rank, Rank::Owner);
    let listed = users::list(&world.backend, &admin.me().await, scope, &UserQuery::default()).await.unwrap();
    let rank = |of: &Person| listed.rows.iter().find(|row| row.user_id == of.id).unwrap().rank;
    assert_eq!(
        [rank(&olga), rank(&chiara), rank(&priya), rank(&leilani)],
        [Rank::Owner, Rank::Admin, Rank::Owner, Rank::Admin]
    );
    // Equals act on each other, and the account is its Owner's.
    change(&admin, scope, &leilani, Role::Manager, Role::Support).await.unwrap();
    remove(&owner, scope, &priya).await.unwrap();
});

on_each_database!(nothing_is_handed_over_to_who_cannot_sign_in, async |world| {
    let Story { account, olga, marta, owner, .. } = northwind(world).await;
    world.execute("UPDATE users SET deactivated_at = 1 WHERE id = ?", [marta.id.0.into()]).await;
    let caller = owner.me().await;
    let answer = users::transfer_ownership(&world.backend, &caller, account.scope, marta.id).await;
    assert_eq!(denied(answer), Denied::NotActive);
    assert_eq!(world.place_of(&olga, account.scope).await.role, "owner");
});

on_each_database!(who_is_shut_out_here_is_out_at_once_and_nowhere_else, async |world| {
    let Story { account, marta, admin, .. } = northwind(world).await;
    let other = world.account("Contoso").await;
    world.user("Stella").with_totp().owner_of(&other).await;
    world.join(&marta, &other, Role::Manager).await;
    let open = world.signed_in(&marta).await;
    let person = world.row_of(&marta).await;
    set_active(&admin, account.scope, &marta, false).await.unwrap();
    assert_eq!(denied(sees_users(&open, account.scope).await), Denied::Unseen);
    sees_users(&open, other.scope).await.unwrap();
    assert_eq!(world.row_of(&marta).await, person, "the person stays as they are");
    let seen = see(&admin, account.scope, &marta).await.unwrap();
    assert_eq!(seen.membership.unwrap().status, MembershipStatus::Deactivated);
    assert_eq!(world.out_of_step().await, 0);

    set_active(&admin, account.scope, &marta, true).await.unwrap();
    assert_eq!(denied(sees_users(&open, account.scope).await), Denied::SignedOutHere, "what was open stays shut");
    sees_users(&open, other.scope).await.unwrap();
    world.advance(std::time::Duration::from_secs(60));
    sees_users(&world.signed_in(&marta).await, account.scope).await.unwrap();
    assert_eq!(world.out_of_step().await, 0);

    remove(&admin, account.scope, &marta).await.unwrap();
    assert_eq!(denied(sees_users(&open, account.scope).await), Denied::Unseen);
    sees_users(&open, other.scope).await.unwrap();
    assert!(matches!(see(&admin, account.scope, &marta).await, Err(Error::NotFound)));
    assert_eq!(denied(remove(&admin, account.scope, &marta).await), Denied::Unseen);
    assert_eq!(world.row_of(&marta).await, person);
    assert_eq!(world.out_of_step().await, 0);
    let log = world.log_of(account.scope).await;
    for line in ["member_deactivated", "member_reactivated", "member_removed"] {
        assert!(log.contains(&format!("Chiara: {line} → Marta")), "{line}: {log:?}");
    }
    assert!(!world.log_of(other.scope).await.iter().any(|line| line.contains("member_")));
});

on_each_database!(the_page_shows_what_happened_here_and_nothing_from_elsewhere, async |world| {
    let Story { account, chiara, marta, admin, .. } = northwind(world).await;
    let other = world.account("Contoso").await;
    let stella = world.user("Stella").with_totp().owner_of(&other).await;
    world.join(&marta, &other, Role::Support).await;
    let stella = world.signed_in(&stella).await;
    change(&stella, other.scope, &marta, Role::Support, Role::Analyst).await.unwrap();
    change(&admin, account.scope, &marta, Role::Manager, Role::Support).await.unwrap();

    let seen = see(&admin, account.scope, &marta).await.unwrap();
    assert_eq!((seen.user.name.as_str(), seen.user.accounts.len()), ("Marta", 0));
    let shown: Vec<_> = seen.activity.iter().map(|line| line.actor.clone()).collect();
    assert!(shown.iter().any(|actor| actor.as_deref() == Some("Chiara")), "{shown:?}");
    assert!(!format!("{:?}", seen.activity).contains("Stella"), "nothing of another account");
    let details: Vec<_> = seen.activity.iter().filter_map(|line| line.detail.as_deref()).collect();
    assert_eq!(details, ["manager → support"]);

    // Somebody of another account, and nobody at all, are not there alike.
    let answer = users::get(&stella.backend, &stella.me().await, other.scope, chiara.id).await;
    assert!(matches!(answer, Err(Error::NotFound)));
    assert_eq!(denied(see(&stella, account.scope, &marta).await), Denied::Unseen);
});

on_each_database!(a_request_dies_with_the_role_of_who_asked, async |world| {
    let Story { account, chiara, marta, admin, owner, .. } = northwind(world).await;
    let reason = domain::person::Reason::parse("Phone gone").unwrap();
    mfa_reset::request(&admin.backend, &admin.me().await, account.scope, marta.id, &reason).await.unwrap();
    let link = world.reset_link(&marta).await;
    change(&owner, account.scope, &chiara, Role::Admin, Role::Support).await.unwrap();
    let mut phone = world.browser();
    assert!(phone.accept(&link).await.is_err(), "who may not reset any more resets nobody");
});

on_each_database!(two_who_act_on_each_other_at_the_same_moment, async |world| {
    for round in 0..4 {
        let account = world.account(&format!("Northwind {round}")).await;
        world.user(&format!("Olga {round}")).with_totp().owner_of(&account).await;
        let anna = world.user(&format!("Anna {round}")).with_totp().admin_of(&account).await;
        let bert = world.user(&format!("Bert {round}")).with_totp().admin_of(&account).await;
        let (left, right) = (world.signed_in(&anna).await, world.signed_in(&bert).await);
        let (left, right, scope, ids) = (left.me().await, right.me().await, account.scope, (anna.id, bert.id));
        let answers = world
            .at_once(8, |server, number| {
                let (left, right) = (left.clone(), right.clone());
                async move {
                    match number % 2 {
                        0 => users::change_role(&server, &left, scope, ids.1, Role::Admin, Role::Support).await,
                        _ => users::change_role(&server, &right, scope, ids.0, Role::Admin, Role::Support).await,
                    }
                }
            })
            .await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        for answer in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            let stale = matches!(answer, Error::Conflict(Conflict::ChangedMeanwhile));
            let lost = matches!(answer, Error::Denied(Denied::RoleLacks { .. }));
            assert!(stale || lost, "{answer:?}");
        }
        let roles = [world.place_of(&anna, scope).await.role_key(), world.place_of(&bert, scope).await.role_key()];
        assert!(roles.contains(&Role::Admin.key()) && roles.contains(&Role::Support.key()), "{roles:?}");
    }
    assert_eq!(world.out_of_step().await, 0);
});

on_each_database!(a_member_leaves_and_an_owner_cannot, async |world| {
    let Story { account, marta, owner, .. } = northwind(world).await;
    let open = world.signed_in(&marta).await;
    let leave = async |browser: &Browser<'_>| users::leave(&browser.backend, &browser.me().await, account.scope).await;
    assert_eq!(denied(leave(&owner).await), Denied::OwnerStays);
    leave(&open).await.unwrap();
    assert_eq!(denied(leave(&open).await), Denied::Unseen);
    assert!(matches!(see(&owner, account.scope, &marta).await, Err(Error::NotFound)));
    assert!(world.log_of(account.scope).await.iter().any(|line| line.starts_with("Marta: member_left")));
    assert_eq!(world.out_of_step().await, 0);
});

on_each_database!(an_owner_hands_over_and_everybody_who_administers_is_told, async |world| {
    let Story { account, olga, chiara, marta, owner, admin } = northwind(world).await;
    let heir = world.signed_in(&marta).await;
    let hand_over = async |who: &Browser<'_>, to: &Person| {
        users::transfer_ownership(&who.backend, &who.me().await, account.scope, to.id).await
    };
    assert_eq!(denied(hand_over(&admin, &marta).await), Denied::OwnersAlone);
    assert_eq!(denied(hand_over(&owner, &olga).await), Denied::OwnMembership);
    world.deliver().await;
    hand_over(&owner, &marta).await.unwrap();
    let role = async |person| world.place_of(person, account.scope).await.role_key();
    assert_eq!((role(&olga).await, role(&marta).await), (Role::Admin.key(), Role::Owner.key()));
    let mut told: Vec<_> = world.deliver().await.into_iter().map(|mail| (mail.to, mail.subject)).collect();
    told.sort();
    let subject = "Marta is the Owner of Northwind now";
    let wanted = [&chiara, &marta, &olga].map(|person| (person.email.clone(), subject.to_owned()));
    assert_eq!(told, wanted);
    assert!(world.log_of(account.scope).await.contains(&"Olga: ownership_transferred → Marta".to_owned()));
    // Pages that are open know it: the former Owner is outranked, the new one may do what the former could.
    assert_eq!(denied(hand_over(&owner, &chiara).await), Denied::OwnersAlone);
    assert_eq!(denied(change(&owner, account.scope, &marta, Role::Owner, Role::Admin).await), Denied::Outranked);
    change(&heir, account.scope, &olga, Role::Admin, Role::Support).await.unwrap();
    assert_eq!(world.out_of_step().await, 0);
    world.advance(std::time::Duration::from_secs(601));
    assert!(matches!(denied(hand_over(&heir, &chiara).await), Denied::StepUpNeeded(_)));
});

on_each_database!(of_two_who_are_made_owner_at_the_same_moment_one_is, async |world| {
    let Story { account, olga, chiara, marta, owner, .. } = northwind(world).await;
    let (caller, scope, heirs) = (owner.me().await, account.scope, [chiara.id, marta.id]);
    let answers = world
        .at_once(8, |server, number| {
            let (caller, heir) = (caller.clone(), heirs[number % 2]);
            async move { users::transfer_ownership(&server, &caller, scope, heir).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    for answer in answers.into_iter().filter(Result::is_err) {
        assert_eq!(denied(answer), Denied::OwnersAlone);
    }
    let mut owners = 0;
    for person in [&olga, &chiara, &marta] {
        owners += usize::from(world.place_of(person, scope).await.role_key() == Role::Owner.key());
    }
    assert_eq!((owners, world.place_of(&olga, scope).await.role_key()), (1, Role::Admin.key()));
    assert_eq!(world.out_of_step().await, 0);
    world.deliver().await;
});

on_each_database!(whoever_goes_while_they_are_made_owner_there_is_one, async |world| {
    for round in 0..4 {
        let account = world.account(&format!("Northwind {round}")).await;
        let olga = world.user(&format!("Olga {round}")).with_totp().owner_of(&account).await;
        let chiara = world.user(&format!("Chiara {round}")).with_totp().admin_of(&account).await;
        let marta = world.user(&format!("Marta {round}")).with_totp().manager_of(&account).await;
        let (scope, heir) = (account.scope, marta.id);
        let mut callers = Vec::new();
        for person in [&olga, &chiara, &marta] {
            callers.push(world.signed_in(person).await.me().await);
        }
        let answers = world
            .at_once(8, |server, number| {
                let [owner, admin, own] = [0, 1, 2].map(|at: usize| callers[at].clone());
                async move {
                    match number / 2 {
                        0 => users::transfer_ownership(&server, &owner, scope, heir).await,
                        1 => users::leave(&server, &own, scope).await,
                        2 => users::remove(&server, &admin, scope, heir).await,
                        _ => users::set_active(&server, &admin, scope, heir, false).await,
                    }
                }
            })
            .await;
        assert!(answers.iter().all(|answer| !matches!(answer, Err(Error::Internal(_)))), "{answers:?}");
        let sql = "SELECT COUNT(*) FROM memberships WHERE scope_id = ? AND role = 'owner' AND status = 'active'";
        assert_eq!(world.number(sql, [scope.uuid().into()]).await, 1, "{answers:?}");
        assert_eq!(world.out_of_step().await, 0);
    }
    world.deliver().await;
});

on_each_database!(a_member_is_seen_in_the_browsers_by_which_they_came_in_here_and_nowhere_else, async |world| {
    let Story { account, marta, admin, .. } = northwind(world).await;
    let elsewhere = world.account("Fabrikam").await;
    world.join(&marta, &elsewhere, Role::Manager).await;
    let carlo = world.user("Carlo").with_totp().admin_of(&elsewhere).await;
    let carlo = world.signed_in(&carlo).await;
    let enter = async |device: &str, address: [u8; 4], scope: Scope| {
        let mut browser = world.browser().at(address);
        browser.visitor.device = device.into();
        browser.sign_in(&marta).await;
        backend::accounts::console(&world.backend, &browser.me().await, scope).await.unwrap();
        world.now()
    };
    let seen = async |browser: &Browser<'_>, scope| see(browser, scope, &marta).await.unwrap().devices;
    assert!(seen(&admin, account.scope).await.is_empty(), "never here");
    let first = enter("Firefox on Linux", [192, 0, 2, 7], account.scope).await;
    let other = enter("Safari on iPhone", [198, 51, 100, 9], elsewhere.scope).await;
    let phone = enter("Chrome on Android", [203, 0, 113, 5], account.scope).await;
    let last = enter("Firefox on Linux", [192, 0, 2, 7], account.scope).await;
    let device = |device: &str, place: &str, first_at, last_at| DeviceHere {
        device: device.into(),
        place: place.into(),
        first_at,
        last_at,
    };
    let here = [
        device("Firefox on Linux", "192.0.2.7", first, last),
        device("Chrome on Android", "203.0.113.5", phone, phone),
    ];
    assert_eq!(seen(&admin, account.scope).await, here);
    assert_eq!(seen(&carlo, elsewhere.scope).await, [device("Safari on iPhone", "198.51.100.9", other, other)]);
    // What she does with her own sign-in, and what somebody else tries, brings nothing along.
    let mut thief = world.browser().at([198, 51, 100, 66]);
    thief.type_in(&marta.email, "not the right one").await.unwrap_err();
    world.see_to_knocks().await;
    world.signed_in(&marta).await.make_backup_codes().await;
    assert_eq!(seen(&admin, account.scope).await, here);
    // Nor is it anybody's who may not see users, or is nowhere near.
    let ada = world.user("Ada").with_totp().analyst_of(&account).await;
    assert!(matches!(see(&world.signed_in(&ada).await, account.scope, &marta).await, Err(Error::Denied(_))));
    assert!(matches!(see(&carlo, account.scope, &marta).await, Err(Error::NotFound | Error::Denied(Denied::Unseen))));
    world.deliver().await;
});
