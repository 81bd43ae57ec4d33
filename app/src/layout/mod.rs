//! What stands around pages: the console with its side, and the plain column that a stranger meets. Both hold the page
//! by an `Outlet` and know none.

mod console;
mod palette;
mod side;
mod stranger;
mod switcher;

pub(crate) use console::{ConsoleLayout, MeLayout};
pub(crate) use stranger::{StrangerFrame, StrangerLayout};

use leptos::prelude::*;

/// The first thing that Tab reaches: past what stands around the page.
#[component]
fn SkipLink() -> impl IntoView {
    view! {
        <a class="skip" href="#main" rel="external">
            {tr!("layout.skip")}
        </a>
    }
}
