//! “Pending”: the addresses that were asked in and have not answered. Of a person nothing is known here before they accept.

use super::api::{Cancel, Resend};
use crate::{
    roles::role_text,
    scope::ScopeField,
    ui::{Badge, Countdown, Empty, PostForm, Submit, Time, Tone, form::FormError, use_post},
};
use domain::{
    invitations::{InvitationState, PendingInvitation},
    mfa_reset::Delivery,
    policy::{self, Principal},
    scope::Scope,
    time::Timestamp,
};
use leptos::{either::Either, prelude::*};

#[component]
pub(super) fn Pending(
    scope: Scope,
    who: Principal,
    pending: Vec<PendingInvitation>,
    has_more: bool,
    now: Timestamp,
) -> impl IntoView {
    let (resend, cancel) = (use_post::<Resend>(), use_post::<Cancel>());
    let may = policy::cancel_invitation(&who, scope).is_ok();
    let list = if pending.is_empty() {
        Either::Left(view! { <Empty title=tr!("invitations.nobody") text=tr!("invitations.nobody_text")/> })
    } else {
        let row = |invitation: PendingInvitation| {
            let (id, same) = (invitation.id.to_string(), invitation.id.to_string());
            let buttons = may.then(|| {
                view! {
                    <div class="actions">
                        <PostForm post=resend>
                            <ScopeField scope/>
                            <input type="hidden" name="id" value=same/>
                            <Submit label=tr!("mfa_reset_request.resend") pending=resend.pending()/>
                        </PostForm>
                        <PostForm post=cancel>
                            <ScopeField scope/>
                            <input type="hidden" name="id" value=id/>
                            <Submit label=tr!("invitations.cancel") pending=cancel.pending()/>
                        </PostForm>
                    </div>
                }
            });
            view! {
                <li>
                    <What invitation now/>
                    {buttons}
                </li>
            }
        };
        let rows = pending.into_iter().map(row).collect_view();
        let more = has_more.then(|| view! { <p class="quiet">{tr!("invitations.more")}</p> });
        Either::Right(view! {
            <ul class="cards">{rows}</ul>
            {more}
        })
    };
    view! {
        <section class="stack narrow">
            <h2>{tr!("invitations.pending")}</h2>
            <FormError error=resend.error()/>
            <FormError error=cancel.error()/>
            {list}
        </section>
    }
}

#[component]
fn What(invitation: PendingInvitation, now: Timestamp) -> impl IntoView {
    let PendingInvitation { email, role, invited_by, sent_at, expires_at, state, delivery, .. } = invitation;
    let badge = match (state, delivery) {
        (InvitationState::Expired, _) => {
            view! { <Badge tone=Tone::Bad>{tr!("invitations.state_expired")}</Badge> }.into_any()
        }
        (_, Delivery::Refused { .. }) => {
            view! { <Badge tone=Tone::Bad>{tr!("invitations.state_refused")}</Badge> }.into_any()
        }
        _ => view! {
            <Badge tone=Tone::Pending>
                {tr!("invitations.state_pending")} " · " <Countdown until=expires_at now/>
            </Badge>
        }
        .into_any(),
    };
    view! {
        <div class="what">
            <p>{email} {badge}</p>
            <p>
                {role_text(&role)} " · " {tr!("invitations.by", inviter = invited_by)} " " <Time at=sent_at now/>
            </p>
        </div>
    }
}
