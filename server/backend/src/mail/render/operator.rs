//! The mails about what the operator does: another Owner, another address for somebody. Whoever reads
//! in a mailbox that is to be somebody's may be a stranger, and reads nothing of them.

use super::Pen;
use crate::{
    Result, loosening,
    mail::{
        letter::{Fact, Letter, Section},
        plain::plain,
    },
    operator,
    store::{
        self,
        entity::{membership, operator_change, outbox},
        mail as rows,
    },
};
use domain::ids::UserId;
use sea_orm::ConnectionTrait;

/// Whether a mail about another address goes to that one.
pub(super) async fn is_new_mailbox(on: &impl ConnectionTrait, row: &outbox::Model) -> Result<bool> {
    let change = operator::lookup(on, row).await?;
    Ok(change.is_some_and(|change| row.copy_to.is_some() && change.new_email == row.copy_to))
}

/// Whether it has taken effect, so that what was is former.
fn is_done(kind: &str) -> bool {
    matches!(kind, "owner_set" | "address_set")
}

impl Pen<'_> {
    /// To Owners, Admins and who is to be the Owner: another Owner is named, is in place, or is not to be.
    pub(super) async fn owner_by_operator(&self, kind: &str) -> Result<Option<Letter>> {
        let on = self.backend.database.read();
        let Some(change) = operator::lookup(on, self.row).await? else { return Ok(None) };
        let Some(scope) = operator::scope_of(&change) else { return Ok(None) };
        let Some(person) = rows::person(on, change.user_id).await? else { return Ok(None) };
        let (target, former) = (plain(&person.name), plain(change.former_name.as_deref().unwrap_or_default()));
        let (scope_name, host) = (plain(&store::scope_facts(on, scope).await?.name), self.host());
        let values = [("target", target.as_str()), ("scope", &scope_name), ("host", &host)];
        let mut facts = vec![
            self.fact(&format!("mfa_reset.fact.{}", scope.kind().key()), scope_name.clone()),
            self.fact("operator.fact.owner", target.clone()),
            self.fact(if is_done(kind) { "operator.fact.former_owner" } else { "operator.fact.present_owner" }, former),
        ];
        facts.extend(self.when_and_why(kind, &change));
        Ok(Some(self.operators_letter(kind, &values, facts)))
    }

    /// To the mailboxes concerned and to administrators: another address is named for somebody, is in use, or is not to be.
    pub(super) async fn address_by_operator(&self, kind: &str) -> Result<Option<Letter>> {
        let on = self.backend.database.read();
        let Some(change) = operator::lookup(on, self.row).await? else { return Ok(None) };
        let (present, new) = (change.present_email.clone(), change.new_email.clone());
        let host = self.host();
        let new_fact = || new.clone().map(|new| self.fact("email_change.fact.new", new));
        if self.row.copy_to.is_some() && self.row.copy_to == new {
            let facts = new_fact().into_iter().chain(self.when(kind, &change)).collect();
            return Ok(Some(self.operators_letter(&format!("{kind}.new"), &[("host", &host)], facts)));
        }
        let label = if is_done(kind) { "operator.fact.former_address" } else { "operator.fact.present_address" };
        let addresses = present.map(|present| self.fact(label, present)).into_iter().chain(new_fact());
        if self.row.user_id == change.user_id {
            let facts = addresses.chain(self.when_and_why(kind, &change)).collect();
            return Ok(Some(self.operators_letter(&format!("{kind}.person"), &[("host", &host)], facts)));
        }
        // In the name that the person has where the reader is an administrator, and of that place alone.
        let Some(place) = self.common_place(UserId(change.user_id)).await? else { return Ok(None) };
        let name = plain(&place.name);
        let scope_name = plain(&store::scope_facts(on, place.scope()).await?.name);
        let values = [("name", name.as_str()), ("scope", &scope_name), ("host", &host)];
        let person = self.fact("mail.fact.person", name.clone());
        let scope = self.fact(&format!("mfa_reset.fact.{}", place.scope().kind().key()), scope_name.clone());
        let facts = [person, scope].into_iter().chain(addresses).chain(self.when_and_why(kind, &change)).collect();
        Ok(Some(self.operators_letter(&format!("{kind}.admin"), &values, facts)))
    }

    /// A place of this person in a scope of which the reader is an administrator.
    async fn common_place(&self, person: UserId) -> Result<Option<membership::Model>> {
        let on = self.backend.database.read();
        for place in store::active_memberships(on, person).await? {
            let administrators = loosening::administrators(on, place.scope()).await?;
            if administrators.iter().any(|admin| admin.user_id == self.to.id) {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    fn when(&self, kind: &str, change: &operator_change::Model) -> Vec<Fact> {
        let at = |key: &str, at| vec![self.at(key, at)];
        match change.ended_at {
            // What was to come reads as it did, also when it leaves late.
            _ if kind.ends_with("to_be_set") => at("guards.fact.effective_at", change.due_at),
            Some(ended) => at("mail.fact.at", ended),
            None => Vec::new(),
        }
    }

    fn when_and_why(&self, kind: &str, change: &operator_change::Model) -> Vec<Fact> {
        let reason = Some(&change.reason).filter(|reason| !reason.is_empty() && !kind.ends_with("stays"));
        let mut facts = self.when(kind, change);
        facts.extend(reason.map(|reason| self.fact("guards.fact.reason", plain(reason))));
        facts
    }

    fn operators_letter(&self, kind: &str, values: &[(&str, &str)], facts: Vec<Fact>) -> Letter {
        let say = |key: &str| self.say(&format!("operator.{kind}.{key}"), values);
        let next = Section { heading: say("next.heading"), text: say("next.text"), link: None };
        Letter { lead: vec![say("lead")], facts, sections: vec![next], ..self.letter(say("subject")) }
    }
}
