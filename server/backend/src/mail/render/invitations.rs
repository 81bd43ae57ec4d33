//! The mail of an invitation: the same to everybody, with a sign-in or without.

use super::Pen;
use crate::{
    Result, invitations,
    mail::{
        letter::{Action, Letter, Section},
        plain::plain,
    },
    store,
};

impl Pen<'_> {
    pub(super) async fn invitation(&self) -> Result<Option<Letter>> {
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some((row, scope, role, token)) = invitations::mailed(self.backend, id).await? else { return Ok(None) };
        let scope_name = plain(&store::scope_facts(self.backend.database.read(), scope).await?.name);
        let (inviter, role) = (plain(&row.invited_by_name), plain(&self.words.role_named(&role)));
        let values = [("inviter", inviter.as_str()), ("scope", scope_name.as_str())];
        let say = |key: &str| self.say(&format!("invitations.invitation.{key}"), &values);
        let facts = vec![
            self.fact("invitations.fact.invited_by", inviter.clone()),
            self.fact(&format!("mfa_reset.fact.{}", scope.kind().key()), scope_name.clone()),
            self.fact("invitations.fact.role", role),
            self.at("mfa_reset.fact.until", row.expires_at),
        ];
        let section =
            |of: &str| Section { heading: say(&format!("{of}.heading")), text: say(&format!("{of}.text")), link: None };
        Ok(Some(Letter {
            lead: vec![say("lead")],
            facts,
            action: Some(Action {
                link: self.link("invitation", &token),
                label: say("accept"),
                other: Some(say("decline")),
                note: say("note"),
            }),
            sections: vec![section("unknown"), self.fraud()],
            ..self.letter(say("subject"))
        }))
    }
}
