//! The mails of a call for help: to who asked, and to who may help.

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
        entity::{help_call, user},
        mail as rows,
        roles::Held,
    },
};
use domain::{ids::UserId, policy, scope::Scope};

impl Pen<'_> {
    /// To the person, who may say “This wasn't me”.
    pub(super) async fn help_asked(&self) -> Result<Option<Letter>> {
        let Some((call, _)) = self.help_call().await? else { return Ok(None) };
        let say = |key: &str| self.say(&format!("locked_out.help_asked.{key}"), &[]);
        let token = self.backend.keys.link_token(Purpose::HelpCall, call.id, Nonce::from_slice(&call.nonce));
        let next = Section { heading: say("next.heading"), text: say("next.text"), link: None };
        Ok(Some(Letter {
            lead: vec![say("lead")],
            facts: self.whence(&call),
            action: Some(Action {
                link: self.link("sign-in/not-me", &token),
                label: say("wasnt_me"),
                other: None,
                note: say("note"),
            }),
            sections: vec![next, self.fraud()],
            ..self.letter(say("subject"))
        }))
    }

    /// To an administrator who may reset the person's MFA.
    pub(super) async fn help_wanted(&self) -> Result<Option<Letter>> {
        let Some((call, person)) = self.help_call().await? else { return Ok(None) };
        if call.disowned_at.is_some() {
            return Ok(None);
        }
        let Some((scope, name)) = self.helped_in(&person).await? else { return Ok(None) };
        let say = |key: &str| self.say(&format!("locked_out.help_wanted.{key}"), &[("name", &name)]);
        let users = match scope {
            Scope::Account(id) => format!("a/{id}/settings/users"),
            Scope::Portfolio(id) => format!("p/{id}/manage/users"),
        };
        let mut facts = self.about(&person, &name, scope).await?;
        facts.extend(self.whence(&call));
        let section =
            |of: &str, link| Section { heading: say(&format!("{of}.heading")), text: say(&format!("{of}.text")), link };
        let at_the_person = self.page_with(&users, &[("q", &person.email)]);
        Ok(Some(Letter {
            lead: vec![say("lead")],
            facts,
            sections: vec![section("call", None), section("reset", Some(at_the_person)), section("not_them", None)],
            ..self.letter(say("subject"))
        }))
    }

    /// To the same, when the person said that it was not them.
    pub(super) async fn help_disowned(&self) -> Result<Option<Letter>> {
        let Some((call, person)) = self.help_call().await? else { return Ok(None) };
        let Some((scope, name)) = self.helped_in(&person).await? else { return Ok(None) };
        let say = |key: &str| self.say(&format!("locked_out.help_disowned.{key}"), &[("name", &name)]);
        let mut facts = self.about(&person, &name, scope).await?;
        facts.extend(self.whence(&call));
        let next = Section { heading: say("next.heading"), text: say("next.text"), link: None };
        Ok(Some(Letter { lead: vec![say("lead")], facts, sections: vec![next], ..self.letter(say("subject")) }))
    }

    async fn help_call(&self) -> Result<Option<(help_call::Model, user::Model)>> {
        let on = self.backend.database.read();
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some(call) = rows::help_call(on, id).await? else { return Ok(None) };
        let person = rows::person(on, call.user_id).await?;
        Ok(person.map(|person| (call, person)))
    }

    /// Where the reader may reset this person's MFA, and what the person is called there.
    async fn helped_in(&self, person: &user::Model) -> Result<Option<(Scope, String)>> {
        let on = self.backend.database.read();
        let own = store::active_memberships(on, UserId(self.to.id)).await?;
        let theirs = store::active_memberships(on, UserId(person.id)).await?;
        let reaches = |own: &Scope, place: &store::entity::membership::Model| {
            place.scope() == *own || place.portfolio_id.is_some_and(|portfolio| portfolio == own.uuid())
        };
        let held = Held::in_places(on, &own).await?;
        let resets = |own: &&store::entity::membership::Model| policy::resets_mfa(held.in_place(own).role);
        let mut scopes = own.iter().filter(resets).map(|own| own.scope());
        let found = scopes.find_map(|scope| Some((scope, theirs.iter().find(|place| reaches(&scope, place))?)));
        Ok(found.map(|(scope, place)| (scope, plain(&place.name))))
    }

    async fn about(&self, person: &user::Model, name: &str, scope: Scope) -> Result<Vec<Fact>> {
        let scope_name = store::scope_facts(self.backend.database.read(), scope).await?.name;
        Ok(vec![
            self.fact("mail.fact.person", format!("{name}, {}", person.email)),
            self.fact(&format!("mfa_reset.fact.{}", scope.kind().key()), plain(&scope_name)),
        ])
    }

    /// From which device and place, when.
    fn whence(&self, call: &help_call::Model) -> Vec<Fact> {
        let mut facts = vec![self.fact("mail.fact.device", plain(&call.device))];
        facts.extend(call.place.as_ref().map(|place| self.fact("mail.fact.place", plain(place))));
        facts.push(self.at("mail.fact.at", call.asked_at));
        facts
    }
}
