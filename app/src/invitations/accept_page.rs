//! `/invitation/{token}`: what the link in the mail “New account invitation” leads to. Opening it changes nothing; only its
//! two buttons do. Who has no sign-in yet makes one here.

use super::accept_api::{self, Decide};
use crate::{
    caller,
    error::AppError,
    error_page::ErrorPage,
    help::Support,
    mailed::use_mailed,
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
use leptos::{either::EitherOf4, prelude::*};
use leptos_meta::{Meta, Title};

#[component]
pub(crate) fn InvitationPage() -> impl IntoView {
    let decide = ServerAction::<Decide>::new();
    let (token, invitation) = use_mailed(decide, accept_api::peek);
    view! {
        <Title text=tr!("invitations.accept.eyebrow")/>
        <Meta name="robots" content="noindex, nofollow"/>
        <Transition>
            {move || {
                let token = token.clone();
                Suspend::new(async move {
                    match invitation.await {
                        Ok(invitation) if invitation.state == InvitationState::Open => {
                            EitherOf4::A(view! { <Open invitation token decide/> })
                        }
                        Ok(invitation) => EitherOf4::B(view! { <Outcome invitation/> }),
                        Err(AppError::NotFound) => EitherOf4::C(view! { <Unknown/> }),
                        Err(error) => EitherOf4::D(view! { <ErrorPage error/> }),
                    }
                })
            }}
        </Transition>
    }
}

#[component]
fn Open(invitation: PeekedInvitation, token: String, decide: ServerAction<Decide>) -> impl IntoView {
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
                <Fact term=tr!("invitations.role")>{role_text(role)}</Fact>
                <Fact term=tr!("invitations.accept.for")>{email}</Fact>
                <Fact term=tr!("invitations.accept.until")>
                    <When at=expires_at now zone=true/>
                </Fact>
            </Facts>
            <div class="prose">
                <p>{what}</p>
            </div>
            <Decision token decide has_sign_in/>
            <div class="prose quiet">
                <p>{tr!("invitations.accept.unknown_inviter")}</p>
            </div>
        </main>
    }
}

/// One form, two buttons: which was pressed is what is sent. Declining takes neither name nor password.
#[component]
fn Decision(token: String, decide: ServerAction<Decide>, has_sign_in: bool) -> impl IntoView {
    let busy = move || decide.pending().get().then_some("true");
    let error = form_error(decide);
    let new = (!has_sign_in).then(|| {
        view! {
            <TextField
                name="name"
                label=tr!("invitations.accept.name")
                max=Name::MAX
                problem=problem(error, Field::Name)
            />
            <TextField
                name="password"
                label=tr!("invitations.accept.password")
                entry=Entry::NewPassword
                hint=tr!("password_reset.set.rule", min = passwords::MIN)
                problem=problem(error, Field::Password)
            />
        }
    });
    view! {
        <ActionForm action=decide attr:class="form">
            <FormError error/>
            <input type="hidden" name="token" value=token/>
            {new}
            <div class="actions">
                <button type="submit" class="button primary wide" name="decision" value="accept" aria-busy=busy>
                    {tr!("invitations.accept.accept")}
                </button>
                <button type="submit" class="button wide" name="decision" value="decline">
                    {tr!("invitations.accept.decline")}
                </button>
            </div>
        </ActionForm>
    }
}

/// What became of it, and what to do next.
#[component]
fn Outcome(invitation: PeekedInvitation) -> impl IntoView {
    let PeekedInvitation { state, scope_name, invited_by, .. } = invitation;
    if state == InvitationState::Expired {
        caller::set_page_status(410);
    }
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
        <main class="main" id="main" data-page="invitation" data-state=state.key()>
            <div role="status">
                <PageHead eyebrow=tr!("invitations.accept.eyebrow") title>
                    {sentence}
                </PageHead>
            </div>
            <div class="actions">
                <LinkButton href=paths::sign_in() label=tr!("mfa_reset_accept.sign_in") weight wide=true/>
            </div>
            <Support/>
        </main>
    }
}

/// A link that leads to nothing: cut off, mistyped, or older than outcomes are kept.
#[component]
fn Unknown() -> impl IntoView {
    caller::set_page_status(404);
    view! {
        <main class="main" id="main" data-page="invitation" data-state="unknown">
            <PageHead eyebrow=tr!("invitations.accept.eyebrow") title=tr!("invitations.unknown.title")>
                {tr!("invitations.unknown.sentence")}
            </PageHead>
            <div class="actions">
                <LinkButton href=paths::sign_in() label=tr!("mfa_reset_accept.sign_in") wide=true/>
            </div>
            <Support/>
        </main>
    }
}
