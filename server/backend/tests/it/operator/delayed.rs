//! Another Owner, another address: told at once, in effect three days later, called off until then.

use super::{because, email};
use crate::{
    mfa_reset::{asked, northwind},
    support::{MS, Person, World},
};
use backend::{
    email_change,
    operator::{self, Change, NOTICE, Refused, When},
    store::entity::{operator_change, user},
    users,
};
use domain::{person::EmailAddress, roles::Role, scope::Scope, sessions::Standing, time::Timestamp};
use std::collections::BTreeSet;

async fn set_owner(world: &World, scope: Scope, heir: &Person, when: When) -> Result<Option<Timestamp>, Refused> {
    operator::set_owner(&world.backend, scope, &email(&heir.email), &because(), when).await
}

async fn set_email(world: &World, person: &Person, to: &str, when: When) -> Result<Option<Timestamp>, Refused> {
    operator::set_email(&world.backend, &email(&person.email), &email(to), &because(), when).await
}

async fn role(world: &World, person: &Person, scope: Scope) -> Role {
    world.place_of(person, scope).await.role_key().as_built_in().unwrap()
}

/// Whom the mails that are due go to, and what about.
async fn told(world: &World) -> BTreeSet<(String, String)> {
    world.deliver().await.into_iter().map(|mail| (mail.to, mail.subject)).collect()
}

fn all(people: &[&Person], subject: &str) -> BTreeSet<(String, String)> {
    people.iter().map(|person| (person.email.clone(), subject.to_owned())).collect()
}

// ── the Owner ─────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(another_owner_is_told_at_once_and_takes_over_three_days_later, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let due = set_owner(world, scope, &story.marta, When::WithNotice).await.unwrap();
    assert_eq!(due, Some(world.now() + NOTICE));
    let everybody = [&story.olga, &story.chiara, &story.marta];
    assert_eq!(told(world).await, all(&everybody, "Marta is to be the Owner of Northwind"));
    let waits = operator::pending(&world.backend).await.unwrap();
    assert_eq!(waits[0].change, Change::Owner { scope, email: story.marta.email.clone() });
    world.advance(NOTICE - MS);
    assert!(told(world).await.is_empty());
    assert_eq!(role(world, &story.olga, scope).await, Role::Owner);
    world.advance(MS);
    assert_eq!(told(world).await, all(&everybody, "Marta is the Owner of Northwind now"));
    assert_eq!(
        (role(world, &story.olga, scope).await, role(world, &story.marta, scope).await),
        (Role::Admin, Role::Owner)
    );
    assert!(operator::pending(&world.backend).await.unwrap().is_empty());
    let reason = "(as agreed on the phone)";
    let log = [
        format!("operator: owner_to_be_set → Marta {reason}"),
        format!("operator: ownership_transferred → Marta {reason}"),
    ];
    assert_eq!(world.log_of(scope).await, log);
    assert_eq!(world.out_of_step().await, 0);
});

on_each_database!(until_then_the_operator_calls_it_off, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    assert!(matches!(operator::call_off_owner(&world.backend, scope).await, Err(Refused::NothingWaits)));
    set_owner(world, scope, &story.marta, When::WithNotice).await.unwrap();
    let again = set_owner(world, scope, &story.chiara, When::WithNotice).await;
    assert!(matches!(again, Err(Refused::Waits(due)) if due == world.now() + NOTICE), "{again:?}");
    world.deliver().await;
    operator::call_off_owner(&world.backend, scope).await.unwrap();
    assert_eq!(told(world).await, all(&[&story.olga, &story.chiara, &story.marta], "The Owner of Northwind stays"));
    assert!(matches!(operator::call_off_owner(&world.backend, scope).await, Err(Refused::NothingWaits)));
    world.advance(NOTICE);
    assert!(told(world).await.is_empty());
    assert_eq!(role(world, &story.olga, scope).await, Role::Owner);
    assert!(world.log_of(scope).await.contains(&"operator: owner_stays → Marta".to_owned()));
});

on_each_database!(at_once_it_takes_the_place_of_what_waits_and_takes_in_who_is_no_member, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let dora = world.user("Dora").with_totp().await;
    set_owner(world, scope, &story.marta, When::WithNotice).await.unwrap();
    world.deliver().await;
    assert_eq!(set_owner(world, scope, &dora, When::Now).await.unwrap(), None);
    assert_eq!((role(world, &dora, scope).await, role(world, &story.olga, scope).await), (Role::Owner, Role::Admin));
    assert!(operator::pending(&world.backend).await.unwrap().is_empty());
    assert!(matches!(set_owner(world, scope, &dora, When::Now).await, Err(Refused::OwnerAlready)));
    let open = world.signed_in(&dora).await;
    users::list(&world.backend, &open.me().await, scope, &Default::default()).await.unwrap();
    // Who is shut out of the account comes back by it; who is shut out everywhere does not.
    world.set_status(&story.marta, scope, domain::users::MembershipStatus::Deactivated).await;
    set_owner(world, scope, &story.marta, When::Now).await.unwrap();
    world.shut_out(&dora).await;
    assert!(matches!(set_owner(world, scope, &dora, When::Now).await, Err(Refused::Deactivated)));
    let nobody = Person { email: "nobody@postern.example".into(), ..dora.clone() };
    assert!(matches!(set_owner(world, scope, &nobody, When::Now).await, Err(Refused::NoSuchPerson)));
    world.deliver().await;
});

on_each_database!(a_portfolio_gets_another_owner_the_same_way, async |world| {
    let portfolio = world.portfolio("Meridian Group").await;
    let kwame = world.user("Kwame").with_totp().portfolio_owner_of(&portfolio).await;
    let lena = world.user("Lena").with_totp().portfolio_admin_of(&portfolio).await;
    set_owner(world, portfolio.scope, &lena, When::Now).await.unwrap();
    assert_eq!(role(world, &lena, portfolio.scope).await, Role::PortfolioOwner);
    assert_eq!(role(world, &kwame, portfolio.scope).await, Role::PortfolioAdmin);
    world.deliver().await;
});

on_each_database!(of_two_commands_at_once_one_waits_and_it_takes_effect_once, async |world| {
    let story = northwind(world).await;
    let (scope, heirs) = (story.account.scope, [email(&story.chiara.email), email(&story.marta.email)]);
    let answers = world
        .at_once(8, |server, number| {
            let heir = heirs[number % 2].clone();
            async move { operator::set_owner(&server, scope, &heir, &because(), When::WithNotice).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(Refused::Waits(_)))), "{answers:?}");
    world.advance(NOTICE);
    let restarted = world.server(3).await;
    let mailer = &world.mailer;
    tokio::join!(
        async { backend::worker::run_due(&world.backend, mailer).await.unwrap() },
        async { backend::worker::run_due(&world.other_server, mailer).await.unwrap() },
        async { backend::worker::run_due(&restarted, mailer).await.unwrap() },
    );
    restarted.database.clone().close().await.unwrap();
    let log = world.log_of(scope).await;
    assert_eq!(log.iter().filter(|line| line.contains("ownership_transferred")).count(), 1, "{log:?}");
    assert_ne!(role(world, &story.olga, scope).await, Role::Owner);
    world.deliver().await;
});

on_each_database!(two_commands_that_act_at_once_leave_one_owner, async |world| {
    let story = northwind(world).await;
    let (scope, heirs) = (story.account.scope, [email(&story.chiara.email), email(&story.marta.email)]);
    let answers = world
        .at_once(6, |server, number| {
            let heir = heirs[number % 2].clone();
            async move { operator::set_owner(&server, scope, &heir, &because(), When::Now).await }
        })
        .await;
    assert!(answers.iter().any(Result::is_ok), "{answers:?}");
    let mut owners = 0;
    for person in [&story.olga, &story.chiara, &story.marta] {
        owners += usize::from(role(world, person, scope).await == Role::Owner);
    }
    assert_eq!((owners, role(world, &story.olga, scope).await), (1, Role::Admin));
    assert_eq!(world.out_of_step().await, 0);
    world.deliver().await;
});

on_each_database!(an_owner_who_hands_over_in_that_moment_does_not_get_around_the_operator, async |world| {
    for round in 0..4 {
        let account = world.account(&format!("Northwind {round}")).await;
        let olga = world.user(&format!("Olga {round}")).with_totp().owner_of(&account).await;
        let chiara = world.user(&format!("Chiara {round}")).with_totp().admin_of(&account).await;
        let marta = world.user(&format!("Marta {round}")).with_totp().manager_of(&account).await;
        let (owner, scope) = (world.signed_in(&olga).await.me().await, account.scope);
        let (chosen, accomplice) = (email(&marta.email), chiara.id);
        let answers = world
            .at_once(2, |server, number| {
                let (owner, chosen) = (owner.clone(), chosen.clone());
                async move {
                    match number {
                        0 => operator::set_owner(&server, scope, &chosen, &because(), When::Now).await.map(drop),
                        _ => users::transfer_ownership(&server, &owner, scope, accomplice).await.map_err(Refused::from),
                    }
                }
            })
            .await;
        assert!(answers[0].is_ok(), "{answers:?}");
        assert_eq!(role(world, &marta, scope).await, Role::Owner, "{answers:?}");
        assert_eq!((role(world, &olga, scope).await, role(world, &chiara, scope).await), (Role::Admin, Role::Admin));
    }
    // Nor during the three days.
    let story = northwind(world).await;
    set_owner(world, story.account.scope, &story.marta, When::WithNotice).await.unwrap();
    let owner = world.signed_in(&story.olga).await;
    users::transfer_ownership(&world.backend, &owner.me().await, story.account.scope, story.chiara.id).await.unwrap();
    world.advance(NOTICE);
    world.deliver().await;
    assert_eq!(role(world, &story.marta, story.account.scope).await, Role::Owner);
    assert_eq!(role(world, &story.chiara, story.account.scope).await, Role::Admin);
    assert_eq!(world.out_of_step().await, 0);
});

on_each_database!(what_has_become_impossible_lapses, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let heir = world.user("Dora").with_totp().await;
    set_owner(world, scope, &heir, When::WithNotice).await.unwrap();
    world.shut_out(&heir).await;
    world.advance(NOTICE);
    world.deliver().await;
    assert_eq!(role(world, &story.olga, scope).await, Role::Owner);
    assert!(world.log_of(scope).await.contains(&"system: owner_stays → Dora".to_owned()));
    // Who became it in the console meanwhile has it already.
    set_owner(world, scope, &story.marta, When::WithNotice).await.unwrap();
    let owner = world.signed_in(&story.olga).await;
    users::transfer_ownership(&world.backend, &owner.me().await, scope, story.marta.id).await.unwrap();
    world.deliver().await;
    world.advance(NOTICE);
    assert!(told(world).await.is_empty());
    assert_eq!(role(world, &story.marta, scope).await, Role::Owner);
});

// ── the address ───────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(
    another_address_is_told_to_both_mailboxes_and_every_administrator_and_nothing_of_elsewhere,
    async |world| {
        let story = northwind(world).await;
        let other = world.account("Contoso").await;
        let cora = world.user("Cora").with_totp().owner_of(&other).await;
        world.join(&story.marta, &other, Role::Analyst).await;
        world
            .execute("UPDATE users SET notice_email = 'second@new.example' WHERE id = ?", [story.marta.id.0.into()])
            .await;
        let due = set_email(world, &story.marta, "Marta@new.example", When::WithNotice).await.unwrap();
        assert_eq!(due, Some(world.now() + NOTICE));
        let mails = world.deliver().await;
        let to: BTreeSet<_> = mails.iter().map(|mail| mail.to.as_str()).collect();
        let wanted = [
            &story.marta.email,
            "Marta@new.example",
            "second@new.example",
            &story.olga.email,
            &story.chiara.email,
            &cora.email,
        ];
        assert_eq!(to, BTreeSet::from(wanted.map(|email: &str| email)));
        for mail in &mails {
            if mail.to == cora.email {
                assert!(!mail.text.contains("Northwind"), "{}", mail.text);
            } else if mail.to == "Marta@new.example" {
                assert!(!mail.text.contains("Hello Marta") && !mail.text.contains(&story.marta.email), "{}", mail.text);
            } else {
                assert!(!mail.text.contains("Contoso"), "{}", mail.text);
            }
        }
        assert_eq!(world.row_of(&story.marta).await.email, story.marta.email);

        let open = world.signed_in(&story.marta).await;
        let link = asked(world, &story).await;
        world.advance(NOTICE);
        let mails = told(world).await;
        assert!(open.caller().await.is_err(), "everything that was held is void");
        assert!(
            mails.contains(&(story.marta.email.clone(), "You sign in with another address now".into())),
            "{mails:?}"
        );
        assert!(mails.contains(&("Marta@new.example".into(), "You sign in with this address now".into())), "{mails:?}");
        assert!(mails.contains(&(cora.email, "Marta signs in with another address now".into())), "{mails:?}");
        assert!(crate::mfa_reset::accept(&world.backend, &link).await.is_err());
        let mut phone = world.browser();
        assert!(phone.password(&story.marta).await.is_err(), "the former address opens nothing");
        let standing = phone.type_in("marta@NEW.example", &story.marta.password).await.unwrap();
        assert_eq!(standing, Standing::AwaitingMfa, "password and second factor are the same");
        for scope in [story.account.scope, other.scope] {
            let log = world.log_of(scope).await;
            for action in ["address_to_be_set", "address_set"] {
                let line = format!("operator: {action} → Marta (as agreed on the phone)");
                assert_eq!(log.iter().filter(|told| **told == line).count(), 1, "{log:?}");
            }
        }
    }
);

on_each_database!(another_address_is_called_off_or_lapses, async |world| {
    let story = northwind(world).await;
    set_email(world, &story.marta, "marta@new.example", When::WithNotice).await.unwrap();
    let again = set_email(world, &story.marta, "marta@other.example", When::WithNotice).await;
    assert!(matches!(again, Err(Refused::Waits(_))), "{again:?}");
    world.deliver().await;
    operator::call_off_email(&world.backend, &email(&story.marta.email)).await.unwrap();
    let mails = told(world).await;
    assert!(
        mails.contains(&("marta@new.example".into(), "This address is not used for signing in".into())),
        "{mails:?}"
    );
    assert_eq!(mails.len(), 4, "{mails:?}");
    // Taken meanwhile.
    set_email(world, &story.marta, "dora@postern.example", When::WithNotice).await.unwrap();
    world.user("Dora").await;
    world.advance(NOTICE);
    world.deliver().await;
    assert_eq!(world.row_of(&story.marta).await.email, story.marta.email);
    assert!(world.log_of(story.account.scope).await.contains(&"system: address_stays → Marta".to_owned()));
    // Changed by the person meanwhile, with both mailboxes.
    set_email(world, &story.marta, "marta@new.example", When::WithNotice).await.unwrap();
    world.deliver().await;
    let laptop = world.signed_in(&story.marta).await;
    let own = EmailAddress::parse("marta@own.example").unwrap();
    email_change::request(&world.backend, &laptop.me().await, &own).await.unwrap();
    for mail in world.deliver().await {
        let link = crate::support::link_in(&mail, "email-change").unwrap();
        email_change::confirm(&world.backend, &world.visitor(), &link).await.unwrap();
    }
    world.advance(NOTICE);
    world.deliver().await;
    assert_eq!(world.row_of(&story.marta).await.email, "marta@own.example");
});

on_each_database!(an_address_is_refused_that_is_the_same_or_somebodys, async |world| {
    let story = northwind(world).await;
    for when in [When::WithNotice, When::Now] {
        let same = set_email(world, &story.marta, "MARTA@postern.example", when).await;
        assert!(matches!(same, Err(Refused::SameAddress)), "{same:?}");
        let taken = set_email(world, &story.marta, &story.olga.email, when).await;
        assert!(matches!(taken, Err(Refused::AddressTaken)), "{taken:?}");
    }
    let to = email("shared@new.example");
    let people = [email(&story.marta.email), email(&story.chiara.email)];
    let answers = world
        .at_once(4, |server, number| {
            let (present, to) = (people[number % 2].clone(), to.clone());
            async move { operator::set_email(&server, &present, &to, &because(), When::Now).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    let holders = world.rows::<user::Entity>().await.into_iter().filter(|row| row.email == "shared@new.example");
    assert_eq!(holders.count(), 1);
    assert_eq!(world.rows::<operator_change::Entity>().await.len(), 1);
    world.deliver().await;
});
