//! Around what a stranger meets: the mark, one column, and where help is.

use super::SkipLink;
use crate::paths;
use leptos::prelude::*;
use leptos_router::components::Outlet;

/// Around the page that the address names.
#[component]
pub(crate) fn StrangerLayout() -> impl IntoView {
    view! {
        <StrangerFrame>
            <Outlet/>
        </StrangerFrame>
    }
}

/// Around one page.
#[component]
pub(crate) fn StrangerFrame(children: Children) -> impl IntoView {
    view! {
        <SkipLink/>
        <div class="stranger">
            <header>
                <a class="mark" href=paths::home()>
                    <span class="avatar place postern" aria-hidden="true">
                        "P"
                    </span>
                    {tr!("layout.postern")}
                </a>
            </header>
            {children()}
            <footer class="foot">
                <a href=paths::help_mfa()>{tr!("layout.help")}</a>
                <a href=paths::help_phishing()>{tr!("layout.phishing")}</a>
            </footer>
        </div>
    }
}
