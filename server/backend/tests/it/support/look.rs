//! Looking at what is stored, and changing what no use case changes yet.

use super::{Person, World};
use backend::{
    crypto::LinkToken,
    store::{
        self,
        entity::{audit_entry, membership, mfa_reset, outbox, user},
    },
};
use domain::{
    audit::AuditAction,
    mfa_reset::State,
    roles::{Role, RoleKey},
    scope::{Scope, ScopeKind},
    users::MembershipStatus,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Value};

impl World {
    /// Every row of a table.
    pub async fn rows<E: EntityTrait>(&self) -> Vec<E::Model> {
        E::find().all(self.backend.database.read()).await.unwrap()
    }

    /// Runs one statement; how many rows it touched.
    pub async fn execute(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> u64 {
        let on = self.backend.database.write();
        on.execute_raw(store::statement(on, sql, values)).await.unwrap().rows_affected()
    }

    /// One number that the database tells.
    pub async fn number(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> i64 {
        let on = self.backend.database.read();
        on.query_one_raw(store::statement(on, sql, values)).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    /// The person's row.
    pub async fn row_of(&self, person: &Person) -> user::Model {
        user::Entity::find_by_id(person.id.0).one(self.backend.database.read()).await.unwrap().unwrap()
    }

    /// The person's place in a scope.
    pub async fn place_of(&self, person: &Person, scope: Scope) -> membership::Model {
        let found = membership::Entity::find().filter(of(person, scope)).one(self.backend.database.read());
        found.await.unwrap().unwrap()
    }

    /// Gives a member another role.
    pub async fn set_role(&self, person: &Person, scope: Scope, role: Role) {
        self.set_role_by(None, person, scope, role).await;
    }

    /// Somebody gives a member another role.
    pub async fn set_role_by(&self, by: Option<&Person>, person: &Person, scope: Scope, role: Role) {
        let place = self.place_of(person, scope).await;
        self.set_place(&place, role, place.status(), by).await;
    }

    /// Shuts a member out of a scope, or lets them in again.
    pub async fn set_status(&self, person: &Person, scope: Scope, status: MembershipStatus) {
        let place = self.place_of(person, scope).await;
        self.set_place(&place, place.role_key(), status, None).await;
    }

    async fn set_place(
        &self,
        place: &membership::Model,
        role: impl Into<RoleKey>,
        status: MembershipStatus,
        by: Option<&Person>,
    ) {
        let (backend, now) = (&self.backend, self.now());
        let (on, by) = (backend.database.write(), by.map(|by| by.id));
        store::membership::change(on, &backend.random, place, role, status, by, now).await.unwrap();
    }

    /// Removes a member from a scope.
    pub async fn remove(&self, person: &Person, scope: Scope) {
        let place = self.place_of(person, scope).await;
        let (backend, now) = (&self.backend, self.now());
        store::membership::remove(backend.database.write(), &backend.random, &place, now).await.unwrap();
    }

    /// How many administrators are not remembered as such, or are remembered and are none: nobody changes a membership past
    /// `store::membership`.
    pub async fn out_of_step(&self) -> i64 {
        let same = "tenures.user_id = memberships.user_id AND tenures.scope_kind = memberships.scope_kind \
                    AND tenures.scope_id = memberships.scope_id AND tenures.until IS NULL";
        let id = match self.backend.database.is_sqlite() {
            // As text, as a membership names it.
            true => {
                "LOWER(SUBSTR(HEX(id), 1, 8) || '-' || SUBSTR(HEX(id), 9, 4) || '-' || SUBSTR(HEX(id), 13, 4) || '-' \
                     || SUBSTR(HEX(id), 17, 4) || '-' || SUBSTR(HEX(id), 21))"
            }
            false => "id::text",
        };
        let stands = format!(
            "memberships.status = 'active' AND (memberships.role IN \
             ('owner', 'admin', 'portfolio_owner', 'portfolio_admin') \
             OR memberships.role IN (SELECT {id} FROM roles WHERE mfa_reset >= 3))"
        );
        let rank = "CASE WHEN memberships.role IN ('owner', 'portfolio_owner') THEN 3 \
                    WHEN memberships.role IN ('admin', 'portfolio_admin') THEN 2 ELSE 1 END";
        let forgotten = format!(
            "SELECT COUNT(*) FROM memberships WHERE {stands} AND NOT EXISTS \
             (SELECT 1 FROM tenures WHERE {same} AND tenures.role_rank = {rank})"
        );
        let made_up = format!(
            "SELECT COUNT(*) FROM tenures WHERE until IS NULL AND NOT EXISTS \
             (SELECT 1 FROM memberships WHERE {same} AND {stands})"
        );
        self.number(&forgotten, []).await + self.number(&made_up, []).await
    }

    /// Shuts a person out everywhere.
    pub async fn shut_out(&self, person: &Person) {
        let (now, id) = (self.now().ms().into(), person.id.0.into());
        assert_eq!(self.execute("UPDATE users SET deactivated_at = ? WHERE id = ?", [now, id]).await, 1);
    }

    /// What the log of a scope says, without what is about sign-ins: `chiara: mfa_reset_requested → Marta (reason)`.
    /// Entries of one moment have no order of their own, so they are told in the order of a story.
    pub async fn log_of(&self, scope: Scope) -> Vec<String> {
        let entries = audit_entry::Entity::find()
            .filter(audit_entry::Column::ScopeKind.eq(scope.kind().key()))
            .filter(audit_entry::Column::ScopeId.eq(scope.uuid()))
            .filter(audit_entry::Column::Action.ne("signed_in"))
            .order_by_asc(audit_entry::Column::TargetName);
        let mut entries = entries.all(self.backend.database.read()).await.unwrap();
        let of_story = |entry: &audit_entry::Model| AuditAction::ALL.iter().position(|one| one.key() == entry.action);
        entries.sort_by_key(|entry| (entry.at, of_story(entry)));
        entries.iter().map(told).collect()
    }

    /// The resets of a person, oldest first.
    pub async fn resets_of(&self, person: &Person) -> Vec<mfa_reset::Model> {
        let found = mfa_reset::Entity::find()
            .filter(mfa_reset::Column::UserId.eq(person.id.0))
            .order_by_asc(mfa_reset::Column::RequestedAt);
        found.all(self.backend.database.read()).await.unwrap()
    }

    /// How each reset of a person ended, see [`how_it_ended`]. Two of one moment come in no order.
    pub async fn ends_of(&self, person: &Person) -> Vec<String> {
        self.resets_of(person).await.iter().map(how_it_ended).collect()
    }

    /// Kinds of all mails ever put into the outbox, with whom they are for, in alphabetical order.
    pub async fn mails(&self) -> Vec<String> {
        self.throw_notices_away().await;
        let people = self.rows::<user::Entity>().await;
        let name = |id| people.iter().find(|person| person.id == id).map_or("nobody", |person| person.name.as_str());
        let rows = self.rows::<outbox::Entity>().await;
        let mut mails: Vec<String> = rows.iter().map(|row| format!("{} to {}", row.kind, name(row.user_id))).collect();
        mails.sort();
        mails
    }

    /// The link in the newest mail of this person that has one to this kind of page.
    pub async fn link_to(&self, person: &Person, page: &str) -> LinkToken {
        self.deliver().await;
        let mails = self.mailbox.mails();
        let of_person = mails.iter().rev().filter(|mail| mail.to == person.email);
        let found = of_person.filter_map(|mail| link_in(mail, page)).next();
        found.unwrap_or_else(|| panic!("no link to {page} in the mails to {}", person.name))
    }

    /// The newest code of six digits that was mailed to this person. Mails of one moment arrive in any order.
    pub async fn mailed_code(&self, person: &Person) -> String {
        self.deliver().await;
        let mails = self.mailbox.mails();
        let of_person = mails.iter().rev().filter(|mail| mail.to == person.email);
        let found = of_person
            .flat_map(|mail| mail.text.split(|c: char| !c.is_ascii_alphanumeric()))
            .find(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()));
        found.unwrap_or_else(|| panic!("no code in the mails to {}", person.name)).to_owned()
    }

    /// The link by which this person accepts the newest reset.
    pub async fn reset_link(&self, person: &Person) -> LinkToken {
        self.link_to(person, "mfa-reset").await
    }

    /// The link by which this person sets a password.
    pub async fn password_link(&self, person: &Person) -> LinkToken {
        self.link_to(person, "password-reset").await
    }

    /// The state that the accept page shows.
    pub async fn state_of(&self, link: &LinkToken) -> State {
        backend::mfa_reset::peek(&self.backend, link).await.unwrap().state
    }
}

/// The link to this kind of page in a mail, if it has one.
pub fn link_in(mail: &backend::mail::Message, page: &str) -> Option<LinkToken> {
    let start = format!("{}/{page}/", super::PUBLIC_URL);
    let rest = &mail.text[mail.text.find(&start)? + start.len()..];
    LinkToken::parse(rest.get(..43)?)
}

/// How a reset ended: its state and reason, or `live`.
pub fn how_it_ended(row: &mfa_reset::Model) -> String {
    match (&row.ended_as, &row.end_reason) {
        (Some(state), Some(reason)) => format!("{state}: {reason}"),
        _ => "live".into(),
    }
}

fn of(person: &Person, scope: Scope) -> sea_orm::Condition {
    let kind: ScopeKind = scope.kind();
    sea_orm::Condition::all()
        .add(membership::Column::UserId.eq(person.id.0))
        .add(membership::Column::ScopeKind.eq(kind.key()))
        .add(membership::Column::ScopeId.eq(scope.uuid()))
}

fn told(entry: &audit_entry::Model) -> String {
    let actor = entry.actor_name.as_deref().unwrap_or(&entry.actor_kind);
    let mut told = format!("{actor}: {}", entry.action);
    if let Some(target) = &entry.target_name {
        told.push_str(&format!(" → {target}"));
    }
    if let Some(detail) = &entry.detail {
        told.push_str(&format!(" ({detail})"));
    }
    told
}
