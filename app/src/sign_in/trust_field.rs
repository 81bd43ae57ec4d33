//! “Don't ask again on this device” (4.7).

use domain::mfa_policy::TrustDays;
use leptos::prelude::*;

/// Its name and id, and that of what is read by script.
pub(super) const TRUST: &str = "trust";

/// Wherever it stands, it belongs to the form with this id, and is there once on a page.
#[component]
pub(crate) fn TrustField(days: TrustDays, form: &'static str) -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" name=TRUST id=TRUST value="true" form=form/>
            <span>{tr_n!("sign_in.mfa.trust", u64::from(days.get()))}</span>
        </label>
    }
}
