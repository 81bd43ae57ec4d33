//! What a stranger did with an address (3.3): the same is said and written at once for every address.

use crate::support::World;
use backend::{Result, knock, password_reset, store::entity};
use domain::{person::EmailAddress, roles::Role};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};

async fn forgot(world: &World, email: &str) -> Result<()> {
    let email = EmailAddress::parse(email).unwrap();
    password_reset::request(&world.backend, &world.visitor(), &email).await
}

/// How many rows there are of everything that a knock could write.
async fn written(world: &World) -> [usize; 5] {
    [
        world.rows::<entity::knock::Entity>().await.len(),
        world.rows::<entity::throttle::Entity>().await.len(),
        world.rows::<entity::audit_entry::Entity>().await.len(),
        world.rows::<entity::password_reset::Entity>().await.len(),
        world.rows::<entity::outbox::Entity>().await.len(),
    ]
}

on_each_database!(as_much_is_written_for_a_known_address_as_for_an_unknown_one, async |world| {
    let (account, other) = (world.account("Northwind").await, world.account("Contoso").await);
    let known = world.user("Marta").with_totp().manager_of(&account).await;
    world.join(&known, &other, Role::Support).await;
    let shut = world.user("Simon").with_totp().manager_of(&account).await;
    world.shut_out(&shut).await;
    for email in ["nobody@postern.example", &known.email, &shut.email] {
        world.execute("DELETE FROM throttles", []).await;
        let before = written(world).await;
        forgot(world, email).await.unwrap();
        assert!(world.browser().type_in(email, "not the right one").await.is_err());
        let after = written(world).await;
        let more: Vec<usize> = after.iter().zip(before).map(|(after, before)| after - before).collect();
        assert_eq!(more, [2, 3, 0, 0, 0], "{email}");
    }
});

on_each_database!(a_knock_is_seen_to_once_by_any_number_of_servers, async |world| {
    let account = world.account("Northwind").await;
    let known = world.user("Marta").with_totp().manager_of(&account).await;
    forgot(world, "nobody@postern.example").await.unwrap();
    forgot(world, &known.email).await.unwrap();
    assert!(world.browser().type_in(&known.email, "not the right one").await.is_err());
    let seen = world.at_once(6, |server, _| async move { knock::see_to(&server).await }).await;
    assert!(seen.iter().all(Result::is_ok), "{seen:?}");
    assert_eq!(world.mails().await, ["password_reset to Marta"]);
    assert_eq!(world.log_of(account.scope).await, ["system: sign_in_failed → Marta"]);
    assert!(world.rows::<entity::knock::Entity>().await.is_empty(), "no address is kept");
    world.deliver().await;
});

on_each_database!(what_is_seen_to_late_is_told_as_of_when_it_was, async |world| {
    let account = world.account("Northwind").await;
    let known = world.user("Marta").with_totp().manager_of(&account).await;
    forgot(world, &known.email).await.unwrap();
    assert!(world.browser().type_in(&known.email, "not the right one").await.is_err());
    let asked = world.backend.now();
    world.advance(std::time::Duration::from_secs(3600));
    world.see_to_knocks().await;
    let link = world.rows::<entity::password_reset::Entity>().await.remove(0);
    assert_eq!(link.expires_at, (asked + password_reset::FORGOTTEN_TTL).ms());
    assert!(world.rows::<entity::audit_entry::Entity>().await.iter().all(|entry| entry.at == asked.ms()));
    world.deliver().await;
});

on_each_database!(a_flood_of_made_up_addresses_delays_nobody, async |world| {
    let account = world.account("Northwind").await;
    let known = world.user("Marta").with_totp().manager_of(&account).await;
    for number in 0..250 {
        let row = entity::knock::Model {
            id: world.backend.random.uuid(world.now()),
            kind: if number % 2 == 0 { "forgotten_password" } else { "sign_in_failed" }.into(),
            email_folded: format!("nobody{number}@flood.example"),
            place: None,
            device: String::new(),
            at: world.now().ms(),
        };
        let row = row.into_active_model().reset_all();
        entity::knock::Entity::insert(row).exec_without_returning(world.backend.database.write()).await.unwrap();
    }
    forgot(world, &known.email).await.unwrap();
    world.see_to_knocks().await;
    assert!(world.rows::<entity::knock::Entity>().await.is_empty());
    assert_eq!(world.mails().await, ["password_reset to Marta"]);
    world.deliver().await;
});

on_each_database!(a_knock_of_a_later_version_is_left_to_it_and_holds_up_nothing, async |world| {
    let account = world.account("Northwind").await;
    let known = world.user("Marta").with_totp().manager_of(&account).await;
    forgot(world, &known.email).await.unwrap();
    world.execute("UPDATE knocks SET kind = 'of_tomorrow'", []).await;
    world.advance(std::time::Duration::from_secs(1));
    forgot(world, &known.email).await.unwrap();
    world.see_to_knocks().await;
    let left: Vec<String> = world.rows::<entity::knock::Entity>().await.into_iter().map(|row| row.kind).collect();
    assert_eq!(left, ["of_tomorrow"]);
    assert_eq!(world.mails().await, ["password_reset to Marta"]);
    world.deliver().await;
});
