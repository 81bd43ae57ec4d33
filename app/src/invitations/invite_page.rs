//! `…/users/invite`: asking somebody in by address, and who was asked in and has not answered.

use super::{
    api::{self, Invite},
    pending::Pending,
};
use crate::{
    error::{AppError, denied_text},
    error_page::ErrorPage,
    messages::LANGUAGES,
    paths,
    roles::role_text,
    scope::{ScopeField, use_scope},
    step_up::{StepUpLink, by_way_of_step_up},
    ui::{
        Done, Entry, LinkButton, PageHead, PostForm, SelectField, Submit, TextField, Weight,
        form::{FormError, problem},
        use_post,
    },
};
use domain::{
    errors::Field,
    invitations::Invitations,
    person::EmailAddress,
    policy::{self, Denied, Principal},
    roles::{NamedRole, Rank},
    scope::Scope,
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn InvitePage() -> impl IntoView {
    let scope = use_scope();
    let invitations =
        Resource::new(move || scope.get(), |scope| async move { api::list(scope.ok_or(AppError::NotFound)?).await });
    view! {
        <Title text=tr!("invitations.title")/>
        <Transition>
            {move || Suspend::new(async move {
                match invitations.await {
                    Ok(invitations) => Either::Left(view! { <Page invitations/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Page(invitations: Invitations) -> impl IntoView {
    let Invitations { scope, principal, language, roles, pending, has_more, now } = invitations;
    let state = if pending.is_empty() { "none" } else { "pending" };
    view! {
        <main class="main" id="main" data-page="invite" data-state=state>
            <PageHead
                eyebrow=tr!("mfa_reset_request.back")
                back=paths::users(scope)
                title=tr!("invitations.title")
            >
                {tr!("invitations.sentence")}
            </PageHead>
            <Done says=done_text/>
            <Form scope who=principal.clone() language roles/>
            <Pending scope who=principal pending has_more now/>
        </main>
    }
}

#[component]
fn Form(scope: Scope, who: Principal, language: String, roles: Vec<NamedRole>) -> impl IntoView {
    let post = use_post::<Invite>();
    let error = post.error();
    let verdict = |named: &NamedRole| policy::invite(&who, scope, named.role).map(drop);
    let may = |named: &NamedRole| verdict(named).is_ok_and(|()| true) || verdict(named).is_err_and(Denied::is_mendable);
    let mut roles: Vec<NamedRole> = roles.into_iter().filter(may).collect();
    // The least first: who is careless gives little.
    roles.reverse();
    let Some(least) = roles.first().map(|named| named.role) else {
        let denied = policy::cancel_invitation(&who, scope).map(drop).err().unwrap_or(Denied::GrantsMore);
        return Either::Left(view! { <p class="quiet">{denied_text(denied)}</p> });
    };
    let stale = roles.iter().any(|role| verdict(role).is_err());
    let choices = roles.into_iter().map(|named| (named.role.key().to_string().into(), role_text(&named))).collect();
    let languages = LANGUAGES.iter().map(|(tag, name)| ((*tag).into(), (*name).into())).collect();
    // Most write to whom they speak with.
    let chosen = if language.is_empty() { "en".to_owned() } else { language };
    let confirm = stale.then(|| {
        let href = by_way_of_step_up(false, paths::invite(scope));
        view! {
            <p class="hint">
                {tr!("invitations.confirm")} " " <a href=href>{tr!("invitations.confirm_link")}</a>
            </p>
        }
    });
    debug_assert!(least.rank() < Rank::Owner, "ownership is not given by invitation");
    Either::Right(view! {
        <section class="narrow">
            <div class="card">
                <PostForm post>
                    <FormError error/>
                    <StepUpLink error/>
                    <ScopeField scope/>
                    <TextField
                        name="email"
                        label=tr!("invitations.email")
                        entry=Entry::Email
                        max=EmailAddress::MAX
                        problem=problem(error, Field::Email)
                        required=true
                    />
                    <SelectField
                        name="role"
                        label=tr!("invitations.role")
                        problem=problem(error, Field::Role)
                        choices
                        chosen=least.key().to_string()
                    />
                    {confirm}
                    <SelectField
                        name="language"
                        label=tr!("invitations.language")
                        hint=tr!("invitations.language_hint")
                        problem=problem(error, Field::Language)
                        choices=languages
                        chosen
                    />
                    <div class="actions">
                        <LinkButton href=paths::users(scope) label=tr!("mfa_reset_request.cancel")/>
                        <Submit
                            label=tr!("invitations.send")
                            weight=Weight::Primary
                            pending=post.pending()
                        />
                    </div>
                </PostForm>
            </div>
        </section>
    })
}

fn done_text(done: &str) -> Option<&'static str> {
    match done {
        "invited" => Some(tr!("invitations.invited")),
        "invitation_resent" => Some(tr!("invitations.resent")),
        "invitation_cancelled" => Some(tr!("invitations.cancelled_done")),
        _ => None,
    }
}
