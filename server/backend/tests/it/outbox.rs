//! From the row to the mailer: what leaves, when, how often, and what is known of it afterwards.

use crate::support::{Person, World, code_in};
use backend::{
    Backend, Result,
    mail::{Failure, Mailer},
    outbox::{self, MailKind},
    store::entity::outbox as rows,
    worker,
};
use domain::{
    ids::UserId,
    mfa_reset::Delivery,
    person::{EmailAddress, Reason},
};
use sea_orm::{EntityTrait, PaginatorTrait};
use std::time::Duration;
use uuid::Uuid;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A notice to this person, committed.
async fn notice(world: &World, to: &Person) {
    enqueue(&world.backend, to.id, None).await.unwrap();
}

async fn enqueue(backend: &Backend, to: UserId, about: Option<Uuid>) -> Result<()> {
    let on = backend.database.begin().await?;
    outbox::enqueue(&on, backend, backend.now(), MailKind::PasswordChanged, to, about).await?;
    on.commit().await?;
    Ok(())
}

async fn delivery(world: &World, about: Uuid) -> Option<Delivery> {
    let on = world.backend.database.read();
    outbox::delivery(on, MailKind::PasswordChanged, &[about]).await.unwrap().remove(&about)
}

/// Somebody who asked for a new password by mail: a link that lasts three hours.
async fn who_forgot(world: &World) -> Person {
    let ann = world.user("Ann").await;
    let email = EmailAddress::parse(&ann.email).unwrap();
    backend::password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    world.see_to_knocks().await;
    ann
}

on_each_database!(a_mail_leaves_once_and_is_known_to_have_left, async |world| {
    let (ann, about) = (world.user("Ann").await, Uuid::from_u128(7));
    enqueue(&world.backend, ann.id, Some(about)).await.unwrap();
    assert_eq!(delivery(world, about).await, Some(Delivery::Queued));
    assert_eq!(world.deliver().await.len(), 1);
    assert_eq!(delivery(world, about).await, Some(Delivery::Sent));
    world.advance(48 * 60 * MINUTE);
    assert_eq!(world.deliver().await.len(), 0);
    assert_eq!(delivery(world, Uuid::from_u128(8)).await, None);
});

on_each_database!(a_row_holds_no_text_no_address_and_no_secret, async |world| {
    let ann = who_forgot(world).await;
    let row = world.undelivered().await.remove(0);
    let reference = row.reference.clone();
    assert_eq!(reference.len(), 10);
    let shown = format!("{row:?}");
    let link =
        world.mail_to(&ann).await.text.lines().find(|line| line.contains("/password-reset/")).unwrap().to_owned();
    let token = link.rsplit('/').next().unwrap();
    assert_eq!(token.len(), 43);
    for secret in [ann.email.as_str(), ann.name.as_str(), token] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
});

on_each_database!(what_does_not_commit_is_not_mailed, async |world| {
    let ann = world.user("Ann").await;
    let on = world.backend.database.begin().await.unwrap();
    outbox::enqueue(&on, &world.backend, world.now(), MailKind::PasswordChanged, ann.id, None).await.unwrap();
    on.rollback().await.unwrap();
    assert_eq!(world.deliver().await.len(), 0);
    assert_eq!(rows::Entity::find().count(world.backend.database.read()).await.unwrap(), 0);
});

on_each_database!(what_has_not_committed_yet_is_not_mailed, async |world| {
    let ann = world.user("Ann").await;
    let on = world.backend.database.begin().await.unwrap();
    outbox::enqueue(&on, &world.backend, world.now(), MailKind::PasswordChanged, ann.id, None).await.unwrap();
    // Not run_due: on SQLite the open transaction is the one writer.
    assert!(world.undelivered().await.is_empty());
    on.commit().await.unwrap();
    assert_eq!(world.deliver().await.len(), 1);
});

on_each_database!(of_a_hundred_parallel_deliveries_one_sends, async |world| {
    let people = [world.user("Ann").await, world.user("Ben").await, world.user("Cem").await];
    for person in &people {
        notice(world, person).await;
    }
    let mut deliveries = tokio::task::JoinSet::new();
    for number in 0..100 {
        let server = if number % 2 == 0 { &world.backend } else { &world.other_server };
        let (server, mailer) = (server.clone(), world.mailer.clone());
        deliveries.spawn(async move { worker::run_due(&server, &mailer).await.unwrap() });
    }
    let left: usize = deliveries.join_all().await.into_iter().sum();
    assert_eq!(left, 3);
    let mut to: Vec<String> = world.mailbox.mails().into_iter().map(|mail| mail.to).collect();
    to.sort();
    assert_eq!(to, people.map(|person| person.email));
});

on_each_database!(a_mail_enqueued_by_one_server_is_sent_by_another, async |world| {
    let ann = world.user("Ann").await;
    notice(world, &ann).await;
    assert_eq!(worker::run_due(&world.other_server, &world.mailer).await.unwrap(), 1);
    assert_eq!(world.deliver().await.len(), 0);
});

on_each_database!(a_server_that_dies_while_it_sends_is_stood_in_for, async |world| {
    let ann = world.user("Ann").await;
    notice(world, &ann).await;
    world.mailbox.hang(true);
    let (server, mailer) = (world.backend.clone(), world.mailer.clone());
    let dying = tokio::spawn(async move { worker::run_due(&server, &mailer).await });
    // Past the claim, and with the mail server that does not answer.
    while world.mailbox.left_hanging() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    dying.abort();
    let _ = dying.await;
    world.mailbox.hang(false);
    // Its claim is nobody else's yet; it runs out.
    assert_eq!(worker::run_due(&world.other_server, &world.mailer).await.unwrap(), 0);
    world.advance(Duration::from_secs(20));
    assert_eq!(worker::run_due(&world.other_server, &world.mailer).await.unwrap(), 1);
    assert_eq!(world.subjects_to(&ann).await, ["Your password was changed"]);
});

on_each_database!(a_refusal_is_final_and_told_with_its_code, async |world| {
    let (ann, about) = (world.user("Ann").await, Uuid::from_u128(7));
    enqueue(&world.backend, ann.id, Some(about)).await.unwrap();
    world.mailbox.fail(Failure::Refused { code: 550 });
    assert!(world.deliver().await.is_empty());
    assert_eq!(delivery(world, about).await, Some(Delivery::Refused { code: 550 }));
    world.mailbox.fail(None);
    world.advance(24 * 60 * MINUTE);
    assert!(world.deliver().await.is_empty());
});

on_each_database!(after_a_refusal_it_can_be_sent_again, async |world| {
    let (ann, about) = (world.user("Ann").await, Uuid::from_u128(7));
    enqueue(&world.backend, ann.id, Some(about)).await.unwrap();
    world.mailbox.fail(Failure::Refused { code: 552 });
    world.deliver().await;
    world.mailbox.fail(None);
    world.advance(MINUTE);
    enqueue(&world.backend, ann.id, Some(about)).await.unwrap();
    assert_eq!(delivery(world, about).await, Some(Delivery::Queued));
    assert_eq!(world.deliver().await.len(), 1);
    assert_eq!(delivery(world, about).await, Some(Delivery::Sent));
});

on_each_database!(a_failure_for_now_is_tried_again_at_growing_intervals, async |world| {
    let (ann, about) = (world.user("Ann").await, Uuid::from_u128(7));
    enqueue(&world.backend, ann.id, Some(about)).await.unwrap();
    world.mailbox.fail(Failure::PutOff { code: 451 });
    for (attempts, wait) in [(1, 5), (2, 30), (3, 120), (4, 600), (5, 1_800), (6, 3_600), (7, 3_600)] {
        world.deliver().await;
        let row = world.undelivered().await.remove(0);
        assert_eq!((row.attempts, row.next_attempt_at - world.now().ms()), (attempts, wait * 1000));
        assert_eq!(delivery(world, about).await, Some(Delivery::Queued));
        world.advance(Duration::from_secs(wait as u64) - Duration::from_millis(1));
        world.deliver().await;
        assert_eq!(world.undelivered().await[0].attempts, attempts, "tried again too early");
        world.advance(Duration::from_millis(1));
    }
    world.mailbox.fail(None);
    assert_eq!(world.deliver().await.len(), 1);
    assert_eq!(delivery(world, about).await, Some(Delivery::Sent));
});

on_each_database!(a_mail_server_that_turns_us_away_is_shown_and_asked_again, async |world| {
    let (ann, about) = (world.user("Ann").await, Uuid::from_u128(7));
    enqueue(&world.backend, ann.id, Some(about)).await.unwrap();
    world.mailbox.fail(Failure::TurnedAway { code: 535 });
    world.deliver().await;
    assert_eq!(delivery(world, about).await, Some(Delivery::Refused { code: 535 }));
    world.mailbox.fail(None);
    world.advance(MINUTE);
    assert_eq!(world.deliver().await.len(), 1);
    assert_eq!(delivery(world, about).await, Some(Delivery::Sent));
});

on_each_database!(a_notice_is_given_up_after_three_days, async |world| {
    let ann = world.user("Ann").await;
    notice(world, &ann).await;
    world.mailbox.fail(Failure::Unreachable);
    for _ in 0..80 {
        world.deliver().await;
        world.advance(60 * MINUTE);
    }
    assert!(world.undelivered().await.is_empty());
});

on_each_database!(a_link_that_ran_out_is_not_mailed, async |world| {
    who_forgot(world).await;
    world.mailbox.fail(Failure::Unreachable);
    world.deliver().await;
    world.mailbox.fail(None);
    world.advance(3 * 60 * MINUTE);
    assert!(world.deliver().await.is_empty());
    assert!(world.undelivered().await.is_empty());
});

on_each_database!(a_link_that_was_made_void_is_not_mailed, async |world| {
    let account = world.account("Northwind").await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let dmitri = world.user("Dmitri").with_totp().manager_of(&account).await;
    let admin = world.sign_in(&chiara).await;
    let (on, scope) = (&world.backend, account.scope);
    backend::mfa_reset::request(on, &admin, scope, dmitri.id, &Reason::none()).await.unwrap();
    backend::mfa_reset::cancel(on, &admin, scope, dmitri.id).await.unwrap();
    assert!(world.subjects_to(&dmitri).await.is_empty());
});

on_each_database!(what_is_mailed_to_who_no_longer_exists_is_dropped_by_the_database, async |world| {
    let ann = world.user("Ann").await;
    notice(world, &ann).await;
    backend::store::entity::user::Entity::delete_by_id(ann.id.0).exec(world.backend.database.write()).await.unwrap();
    assert!(world.deliver().await.is_empty());
});

on_each_database!(retry_and_resend_carry_the_same_link, async |world| {
    let account = world.account("Northwind").await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let dmitri = world.user("Dmitri").with_totp().manager_of(&account).await;
    let admin = world.sign_in(&chiara).await;
    backend::mfa_reset::request(&world.backend, &admin, account.scope, dmitri.id, &Reason::none()).await.unwrap();
    let first = world.mail_to(&dmitri).await;
    world.advance(2 * MINUTE);
    backend::mfa_reset::resend(&world.backend, &admin, account.scope, dmitri.id).await.unwrap();
    let second = world.mail_to(&dmitri).await;
    assert_ne!(first.message_id, second.message_id);
    assert_eq!(link_in(&first.text), link_in(&second.text));
    assert_eq!(link_in(&first.text).rsplit('/').next().unwrap().len(), 43);
});

on_each_database!(the_code_in_the_mail_is_the_one_that_is_asked_for, async |world| {
    let ann = world.user("Ann").await;
    let caller = world.sign_in(&ann).await;
    let mail = world.mail_to(&ann).await;
    assert_eq!(mail.subject, "Your sign-in code");
    assert!(mail.html.contains(&code_in(&mail.text)));
    assert_eq!(caller.user_id, ann.id);
});

on_each_database!(the_worker_sends_what_is_due_and_stops_when_told, async |world| {
    let ann = world.user("Ann").await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let worker = tokio::spawn(worker::run(world.backend.clone(), world.mailer.clone(), async {
        let _ = stopped.await;
    }));
    tokio::time::sleep(Duration::from_millis(100)).await;
    enqueue(&world.other_server, ann.id, None).await.unwrap();
    let arrived = async {
        while world.mailbox.mails().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), arrived).await.expect("mail leaves");
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(60), worker).await.expect("it stops").unwrap();
});

on_each_database!(what_left_long_ago_is_forgotten_and_what_waits_is_not, async |world| {
    let ann = world.user("Ann").await;
    notice(world, &ann).await;
    world.deliver().await;
    world.advance(89 * DAY);
    world.deliver().await;
    assert_eq!(world.rows::<rows::Entity>().await.len(), 1);
    world.mailbox.fail(Failure::PutOff { code: 451 });
    notice(world, &ann).await;
    world.advance(2 * DAY);
    world.deliver().await;
    let left = world.rows::<rows::Entity>().await;
    assert_eq!(left.iter().map(|row| row.sent_at).collect::<Vec<_>>(), [None]);
    world.mailbox.fail(None);
    world.advance(DAY);
    world.deliver().await;
});

on_each_database!(a_worker_stops_while_a_mail_hangs, async |world| {
    let ann = world.user("Ann").await;
    notice(world, &ann).await;
    world.mailbox.hang(true);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let worker = tokio::spawn(worker::run(world.backend.clone(), world.mailer.clone(), async {
        let _ = stopped.await;
    }));
    while world.mailbox.left_hanging() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(60), worker).await.expect("it stops").unwrap();
    world.mailbox.hang(false);
    world.advance(MINUTE);
    assert_eq!(world.deliver().await.len(), 1);
});

on_each_database!(one_mail_that_hangs_holds_up_no_other, async |world| {
    let (ann, ben) = (world.user("Ann").await, world.user("Ben").await);
    notice(world, &ann).await;
    world.mailbox.hang(true);
    let (server, mailer) = (world.backend.clone(), Mailer::Memory(world.mailbox.clone()));
    let worker = tokio::spawn(worker::run(server, mailer, std::future::pending()));
    while world.mailbox.left_hanging() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.mailbox.hang(false);
    notice(world, &ben).await;
    let arrived = async {
        // Also written down: a worker that dies between the two would send it again.
        while world.undelivered().await.len() > 1 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), arrived).await.expect("mail leaves");
    assert!(world.mailbox.mails().iter().all(|mail| mail.to == ben.email));
    worker.abort();
    let _ = worker.await;
    world.advance(MINUTE);
    world.deliver().await;
    assert_eq!(world.mailbox.mails().len(), 2);
});

fn link_in(text: &str) -> String {
    text.lines().find(|line| line.contains("/mfa-reset/")).unwrap().to_owned()
}
