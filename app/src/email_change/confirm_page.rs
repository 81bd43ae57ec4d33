//! `/email-change/{token}`: where a mailbox says yes or no to a change of address. Opening it changes nothing.

use super::{WithoutMailbox, accept_api};
use crate::{
    help::Support,
    mailed::{Decide, Outcome, UnknownLink, mailed_page},
    paths,
    ui::{
        Fact, Facts, LinkButton, PageHead, Weight, When, emphasised,
        form::{FormError, form_error},
        strong,
    },
};
use domain::email_change::{EmailChangeState, Mailbox, PeekedEmailChange};
use leptos::{either::Either, prelude::*};

#[component]
pub(crate) fn ConfirmEmailPage() -> impl IntoView {
    let decide = ServerAction::<accept_api::Decide>::new();
    mailed_page(
        tr!("email_change.eyebrow"),
        decide,
        accept_api::peek,
        move |change: PeekedEmailChange, token| match change.state {
            EmailChangeState::Open => Either::Left(view! { <Open change token decide/> }),
            _ => Either::Right(view! { <Ended change/> }),
        },
        || {
            view! {
                <UnknownLink page="email_change" eyebrow=tr!("email_change.eyebrow")/>
            }
        },
    )
}

#[component]
fn Open(change: PeekedEmailChange, token: String, decide: ServerAction<accept_api::Decide>) -> impl IntoView {
    let PeekedEmailChange { mailbox, email, expires_at, now, .. } = change;
    let (sentence, not_you) = match mailbox {
        Mailbox::Present => {
            (tr!("email_change.open.present", email = strong(&email)), tr!("email_change.open.not_you"))
        }
        Mailbox::New => (tr!("email_change.open.new", email = strong(&email)), tr!("email_change.open.unknown")),
    };
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
                <Decide
                    token
                    accept=tr!("email_change.open.confirm")
                    decline=tr!("email_change.open.decline")
                    pending=decide.pending()
                />
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
fn Ended(change: PeekedEmailChange) -> impl IntoView {
    let PeekedEmailChange { state, mailbox, email, .. } = change;
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
    // Who has lost the present mailbox could ask in vain for ever.
    let without_mailbox = (state == EmailChangeState::Expired).then(|| view! { <WithoutMailbox/> });
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
        <Outcome page="email_change" state=state.key() eyebrow=tr!("email_change.eyebrow") title sentence>
            {without_mailbox}
            {next.map(|next| view! { <div class="actions">{next}</div> })}
        </Outcome>
    }
}
