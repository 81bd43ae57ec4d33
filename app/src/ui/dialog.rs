//! A native dialog. It is a shortcut for who has script: what it holds is also a page of its own, to which the button
//! that opens it leads as a link.

use super::{Text, focus};
use leptos::{html, prelude::*};

/// Open while `open` says so. Esc closes it; the focus then returns to the element with the id `opener`, since what
/// was focused is often an item of a menu that is closed by then. Its content lives while it is open.
#[component]
pub(crate) fn Dialog(
    /// Whether it is open; set to false when it is closed.
    open: RwSignal<bool>,
    /// What it is called, for who does not see its title.
    #[prop(into)]
    name: Text,
    /// Id of the element that the focus returns to.
    #[prop(into)]
    opener: Signal<String>,
    /// What it holds.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => _ = dialog.show_modal(),
            (false, true) => dialog.close(),
            _ => (),
        }
    });
    let closed = move |_| {
        open.set(false);
        focus(&opener.get_untracked());
    };
    view! {
        <dialog class="dialog" node_ref=dialog aria-label=name on:close=closed>
            {move || open.get().then(|| children())}
        </dialog>
    }
}
