//! A crowd is written past the routines that keep counters and the like, so everything is worked out anew.

use super::fill;
use crate::support::World;
use backend::demo;

on_each_database!(what_is_kept_of_a_crowd_is_what_counting_it_anew_gives, async |world| {
    let demo = fill(world, 1_700).await;
    assert_eq!((demo.users.len() as u32, demo.others), (demo::LISTED, 1_700 - demo::LISTED));
    assert_eq!(world.number("SELECT COUNT(*) FROM users", []).await, 1_700);
    let none = [
        // Every place is within the reach of its account's portfolio, and one of a person's leads.
        "SELECT COUNT(*) FROM memberships LEFT JOIN accounts ON accounts.id = scope_id \
         WHERE memberships.portfolio_id <> COALESCE(accounts.portfolio_id, scope_id)",
        "SELECT COUNT(*) FROM (SELECT leads, ROW_NUMBER() OVER (PARTITION BY user_id, portfolio_id \
         ORDER BY CASE status WHEN 'active' THEN 0 ELSE 1 END, last_used_at DESC, id) AS n FROM memberships) AS ordered \
         WHERE leads <> (n = 1)",
        // Kinds of factor and since when, as the factors say; a passkey has a credential.
        "SELECT COUNT(*) FROM memberships WHERE (factor_kinds <> 0) <> \
         EXISTS (SELECT 1 FROM authenticators WHERE authenticators.user_id = memberships.user_id)",
        "SELECT COUNT(*) FROM memberships WHERE factor_kinds <> (SELECT COALESCE(SUM(bit), 0) FROM \
         (SELECT DISTINCT user_id, CASE kind WHEN 'sms' THEN 1 WHEN 'totp' THEN 2 ELSE 4 END AS bit FROM authenticators) \
         AS kinds WHERE kinds.user_id = memberships.user_id)",
        "SELECT COUNT(*) FROM memberships WHERE factor_kinds <> 0 AND mfa_since NOT IN (SELECT bound_at FROM \
         authenticators WHERE authenticators.user_id = memberships.user_id) AND mfa_since <> created_at",
        "SELECT COUNT(*) FROM authenticators WHERE (kind = 'passkey') <> (credential_id IS NOT NULL)",
        // Who was here was so since they are, and the log says it.
        "SELECT COUNT(*) FROM memberships WHERE last_used_at <> 0 AND NOT EXISTS (SELECT 1 FROM audit_entries \
         WHERE target_id = user_id AND audit_entries.scope_id = memberships.scope_id AND at = last_used_at \
         AND action = 'signed_in')",
        "SELECT COUNT(*) FROM accounts WHERE NOT EXISTS \
         (SELECT 1 FROM memberships WHERE scope_id = accounts.id AND role = 'owner')",
    ];
    for sql in none {
        assert_eq!(world.number(sql, []).await, 0, "{sql}");
    }
    counters_are_right(world).await;
    let people = world.rows::<backend::store::entity::user::Entity>().await;
    let address = |id| people.iter().find(|person| person.id == id).unwrap().email.clone();
    for place in world.rows::<backend::store::entity::membership::Entity>().await {
        let searched = backend::fold::text(&format!("{} {}", place.name, address(place.user_id)));
        assert_eq!((place.name_folded, place.search_folded), (backend::fold::text(&place.name), searched));
    }
    is_believable(world).await;
});

/// The counters of every scope are what counting its members anew gives.
async fn counters_are_right(world: &World) {
    let columns = [
        ("members", "TRUE"),
        ("with_mfa", "factor_kinds <> 0"),
        ("by_sms", "factor_kinds = 1"),
        ("by_totp", "factor_kinds IN (2, 3)"),
        ("by_passkey", "factor_kinds > 3"),
    ];
    let here = "(memberships.scope_kind = 'account' AND headcounts.scope_kind = 'account' \
                AND memberships.scope_id = headcounts.scope_id) \
                OR (leads AND headcounts.scope_kind = 'portfolio' AND portfolio_id = headcounts.scope_id)";
    for (column, counted) in columns {
        let sql = format!(
            "SELECT COUNT(*) FROM headcounts WHERE {column} <> \
             (SELECT COUNT(*) FROM memberships WHERE status = 'active' AND ({counted}) AND ({here}))"
        );
        assert_eq!(world.number(&sql, []).await, 0, "{column}");
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM headcounts", []).await, 12);
}

/// Everybody of any kind is there.
async fn is_believable(world: &World) {
    for (column, least) in [("role", 11), ("status", 2), ("scope_id", 12), ("factor_kinds", 6)] {
        let sql = format!("SELECT COUNT(DISTINCT {column}) FROM memberships");
        assert!(world.number(&sql, []).await >= least, "{column}");
    }
    let names = world.number("SELECT COUNT(DISTINCT name) FROM memberships", []).await;
    assert!(names > 1_200, "{names} names");
}
