//! The schema (migrations): up, down and up again, and the same as the entities say.

use crate::support::World;
use backend::store::entity::*;
use migrations::{Migrator, MigratorTrait};
use sea_orm::{EntityTrait, IdenStatic, Iterable, QuerySelect};
use std::collections::BTreeSet;

on_each_database!(up_down_and_up_again, async |world| {
    let before = described(world).await;
    assert!(before.len() > 10);
    Migrator::down(world.backend.database.write(), None).await.unwrap();
    assert!(world.tables().await.is_empty(), "down leaves nothing: {:?}", world.tables().await);
    Migrator::up(world.backend.database.write(), None).await.unwrap();
    assert_eq!(described(world).await, before);
    // One at a time as well.
    let steps = Migrator::migrations().len() as u32;
    for _ in 0..steps {
        Migrator::down(world.backend.database.write(), Some(1)).await.unwrap();
    }
    for _ in 0..steps {
        Migrator::up(world.backend.database.write(), Some(1)).await.unwrap();
    }
    assert_eq!(described(world).await, before);
    Migrator::up(world.backend.database.write(), None).await.unwrap();
});

on_each_database!(who_took_a_method_away_long_ago_has_had_the_time_to_set_one_up, async |world| {
    let (ann, bea) = (world.user("Ann").await, world.user("Bea").await);
    let before = Migrator::migrations().iter().position(|one| one.name().ends_with("_mfa_grace_spent")).unwrap();
    let steps = (Migrator::migrations().len() - before) as u32;
    Migrator::down(world.backend.database.write(), Some(steps)).await.unwrap();
    let id = world.backend.random.uuid(world.now());
    let sql = "INSERT INTO audit_entries (id, at, actor_kind, action, target_id, marks) \
               VALUES (?, 1, 'user', 'authenticator_bound', ?, 0)";
    world.execute(sql, [id.into(), ann.id.0.into()]).await;
    Migrator::up(world.backend.database.write(), None).await.unwrap();
    assert_eq!(world.row_of(&ann).await.mfa_grace_from, Some(0));
    assert_eq!(world.row_of(&bea).await.mfa_grace_from, None);
});

/// Every table with its columns.
async fn described(world: &World) -> Vec<(String, Vec<String>)> {
    let mut described = Vec::new();
    for table in world.tables().await {
        let columns = world.columns(&table).await;
        described.push((table, columns));
    }
    described
}

/// Selects every column of an entity, and answers with its table and columns.
async fn read<E: EntityTrait>(world: &World) -> (String, BTreeSet<String>) {
    E::find().limit(1).all(world.backend.database.read()).await.unwrap();
    let columns = E::Column::iter().map(|column| column.as_str().to_owned()).collect();
    (E::default().table_name().to_owned(), columns)
}

on_each_database!(every_entity_reads_the_table_that_the_migrations_made, async |world| {
    let entities = [
        read::<account::Entity>(world).await,
        read::<audit_entry::Entity>(world).await,
        read::<authenticator::Entity>(world).await,
        read::<bulk_change::Entity>(world).await,
        read::<bulk_change_line::Entity>(world).await,
        read::<bulk_reset::Entity>(world).await,
        read::<bulk_reset_item::Entity>(world).await,
        read::<device_code::Entity>(world).await,
        read::<headcount::Entity>(world).await,
        read::<help_call::Entity>(world).await,
        read::<installation::Entity>(world).await,
        read::<invitation::Entity>(world).await,
        read::<knock::Entity>(world).await,
        read::<known_device::Entity>(world).await,
        read::<link_request::Entity>(world).await,
        read::<loosening::Entity>(world).await,
        read::<membership::Entity>(world).await,
        read::<mfa_reset::Entity>(world).await,
        read::<mfa_reset_voice::Entity>(world).await,
        read::<notice_email_code::Entity>(world).await,
        read::<operator_change::Entity>(world).await,
        read::<outbox::Entity>(world).await,
        read::<passkey_ceremony::Entity>(world).await,
        read::<password_reset::Entity>(world).await,
        read::<email_change::Entity>(world).await,
        read::<portfolio::Entity>(world).await,
        read::<recovery_code::Entity>(world).await,
        read::<recovery_code_set::Entity>(world).await,
        read::<role::Entity>(world).await,
        read::<session::Entity>(world).await,
        read::<session_proof::Entity>(world).await,
        read::<sms_code::Entity>(world).await,
        read::<tenure::Entity>(world).await,
        read::<throttle::Entity>(world).await,
        read::<user::Entity>(world).await,
    ];
    let of_entities: BTreeSet<_> = entities.into_iter().collect();
    let of_migrations: BTreeSet<_> = described(world)
        .await
        .into_iter()
        .map(|(table, columns)| (table, columns.into_iter().collect::<BTreeSet<_>>()))
        .collect();
    assert_eq!(of_entities, of_migrations);
});

on_each_database!(a_scope_has_one_owner_and_a_person_one_place_in_it, async |world| {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").owner_of(&account).await;
    let marta = world.user("Marta").manager_of(&account).await;
    let on = world.backend.database.write();
    let second =
        backend::store::statement(on, "UPDATE memberships SET role = 'owner' WHERE user_id = ?", [marta.id.0.into()]);
    assert!(sea_orm::ConnectionTrait::execute_raw(on, second).await.is_err());
    let twice =
        membership::Model { id: world.backend.random.uuid(world.now()), ..world.place_of(&olga, account.scope).await };
    let twice = membership::Model { role: "support".into(), ..twice };
    let twice = sea_orm::ActiveModelTrait::reset_all(sea_orm::IntoActiveModel::into_active_model(twice));
    assert!(membership::Entity::insert(twice).exec_without_returning(on).await.is_err());
});

on_each_database!(nobody_is_there_without_what_they_belong_to, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    world.signed_in(&marta).await.make_backup_codes().await;
    world.execute("DELETE FROM users WHERE id = ?", [marta.id.0.into()]).await;
    for table in ["memberships", "sessions", "session_proofs", "known_devices", "authenticators", "recovery_codes"] {
        assert_eq!(world.number(&format!("SELECT COUNT(*) FROM {table}"), []).await, 0, "{table}");
    }
});
