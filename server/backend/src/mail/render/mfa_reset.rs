//! The mails of an MFA reset. What a reader may know of it depends on who they are: see [`Pen::mfa_reset_done_contact`].

use super::Pen;
use crate::{
    Result,
    crypto::{Nonce, Purpose},
    mail::{
        letter::{Action, Fact, Letter, Section},
        plain::plain,
    },
    store::{
        self,
        entity::{mfa_reset, user},
        mail as rows,
    },
};
use domain::{
    ids::{PortfolioId, UserId},
    scope::{Scope, ScopeKind},
};

/// An MFA reset as a mail tells of it.
pub(super) struct Reset {
    pub(super) row: mfa_reset::Model,
    /// Whose factors: name and address.
    pub(super) target: (String, String),
    pub(super) asker: String,
}

impl Pen<'_> {
    pub(super) async fn mfa_reset_request(&self) -> Result<Option<Letter>> {
        let Some(reset) = self.reset().await? else { return Ok(None) };
        let row = &reset.row;
        let is_open = row.opened_at.is_some() && row.accepted_at.is_none() && row.ended_at.is_none();
        if !is_open || self.now.ms() >= row.expires_at || row.epoch != self.to.epoch {
            return Ok(None);
        }
        let token = self.backend.keys.link_token(Purpose::MfaReset, row.id, Nonce::from_slice(&row.nonce));
        let say = |key: &str| self.say(&format!("mfa_reset.mfa_reset_request.{key}"), &[("asker", &reset.asker)]);
        let mut facts = self.asked(&reset).await?;
        facts.push(self.at("mfa_reset.fact.until", row.expires_at));
        let section =
            |of: &str| Section { heading: say(&format!("{of}.heading")), text: say(&format!("{of}.text")), link: None };
        let number = row.asks_number.then(|| section("number"));
        let sections =
            number.into_iter().chain(["effect", "codes", "wasnt_you"].map(section)).chain([self.fraud()]).collect();
        Ok(Some(Letter {
            lead: vec![say("lead")],
            facts,
            action: Some(Action {
                link: self.link("mfa-reset", &token),
                label: say("accept"),
                other: Some(say("wasnt_me")),
                note: say("note"),
            }),
            sections,
            ..self.letter(say("subject"))
        }))
    }

    pub(super) async fn mfa_reset_done(&self) -> Result<Option<Letter>> {
        let Some(reset) = self.reset().await? else { return Ok(None) };
        let say = |key: &str| self.say(&format!("mfa_reset.mfa_reset_done.{key}"), &[]);
        let mut facts = self.asked(&reset).await?;
        facts.extend(reset.row.accepted_at.map(|at| self.at("mfa_reset.fact.accepted_at", at)));
        let next = Section { heading: say("next.heading"), text: say("next.text"), link: Some(self.page("sign-in")) };
        Ok(Some(Letter {
            lead: vec![say("lead")],
            facts,
            sections: vec![next, self.wasnt_you(), self.fraud()],
            ..self.letter(say("subject"))
        }))
    }

    pub(super) async fn mfa_reset_done_asker(&self) -> Result<Option<Letter>> {
        let Some(reset) = self.reset().await? else { return Ok(None) };
        let say = |key: &str| self.say(&format!("mfa_reset.mfa_reset_done_asker.{key}"), &[("name", &reset.target.0)]);
        let mut facts = vec![self.person(&reset)];
        facts.extend(self.asked(&reset).await?.split_off(1));
        facts.extend(reset.row.accepted_at.map(|at| self.at("mfa_reset.fact.accepted_at", at)));
        let wasnt_you = Section {
            heading: say("wasnt_you.heading"),
            text: say("wasnt_you.text"),
            link: Some(self.page("forgot-password")),
        };
        Ok(Some(Letter { lead: vec![say("lead")], facts, sections: vec![wasnt_you], ..self.letter(say("subject")) }))
    }

    /// Who looks after security elsewhere reads that it happened, never who asked or where.
    pub(super) async fn mfa_reset_done_contact(&self) -> Result<Option<Letter>> {
        let Some(reset) = self.reset().await? else { return Ok(None) };
        let values = [("name", reset.target.0.as_str()), ("asker", reset.asker.as_str())];
        let say = |key: &str| self.say(&format!("mfa_reset.mfa_reset_done_contact.{key}"), &values);
        let mut facts = vec![self.person(&reset)];
        let lead = if self.is_in_reach_of(&reset.row).await? {
            facts.extend(self.asked(&reset).await?);
            say("lead")
        } else {
            say("lead_elsewhere")
        };
        facts.extend(reset.row.accepted_at.map(|at| self.at("mfa_reset.fact.accepted_at", at)));
        let why = Section { heading: say("why.heading"), text: say("why.text"), link: None };
        Ok(Some(Letter { lead: vec![lead], facts, sections: vec![why], ..self.letter(say("subject")) }))
    }

    pub(super) async fn mfa_reset_declined(&self, to_contact: bool) -> Result<Option<Letter>> {
        let Some(reset) = self.reset().await? else { return Ok(None) };
        let whom = if to_contact { "contact" } else { "asker" };
        let values = [("name", reset.target.0.as_str()), ("asker", reset.asker.as_str())];
        let say = |key: &str| self.say(&format!("mfa_reset.mfa_reset_declined_{whom}.{key}"), &values);
        let mut facts = vec![self.person(&reset)];
        facts.extend(self.asked(&reset).await?.split_off(usize::from(!to_contact)));
        facts.extend(reset.row.ended_at.map(|at| self.at("mfa_reset.fact.declined_at", at)));
        let next = Section { heading: say("next.heading"), text: say("next.text"), link: None };
        Ok(Some(Letter { lead: vec![say("lead")], facts, sections: vec![next], ..self.letter(say("subject")) }))
    }

    pub(super) async fn mfa_reset_wrong_numbers(&self) -> Result<Option<Letter>> {
        let Some(reset) = self.reset().await? else { return Ok(None) };
        let say =
            |key: &str| self.say(&format!("mfa_reset.mfa_reset_wrong_numbers.{key}"), &[("name", &reset.target.0)]);
        let mut facts = vec![self.person(&reset)];
        facts.extend(self.asked(&reset).await?.split_off(1));
        facts.extend(reset.row.ended_at.map(|at| self.at("mfa_reset.fact.ended_at", at)));
        let next = Section { heading: say("next.heading"), text: say("next.text"), link: None };
        Ok(Some(Letter { lead: vec![say("lead")], facts, sections: vec![next], ..self.letter(say("subject")) }))
    }

    /// The reset that this mail is about.
    pub(super) async fn reset(&self) -> Result<Option<Reset>> {
        let on = self.backend.database.read();
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some(row) = rows::mfa_reset(on, id).await? else { return Ok(None) };
        let Some(target) = rows::person(on, row.user_id).await? else { return Ok(None) };
        let name = self.name_of(&target).await?;
        let asker = match &row.asker_name {
            Some(name) => plain(name),
            None => self.say("mfa_reset.operator", &[]),
        };
        Ok(Some(Reset { row, target: (name, target.email), asker }))
    }

    /// Who asked, from where, when: always three facts, or two when the operator did, who asks from nowhere.
    pub(super) async fn asked(&self, reset: &Reset) -> Result<Vec<Fact>> {
        let role = reset.row.asker_role.as_deref().map(|role| plain(&self.words.role_written(role)));
        let asker = match role {
            Some(role) => format!("{}, {role}", reset.asker),
            None => reset.asker.clone(),
        };
        let mut facts = vec![self.fact("mfa_reset.fact.asked_by", asker)];
        if let Some(scope) = scope_of(&reset.row) {
            let name = store::scope_facts(self.backend.database.read(), scope).await?.name;
            facts.push(self.fact(&format!("mfa_reset.fact.{}", scope.kind().key()), plain(&name)));
        }
        facts.push(self.at("mfa_reset.fact.asked_at", reset.row.requested_at));
        Ok(facts)
    }

    pub(super) fn person(&self, reset: &Reset) -> Fact {
        self.fact("mail.fact.person", format!("{}, {}", reset.target.0, reset.target.1))
    }

    /// What the reader calls this person: a scope's name for its member, where both are members of one.
    async fn name_of(&self, person: &user::Model) -> Result<String> {
        if person.id == self.to.id {
            return Ok(plain(&person.name));
        }
        let on = self.backend.database.read();
        let own = store::active_memberships(on, UserId(self.to.id)).await?;
        let theirs = store::active_memberships(on, UserId(person.id)).await?;
        let shared = theirs.iter().find(|theirs| own.iter().any(|own| own.scope() == theirs.scope()));
        Ok(plain(shared.map_or(&person.name, |membership| &membership.name)))
    }

    /// Whether the reader belongs to the reach in which it was asked.
    async fn is_in_reach_of(&self, reset: &mfa_reset::Model) -> Result<bool> {
        let on = self.backend.database.read();
        let reach = match (reset.via_portfolio_id, scope_of(reset)) {
            (Some(portfolio), _) => rows::reach(on, PortfolioId(portfolio)).await?,
            (None, Some(Scope::Portfolio(portfolio))) => rows::reach(on, portfolio).await?,
            (None, scope) => scope.into_iter().collect(),
        };
        let own = store::active_memberships(on, UserId(self.to.id)).await?;
        Ok(own.iter().any(|own| reach.contains(&own.scope())))
    }
}

fn scope_of(reset: &mfa_reset::Model) -> Option<Scope> {
    Some(ScopeKind::of_key(reset.scope_kind.as_deref()?)?.with(reset.scope_id?))
}
