//! For who cannot read the mails to the address they have: it does not change without, and somebody else has to help.

use leptos::prelude::*;

#[component]
pub(super) fn WithoutMailbox() -> impl IntoView {
    view! {
        <div class="prose quiet">
            <p>{tr!("email_change.without_mailbox")}</p>
        </div>
    }
}
