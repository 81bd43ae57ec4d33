//! Several at once (5.9): confirmed once, asked one by one, by whichever server comes to it.

use super::{denied, northwind};
use crate::support::{Browser, HOUR, MINUTE, Person};
use backend::{Error, Result, mfa_reset::bulk, worker};
use domain::{
    bulk_reset::{BulkReset, MOST, Outcome},
    errors::{Field, Problem},
    ids::{BulkResetId, UserId},
    person::{Reason, TextProblem},
    policy::Denied,
    roles::{Area, Level, Role},
    scope::Scope,
    users::MembershipStatus,
};

async fn begin(asker: &Browser<'_>, scope: Scope, users: &[&Person]) -> Result<BulkResetId> {
    let users: Vec<UserId> = users.iter().map(|person| person.id).collect();
    bulk::begin(&asker.backend, &asker.me().await, scope, &users, &Reason::parse("lost at the fair").unwrap()).await
}

async fn progress(reader: &Browser<'_>, scope: Scope, id: BulkResetId) -> BulkReset {
    bulk::progress(&reader.backend, &reader.me().await, scope, id).await.unwrap()
}

fn told(reset: &BulkReset) -> Vec<(&str, Option<Outcome>)> {
    reset.items.iter().map(|item| (item.name.as_str(), item.outcome)).collect()
}

fn problem<T: std::fmt::Debug>(answer: Result<T>) -> Problem {
    match answer {
        Err(Error::Invalid(fields)) => fields.of(Field::Users).unwrap(),
        other => panic!("{other:?}"),
    }
}

on_each_database!(each_of_several_is_asked_like_any_other_and_has_a_result, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let bea = world.user("Bea").with_totp().analyst_of(&story.account).await;
    let none = world.user("Nora").analyst_of(&story.account).await;
    let out = world.user("Otto").with_totp().analyst_of(&story.account).await;
    world.set_status(&out, scope, MembershipStatus::Deactivated).await;
    let chiara = world.signed_in(&story.chiara).await;
    let chosen = [&story.marta, &bea, &none, &out, &story.chiara, &story.marta];
    let (caller, ids) = (chiara.me().await, chosen.map(|person| person.id));
    let preview = bulk::preview(&world.backend, &caller, scope, &ids).await.unwrap();
    assert_eq!(preview.chosen.len(), 5, "nobody twice");
    let id = begin(&chiara, scope, &chosen).await.unwrap();
    // Nothing is asked yet; the worker does, also one that was started after the server fell over.
    assert_eq!(progress(&chiara, scope, id).await.done(), 0);
    let restarted = world.server(9).await;
    worker::run_due(&restarted, &world.mailer).await.unwrap();
    let seen = progress(&chiara, scope, id).await;
    assert_eq!(
        told(&seen),
        [
            ("Marta", Some(Outcome::Asked)),
            ("Bea", Some(Outcome::Asked)),
            ("Nora", Some(Outcome::NothingToReset)),
            ("Otto", Some(Outcome::NotActive)),
            ("Chiara", Some(Outcome::Oneself)),
        ]
    );
    let log = world.log_of(scope).await;
    assert!(log.contains(&"Chiara: mfa_reset_requested → Bea (lost at the fair)".to_owned()), "{log:?}");
    super::accept(&world.backend, &world.reset_link(&bea).await).await.unwrap();
    world.deliver().await;
});

on_each_database!(however_many_servers_work_everybody_is_asked_once, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let mut people = Vec::new();
    for number in 0..8 {
        people.push(world.user(&format!("Person {number}")).with_totp().analyst_of(&story.account).await);
    }
    let chiara = world.signed_in(&story.chiara).await;
    let id = begin(&chiara, scope, &people.iter().collect::<Vec<_>>()).await.unwrap();
    let worked = world.at_once(6, |server, _| async move { bulk::work(&server).await.is_ok() }).await;
    assert!(worked.iter().all(|done| *done));
    let seen = progress(&chiara, scope, id).await;
    assert!(seen.items.iter().all(|item| item.outcome == Some(Outcome::Asked)), "{:?}", told(&seen));
    let sql = "SELECT COUNT(*) FROM mfa_resets";
    assert_eq!(world.number(sql, []).await, 8);
    world.deliver().await;
    assert_eq!(world.mails().await.iter().filter(|mail| mail.starts_with("mfa_reset_request ")).count(), 8);
});

on_each_database!(it_stops_with_the_right_of_who_asked, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let mut people = Vec::new();
    for number in 0..30 {
        people.push(world.user(&format!("Person {number}")).with_totp().analyst_of(&story.account).await);
    }
    let chiara = world.signed_in(&story.chiara).await;
    let id = begin(&chiara, scope, &people.iter().collect::<Vec<_>>()).await.unwrap();
    bulk::work(&world.backend).await.unwrap();
    // Half-way she is demoted.
    world.set_role(&story.chiara, scope, Role::Manager).await;
    bulk::work(&world.backend).await.unwrap();
    let olga = world.signed_in(&story.olga).await;
    let seen = progress(&olga, scope, id).await;
    let count = |outcome| seen.items.iter().filter(|item| item.outcome == Some(outcome)).count();
    assert_eq!((count(Outcome::Asked), count(Outcome::AskerLostRight)), (25, 5));
    world.deliver().await;
});

on_each_database!(it_stops_when_the_session_that_confirmed_is_void, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let chiara = world.signed_in(&story.chiara).await;
    let id = begin(&chiara, scope, &[&story.marta]).await.unwrap();
    // What was confirmed with a stolen session ends with it.
    world.execute("UPDATE users SET epoch = epoch + 1 WHERE id = ?", [story.chiara.id.0.into()]).await;
    bulk::work(&world.backend).await.unwrap();
    let olga = world.signed_in(&story.olga).await;
    assert_eq!(told(&progress(&olga, scope, id).await), [("Marta", Some(Outcome::AskerLostRight))]);
    assert!(world.resets_of(&story.marta).await.is_empty());
    world.deliver().await;
});

on_each_database!(one_that_was_accepted_already_is_left_alone, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let chiara = world.signed_in(&story.chiara).await;
    super::ask(&chiara, scope, &story.olga).await.unwrap();
    super::accept(&world.backend, &world.reset_link(&story.olga).await).await.unwrap();
    let id = begin(&chiara, scope, &[&story.olga]).await.unwrap();
    bulk::work(&world.backend).await.unwrap();
    assert_eq!(told(&progress(&chiara, scope, id).await), [("Olga", Some(Outcome::AcceptedAlready))]);
    world.deliver().await;
});

on_each_database!(asking_for_several_takes_the_right_a_fresh_proof_and_somebody, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let lacks = Denied::RoleLacks { area: Area::MfaReset, level: Level::Edit };
    let marta = world.signed_in(&story.marta).await;
    assert_eq!(denied(begin(&marta, scope, &[&story.olga]).await), lacks);
    let chiara = world.signed_in(&story.chiara).await;
    assert_eq!(problem(begin(&chiara, scope, &[]).await), Problem::Text(TextProblem::Empty));
    let other = world.account("Contoso").await;
    let carlo = world.user("Carlo").with_totp().owner_of(&other).await;
    // Who is somewhere else is nobody here.
    assert_eq!(problem(begin(&chiara, scope, &[&carlo]).await), Problem::Text(TextProblem::Empty));
    let too_many = vec![&story.marta; MOST + 1];
    assert_eq!(problem(begin(&chiara, scope, &too_many).await), Problem::Text(TextProblem::TooLong { max: 200 }));
    let id = begin(&chiara, scope, &[&story.marta]).await.unwrap();
    let of_carlo = world.signed_in(&carlo).await;
    let elsewhere = bulk::progress(&world.backend, &of_carlo.me().await, other.scope, id).await;
    assert!(matches!(elsewhere, Err(Error::NotFound)));
    world.advance(11 * MINUTE);
    assert!(matches!(denied(begin(&chiara, scope, &[&story.marta]).await), Denied::StepUpNeeded(_)));
    world.deliver().await;
    world.advance(30 * 24 * HOUR);
    world.deliver().await;
    assert_eq!(world.number("SELECT COUNT(*) FROM bulk_resets", []).await, 0, "swept with its items");
    assert_eq!(world.number("SELECT COUNT(*) FROM bulk_reset_items", []).await, 0);
});
