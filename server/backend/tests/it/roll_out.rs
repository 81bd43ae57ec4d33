//! The roll-out of MFA (4.9): what is counted, since when somebody is without, and who is reminded how often.

use crate::support::{Account, Browser, HOUR, MINUTE, MS, Person, World};
use backend::{
    Error, Result, accounts, authenticators, mfa_reset,
    roll_out::{self, EXPORTED_AT_A_TIME, ExportCursor},
};
use domain::{
    authenticators::FactorKind,
    check_up::Finding,
    ids::UserId,
    person::Reason,
    policy::Denied,
    roles::{Area, Level, Role},
    roll_out::{REMINDED_AT_ONCE, RollOut, RollOutQuery},
    scope::Scope,
    users::MembershipStatus,
};
use std::collections::BTreeSet;

const DAY: std::time::Duration = HOUR.saturating_mul(24);

async fn seen(browser: &Browser<'_>, scope: Scope) -> RollOut {
    roll_out::get(&browser.backend, &browser.me().await, scope, &RollOutQuery::default()).await.unwrap()
}

async fn remind(browser: &Browser<'_>, scope: Scope, user: Option<UserId>) -> Result<u64> {
    roll_out::remind(&browser.backend, &browser.me().await, scope, user).await
}

/// An account that requires nothing, its Owner with an app, and two who have none.
async fn freehold(world: &World) -> (Account, Person, [Person; 2]) {
    let account = world.account("Freehold").free().await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let ann = world.user("Ann").analyst_of(&account).await;
    world.advance(HOUR);
    let bea = world.user("Bea").manager_of(&account).await;
    (account, olga, [ann, bea])
}

fn names(roll_out: &RollOut) -> Vec<&str> {
    roll_out.without.iter().map(|one| one.name.as_str()).collect()
}

// ── what is seen ──────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(each_counts_by_the_strongest_method_and_is_listed_while_without, async |world| {
    let (account, olga, [ann, bea]) = freehold(world).await;
    let of_olga = world.signed_in(&olga).await;
    let before = seen(&of_olga, account.scope).await;
    assert_eq!((before.coverage.members(), before.coverage.without, before.required), (3, 2, false));
    assert_eq!(names(&before), ["Ann", "Bea"], "who is longest without comes first");
    assert_eq!(before.without[0].email, ann.email);
    assert_eq!((before.without[0].role.role, before.without[0].last_used_at), (Role::Analyst, None));
    let begun = before.without[1].since;

    let mut of_bea = world.signed_in(&bea).await;
    world.deliver().await;
    of_bea.enrol().await.unwrap();
    let mut key = crate::support::SoftKey::new(&world.backend.random);
    of_bea.bind_passkey(&mut key, false).await.unwrap();
    let after = seen(&of_olga, account.scope).await;
    assert_eq!(after.coverage.kinds().collect::<Vec<_>>(), [(FactorKind::Passkey, 1), (FactorKind::Totp, 1)]);
    assert_eq!(names(&after), ["Ann"]);

    // Without again, and since that moment.
    world.advance(HOUR);
    for method in authenticators::mine(&world.backend, &of_bea.me().await).await.unwrap().authenticators {
        of_bea.passkey(&mut key).await.ok();
        let step = authenticators::unbind(&world.backend, &of_bea.me().await, method.id).await.unwrap();
        of_bea.take(step);
    }
    let removed = seen(&of_olga, account.scope).await;
    assert_eq!(names(&removed), ["Ann", "Bea"]);
    assert!(removed.without[1].since > begun && removed.without[1].since == world.now());
    world.deliver().await;
});

on_each_database!(a_reset_makes_somebody_one_who_is_without, async |world| {
    let account = world.account("Northwind").await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let browser = world.signed_in(&chiara).await;
    assert_eq!(seen(&browser, account.scope).await.coverage.without, 0);
    mfa_reset::request(&world.backend, &browser.me().await, account.scope, marta.id, &Reason::none()).await.unwrap();
    let link = world.reset_link(&marta).await;
    world.advance(HOUR);
    mfa_reset::accept(&world.backend, &world.visitor(), &link, "").await.unwrap();
    let shown = seen(&browser, account.scope).await;
    assert_eq!((names(&shown), shown.without[0].since), (vec!["Marta"], world.now()));
    assert!(shown.required);
    world.deliver().await;
});

on_each_database!(a_long_list_is_turned_page_by_page_and_meets_everybody_once, async |world| {
    let (account, olga, _) = freehold(world).await;
    for number in 0..30 {
        world.user(&format!("Person {number}")).analyst_of(&account).await;
    }
    let browser = world.signed_in(&olga).await;
    let turned = async |after: Option<String>, before: Option<String>| {
        let query = RollOutQuery { after, before };
        roll_out::get(&world.backend, &browser.me().await, account.scope, &query).await.unwrap()
    };
    let ids = |page: &RollOut| page.without.iter().map(|one| one.user_id).collect::<Vec<_>>();
    let first = turned(None, None).await;
    assert_eq!((first.coverage.without, first.without.len(), first.before.is_some()), (32, 25, false));
    let second = turned(first.after.clone(), None).await;
    assert_eq!((second.without.len(), second.after.is_some()), (7, false));
    let met: BTreeSet<_> = ids(&first).into_iter().chain(ids(&second)).collect();
    assert_eq!(met.len(), 32);
    let back = turned(None, second.before.clone()).await;
    assert_eq!((ids(&back), back.before, back.after), (ids(&first), None, first.after.clone()));
    for garbage in ["", "~", "1~2", "x~00000000-0000-0000-0000-000000000000", "\0~\0"] {
        let page = turned(Some(garbage.into()), Some(garbage.into())).await;
        assert_eq!(ids(&page), ids(&first), "{garbage:?}");
    }
});

on_each_database!(a_portfolio_sees_everybody_within_its_reach_once, async |world| {
    let portfolio = world.portfolio("Group").await;
    let first = world.account("First").free().linked_to(&portfolio).await;
    let second = world.account("Second").free().linked_to(&portfolio).await;
    let elsewhere = world.account("Elsewhere").free().await;
    let petra = world.user("Petra").with_totp().portfolio_owner_of(&portfolio).await;
    let ann = world.user("Ann").analyst_of(&first).analyst_of(&second).analyst_of(&elsewhere).await;
    world.user("Bea").analyst_of(&elsewhere).await;
    let browser = world.signed_in(&petra).await;
    let shown = seen(&browser, portfolio.scope).await;
    assert_eq!((names(&shown), shown.coverage.members()), (vec!["Ann"], 2));
    assert_eq!(remind(&browser, portfolio.scope, None).await.unwrap(), 1);
    let mail = world.mail_to(&ann).await;
    assert!(!mail.text.contains("Elsewhere"), "{}", mail.text);
});

// ── who may ───────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(who_looks_after_security_here_sees_and_reminds_and_nobody_else, async |world| {
    let (account, _, [ann, bea]) = freehold(world).await;
    let other = world.account("Contoso").free().await;
    let carlo = world.user("Carlo").with_totp().admin_of(&other).await;
    let (of_bea, of_carlo) = (world.signed_in(&bea).await, world.signed_in(&carlo).await);
    world.deliver().await;
    let lacks = |level| Denied::RoleLacks { area: Area::SecuritySettings, level };
    let denied = |answer: Result<u64>| match answer {
        Err(Error::Denied(denied)) => denied,
        other => panic!("{other:?}"),
    };
    let look = async |browser: &Browser<'_>| {
        let seen = roll_out::get(&world.backend, &browser.me().await, account.scope, &RollOutQuery::default()).await;
        denied(seen.map(|shown| shown.coverage.without))
    };
    assert_eq!(look(&of_bea).await, lacks(Level::View));
    assert_eq!(denied(remind(&of_bea, account.scope, Some(ann.id)).await), lacks(Level::Edit));
    assert_eq!(look(&of_carlo).await, Denied::Unseen);
    assert_eq!(denied(remind(&of_carlo, account.scope, None).await), Denied::Unseen);
    // In an own scope, somebody who is not there is nobody.
    assert_eq!(remind(&of_carlo, other.scope, Some(ann.id)).await.unwrap(), 0);
    assert_eq!(world.mails().await.iter().filter(|mail| mail.starts_with("mfa_reminder")).count(), 0);
});

on_each_database!(an_export_goes_on_where_it_was_and_ends_with_the_right_to_it, async |world| {
    let (account, olga, [_, bea]) = freehold(world).await;
    for number in 0..EXPORTED_AT_A_TIME {
        // Many of one name: the place in the order is by id too.
        world
            .user(&format!("Person {}", number % 7))
            .addressed(&format!("p{number}@here.example"))
            .analyst_of(&account)
            .await;
    }
    let of_olga = world.signed_in(&olga).await;
    let part = async |from: Option<&ExportCursor>| {
        roll_out::export(&world.backend, &of_olga.me().await, account.scope, from).await
    };
    let (first, next) = part(None).await.unwrap();
    let (second, end) = part(next.as_ref()).await.unwrap();
    assert_eq!((first.len() as u64, second.len(), end.is_some()), (EXPORTED_AT_A_TIME, 3, false));
    let met: BTreeSet<_> = first.iter().chain(&second).map(|member| member.email.clone()).collect();
    assert_eq!(met.len() as u64, EXPORTED_AT_A_TIME + 3);
    let log = world.log_of(account.scope).await;
    assert_eq!(log.iter().filter(|line| line.contains("roll_out_exported")).count(), 1, "{log:?}");

    let of_bea = world.signed_in(&bea).await;
    world.deliver().await;
    let refused = roll_out::export(&world.backend, &of_bea.me().await, account.scope, next.as_ref()).await;
    assert!(matches!(refused, Err(Error::Denied(Denied::RoleLacks { .. }))), "{refused:?}");
    world.set_status(&olga, account.scope, MembershipStatus::Deactivated).await;
    assert!(matches!(part(next.as_ref()).await, Err(Error::Denied(Denied::Unseen))));
    world.deliver().await;
});

// ── reminders ─────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_person_is_reminded_once_a_day_whoever_presses_and_how_often, async |world| {
    let (account, olga, [ann, bea]) = freehold(world).await;
    let chiara = world.user("Chiara").admin_of(&account).await;
    let (of_olga, of_chiara) = (world.signed_in(&olga).await, world.signed_in(&chiara).await);
    world.deliver().await;
    let callers = [of_olga.me().await, of_chiara.me().await];
    let told = world
        .at_once(16, |server, number| {
            let (caller, scope) = (callers[number % 2].clone(), account.scope);
            async move { roll_out::remind(&server, &caller, scope, None).await.unwrap() }
        })
        .await;
    // Nobody reminds themselves, so Chiara, who has none either, was reminded by Olga.
    assert_eq!(told.iter().sum::<u64>(), 3);
    assert_eq!(
        world.mails().await.into_iter().filter(|mail| mail.starts_with("mfa_reminder")).collect::<Vec<_>>(),
        ["mfa_reminder to Ann", "mfa_reminder to Bea", "mfa_reminder to Chiara"]
    );
    let log = world.log_of(account.scope).await;
    assert_eq!(log.iter().filter(|line| line.contains("mfa_reminded")).count(), 3, "{log:?}");
    let shown = seen(&of_olga, account.scope).await;
    assert!(shown.without.iter().all(|one| one.reminded_at == Some(world.now())));
    world.deliver().await;
    world.advance(DAY - MS);
    let of_olga = world.signed_in(&olga).await;
    world.clock.set(shown.now + DAY - MS);
    assert_eq!(remind(&of_olga, account.scope, Some(ann.id)).await.unwrap(), 0);
    world.advance(MS);
    assert_eq!(remind(&of_olga, account.scope, Some(ann.id)).await.unwrap(), 1);
    assert_eq!(remind(&of_olga, account.scope, None).await.unwrap(), 2, "all but Ann");
    let _ = bea;
    world.deliver().await;
});

on_each_database!(who_enrolled_meanwhile_is_not_reminded, async |world| {
    let (account, olga, [ann, bea]) = freehold(world).await;
    let of_olga = world.signed_in(&olga).await;
    let mut of_bea = world.signed_in(&bea).await;
    world.deliver().await;
    world.advance(MINUTE);
    assert_eq!(remind(&of_olga, account.scope, None).await.unwrap(), 2);
    of_bea.enrol().await.unwrap();
    let mails = world.deliver().await;
    let reminders: Vec<_> =
        mails.iter().filter(|mail| mail.subject.contains("set up MFA")).map(|mail| &mail.to).collect();
    assert_eq!(reminders, [&ann.email]);
});

on_each_database!(one_press_reminds_so_many_and_the_next_the_rest, async |world| {
    let account = world.account("Freehold").free().await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    for number in 0..REMINDED_AT_ONCE + 3 {
        world.user(&format!("Person {number}")).analyst_of(&account).await;
    }
    let browser = world.signed_in(&olga).await;
    assert_eq!(remind(&browser, account.scope, None).await.unwrap(), REMINDED_AT_ONCE);
    assert_eq!(remind(&browser, account.scope, None).await.unwrap(), 3);
    assert_eq!(remind(&browser, account.scope, None).await.unwrap(), 0);
    world.deliver().await;
});

// ── the check-up ──────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(the_check_up_says_what_is_weak_to_who_sees_how_a_scope_is_secured, async |world| {
    let (account, olga, [_, bea]) = freehold(world).await;
    let owner = world.signed_in(&olga).await;
    let found = async |browser: &Browser<'_>| {
        let overview = accounts::overview(&browser.backend, &browser.me().await, account.scope).await.unwrap();
        overview.check_up
    };
    let weak = [Finding::NotRequired, Finding::WithoutFactor { people: 2 }, Finding::LoneHelper];
    assert_eq!(found(&owner).await.unwrap(), weak);
    assert_eq!(found(&world.signed_in(&bea).await).await, None, "a manager sees no security settings");
    // Another administrator came, and was not seen for long; whoever is there is none of those.
    world.user("Dora").with_totp().admin_of(&account).await;
    world.advance(91 * DAY);
    let owner = world.signed_in(&olga).await;
    accounts::console(&owner.backend, &owner.me().await, account.scope).await.unwrap();
    let found = found(&owner).await.unwrap();
    assert!(!found.contains(&Finding::LoneHelper), "{found:?}");
    assert!(found.contains(&Finding::StaleAdministrators { people: 1 }), "{found:?}");
    world.deliver().await;
});
