//! Step-up: proving identity again shortly before a sensitive action. A page of its own, to which whatever is gated
//! leads, and from which one comes back. The gate itself is the use case's; what is here only shows the way.

mod api;
mod page;

pub(crate) use page::StepUpPage;

use crate::{
    error::AppError,
    next::{Next, use_this_address},
    paths,
};
use domain::policy::Denied;
use leptos::prelude::*;
use leptos_router::components::Redirect;

/// The address of a gated page: straight on when identity was proven recently enough, else through step-up.
pub(crate) fn by_way_of_step_up(fresh: bool, path: String) -> String {
    if fresh { path } else { Next::to(path).carried_by(paths::step_up()) }
}

/// In place of a gated page.
#[component]
pub(crate) fn StepUpRedirect() -> impl IntoView {
    view! { <Redirect path=use_this_address().carried_by(paths::step_up())/> }
}

/// Beside a form that was refused because its proof has grown old meanwhile.
#[component]
pub(crate) fn StepUpLink(error: Signal<Option<AppError>>) -> impl IntoView {
    let needed = move || error.with(|error| matches!(error, Some(AppError::Denied(Denied::StepUpNeeded(_)))));
    let href = use_this_address().carried_by(paths::step_up());
    view! {
        <p hidden=move || !needed()>
            <a href=href>{tr!("step_up.link")}</a>
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_proof_goes_straight_on() {
        assert_eq!(by_way_of_step_up(true, "/enrol?next=/me/security".into()), "/enrol?next=/me/security");
        assert_eq!(
            by_way_of_step_up(false, "/enrol?next=/me/security".into()),
            "/step-up?next=/enrol%3Fnext%3D/me/security"
        );
    }
}
