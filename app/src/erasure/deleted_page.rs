//! `/deleted`: the sign-in is gone. For who is nobody here any more.

use crate::ui::PageHead;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub(crate) fn DeletedPage() -> impl IntoView {
    view! {
        <Title text=tr!("erasure.done")/>
        <main class="main" id="main" data-page="deleted">
            <div role="status">
                <PageHead title=tr!("erasure.done")>{tr!("erasure.done_sentence")}</PageHead>
            </div>
        </main>
    }
}
