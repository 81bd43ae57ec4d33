//! The harness itself.

use crate::support::{Kind, World, run};
use backend::{
    outbox::{self, MailKind},
    store::entity::{headcount, user},
};
use sea_orm::EntityTrait;

on_each_database!(two_servers_see_the_same_people, async |world| {
    let account = world.account("Northwind").await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let seen = user::Entity::find_by_id(chiara.id.0).one(world.other_server.database.read()).await.unwrap();
    assert_eq!(seen.unwrap().email, "chiara@postern.example");
    assert_eq!(chiara.code(world).len(), 6);
});

on_each_database!(counters_agree_with_who_is_there, async |world| {
    let portfolio = world.portfolio("Meridian Group").await;
    let account = world.account("Lumen Studio").free().requiring_mfa().linked_to(&portfolio).await;
    world.user("Kwame").with_totp().portfolio_owner_of(&portfolio).owner_of(&account).await;
    world.user("Leilani").without_password().portfolio_admin_of(&portfolio).await;
    world.user("Mateus").analyst_of(&account).await;
    let restarted = world.server(3).await;
    for (scope, members, with_mfa) in [(portfolio.scope, 3, 1), (account.scope, 2, 1)] {
        let count = headcount::Entity::find_by_id((scope.kind().key().to_owned(), scope.uuid()));
        let count = count.one(restarted.database.read()).await.unwrap().unwrap();
        assert_eq!((count.members, count.with_mfa), (members, with_mfa));
    }
    restarted.database.clone().close().await.unwrap();
});

#[test]
#[should_panic(expected = "the test leaves mail in the outbox: [\"password_changed\"]")]
fn a_test_that_leaves_mail_undelivered_fails() {
    run(Kind::Sqlite, async |world: &World| {
        let ann = world.user("Ann").await;
        let on = world.backend.database.begin().await.unwrap();
        outbox::enqueue(&on, &world.backend, world.now(), MailKind::PasswordChanged, ann.id, None).await.unwrap();
        on.commit().await.unwrap();
    });
}
