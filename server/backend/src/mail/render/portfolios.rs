//! The mails of portfolios: an account is asked to join, was linked or left, or its link is to be confirmed. None carries a
//! secret: the pages that they lead to ask who one is.

use super::Pen;
use crate::{
    Result,
    mail::{
        letter::{Fact, Letter, Section},
        plain::plain,
    },
    portfolios,
    store::{self, mail as rows},
};
use domain::{
    audit::ActorKind,
    ids::{AccountId, PortfolioId},
    portfolios::LinkRequestState,
    scope::{Scope, ScopeKind},
};
use uuid::Uuid;

/// What both sides are called.
struct Sides {
    account: String,
    portfolio: String,
}

impl Pen<'_> {
    /// To the account's Owner: who asks, and where to look at it.
    pub(super) async fn link_asked(&self) -> Result<Option<Letter>> {
        let on = self.backend.database.read();
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some((row, LinkRequestState::Open)) = portfolios::request(on, id, self.now).await? else {
            return Ok(None);
        };
        let sides = self.sides(row.account_id, row.portfolio_id).await?;
        let asker = plain(&row.asked_by_name);
        let mut facts = self.of_sides(&sides);
        facts.push(self.fact("mfa_reset.fact.asked_by", asker.clone()));
        facts.push(self.at("mfa_reset.fact.until", row.expires_at));
        let page = self.page(&format!("a/{}/settings/security/portfolio/requests/{id}", row.account_id));
        let sections = [("means", None), ("decide", Some(page)), ("surprised", None)];
        Ok(Some(self.link_letter("link_asked", &sides, &asker, facts, sections)))
    }

    /// To who asked: the account's Owner did not agree.
    pub(super) async fn link_declined(&self) -> Result<Option<Letter>> {
        let on = self.backend.database.read();
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some((row, _)) = portfolios::request(on, id, self.now).await? else { return Ok(None) };
        let sides = self.sides(row.account_id, row.portfolio_id).await?;
        let mut facts = self.of_sides(&sides);
        facts.extend(row.ended_at.map(|at| self.at("mail.fact.at", at)));
        Ok(Some(self.link_letter("link_declined", &sides, "", facts, [("next", None)])))
    }

    /// To an Owner or Admin of either side: they are linked.
    pub(super) async fn account_linked(&self) -> Result<Option<Letter>> {
        let Some((scope, sides, actor, at)) = self.of_link().await? else { return Ok(None) };
        let mut facts = self.of_sides(&sides);
        facts.push(self.fact("portfolios.fact.agreed_by", actor.clone()));
        facts.push(self.at("mail.fact.at", at));
        let (means, page) = match scope {
            Scope::Account(id) => ("account_means", self.page(&format!("a/{id}/settings/security/portfolio"))),
            Scope::Portfolio(id) => ("portfolio_means", self.page(&format!("p/{id}/manage/accounts"))),
        };
        let sections = [(means, Some(page)), ("surprised", None)];
        Ok(Some(self.link_letter("account_linked", &sides, &actor, facts, sections)))
    }

    /// To the same: they are linked no more, by somebody or by time.
    pub(super) async fn account_unlinked(&self) -> Result<Option<Letter>> {
        let Some((scope, sides, actor, at)) = self.of_link().await? else { return Ok(None) };
        let mut facts = self.of_sides(&sides);
        facts.extend((!actor.is_empty()).then(|| self.fact("portfolios.fact.ended_by", actor.clone())));
        facts.push(self.at("mail.fact.at", at));
        let page = match scope {
            Scope::Account(id) => self.page(&format!("a/{id}/settings/security")),
            Scope::Portfolio(id) => self.page(&format!("p/{id}/manage/accounts")),
        };
        let kind = if actor.is_empty() { "link_ran_out" } else { "account_unlinked" };
        let means = match scope.kind() {
            ScopeKind::Account => "account_means",
            ScopeKind::Portfolio => "portfolio_means",
        };
        let means = (means, Some(page));
        Ok(Some(match kind {
            "link_ran_out" => self.link_letter(kind, &sides, "", facts, [means]),
            _ => self.link_letter(kind, &sides, &actor, facts, [means, ("surprised", None)]),
        }))
    }

    /// To the account's Owner: whether it stays linked.
    pub(super) async fn link_to_confirm(&self) -> Result<Option<Letter>> {
        let on = self.backend.database.read();
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some(account) = rows::account(on, id).await? else { return Ok(None) };
        let (Some(portfolio), Some(until)) = (account.portfolio_id, account.link_confirm_until) else {
            return Ok(None);
        };
        let sides = self.sides(id, portfolio).await?;
        let mut facts = self.of_sides(&sides);
        facts.push(self.at("portfolios.fact.ends_at", until));
        let page = self.page(&format!("a/{id}/settings/security/portfolio"));
        Ok(Some(self.link_letter("link_to_confirm", &sides, "", facts, [("decide", Some(page)), ("else", None)])))
    }

    /// What the entry tells that the mail is about: in whose log it is, who the sides are, who did it and when. By nobody is
    /// by time.
    async fn of_link(&self) -> Result<Option<(Scope, Sides, String, i64)>> {
        let on = self.backend.database.read();
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some(entry) = rows::audit_entry(on, id).await? else { return Ok(None) };
        let scope = entry.scope_kind.as_deref().and_then(ScopeKind::of_key).zip(entry.scope_id);
        let Some(scope) = scope.map(|(kind, id)| kind.with(id)) else { return Ok(None) };
        let here = plain(&store::scope_facts(on, scope).await?.name);
        let other = plain(entry.detail.as_deref().unwrap_or_default());
        let (account, portfolio) = match scope.kind() {
            ScopeKind::Account => (here, other),
            ScopeKind::Portfolio => (other, here),
        };
        let by_somebody = ActorKind::of_key(&entry.actor_kind) == Some(ActorKind::User);
        let actor = entry.actor_name.as_deref().filter(|_| by_somebody).map(plain).unwrap_or_default();
        Ok(Some((scope, Sides { account, portfolio }, actor, entry.at)))
    }

    async fn sides(&self, account: Uuid, portfolio: Uuid) -> Result<Sides> {
        let on = self.backend.database.read();
        let account = store::scope_facts(on, Scope::Account(AccountId(account))).await?.name;
        let portfolio = store::scope_facts(on, Scope::Portfolio(PortfolioId(portfolio))).await?.name;
        Ok(Sides { account: plain(&account), portfolio: plain(&portfolio) })
    }

    fn of_sides(&self, sides: &Sides) -> Vec<Fact> {
        vec![
            self.fact("mfa_reset.fact.account", sides.account.clone()),
            self.fact("mfa_reset.fact.portfolio", sides.portfolio.clone()),
        ]
    }

    fn link_letter<const N: usize>(
        &self,
        kind: &str,
        sides: &Sides,
        actor: &str,
        facts: Vec<Fact>,
        sections: [(&str, Option<String>); N],
    ) -> Letter {
        let values = [("account", sides.account.as_str()), ("portfolio", sides.portfolio.as_str()), ("actor", actor)];
        let say = |key: &str| self.say(&format!("portfolios.{kind}.{key}"), &values);
        let sections = sections.map(|(of, link)| Section {
            heading: say(&format!("{of}.heading")),
            text: say(&format!("{of}.text")),
            link,
        });
        Letter { lead: vec![say("lead")], facts, sections: sections.into(), ..self.letter(say("subject")) }
    }
}
