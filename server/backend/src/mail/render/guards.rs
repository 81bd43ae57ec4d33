//! The mails of the guards: a second administrator is needed, a request waits or was called off, a guard is loosened. Who
//! reads of a request that was made outside their reach reads neither who asked nor where.

use super::{Pen, mfa_reset::Reset};
use crate::{
    Result,
    crypto::{Nonce, Purpose},
    loosening,
    mail::{
        letter::{Action, Letter, Section},
        plain::plain,
    },
    mfa_reset::{told_effective_at, voices_of},
    store::{self, mail as rows},
};
use domain::{
    guards::Guards,
    ids::UserId,
    loosening::Loosened,
    mfa_policy::MfaPolicy,
    scope::{Scope, ScopeKind},
};

impl Pen<'_> {
    /// To a second administrator, where to approve.
    pub(super) async fn mfa_reset_approval_wanted(&self) -> Result<Option<Letter>> {
        let Some(reset) = self.reset().await? else { return Ok(None) };
        let row = &reset.row;
        if row.opened_at.is_some() || row.ended_at.is_some() || self.now.ms() >= row.expires_at {
            return Ok(None);
        }
        let Some(page) = self.page_of(&reset).await? else { return Ok(None) };
        let values = [("name", reset.target.0.as_str()), ("asker", reset.asker.as_str())];
        let mut facts = vec![self.person(&reset)];
        facts.extend(self.asked(&reset).await?);
        if !row.reason.is_empty() {
            facts.push(self.fact("guards.fact.reason", plain(&row.reason)));
        }
        facts.push(self.at("guards.fact.approve_until", row.expires_at));
        let sections = vec![
            self.section("mfa_reset_approval_wanted.call", &values, None),
            self.section("mfa_reset_approval_wanted.decide", &values, Some(page)),
        ];
        Ok(Some(self.guards_letter("mfa_reset_approval_wanted", &values, facts, sections)))
    }

    /// To who asked: a second administrator agreed, or did not.
    pub(super) async fn mfa_reset_decided(&self, kind: &str) -> Result<Option<Letter>> {
        let Some(reset) = self.reset().await? else { return Ok(None) };
        let approver = reset.row.approver_name.as_deref().map(plain).unwrap_or_default();
        let values = [("name", reset.target.0.as_str()), ("approver", approver.as_str())];
        let mut facts = vec![self.person(&reset)];
        facts.extend(self.asked(&reset).await?.split_off(1));
        let next = self.section(&format!("{kind}.next"), &values, None);
        Ok(Some(self.guards_letter(kind, &values, facts, vec![next])))
    }

    /// To the person: it was accepted and waits, with the link that calls it off.
    pub(super) async fn mfa_reset_waiting(&self) -> Result<Option<Letter>> {
        let Some(reset) = self.reset().await? else { return Ok(None) };
        let row = &reset.row;
        if row.ended_at.is_some() {
            return Ok(None);
        }
        let token = self.backend.keys.link_token(Purpose::MfaReset, row.id, Nonce::from_slice(&row.nonce));
        let say = |key: &str| self.say(&format!("guards.mfa_reset_waiting.{key}"), &[]);
        let mut facts = self.asked(&reset).await?;
        facts.extend(row.accepted_at.map(|at| self.at("mfa_reset.fact.accepted_at", at)));
        facts.extend(row.effective_at.map(|at| self.at("guards.fact.effective_at", at)));
        let action =
            Action { link: self.link("mfa-reset", &token), label: say("call_off"), other: None, note: say("note") };
        let section = |of: &str| self.section(&format!("mfa_reset_waiting.{of}"), &[], None);
        let sections = vec![section("why"), section("wasnt_you"), self.fraud()];
        let letter = self.guards_letter("mfa_reset_waiting", &[], facts, sections);
        Ok(Some(Letter { action: Some(action), ..letter }))
    }

    /// To who asked: it was accepted and takes effect later; when, only where that is the asker's to know.
    pub(super) async fn mfa_reset_accepted(&self) -> Result<Option<Letter>> {
        let Some(reset) = self.reset().await? else { return Ok(None) };
        let values = [("name", reset.target.0.as_str())];
        let mut facts = vec![self.person(&reset)];
        facts.extend(self.asked(&reset).await?.split_off(1));
        facts.extend(reset.row.accepted_at.map(|at| self.at("mfa_reset.fact.accepted_at", at)));
        facts.extend(told_effective_at(&reset.row).map(|at| self.at("guards.fact.effective_at", at.ms())));
        let next = self.section("mfa_reset_accepted.next", &values, None);
        Ok(Some(self.guards_letter("mfa_reset_accepted", &values, facts, vec![next])))
    }

    /// To an administrator outside the asker's reach, who may call it off.
    pub(super) async fn mfa_reset_elsewhere(&self) -> Result<Option<Letter>> {
        let Some(reset) = self.reset().await? else { return Ok(None) };
        if reset.row.ended_at.is_some() {
            return Ok(None);
        }
        let Some(page) = self.page_of(&reset).await? else { return Ok(None) };
        let values = [("name", reset.target.0.as_str())];
        let mut facts = vec![self.person(&reset)];
        facts.extend(reset.row.accepted_at.map(|at| self.at("mfa_reset.fact.accepted_at", at)));
        facts.extend(reset.row.effective_at.map(|at| self.at("guards.fact.effective_at", at)));
        let sections = vec![
            self.section("mfa_reset_elsewhere.call", &values, None),
            self.section("mfa_reset_elsewhere.call_off", &values, Some(page)),
        ];
        Ok(Some(self.guards_letter("mfa_reset_elsewhere", &values, facts, sections)))
    }

    /// To the person and to who asked: what waited was called off.
    pub(super) async fn mfa_reset_stopped(&self) -> Result<Option<Letter>> {
        let Some(reset) = self.reset().await? else { return Ok(None) };
        let is_target = reset.row.user_id == self.to.id;
        let kind = if is_target { "mfa_reset_stopped" } else { "mfa_reset_stopped_asker" };
        let values = [("name", reset.target.0.as_str())];
        let mut facts = if is_target { Vec::new() } else { vec![self.person(&reset)] };
        facts.extend(self.asked(&reset).await?.split_off(usize::from(!is_target)));
        facts.extend(reset.row.ended_at.map(|at| self.at("mfa_reset.fact.ended_at", at)));
        let next = self.section(&format!("{kind}.next"), &values, None);
        Ok(Some(self.guards_letter(kind, &values, facts, vec![next])))
    }

    /// To an Owner or Admin: what will be easier from when on, and where to call that off.
    pub(super) async fn loosening(&self) -> Result<Option<Letter>> {
        let on = self.backend.database.read();
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some((scope, loosening)) = loosening::lookup(on, id).await? else { return Ok(None) };
        let scope_name = plain(&store::scope_facts(on, scope).await?.name);
        let asker = plain(&loosening.asked_by);
        let values = [("asker", asker.as_str()), ("scope", scope_name.as_str())];
        let mut facts = vec![
            self.fact("mfa_reset.fact.asked_by", asker.clone()),
            self.fact(&format!("mfa_reset.fact.{}", scope.kind().key()), scope_name.clone()),
        ];
        match loosening.to {
            Loosened::Guards(guards) => facts.extend(self.guards(guards)),
            Loosened::MfaNotRequired => {
                let off = self.say("guards.set.not_required", &[]);
                facts.push(self.fact("guards.set.mfa_requirement", off));
            }
            Loosened::MfaPolicy(policy) => facts.extend(self.mfa_policy(scope, policy)),
        }
        facts.push(self.at("guards.fact.effective_at", loosening.due_at.ms()));
        let to = loosening::administered_by(on, UserId(self.to.id), scope).await?;
        let page = self.page(&match to.unwrap_or(scope) {
            Scope::Account(id) => format!("a/{id}/settings/security"),
            Scope::Portfolio(id) => format!("p/{id}/settings/security"),
        });
        // What holds in an account because its portfolio asks for it is called off in the portfolio alone.
        let Some(account) = to.filter(|to| *to != scope) else {
            let next = self.section("loosening.next", &values, Some(page));
            return Ok(Some(self.guards_letter("loosening", &values, facts, vec![next])));
        };
        let account = plain(&store::scope_facts(on, account).await?.name);
        let values = [values[0], values[1], ("account", account.as_str())];
        let next = self.section("loosening_below.next", &values, Some(page));
        Ok(Some(self.guards_letter("loosening_below", &values, facts, vec![next])))
    }

    /// To the security contact: what somebody did within a day of having their own second factors reset.
    pub(super) async fn watched(&self) -> Result<Option<Letter>> {
        let on = self.backend.database.read();
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some(entry) = rows::audit_entry(on, id).await? else { return Ok(None) };
        let scope = entry.scope_kind.as_deref().and_then(ScopeKind::of_key).zip(entry.scope_id);
        let Some((kind, scope)) = scope else { return Ok(None) };
        let scope = kind.with(scope);
        let (actor, scope_name) =
            (plain(entry.actor_name.as_deref().unwrap_or_default()), plain(&store::scope_facts(on, scope).await?.name));
        let values = [("actor", actor.as_str()), ("scope", scope_name.as_str())];
        let mut facts = vec![
            self.fact(&format!("mfa_reset.fact.{}", kind.key()), scope_name.clone()),
            self.fact("guards.fact.did", self.say(&format!("guards.watched.action.{}", entry.action), &[])),
        ];
        facts.extend(entry.target_name.as_deref().map(|name| self.fact("mail.fact.person", plain(name))));
        facts.extend(entry.device.as_deref().map(|device| self.fact("mail.fact.device", plain(device))));
        facts.extend(entry.place.as_deref().map(|place| self.fact("mail.fact.place", plain(place))));
        facts.push(self.at("mail.fact.at", entry.at));
        let page = match scope {
            Scope::Account(id) => format!("a/{id}/settings/activity"),
            Scope::Portfolio(id) => format!("p/{id}/settings/activity"),
        };
        let next = self.section("watched.next", &values, Some(self.page(&page)));
        Ok(Some(self.guards_letter("watched", &values, facts, vec![next])))
    }

    /// To an Owner or Admin: who is the Owner now, and who was.
    pub(super) async fn ownership_moved(&self) -> Result<Option<Letter>> {
        let on = self.backend.database.read();
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some(entry) = rows::audit_entry(on, id).await? else { return Ok(None) };
        let scope = entry.scope_kind.as_deref().and_then(ScopeKind::of_key).zip(entry.scope_id);
        let Some(scope) = scope.map(|(kind, id)| kind.with(id)) else { return Ok(None) };
        let name = |name: &Option<String>| plain(name.as_deref().unwrap_or_default());
        let (actor, target) = (name(&entry.actor_name), name(&entry.target_name));
        let (scope_name, host) = (plain(&store::scope_facts(on, scope).await?.name), self.host());
        let values = [("actor", actor.as_str()), ("target", &target), ("scope", &scope_name), ("host", &host)];
        let facts = vec![
            self.fact(&format!("mfa_reset.fact.{}", scope.kind().key()), scope_name.clone()),
            self.fact("guards.ownership_moved.owner", target.clone()),
            self.fact("guards.ownership_moved.former", actor.clone()),
            self.at("mail.fact.at", entry.at),
        ];
        let next = self.section("ownership_moved.next", &values, None);
        Ok(Some(self.guards_letter("ownership_moved", &values, facts, vec![next])))
    }

    /// What will be set, guard by guard.
    fn guards(&self, guards: Guards) -> [crate::mail::letter::Fact; 4] {
        let hours = |hours: domain::guards::Hours| match hours.get() {
            0 => self.say("guards.set.no_wait", &[]),
            hours => self.say("guards.set.hours", &[("hours", &hours.to_string())]),
        };
        let number = if guards.number { "guards.set.on" } else { "guards.set.off" };
        [
            self.fact("guards.set.approver", self.say(&format!("guards.set.{}", guards.approver.key()), &[])),
            self.fact("guards.set.wait", hours(guards.wait)),
            self.fact("guards.set.owner_wait", hours(guards.owner_wait)),
            self.fact("guards.set.number", self.say(number, &[])),
        ]
    }

    /// What will be accepted, how long a browser will be trusted, and how long people may go without; of a portfolio, whether
    /// that holds in its accounts too.
    fn mfa_policy(&self, scope: Scope, policy: MfaPolicy) -> Vec<crate::mail::letter::Fact> {
        let days = |none: &str, days: u8| match days {
            0 => self.say(none, &[]),
            1 => self.say("guards.set.day", &[]),
            days => self.say("guards.set.days", &[("days", &days.to_string())]),
        };
        let is_on = |on| self.say(if on { "guards.set.on" } else { "guards.set.off" }, &[]);
        let mut facts = vec![
            self.fact("guards.set.trust", days("guards.set.never", policy.trust.get())),
            self.fact("guards.set.phishing_resistant", is_on(policy.phishing_resistant)),
            self.fact("guards.set.sms", is_on(policy.sms)),
            self.fact("guards.set.grace", days("guards.set.no_grace", policy.grace.get())),
        ];
        if scope.kind() == ScopeKind::Portfolio {
            facts.push(self.fact("guards.set.floor", is_on(policy.floor)));
        }
        facts
    }

    fn guards_letter(
        &self,
        kind: &str,
        values: &[(&str, &str)],
        facts: Vec<crate::mail::letter::Fact>,
        sections: Vec<Section>,
    ) -> Letter {
        let say = |key: &str| self.say(&format!("guards.{kind}.{key}"), values);
        Letter { lead: vec![say("lead")], facts, sections, ..self.letter(say("subject")) }
    }

    fn section(&self, of: &str, values: &[(&str, &str)], link: Option<String>) -> Section {
        let say = |key: &str| self.say(&format!("guards.{of}.{key}"), values);
        Section { heading: say("heading"), text: say("text"), link }
    }

    /// The page of this request in a scope of the reader that has a say in it.
    async fn page_of(&self, reset: &Reset) -> Result<Option<String>> {
        let on = self.backend.database.read();
        let own = store::active_memberships(on, UserId(self.to.id)).await?;
        let voices = voices_of(on, reset.row.id).await?;
        let here = own.iter().map(store::entity::membership::Model::scope).find(|scope| voices.contains(scope));
        let user = reset.row.user_id;
        Ok(here.map(|scope| match scope {
            Scope::Account(id) => self.page(&format!("a/{id}/settings/users/{user}/reset-mfa")),
            Scope::Portfolio(id) => self.page(&format!("p/{id}/manage/users/{user}/reset-mfa")),
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::mail::words::Words;
    use domain::audit::AuditAction;

    #[test]
    fn whatever_is_watched_has_a_name_in_each_language() {
        for action in AuditAction::ALL.iter().filter(|action| action.is_watched()) {
            let key = format!("guards.watched.action.{}", action.key());
            let said = ["en", "de"].map(|language| Words::of(language).say(&key, &[]));
            assert!(!said.contains(&key) && said[0] != said[1], "{key}: {said:?}");
        }
    }
}
