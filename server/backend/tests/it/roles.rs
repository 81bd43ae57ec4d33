//! Custom roles (2.2): made, edited for everybody who has them at once, done away with when nobody has them; and never a way
//! to more than one has.

use crate::{
    mfa_reset::{ask, denied as refused},
    support::{Account, Browser, HOUR, Person, World},
};
use backend::{Error, Result, invitations, roles, users};
use domain::{
    errors::{Conflict, Field, Problem},
    ids::RoleId,
    person::{EmailAddress, Name},
    policy::Denied,
    roles::{Area, Description, Level, Permissions, Role, RoleDraft, RoleKey},
    scope::Scope,
    time::Timestamp,
    users::UserQuery,
};
use std::time::Duration;

const HELP_DESK: &[(Area, Level)] = &[(Area::UserManagement, Level::View), (Area::MfaReset, Level::Edit)];
const PEOPLE_DESK: &[(Area, Level)] = &[(Area::UserManagement, Level::Edit)];

fn draft(name: &str, levels: &[(Area, Level)]) -> RoleDraft {
    RoleDraft {
        name: Name::parse(name).unwrap(),
        description: Description::parse("").unwrap(),
        permissions: Permissions::of(&levels.iter().copied().collect()).unwrap(),
    }
}

async fn make(by: &Browser<'_>, scope: Scope, name: &str, levels: &[(Area, Level)]) -> Result<RoleId> {
    roles::make(&by.backend, &by.me().await, scope, &draft(name, levels)).await
}

async fn edit(by: &Browser<'_>, scope: Scope, id: RoleId, name: &str, levels: &[(Area, Level)]) -> Result<()> {
    let seen = seen(by, scope, id).await;
    roles::edit(&by.backend, &by.me().await, scope, id, seen, &draft(name, levels)).await
}

async fn delete(by: &Browser<'_>, scope: Scope, id: RoleId) -> Result<()> {
    roles::delete(&by.backend, &by.me().await, scope, id).await
}

async fn seen(by: &Browser<'_>, scope: Scope, id: RoleId) -> Timestamp {
    let role = roles::get(&by.backend, &by.me().await, scope, RoleKey::custom(id)).await;
    role.ok().and_then(|role| role.changed_at).unwrap_or(Timestamp::from_ms(0))
}

async fn give(by: &Browser<'_>, scope: Scope, to: &Person, seen: impl Into<RoleKey>, role: RoleId) -> Result<()> {
    users::change_role(&by.backend, &by.me().await, scope, to.id, seen, RoleKey::custom(role)).await
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

fn problem<T: std::fmt::Debug>(field: Field, answer: Result<T>) -> Problem {
    match answer {
        Err(Error::Invalid(fields)) => fields.of(field).unwrap(),
        other => panic!("{other:?}"),
    }
}

struct Story<'w> {
    account: Account,
    olga: Person,
    chiara: Person,
    marta: Person,
    sven: Person,
    owner: Browser<'w>,
    admin: Browser<'w>,
}

async fn northwind(world: &World) -> Story<'_> {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let sven = world.user("Sven").with_totp().analyst_of(&account).await;
    let (owner, admin) = (world.signed_in(&olga).await, world.signed_in(&chiara).await);
    Story { account, olga, chiara, marta, sven, owner, admin }
}

on_each_database!(an_edit_holds_with_the_next_request_of_an_open_session, async |world| {
    let Story { account, sven, admin, .. } = northwind(world).await;
    let scope = account.scope;
    let desk = make(&admin, scope, "Desk", &[]).await.unwrap();
    give(&admin, scope, &sven, Role::Analyst, desk).await.unwrap();
    let open = world.signed_in(&sven).await;
    assert!(matches!(denied(sees_users(&open, scope).await), Denied::RoleLacks { .. }));
    edit(&admin, scope, desk, "Desk", HELP_DESK).await.unwrap();
    sees_users(&open, scope).await.unwrap();
    edit(&admin, scope, desk, "Desk", &[]).await.unwrap();
    assert!(matches!(denied(sees_users(&open, scope).await), Denied::RoleLacks { .. }));
    let log = world.log_of(scope).await;
    for line in ["Chiara: role_made", "Chiara: role_edited", "Chiara: role_changed → Sven"] {
        assert!(log.iter().any(|logged| logged.starts_with(line)), "{line}: {log:?}");
    }
    assert_eq!(world.out_of_step().await, 0);
});

on_each_database!(a_help_desk_resets_members_and_nobody_above, async |world| {
    let Story { account, olga, marta, sven, admin, .. } = northwind(world).await;
    let scope = account.scope;
    let desk = make(&admin, scope, "Help Desk", HELP_DESK).await.unwrap();
    give(&admin, scope, &sven, Role::Analyst, desk).await.unwrap();
    let sven = world.signed_in(&sven).await;
    ask(&sven, scope, &marta).await.unwrap();
    assert_eq!(refused(ask(&sven, scope, &olga).await), Denied::Outranked);
    let mail = world.mail_to(&marta).await;
    assert!(mail.text.contains("Sven, Help Desk"), "{}", mail.text);
    // The request dies with the right to make it.
    let link = world.reset_link(&marta).await;
    edit(&admin, scope, desk, "Help Desk", PEOPLE_DESK).await.unwrap();
    let mut phone = world.browser();
    assert!(phone.accept(&link).await.is_err());
    world.deliver().await;
});

on_each_database!(nobody_gives_more_than_they_have_by_making_editing_or_giving_a_role, async |world| {
    let Story { account, marta, sven, owner, .. } = northwind(world).await;
    let scope = account.scope;
    let people = make(&owner, scope, "People Desk", PEOPLE_DESK).await.unwrap();
    let help = make(&owner, scope, "Help Desk", HELP_DESK).await.unwrap();
    give(&owner, scope, &marta, Role::Manager, people).await.unwrap();
    let marta = world.signed_in(&marta).await;
    // A role of no more than her own is hers to make and to give, more is not.
    let lookers = make(&marta, scope, "Lookers", &[(Area::UserManagement, Level::View)]).await.unwrap();
    give(&marta, scope, &sven, Role::Analyst, lookers).await.unwrap();
    let lookers_now = RoleKey::custom(lookers);
    assert_eq!(denied(make(&marta, scope, "Mine", HELP_DESK).await), Denied::GrantsMore);
    assert_eq!(denied(edit(&marta, scope, lookers, "Lookers", HELP_DESK).await), Denied::GrantsMore);
    assert_eq!(denied(edit(&marta, scope, help, "Help Desk", &[]).await), Denied::GrantsMore, "nor takes it away");
    assert_eq!(denied(delete(&marta, scope, help).await), Denied::GrantsMore);
    assert_eq!(denied(edit(&marta, scope, people, "People Desk", PEOPLE_DESK).await), Denied::OwnMembership);
    assert_eq!(denied(give(&marta, scope, &sven, lookers_now, help).await), Denied::GrantsMore);
    let email = EmailAddress::parse("puppet@example.com").unwrap();
    let invited =
        invitations::invite(&marta.backend, &marta.me().await, scope, &email, "en", RoleKey::custom(help)).await;
    assert_eq!(denied(invited), Denied::GrantsMore);
});

on_each_database!(who_may_do_what_an_admin_may_and_is_none_makes_no_admins, async |world| {
    let Story { account, marta, sven, owner, .. } = northwind(world).await;
    let scope = account.scope;
    let all: Vec<_> = Role::Admin.permissions().levels().filter(|(_, level)| *level != Level::None).collect();
    let everything = make(&owner, scope, "Everything", &all).await.unwrap();
    give(&owner, scope, &marta, Role::Manager, everything).await.unwrap();
    let marta = world.signed_in(&marta).await;
    let held = world.place_of(&sven, scope).await.role_key();
    let caller = marta.me().await;
    let raised = users::change_role(&world.backend, &caller, scope, sven.id, held, Role::Admin).await;
    assert_eq!(denied(raised), Denied::GrantsMore);
    let email = EmailAddress::parse("puppet@example.com").unwrap();
    let invited = invitations::invite(&marta.backend, &marta.me().await, scope, &email, "en", Role::Admin).await;
    assert_eq!(denied(invited), Denied::GrantsMore);
    give(&marta, scope, &sven, held, everything).await.unwrap();
});

on_each_database!(a_role_of_another_place_is_not_there, async |world| {
    let Story { account, marta, owner, .. } = northwind(world).await;
    let other = world.account("Contoso").await;
    let stella = world.user("Stella").with_totp().owner_of(&other).await;
    let stella = world.signed_in(&stella).await;
    let theirs = make(&stella, other.scope, "Theirs", HELP_DESK).await.unwrap();
    let me = owner.me().await;
    let looked = roles::get(&owner.backend, &me, account.scope, RoleKey::custom(theirs)).await;
    assert!(matches!(looked, Err(Error::NotFound)), "{looked:?}");
    let looked = roles::get(&owner.backend, &me, other.scope, RoleKey::custom(theirs)).await;
    assert_eq!(denied(looked), Denied::Unseen);
    let given = give(&owner, account.scope, &marta, Role::Manager, theirs).await;
    assert_eq!(problem(Field::Role, given), Problem::Unknown);
    let edited = edit(&owner, account.scope, theirs, "Mine", &[]).await;
    assert!(matches!(edited, Err(Error::NotFound)), "{edited:?}");
    assert!(matches!(delete(&owner, account.scope, theirs).await, Err(Error::NotFound)));
    // A stranger to a place learns of none of its roles.
    let before = world.dump().await;
    assert_eq!(denied(edit(&owner, other.scope, theirs, "Mine", &[]).await), Denied::Unseen);
    assert_eq!(world.dump().await, before);
});

on_each_database!(a_role_in_use_is_not_done_away_with_and_says_how_many_have_it, async |world| {
    let Story { account, marta, sven, owner, .. } = northwind(world).await;
    let scope = account.scope;
    let desk = make(&owner, scope, "Desk", HELP_DESK).await.unwrap();
    give(&owner, scope, &marta, Role::Manager, desk).await.unwrap();
    give(&owner, scope, &sven, Role::Analyst, desk).await.unwrap();
    let email = EmailAddress::parse("new@example.com").unwrap();
    let me = owner.me().await;
    let invited = invitations::invite(&owner.backend, &me, scope, &email, "en", RoleKey::custom(desk)).await.unwrap();
    let in_use = |answer: Result<()>| match answer {
        Err(Error::Conflict(Conflict::RoleInUse { holders })) => holders,
        other => panic!("{other:?}"),
    };
    assert_eq!(in_use(delete(&owner, scope, desk).await), 3);
    let back = async |person: &Person| {
        users::change_role(&owner.backend, &me, scope, person.id, RoleKey::custom(desk), Role::Support).await.unwrap();
    };
    back(&marta).await;
    back(&sven).await;
    assert_eq!(in_use(delete(&owner, scope, desk).await), 1);
    invitations::cancel(&owner.backend, &me, scope, invited).await.unwrap();
    delete(&owner, scope, desk).await.unwrap();
    assert!(matches!(delete(&owner, scope, desk).await, Err(Error::NotFound)));
    assert_eq!(problem(Field::Role, give(&owner, scope, &sven, Role::Support, desk).await), Problem::Unknown);
    // Its name is free again.
    make(&owner, scope, "desk", &[]).await.unwrap();
    world.deliver().await;
});

on_each_database!(a_name_is_given_once_and_never_a_built_in_ones, async |world| {
    let Story { account, owner, admin, .. } = northwind(world).await;
    let scope = account.scope;
    make(&owner, scope, "Desk", &[]).await.unwrap();
    for taken in
        ["Desk", " desk ", "De\u{200B}sk", "OWNER", "Admin", "Ad\u{AD}min", "portfolio_admin", "Campaign Coordinator"]
    {
        assert_eq!(problem(Field::Name, make(&owner, scope, taken, &[]).await), Problem::NameTaken, "{taken}");
    }
    // Two who give the same name at once: one is refused, whichever server they are on.
    let (left, right) = (owner.me().await, admin.me().await);
    let answers = world
        .at_once(8, |server, number| {
            let caller = if number % 2 == 0 { left.clone() } else { right.clone() };
            async move { roles::make(&server, &caller, scope, &draft("Night Desk", &[])).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    for answer in answers.into_iter().filter(Result::is_err) {
        assert_eq!(problem(Field::Name, answer), Problem::NameTaken);
    }
});

on_each_database!(of_two_who_edit_the_same_state_one_is_told_that_it_changed, async |world| {
    let Story { account, owner, admin, .. } = northwind(world).await;
    let scope = account.scope;
    let desk = make(&owner, scope, "Desk", &[]).await.unwrap();
    let (seen, left, right) = (seen(&owner, scope, desk).await, owner.me().await, admin.me().await);
    let answers = world
        .at_once(8, |server, number| {
            let caller = if number % 2 == 0 { left.clone() } else { right.clone() };
            let draft = draft(&format!("Desk {number}"), HELP_DESK);
            async move { roles::edit(&server, &caller, scope, desk, seen, &draft).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    for answer in answers.into_iter().filter(Result::is_err) {
        assert!(matches!(answer, Err(Error::Conflict(Conflict::ChangedMeanwhile))), "{answer:?}");
    }
});

on_each_database!(nobody_is_given_a_role_that_is_being_done_away_with, async |world| {
    let Story { account, marta, sven, owner, admin, .. } = northwind(world).await;
    let scope = account.scope;
    for round in 0..3 {
        let desk = make(&owner, scope, &format!("Desk {round}"), &[]).await.unwrap();
        let (left, right, people) = (owner.me().await, admin.me().await, [marta.id, sven.id]);
        let answers = world
            .at_once(6, |server, number| {
                let (left, right) = (left.clone(), right.clone());
                async move {
                    let seen = [Role::Manager, Role::Analyst][number % 2];
                    match number {
                        0..3 => roles::delete(&server, &left, scope, desk).await,
                        _ => {
                            let given = RoleKey::custom(desk);
                            users::change_role(&server, &right, scope, people[number % 2], seen, given).await
                        }
                    }
                }
            })
            .await;
        let gone = answers[..3].iter().any(Result::is_ok);
        for person in [&marta, &sven] {
            let has = world.place_of(person, scope).await.role_key() == RoleKey::custom(desk);
            assert!(!(gone && has), "round {round}: {answers:?}");
        }
        world.set_role(&marta, scope, Role::Manager).await;
        world.set_role(&sven, scope, Role::Analyst).await;
    }
    assert_eq!(world.out_of_step().await, 0);
});

on_each_database!(who_edits_a_role_and_who_has_it_do_not_wait_for_each_other, async |world| {
    let Story { account, olga, chiara, marta, sven, owner, admin, .. } = northwind(world).await;
    let scope = account.scope;
    let desk = make(&owner, scope, "People Desk", PEOPLE_DESK).await.unwrap();
    give(&owner, scope, &marta, Role::Manager, desk).await.unwrap();
    give(&owner, scope, &sven, Role::Analyst, desk).await.unwrap();
    let holder = world.signed_in(&marta).await;
    let (editor, other, holder) = (admin.me().await, owner.me().await, holder.me().await);
    // Whoever has the role acts on those who edit it, which is refused once both are held.
    let (upwards, seen) = ([olga.id, chiara.id], [Role::Owner, Role::Admin]);
    for _ in 0..3 {
        let changed =
            roles::get(&admin.backend, &editor, scope, RoleKey::custom(desk)).await.unwrap().changed_at.unwrap();
        let answers = world
            .at_once(8, |server, number| {
                let (editor, other, holder) = (editor.clone(), other.clone(), holder.clone());
                async move {
                    let draft = draft("People Desk", PEOPLE_DESK);
                    match number {
                        0 | 1 => roles::edit(&server, &editor, scope, desk, changed, &draft).await,
                        2 | 3 => roles::edit(&server, &other, scope, desk, changed, &draft).await,
                        _ => {
                            let (at, upon) = (number % 2, upwards[number % 2]);
                            users::change_role(&server, &holder, scope, upon, seen[at], Role::Support).await
                        }
                    }
                }
            })
            .await;
        assert!(answers.iter().all(|answer| !matches!(answer, Err(Error::Internal(_)))), "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    }
});

on_each_database!(who_was_given_resets_by_an_edit_was_given_them_by_who_edited, async |world| {
    let Story { account, chiara, marta, sven, owner, admin, .. } = northwind(world).await;
    let scope = account.scope;
    let desk = make(&owner, scope, "Desk", &[(Area::UserManagement, Level::View)]).await.unwrap();
    for (person, had) in [(&marta, Role::Manager), (&sven, Role::Analyst)] {
        give(&owner, scope, person, had, desk).await.unwrap();
    }
    let tenures = async || {
        let sql = "SELECT COUNT(*) FROM tenures WHERE until IS NULL AND resets_mfa AND role_rank = 1 AND given_by = ?";
        world.number(sql, [admin.me().await.user_id.0.into()]).await
    };
    assert_eq!(tenures().await, 0);
    edit(&admin, scope, desk, "Desk", HELP_DESK).await.unwrap();
    assert_eq!(tenures().await, 2);
    world.advance(HOUR);
    edit(&world.signed_in(&chiara).await, scope, desk, "Desk", PEOPLE_DESK).await.unwrap();
    assert_eq!(tenures().await, 0);
    assert_eq!(world.out_of_step().await, 0);
});

on_each_database!(to_arrange_roles_takes_a_fresh_proof, async |world| {
    let Story { account, owner, .. } = northwind(world).await;
    let desk = make(&owner, account.scope, "Desk", &[]).await.unwrap();
    world.advance(Duration::from_secs(601));
    for answer in [
        make(&owner, account.scope, "Other", &[]).await.map(drop),
        edit(&owner, account.scope, desk, "Other", &[]).await,
        delete(&owner, account.scope, desk).await,
    ] {
        assert!(matches!(denied(answer), Denied::StepUpNeeded(_)));
    }
});
