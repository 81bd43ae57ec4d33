//! The harness itself.

use backend::store::entity::user;
use sea_orm::EntityTrait;

on_each_database!(two_servers_see_the_same_people, async |world| {
    let account = world.account("Northwind").await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let seen = user::Entity::find_by_id(chiara.id.0).one(world.other_server.database.read()).await.unwrap();
    assert_eq!(seen.unwrap().email, "chiara@postern.example");
    assert_eq!(chiara.code(world).len(), 6);
});
