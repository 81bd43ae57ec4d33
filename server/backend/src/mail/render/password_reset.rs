//! The mails about passwords.

use super::Pen;
use crate::{
    Result,
    crypto::{Nonce, Purpose},
    mail::letter::{Action, Letter, Section},
    password_reset,
    store::mail as rows,
};
use domain::mfa_reset::State;

impl Pen<'_> {
    pub(super) async fn password_reset(&self) -> Result<Option<Letter>> {
        let on = self.backend.database.read();
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some(row) = rows::password_reset(on, id).await? else { return Ok(None) };
        if row.used_at.is_some() || self.now.ms() >= row.expires_at || row.epoch != self.to.epoch {
            return Ok(None);
        }
        let withheld = password_reset::withheld(on, &row, self.now).await?;
        if let Some(withheld) = withheld.as_ref().filter(|withheld| !withheld.is_good_where_accepted()) {
            return Ok(Some(self.password_link_withheld(withheld.state)));
        }
        let which = if row.kind == password_reset::FIRST { "first" } else { "forgotten" };
        let host = self.host();
        let say = |key: &str| self.say(&format!("password_reset.{which}.{key}"), &[("host", &host)]);
        let token = self.backend.keys.link_token(Purpose::PasswordReset, row.id, Nonce::from_slice(&row.nonce));
        let section = |of: &str| Section {
            heading: self.say(&format!("password_reset.{of}.heading"), &[("host", &host)]),
            text: self.say(&format!("password_reset.{of}.text"), &[("host", &host)]),
            link: None,
        };
        let where_accepted = withheld.map(|_| section("where_accepted"));
        let sections = where_accepted.into_iter().chain([section(&format!("{which}.ignore")), self.fraud()]).collect();
        Ok(Some(Letter {
            lead: vec![say("lead")],
            facts: vec![
                self.fact("password_reset.fact.address", self.to.email.clone()),
                self.at("password_reset.fact.until", row.expires_at),
            ],
            action: Some(Action {
                link: self.link("password-reset", &token),
                label: say("action"),
                other: None,
                note: self.say("mail.note", &[]),
            }),
            sections,
            ..self.letter(say("subject"))
        }))
    }

    /// Instead of the link, while an MFA reset is under way or its enrolment still to come.
    fn password_link_withheld(&self, reset: State) -> Letter {
        let host = self.host();
        let which = if reset == State::Done { "withheld_done" } else { "withheld" };
        let say = |key: &str| self.say(&format!("password_reset.{which}.{key}"), &[("host", &host)]);
        let section = |key: &str| Section {
            heading: say(&format!("{key}.heading")),
            text: say(&format!("{key}.text")),
            link: None,
        };
        Letter {
            lead: vec![say("lead")],
            sections: vec![section("next"), section("ignore"), self.fraud()],
            ..self.letter(say("subject"))
        }
    }

    pub(super) fn password_changed(&self) -> Letter {
        let say = |key: &str| self.say(&format!("password_reset.password_changed.{key}"), &[]);
        Letter {
            lead: vec![say("lead")],
            facts: vec![self.at("mail.fact.at", self.row.enqueued_at)],
            sections: vec![self.wasnt_you()],
            ..self.letter(say("subject"))
        }
    }
}
