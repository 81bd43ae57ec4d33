//! People: shut out everywhere, let in again, deleted.

use super::{because, email};
use crate::{
    mfa_reset::{accept, ask, asked, northwind},
    sign_in::problem,
    support::{HOUR, Person, World},
};
use backend::{
    Error, mfa_reset,
    operator::{self, Refused, When},
    password_reset,
};
use domain::{
    errors::{Field, Problem},
    passwords::LinkState,
    person::Reason,
    sessions::Standing,
};

async fn deactivate(world: &World, person: &Person) -> Result<Vec<domain::scope::Scope>, Refused> {
    operator::deactivate(&world.backend, &email(&person.email), &because()).await
}

on_each_database!(who_is_deactivated_gets_the_one_answer_until_let_in_again, async |world| {
    let story = northwind(world).await;
    let mut laptop = world.signed_in(&story.marta).await;
    password_reset::request(&world.backend, &world.visitor(), &email(&story.marta.email)).await.unwrap();
    let link = world.password_link(&story.marta).await;
    let reset = asked(world, &story).await;
    assert_eq!(deactivate(world, &story.marta).await.unwrap(), []);
    assert!(matches!(deactivate(world, &story.marta).await, Err(Refused::Deactivated)));
    assert!(matches!(laptop.caller().await, Err(Error::NotSignedIn)));
    // As with a wrong password.
    assert_eq!(problem(laptop.password(&story.marta).await, Field::Password), Problem::SignInRefused);
    assert_eq!(password_reset::peek(&world.backend, &world.visitor(), &link).await.unwrap(), LinkState::Expired);
    assert!(accept(&world.backend, &reset).await.is_err());
    // Forgotten passwords are answered the same, and nothing is mailed.
    let before = world.deliver().await.len();
    password_reset::request(&world.backend, &world.visitor(), &email(&story.marta.email)).await.unwrap();
    assert_eq!((before, world.deliver().await.len()), (0, 0));

    let again = operator::activate(&world.backend, &email(&story.marta.email), &Reason::none()).await;
    again.unwrap();
    let again = operator::activate(&world.backend, &email(&story.marta.email), &Reason::none()).await;
    assert!(matches!(again, Err(Refused::NotDeactivated)));
    assert!(laptop.caller().await.is_err(), "what was held before stays void");
    assert_eq!(laptop.password(&story.marta).await.unwrap(), Standing::AwaitingMfa);
    let log = world.log_of(story.account.scope).await;
    for line in
        ["operator: sign_in_deactivated → Marta (as agreed on the phone)", "operator: sign_in_activated → Marta"]
    {
        assert!(log.iter().any(|told| told == line), "{line}: {log:?}");
    }
    world.deliver().await;
});

on_each_database!(an_owner_is_deactivated_and_where_is_answered, async |world| {
    let story = northwind(world).await;
    assert_eq!(deactivate(world, &story.olga).await.unwrap(), [story.account.scope]);
    let nobody = Person { email: "nobody@postern.example".into(), ..story.marta.clone() };
    assert!(matches!(deactivate(world, &nobody).await, Err(Refused::NoSuchPerson)));
    world.deliver().await;
});

on_each_database!(what_a_deactivated_administrator_asked_for_ends, async |world| {
    let story = northwind(world).await;
    let chiara = world.signed_in(&story.chiara).await;
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    world.deliver().await;
    deactivate(world, &story.chiara).await.unwrap();
    mfa_reset::end_groundless(&world.backend).await.unwrap();
    assert_eq!(world.ends_of(&story.marta).await, ["cancelled: asker_lost_right"]);
});

on_each_database!(an_owner_is_erased_once_somebody_else_is, async |world| {
    let story = northwind(world).await;
    let olga = email(&story.olga.email);
    let refused = operator::erase(&world.backend, &olga, &because()).await;
    assert!(matches!(&refused, Err(Refused::OwnerOf(scopes)) if scopes[..] == [story.account.scope]), "{refused:?}");
    assert_eq!(world.row_of(&story.olga).await.erased_at, None);
    let heir = email(&story.chiara.email);
    operator::set_owner(&world.backend, story.account.scope, &heir, &because(), When::Now).await.unwrap();
    operator::erase(&world.backend, &olga, &because()).await.unwrap();
    assert!(world.row_of(&story.olga).await.erased_at.is_some());
    let log = world.log_of(story.account.scope).await;
    assert!(log.contains(&"operator: sign_in_deleted → Olga (as agreed on the phone)".to_owned()), "{log:?}");
    world.deliver().await;
});

on_each_database!(who_is_erased_while_accepting_a_reset_is_gone_whoever_was_first, async |world| {
    for round in 0..4 {
        let account = world.account(&format!("Northwind {round}")).await;
        let chiara = world.user(&format!("Chiara {round}")).with_totp().admin_of(&account).await;
        let marta = world.user(&format!("Marta {round}")).with_totp().manager_of(&account).await;
        ask(&world.signed_in(&chiara).await, account.scope, &marta).await.unwrap();
        let link = world.reset_link(&marta).await;
        let whom = email(&marta.email);
        let answers = world
            .at_once(4, |server, number| {
                let (link, whom) = (link.clone(), whom.clone());
                async move {
                    match number {
                        0 => operator::erase(&server, &whom, &because()).await,
                        1 => operator::erase(&server, &whom, &because()).await,
                        _ => accept(&server, &link).await.map_err(Refused::from),
                    }
                }
            })
            .await;
        assert_eq!(answers[..2].iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        assert!(answers[..2].iter().all(|answer| matches!(answer, Ok(()) | Err(Refused::NoSuchPerson))), "{answers:?}");
        let row = world.row_of(&marta).await;
        assert!(row.erased_at.is_some() && row.email.is_empty() && row.password_hash.is_none());
        for table in ["memberships", "authenticators", "sessions", "known_devices"] {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE user_id = ?");
            assert_eq!(world.number(&sql, [marta.id.0.into()]).await, 0, "{table}");
        }
        let ends = world.ends_of(&marta).await;
        assert!(["done: accepted", "cancelled: target_left"].contains(&ends[0].as_str()), "{ends:?}");
    }
    world.advance(HOUR);
    world.deliver().await;
    assert_eq!(world.out_of_step().await, 0);
});
