//! On the page of who asked: which mailbox has still to confirm, until when, and “Call it off”.

use super::{WithoutMailbox, api};
use crate::{
    error::AppError,
    ui::{Countdown, Fact, Facts, Notice, PostForm, Submit, Tone, form::FormError, use_post},
};
use domain::email_change::PendingEmailChange;
use leptos::{either::Either, prelude::*};

/// Nothing where nothing waits.
#[component]
pub(crate) fn PendingChange() -> impl IntoView {
    let pending = Resource::new(|| (), |()| api::pending());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match pending.await {
                    Ok(pending) => Either::Left(pending.map(|pending| view! { <Waits pending/> })),
                    Err(error) => Either::Right(view! { <Notice tone=Tone::Bad title=AppError::text(&error)/> }),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Waits(pending: PendingEmailChange) -> impl IntoView {
    let call_off = use_post::<api::CallOff>();
    let PendingEmailChange { id, email, present_confirmed, new_confirmed, expires_at, now } = pending;
    let said =
        |confirmed| if confirmed { tr!("email_change.confirmed_yes") } else { tr!("email_change.confirmed_not") };
    view! {
        <FormError error=call_off.error()/>
        <Notice tone=Tone::Pending title=tr!("email_change.waits", email = email)>
            <Facts>
                <Fact term=tr!("email_change.present_mailbox")>{said(present_confirmed)}</Fact>
                <Fact term=tr!("email_change.new_mailbox")>{said(new_confirmed)}</Fact>
            </Facts>
            <p>{tr!("email_change.left")} " " <Countdown until=expires_at now/> ". " {tr!("email_change.nothing_came")}</p>
            <WithoutMailbox/>
            <PostForm post=call_off>
                <input type="hidden" name="id" value=id.to_string()/>
                <div class="actions">
                    <Submit label=tr!("email_change.call_off") pending=call_off.pending()/>
                </div>
            </PostForm>
        </Notice>
    }
}
