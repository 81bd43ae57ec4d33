//! `/email-change/{token}`: where a mailbox says yes or no to a change of address. Opening it changes nothing.

use super::accept_api::{self, Decide};
use crate::{
    caller,
    error::AppError,
    error_page::ErrorPage,
    help::Support,
    mailed::use_mailed,
    paths,
    ui::{
        Fact, Facts, LinkButton, PageHead, Weight, When, emphasised,
        form::{FormError, form_error},
        strong,
    },
};
use domain::email_change::{EmailChangeState, Mailbox, PeekedEmailChange};
use leptos::{either::EitherOf4, prelude::*};
use leptos_meta::{Meta, Title};

#[component]
pub(crate) fn ConfirmEmailPage() -> impl IntoView {
    let decide = ServerAction::<Decide>::new();
    let (token, change) = use_mailed(decide, accept_api::peek);
    view! {
        <Title text=tr!("email_change.eyebrow")/>
        <Meta name="robots" content="noindex, nofollow"/>
        <Transition>
            {move || {
                let token = token.clone();
                Suspend::new(async move {
                    match change.await {
                        Ok(change) if change.state == EmailChangeState::Open => {
                            EitherOf4::A(view! { <Open change token decide/> })
                        }
                        Ok(change) => EitherOf4::B(view! { <Outcome change/> }),
                        Err(AppError::NotFound) => EitherOf4::C(view! { <Unknown/> }),
                        Err(error) => EitherOf4::D(view! { <ErrorPage error/> }),
                    }
                })
            }}
        </Transition>
    }
}

#[component]
fn Open(change: PeekedEmailChange, token: String, decide: ServerAction<Decide>) -> impl IntoView {
    let PeekedEmailChange { mailbox, email, expires_at, now, .. } = change;
    let (sentence, not_you) = match mailbox {
        Mailbox::Present => {
            (tr!("email_change.open.present", email = strong(&email)), tr!("email_change.open.not_you"))
        }
        Mailbox::New => (tr!("email_change.open.new", email = strong(&email)), tr!("email_change.open.unknown")),
    };
    let busy = move || decide.pending().get().then_some("true");
    view! {
        <main class="main" id="main" data-page="email_change" data-state="open">
            <PageHead eyebrow=tr!("email_change.eyebrow") title=tr!("email_change.open.title")>
                {emphasised(&sentence)}
            </PageHead>
            <Facts>
                <Fact term=tr!("email_change.new")>{email.clone()}</Fact>
                <Fact term=tr!("email_change.open.until")>
                    <When at=expires_at now zone=true/>
                </Fact>
            </Facts>
            <ActionForm action=decide attr:class="form">
                <FormError error=form_error(decide)/>
                <input type="hidden" name="token" value=token/>
                <div class="actions">
                    <button type="submit" class="button primary wide" name="decision" value="accept" aria-busy=busy>
                        {tr!("email_change.open.confirm")}
                    </button>
                    <button type="submit" class="button wide" name="decision" value="decline">
                        {tr!("email_change.open.decline")}
                    </button>
                </div>
            </ActionForm>
            <div class="prose quiet">
                <p>{not_you}</p>
            </div>
            <Support/>
        </main>
    }
}

/// What became of it, and what to do next.
#[component]
fn Outcome(change: PeekedEmailChange) -> impl IntoView {
    let PeekedEmailChange { state, mailbox, email, .. } = change;
    if state == EmailChangeState::Expired {
        caller::set_page_status(410);
    }
    let (title, sentence) = match (state, mailbox) {
        (EmailChangeState::Open | EmailChangeState::Confirmed, Mailbox::Present) => {
            (tr!("email_change.confirmed.title"), tr!("email_change.confirmed.new_next", email = email))
        }
        (EmailChangeState::Open | EmailChangeState::Confirmed, Mailbox::New) => {
            (tr!("email_change.confirmed.title"), tr!("email_change.confirmed.present_next").to_owned())
        }
        (EmailChangeState::Done, _) => {
            (tr!("email_change.done.title"), tr!("email_change.done.sentence", email = email))
        }
        (EmailChangeState::Declined, Mailbox::Present) => {
            (tr!("email_change.declined.title"), tr!("email_change.declined.present").to_owned())
        }
        (EmailChangeState::Declined, Mailbox::New) => {
            (tr!("email_change.declined.title"), tr!("email_change.declined.new").to_owned())
        }
        (EmailChangeState::Cancelled, _) => {
            (tr!("email_change.cancelled.title"), tr!("email_change.cancelled.sentence").to_owned())
        }
        (EmailChangeState::Taken, _) => {
            (tr!("email_change.taken.title"), tr!("email_change.taken.sentence", email = email))
        }
        (EmailChangeState::Expired, _) => {
            (tr!("email_change.expired.title"), tr!("email_change.expired.sentence").to_owned())
        }
    };
    // Somebody else was signed in: a new password ends that.
    let was_another = state == EmailChangeState::Declined && mailbox == Mailbox::Present;
    let next = match (was_another, state) {
        (true, _) => Some(view! {
            <LinkButton
                href=paths::forgot_password()
                label=tr!("email_change.declined.password")
                weight=Weight::Primary
                wide=true
            />
        }),
        (false, EmailChangeState::Done) => Some(view! {
            <LinkButton
                href=paths::sign_in()
                label=tr!("mfa_reset_accept.sign_in")
                weight=Weight::Primary
                wide=true
            />
        }),
        (false, _) => None,
    };
    view! {
        <main class="main" id="main" data-page="email_change" data-state=state.key()>
            <div role="status">
                <PageHead eyebrow=tr!("email_change.eyebrow") title>
                    {sentence}
                </PageHead>
            </div>
            {next.map(|next| view! { <div class="actions">{next}</div> })}
            <Support/>
        </main>
    }
}

/// A link that leads to nothing: cut off, mistyped, or older than outcomes are kept.
#[component]
fn Unknown() -> impl IntoView {
    caller::set_page_status(404);
    view! {
        <main class="main" id="main" data-page="email_change" data-state="unknown">
            <PageHead eyebrow=tr!("email_change.eyebrow") title=tr!("invitations.unknown.title")>
                {tr!("invitations.unknown.sentence")}
            </PageHead>
            <Support/>
        </main>
    }
}
