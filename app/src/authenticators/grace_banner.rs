//! On every page of who goes on without a second factor that is required of them: until when.

use crate::{
    paths,
    ui::{Countdown, LinkButton, Notice, Tone},
};
use domain::time::Timestamp;
use leptos::prelude::*;

#[component]
pub(crate) fn GraceBanner(until: Timestamp, now: Timestamp) -> impl IntoView {
    view! {
        <aside class="above" aria-label=tr!("authenticators.grace.name")>
            <Notice tone=Tone::Pending title=tr!("authenticators.grace.title") row=true>
                <p>{tr!("authenticators.grace.what")} " " <Countdown until now/> "."</p>
                <div class="actions">
                    <LinkButton href=paths::me_security() label=tr!("authenticators.grace.set_up")/>
                </div>
            </Notice>
        </aside>
    }
}
