//! How well a member is secured, in a badge: the kinds of method, “Off”, or the reset that is pending.

use crate::ui::{Badge, Countdown, Tone};
use domain::{
    authenticators::FactorKind,
    mfa_reset::{Delivery, PendingReset, State},
    time::Timestamp,
    users::UserOverview,
};
use leptos::{either::EitherOf3, prelude::*};

#[component]
pub(super) fn MfaBadge(row: UserOverview, now: Timestamp) -> impl IntoView {
    match row.pending {
        Some(reset) => EitherOf3::A(view! { <Pending reset now/> }),
        None if row.factors.is_empty() => {
            let (tone, text) = if row.mfa_required {
                (Tone::Bad, tr!("users.mfa_badge.must_enrol"))
            } else {
                (Tone::Neutral, tr!("users.mfa_badge.off"))
            };
            EitherOf3::B(view! { <Badge tone>{text}</Badge> })
        }
        None => {
            let kinds: Vec<_> = row.factors.iter().collect();
            // A text message is the weaker choice: it does not stand in the colour of what is well.
            let tone = if kinds.as_slice() == [FactorKind::Sms] { Tone::Neutral } else { Tone::Good };
            let text = kinds.into_iter().map(short).collect::<Vec<_>>().join(" · ");
            EitherOf3::C(view! { <Badge tone>{text}</Badge> })
        }
    }
}

/// “Reset pending”, with the time left, or what it waits for, or what stands in its way.
#[component]
fn Pending(reset: PendingReset, now: Timestamp) -> impl IntoView {
    let PendingReset { state, expires_at, effective_at, delivery, .. } = reset;
    let refused = matches!((state, delivery), (State::Open, Delivery::Refused { .. }));
    let (text, until) = match state {
        State::AwaitingApproval => (tr!("users.mfa_badge.awaiting"), Some(expires_at)),
        State::Waiting => (tr!("users.mfa_badge.accepted"), effective_at),
        _ => (tr!("users.mfa_badge.pending"), Some(expires_at)),
    };
    let until = until.map(|until| view! { " · " <Countdown until now/> });
    view! {
        <span class="badges">
            <Badge tone=Tone::Pending>{text} {until}</Badge>
            {refused.then(|| view! { <Badge tone=Tone::Bad>{tr!("users.mfa_badge.mail_refused")}</Badge> })}
        </span>
    }
}

/// What a kind is called where there is little room.
pub(super) fn short(kind: FactorKind) -> &'static str {
    match kind {
        FactorKind::Totp => tr!("users.kind.totp"),
        FactorKind::Sms => tr!("users.kind.sms"),
        FactorKind::Passkey => tr!("users.kind.passkey"),
    }
}
