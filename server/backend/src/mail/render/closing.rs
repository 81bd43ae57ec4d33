//! The mail about an account or portfolio that is closed.

use super::Pen;
use crate::{
    Result,
    mail::{
        letter::{Letter, Section},
        plain::plain,
    },
    store::{self, mail as rows},
};
use domain::scope::ScopeKind;

impl Pen<'_> {
    /// To an Owner or Admin: nobody can enter any more.
    pub(super) async fn scope_closed(&self) -> Result<Option<Letter>> {
        let on = self.backend.database.read();
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some(entry) = rows::audit_entry(on, id).await? else { return Ok(None) };
        let scope = entry.scope_kind.as_deref().and_then(ScopeKind::of_key).zip(entry.scope_id);
        let Some(scope) = scope.map(|(kind, id)| kind.with(id)) else { return Ok(None) };
        let (scope_name, host) = (plain(&store::scope_facts(on, scope).await?.name), self.host());
        let actor = entry.actor_name.as_deref().map(plain);
        let mut facts = vec![self.fact(&format!("mfa_reset.fact.{}", scope.kind().key()), scope_name.clone())];
        facts.extend(actor.clone().map(|actor| self.fact("closing.fact.closed_by", actor)));
        facts.extend(entry.detail.as_deref().map(|reason| self.fact("guards.fact.reason", plain(reason))));
        facts.push(self.at("mail.fact.at", entry.at));
        let by = if actor.is_some() { "by_owner" } else { "by_operator" };
        let actor = actor.unwrap_or_default();
        let values = [("scope", scope_name.as_str()), ("host", &host), ("actor", &actor)];
        let say = |key: &str| self.say(&format!("closing.{by}.{key}"), &values);
        let next = Section { heading: say("next.heading"), text: say("next.text"), link: None };
        Ok(Some(Letter { lead: vec![say("lead")], facts, sections: vec![next], ..self.letter(say("subject")) }))
    }
}
