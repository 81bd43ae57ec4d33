//! `/mfa-reset/{token}`: what the link in the mail “MFA reset request” leads to. It speaks to somebody who is worried and
//! on a phone, in a mail program's own browser, with or without script, signed in or not.
//!
//! Opening it changes nothing, however often and by whomever; only its two buttons do. After a decision, anybody's, it
//! shows what is recorded.

use super::accept_api;
use crate::{
    mailed::{Decide, Outcome, UnknownLink, mailed_page},
    paths,
    roles::written_text,
    ui::{
        CodeField, Fact, Facts, LinkButton, PageHead, Weight, When, at_zoned, emphasised,
        form::{FormError, form_error, problem},
        strong, zoned,
    },
};
use domain::errors::Field;
use domain::mfa_reset::{EndReason, PeekedReset, State};
use leptos::{either::Either, prelude::*};

#[component]
pub(crate) fn AcceptPage() -> impl IntoView {
    let decide = ServerAction::<accept_api::Decide>::new();
    mailed_page(
        tr!("mfa_reset_accept.eyebrow"),
        decide,
        accept_api::peek,
        move |reset: PeekedReset, token| match reset.state {
            State::Open => Either::Left(view! { <Open reset token decide/> }),
            _ => Either::Right(view! { <Ended reset token decide/> }),
        },
        || view! { <Unknown/> },
    )
}

/// The request and the two buttons.
#[component]
fn Open(reset: PeekedReset, token: String, decide: ServerAction<accept_api::Decide>) -> impl IntoView {
    let asked = asked(&reset);
    let effect =
        if reset.must_enrol { tr!("mfa_reset_accept.open.effect_enrol") } else { tr!("mfa_reset_accept.open.effect") };
    let not_you = match &reset.asked_by {
        Some(asker) => tr!("mfa_reset_accept.open.not_you", asker = asker),
        None => tr!("mfa_reset_accept.open.not_you_operator").into(),
    };
    let never_ask = match &reset.scope_name {
        Some(scope) => tr!("mfa_reset_accept.never_ask", scope = scope),
        None => tr!("mfa_reset_accept.never_ask_operator").into(),
    };
    let asker = reset.asks_number.then(|| reset.asked_by.clone().unwrap_or_default());
    let PeekedReset { email, requested_at, expires_at, now, .. } = reset;
    let present = now.clone();
    view! {
        <main class="main" id="main" data-page="mfa_reset" data-state="open">
            <PageHead eyebrow=tr!("mfa_reset_accept.eyebrow") title=tr!("mfa_reset_accept.open.title")>
                {emphasised(&asked)}
            </PageHead>
            <Facts>
                <Fact term=tr!("mfa_reset_accept.for")>{email}</Fact>
                <Fact term=tr!("mfa_reset_accept.asked_at")>
                    <When at=requested_at now=present/>
                </Fact>
                <Fact term=tr!("mfa_reset_accept.accept_until")>
                    <When at=expires_at now zone=true/>
                </Fact>
            </Facts>
            <div class="prose">
                <p>{effect}</p>
                <p>{tr!("mfa_reset_accept.open.password_stays")}</p>
            </div>
            <Form token decide asker/>
            <div class="prose quiet">
                <p>{not_you}</p>
                <p>{never_ask} " " <a href=paths::help_phishing()>{tr!("mfa_reset_accept.phishing")}</a></p>
            </div>
        </main>
    }
}

/// One form, two buttons: which was pressed is what is sent. Declining takes no number.
#[component]
fn Form(
    token: String,
    decide: ServerAction<accept_api::Decide>,
    /// Who tells the number, where one is asked for.
    asker: Option<String>,
) -> impl IntoView {
    let error = form_error(decide);
    let number = asker.map(|asker| {
        view! {
            <CodeField
                name="number"
                said=true
                label=tr!("mfa_reset_accept.open.number")
                hint=tr!("mfa_reset_accept.open.number_hint", asker = asker)
                problem=problem(error, Field::Number)
            />
        }
    });
    view! {
        <ActionForm action=decide attr:class="form">
            <FormError error/>
            {number}
            <Decide
                token
                accept=tr!("mfa_reset_accept.accept")
                decline=tr!("mfa_reset_accept.decline")
                pending=decide.pending()
            />
        </ActionForm>
    }
}

/// Who asked, as what, for where.
fn asked(reset: &PeekedReset) -> String {
    match (&reset.asked_by, &reset.asked_as, &reset.scope_name) {
        (Some(asker), Some(role), Some(scope)) => {
            tr!(
                "mfa_reset_accept.open.asked",
                asker = strong(asker),
                role = strong(&written_text(role)),
                scope = strong(scope)
            )
        }
        (Some(asker), None, Some(scope)) => {
            tr!("mfa_reset_accept.open.asked_no_role", asker = strong(asker), scope = strong(scope))
        }
        _ => tr!("mfa_reset_accept.open.asked_by_operator").into(),
    }
}

/// What became of it, in plain words, and what to do next.
#[component]
fn Ended(reset: PeekedReset, token: String, decide: ServerAction<accept_api::Decide>) -> impl IntoView {
    let words = words(&reset);
    let next = words.next.into_iter().map(|text| view! { <p>{text}</p> }).collect_view();
    let PeekedReset { state, email, requested_at, now, .. } = reset;
    view! {
        <Outcome
            page="mfa_reset"
            state=state.key()
            eyebrow=tr!("mfa_reset_accept.eyebrow")
            title=words.title
            sentence=words.what
        >
            <Facts>
                <Fact term=tr!("mfa_reset_accept.for")>{email}</Fact>
                <Fact term=tr!("mfa_reset_accept.asked_at")>
                    <When at=requested_at now zone=true/>
                </Fact>
            </Facts>
            <div class="prose">{next}</div>
            {(state == State::Waiting).then(|| view! { <CallOff token decide/> })}
            <WayOn state/>
        </Outcome>
    }
}

/// “Cancel”, while it waits: the form of [`Form`] with its other button alone.
#[component]
fn CallOff(token: String, decide: ServerAction<accept_api::Decide>) -> impl IntoView {
    view! {
        <ActionForm action=decide attr:class="form">
            <FormError error=form_error(decide)/>
            <input type="hidden" name="token" value=token/>
            <div class="actions">
                <button type="submit" class="button primary wide" name="decision" value="decline">
                    {tr!("mfa_reset_accept.waiting.cancel")}
                </button>
            </div>
        </ActionForm>
    }
}

/// Where to go from here.
#[component]
fn WayOn(state: State) -> impl IntoView {
    let weight = if state == State::Done { Weight::Primary } else { Weight::Secondary };
    view! {
        <div class="actions">
            <LinkButton href=paths::sign_in() label=tr!("mfa_reset_accept.sign_in") weight wide=true/>
        </div>
        {(state == State::Declined)
            .then(|| {
                view! {
                    <p>
                        <a href=paths::help_account_security()>{tr!("mfa_reset_accept.declined.next_link")}</a>
                    </p>
                }
            })}
    }
}

/// What is said of a request that is not open.
struct Words {
    title: &'static str,
    /// What happened.
    what: String,
    /// What to do about it.
    next: Vec<String>,
}

fn words(reset: &PeekedReset) -> Words {
    let at = |time: &Option<domain::time::ZonedTime>| {
        time.as_ref().map(|time| zoned(time, &reset.now, true)).unwrap_or_default()
    };
    let scope = reset.scope_name.as_deref();
    let ended = at(&reset.ended_at);
    let effective = reset.effective_at.as_ref().map(|time| at_zoned(time, &reset.now)).unwrap_or_default();
    let again = || match scope {
        Some(scope) => tr!("mfa_reset_accept.ask_again", scope = scope),
        None => tr!("mfa_reset_accept.ask_again_operator").into(),
    };
    match reset.state {
        State::Open | State::AwaitingApproval => Words {
            title: tr!("mfa_reset_accept.awaiting_approval.title"),
            what: tr!("mfa_reset_accept.awaiting_approval.sentence").into(),
            next: vec![],
        },
        State::Waiting => Words {
            title: tr!("mfa_reset_accept.waiting.title"),
            what: tr!("mfa_reset_accept.waiting.sentence", time = effective),
            next: vec![tr!("mfa_reset_accept.waiting.cancel_how").into()],
        },
        State::Done => Words {
            title: tr!("mfa_reset_accept.done.title"),
            what: if reset.must_enrol {
                tr!("mfa_reset_accept.done.sentence_enrol", time = ended)
            } else {
                tr!("mfa_reset_accept.done.sentence", time = ended)
            },
            next: vec![match scope {
                Some(scope) => tr!("mfa_reset_accept.done.not_you", scope = scope),
                None => tr!("mfa_reset_accept.done.not_you_operator").into(),
            }],
        },
        State::Declined => Words {
            title: tr!("mfa_reset_accept.declined.title"),
            what: match &reset.asked_by {
                Some(asker) => tr!("mfa_reset_accept.declined.sentence", time = ended, asker = asker),
                None => tr!("mfa_reset_accept.declined.sentence_operator", time = ended),
            },
            next: vec![tr!("mfa_reset_accept.declined.next").into()],
        },
        State::Cancelled => Words {
            title: tr!("mfa_reset_accept.cancelled.title"),
            what: why_cancelled(reset.reason, ended),
            next: vec![again()],
        },
        State::Rejected => Words {
            title: tr!("mfa_reset_accept.rejected.title"),
            what: tr!("mfa_reset_accept.rejected.sentence").into(),
            next: vec![again()],
        },
        State::Superseded => Words {
            title: tr!("mfa_reset_accept.superseded.title"),
            what: tr!("mfa_reset_accept.superseded.sentence").into(),
            next: vec![],
        },
        State::Expired => Words {
            title: tr!("mfa_reset_accept.expired.title"),
            what: tr!("mfa_reset_accept.expired.sentence", time = zoned(&reset.expires_at, &reset.now, true)),
            next: vec![match scope {
                Some(scope) => tr!("mfa_reset_accept.expired.again", scope = scope),
                None => tr!("mfa_reset_accept.expired.again_operator").into(),
            }],
        },
    }
}

fn why_cancelled(reason: Option<EndReason>, time: String) -> String {
    match reason {
        Some(EndReason::Asker) => tr!("mfa_reset_accept.cancelled.asker", time = time),
        Some(EndReason::Target) => tr!("mfa_reset_accept.cancelled.target", time = time),
        Some(EndReason::AskerLostRight) => tr!("mfa_reset_accept.cancelled.asker_lost_right").into(),
        Some(EndReason::TargetLeft) => tr!("mfa_reset_accept.cancelled.target_left").into(),
        Some(EndReason::ScopeClosed) => tr!("mfa_reset_accept.cancelled.scope_closed").into(),
        Some(EndReason::WrongNumbers) => tr!("mfa_reset_accept.cancelled.wrong_numbers", time = time),
        Some(EndReason::DoneElsewhere) => tr!("mfa_reset_accept.cancelled.done_elsewhere").into(),
        _ => tr!("mfa_reset_accept.cancelled.other", time = time),
    }
}

/// With what was meant well, and where to go.
#[component]
fn Unknown() -> impl IntoView {
    view! {
        <UnknownLink
            page="mfa_reset"
            eyebrow=tr!("mfa_reset_accept.eyebrow")
            title=tr!("mfa_reset_accept.unknown.title")
            sentence=tr!("mfa_reset_accept.unknown.sentence")
        >
            <div class="prose">
                <p>{tr!("mfa_reset_accept.unknown.nothing")}</p>
                <p>{tr!("mfa_reset_accept.unknown.again")}</p>
            </div>
            <div class="actions">
                <LinkButton href=paths::sign_in() label=tr!("mfa_reset_accept.sign_in") wide=true/>
            </div>
        </UnknownLink>
    }
}
