//! Choosing people in a list: a box in each row, and the bar over the list that asks about those who are chosen. The boxes
//! belong to the bar's form, which asks by address, so that it works without script; with script the bar counts.

use crate::{
    paths,
    ui::{Weight, check_all, checked, counted},
};
use domain::{
    ids::UserId,
    policy::{self, Denied, Principal},
    scope::Scope,
    users::UserOverview,
};
use leptos::{either::EitherOf3, prelude::*};
use leptos_router::params::ParamsMap;

/// The id of the bar's form, by which the boxes belong to it.
const CHOOSING: &str = "choosing";

/// The box of one row; nothing where policy has nothing to offer.
#[component]
pub(crate) fn Choose(row: UserOverview, who: Principal, chosen: RwSignal<usize>) -> impl IntoView {
    let resettable = match policy::request_mfa_reset(&who, who.scope, &row.target()) {
        Ok(_) => true,
        Err(denied) => denied.is_mendable(),
    };
    if !may(&who) && !may_change(&who) {
        return EitherOf3::A(());
    }
    if !(may(&who) && resettable || may_change(&who) && row.user_id != who.user_id) {
        // So that names stand below each other.
        return EitherOf3::B(view! { <span class="choose"></span> });
    }
    EitherOf3::C(view! {
            <input
                type="checkbox"
                class="choose"
                form=CHOOSING
                name="user"
                value=row.user_id.to_string()
                aria-label=tr!("bulk_reset.choose", name = row.name)
                on:change=move |_| chosen.set(checked(CHOOSING))
            />
    })
}

/// Whether the reader may ask for anybody's reset here, after proving identity again if need be.
fn may(who: &Principal) -> bool {
    !matches!(policy::request_mfa_resets(who, who.scope), Err(Denied::Unseen | Denied::RoleLacks { .. }))
}

/// Whether the reader may give anybody another role here.
fn may_change(who: &Principal) -> bool {
    policy::propose_many(who, who.scope).is_ok()
}

/// What can be done with those who are chosen; nothing for who may not do it with anybody.
#[component]
pub(crate) fn ChosenBar(scope: Scope, who: Principal, chosen: RwSignal<usize>) -> impl IntoView {
    let none = move || chosen.get() == 0;
    (may(&who) || may_change(&who)).then(|| {
        let reset = may(&who).then(|| {
            view! {
                <button type="submit" class=Weight::Secondary.class()>
                    {tr!("bulk_reset.reset_chosen")}
                </button>
            }
        });
        let change = may_change(&who).then(|| {
            view! {
                <button type="submit" class=Weight::Secondary.class() formaction=paths::change_roles(scope)>
                    {tr!("bulk_change.change_chosen")}
                </button>
            }
        });
        view! {
            <form id=CHOOSING class="choosing" method="get" action=paths::bulk_reset(scope) aria-label=tr!("bulk_reset.bar")>
                <label class="check only-script">
                    <input
                        type="checkbox"
                        on:change:target=move |event| {
                            check_all(CHOOSING, event.target().checked());
                            chosen.set(checked(CHOOSING));
                        }
                    />
                    <span>{tr!("bulk_reset.all")}</span>
                </label>
                {reset}
                {change}
                <span class="quiet" role="status">
                    {move || (!none()).then(|| tr_n!("bulk_reset.chosen", chosen.get() as u64, number = counted(chosen.get() as u64)))}
                </span>
            </form>
        }
    })
}

/// The people in the address of a question about several.
pub(crate) fn chosen_users(query: &ParamsMap) -> Vec<UserId> {
    query.get_all("user").unwrap_or_default().iter().filter_map(|user| user.parse().ok()).collect()
}
