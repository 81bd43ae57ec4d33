//! `/invitation/{token}`: what the link in the mail “New account invitation” leads to. Opening it changes nothing; only its
//! two buttons do. Who has no sign-in yet makes one here.

use super::accept_api;
use crate::{
    mailed::{Decide, Outcome, UnknownLink, mailed_page},
    passwords::Strength,
    paths,
    roles::role_text,
    ui::{
        Entry, Fact, Facts, LinkButton, PageHead, TextField, Weight, When, emphasised,
        form::{FormError, form_error, problem},
        strong,
    },
};
use domain::{
    errors::Field,
    invitations::{InvitationState, PeekedInvitation},
    passwords,
    person::Name,
    scope::ScopeKind,
};
use leptos::{either::Either, prelude::*};

#[component]
pub(crate) fn InvitationPage() -> impl IntoView {
    let decide = ServerAction::<accept_api::Decide>::new();
    mailed_page(
        tr!("invitations.accept.eyebrow"),
        decide,
        accept_api::peek,
        move |invitation: PeekedInvitation, token| match invitation.state {
            InvitationState::Open => Either::Left(view! { <Open invitation token decide/> }),
            _ => Either::Right(view! { <Ended invitation/> }),
        },
        || {
            view! {
                <UnknownLink page="invitation" eyebrow=tr!("invitations.accept.eyebrow")>
                    <SignIn weight=Weight::Secondary/>
                </UnknownLink>
            }
        },
    )
}

#[component]
fn Open(invitation: PeekedInvitation, token: String, decide: ServerAction<accept_api::Decide>) -> impl IntoView {
    let sentence = tr!(
        "invitations.accept.sentence",
        inviter = strong(&invitation.invited_by),
        scope = strong(&invitation.scope_name)
    );
    let what = match (invitation.has_sign_in, invitation.requires_mfa) {
        (true, _) => tr!("invitations.accept.known"),
        (false, true) => tr!("invitations.accept.new_mfa"),
        (false, false) => tr!("invitations.accept.new"),
    };
    let place = match invitation.kind {
        ScopeKind::Account => tr!("invitations.accept.account"),
        ScopeKind::Portfolio => tr!("invitations.accept.portfolio"),
    };
    let PeekedInvitation { scope_name, role, email, has_sign_in, expires_at, now, .. } = invitation;
    view! {
        <main class="main" id="main" data-page="invitation" data-state="open">
            <PageHead eyebrow=tr!("invitations.accept.eyebrow") title=tr!("invitations.accept.title", scope = scope_name)>
                {emphasised(&sentence)}
            </PageHead>
            <Facts>
                <Fact term=place>{scope_name.clone()}</Fact>
                <Fact term=tr!("invitations.role")>{role_text(&role)}</Fact>
                <Fact term=tr!("invitations.accept.for")>{email}</Fact>
                <Fact term=tr!("invitations.accept.until")>
                    <When at=expires_at now zone=true/>
                </Fact>
            </Facts>
            <div class="prose">
                <p>{what}</p>
            </div>
            <Form token decide has_sign_in/>
            <div class="prose quiet">
                <p>{tr!("invitations.accept.unknown_inviter")}</p>
            </div>
        </main>
    }
}

/// One form, two buttons: which was pressed is what is sent. Declining takes neither name nor password.
#[component]
fn Form(token: String, decide: ServerAction<accept_api::Decide>, has_sign_in: bool) -> impl IntoView {
    let error = form_error(decide);
    let new = (!has_sign_in).then(|| {
        view! {
            <TextField
                name="name"
                label=tr!("invitations.accept.name")
                max=Name::MAX
                problem=problem(error, Field::Name)
            />
            <Strength>
                <TextField
                    name="password"
                    label=tr!("invitations.accept.password")
                    entry=Entry::NewPassword
                    hint=tr!("password_reset.set.rule", min = passwords::MIN)
                    problem=problem(error, Field::Password)
                />
            </Strength>
        }
    });
    view! {
        <ActionForm action=decide attr:class="form">
            <FormError error/>
            {new}
            <Decide
                token
                accept=tr!("invitations.accept.accept")
                decline=tr!("invitations.accept.decline")
                pending=decide.pending()
            />
        </ActionForm>
    }
}

/// What became of it, and what to do next.
#[component]
fn Ended(invitation: PeekedInvitation) -> impl IntoView {
    let PeekedInvitation { state, scope_name, invited_by, .. } = invitation;
    let (title, sentence) = match state {
        InvitationState::Accepted | InvitationState::Open => {
            (tr!("invitations.accepted.title", scope = scope_name), tr!("invitations.accepted.sentence").to_owned())
        }
        InvitationState::Declined => {
            (tr!("invitations.declined.title").to_owned(), tr!("invitations.declined.sentence", scope = scope_name))
        }
        InvitationState::Cancelled => {
            (tr!("invitations.cancelled.title").to_owned(), tr!("invitations.cancelled.sentence", scope = scope_name))
        }
        InvitationState::Expired => {
            (tr!("invitations.expired.title").to_owned(), tr!("invitations.expired.sentence", inviter = invited_by))
        }
    };
    let weight = if state == InvitationState::Accepted { Weight::Primary } else { Weight::Secondary };
    view! {
        <Outcome page="invitation" state=state.key() eyebrow=tr!("invitations.accept.eyebrow") title sentence>
            <SignIn weight/>
        </Outcome>
    }
}

#[component]
fn SignIn(weight: Weight) -> impl IntoView {
    view! {
        <div class="actions">
            <LinkButton href=paths::sign_in() label=tr!("mfa_reset_accept.sign_in") weight wide=true/>
        </div>
    }
}
