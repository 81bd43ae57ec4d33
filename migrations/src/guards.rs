//! The guards of MFA resets: what each scope has set, what is to be loosened there later, who was an administrator when, and
//! which scopes have a say in a request.

use crate::table::{self, belongs_to, index, table};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261124_000013_guards"
    }
}

const SCOPES: [&str; 2] = ["accounts", "portfolios"];

/// Who is an administrator today has been since they joined; before that day nothing was kept.
const FILL: &str = "INSERT INTO tenures \
    (id, user_id, scope_kind, scope_id, role_rank, resets_mfa, since, until, given_by) \
    SELECT id, user_id, scope_kind, scope_id, CASE WHEN role IN ('owner', 'portfolio_owner') THEN 3 ELSE 2 END, TRUE, \
    created_at, NULL, NULL FROM memberships \
    WHERE status = 'active' AND role IN ('owner', 'admin', 'portfolio_owner', 'portfolio_admin')";

const ONE_AT_A_TIME: [&str; 2] = [
    "CREATE UNIQUE INDEX tenures_lasting ON tenures (scope_kind, scope_id, user_id) WHERE until IS NULL",
    "CREATE UNIQUE INDEX loosenings_live ON loosenings (scope_kind, scope_id, setting) WHERE ended_at IS NULL",
];

fn scope() -> [ColumnDef; 2] {
    [string("scope_kind"), uuid("scope_id")]
}

/// What a scope has set.
fn guards() -> [ColumnDef; 4] {
    [
        string("guard_approver").default("administrators").to_owned(),
        small_integer("guard_wait").default(0).to_owned(),
        small_integer("guard_owner_wait").default(24).to_owned(),
        boolean("guard_number").default(false).to_owned(),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What ends halfway is begun anew.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = |table: &'static str, column| Table::alter().table(table).add_column(column).to_owned();
        for scopes in SCOPES {
            for column in guards() {
                manager.alter_table(add(scopes, column)).await?;
            }
        }
        manager.alter_table(add("memberships", uuid_null("invited_by"))).await?;
        for column in
            [uuid_null("approver_id"), string_null("approver_name"), big_integer("wait_ms").default(0).to_owned()]
        {
            manager.alter_table(add("mfa_resets", column)).await?;
        }
        let [kind, id] = scope();
        let tenures = table(
            "tenures",
            [
                uuid("user_id"),
                kind,
                id,
                small_integer("role_rank"),
                boolean("resets_mfa"),
                big_integer("since"),
                big_integer_null("until"),
                uuid_null("given_by"),
            ],
        )
        .foreign_key(&mut belongs_to("tenures", "user_id", "users"))
        .to_owned();
        let [kind, id] = scope();
        let loosenings = table(
            "loosenings",
            [
                kind,
                id,
                // `guards`, with what they will be, or `mfa_requirement`, which will be off.
                string("setting"),
                string_null("approver"),
                small_integer_null("wait"),
                small_integer_null("owner_wait"),
                boolean_null("number"),
                uuid("asked_by_id"),
                string("asked_by_name"),
                big_integer("asked_at"),
                big_integer("due_at"),
                big_integer_null("ended_at"),
                string_null("ended_as"),
            ],
        );
        let [kind, id] = scope();
        let voices = table("mfa_reset_voices", [uuid("reset_id"), kind, id, string("may")])
            .foreign_key(&mut belongs_to("mfa_reset_voices", "reset_id", "mfa_resets"))
            .to_owned();
        let indexes = [
            index("tenures_scope", "tenures", &["scope_kind", "scope_id", "until"]),
            index("tenures_user", "tenures", &["user_id"]),
            index("loosenings_due", "loosenings", &["ended_at", "due_at"]),
            index("mfa_reset_voices_reset", "mfa_reset_voices", &["reset_id"]),
            index("mfa_reset_voices_scope", "mfa_reset_voices", &["scope_kind", "scope_id", "may"]),
        ];
        table::create(manager, [tenures, loosenings, voices], indexes).await?;
        for sql in ONE_AT_A_TIME.iter().chain([&FILL]) {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["mfa_reset_voices", "loosenings", "tenures"]).await?;
        let remove = |table: &'static str, column| Table::alter().table(table).drop_column(column).to_owned();
        for column in ["wait_ms", "approver_name", "approver_id"] {
            manager.alter_table(remove("mfa_resets", column)).await?;
        }
        manager.alter_table(remove("memberships", "invited_by")).await?;
        for scopes in SCOPES {
            for column in ["guard_number", "guard_owner_wait", "guard_wait", "guard_approver"] {
                manager.alter_table(remove(scopes, column)).await?;
            }
        }
        Ok(())
    }
}
